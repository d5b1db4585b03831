//! A tile for oneself and one for everybody else, each from the store.

use super::{is_connected, part, verdict_of};
use crate::components::Tile;
use crate::rtc::call::Call;
use crate::state::look::Size;
use crate::state::quality::Verdict;
use crate::state::room::{RoomState, RoomStateStoreFields, Whose, live_slot};
use ::signal::ParticipantId;
use leptos::prelude::*;
use reactive_stores::Store;
use session::SourceState;
use web_sys::HtmlElement;

#[component]
pub fn OwnTile(
    name: RwSignal<String>,
    store: Store<RoomState>,
    verdict: Memo<Option<Verdict>>,
    on_details: Callback<(Whose, HtmlElement)>,
) -> impl IntoView {
    let local = store.local();
    let shown_name = move || store.me().read().as_ref().map_or_else(|| name.get(), |me| me.name.clone());
    let own_id = Memo::new(move |_| store.me().read().as_ref().map(|me| me.id));
    let muted = Memo::new(move |_| local.read().microphone != SourceState::Live);
    let speaking = Memo::new(move |_| !muted.get() && own_id.get().is_some_and(|id| speaks(store, id)));
    view! {
        <Tile
            id=Signal::derive(move || own_id.get().map(|id| id.to_string()).unwrap_or_default())
            name=Signal::derive(shown_name)
            own=true
            muted
            speaking
            video=Signal::derive(move || local.read().preview)
            verdict
            on_details=Callback::new(move |button| on_details.run((Whose::Own, button)))
        />
    }
}

#[component]
pub fn OtherTile(
    id: ParticipantId,
    store: Store<RoomState>,
    call: Call,
    on_details: Callback<(Whose, HtmlElement)>,
) -> impl IntoView {
    // By id, so that a tile stays when others come and go, and asks for nobody who is gone.
    let other = Memo::new(move |_| store.others().read().iter().find(|other| other.id == id).cloned());
    let name = part(other, |other| other.name.clone());
    let muted = part(other, |other| other.microphone.as_ref().is_none_or(|feed| feed.muted));
    let slot = part(other, |other| live_slot(other.camera.as_ref()).cloned());
    let video = Memo::new(move |_| {
        let slots = store.slots().read();
        other.with(|o| o.as_ref().and_then(|o| slots.track_of(o.camera.as_ref())))
    });
    let speaking = Memo::new(move |_| !muted.get() && speaks(store, id));
    let paused = Memo::new(move |_| {
        slot.with(|slot| slot.as_ref().is_some_and(|mid| store.paused().read().contains(mid)))
    });
    let size = RwSignal::new(Size::default());
    let tile = u64::from(id.0);
    Effect::new(move |_| call.look(tile, slot.get().map(|mid| (mid, size.get()))));
    on_cleanup(move || call.look(tile, None));
    let verdict = verdict_of(store, other);
    view! {
        <Tile
            id=id.to_string()
            name
            muted
            speaking
            video
            paused
            size
            verdict
            on_details=Callback::new(move |button| on_details.run((Whose::Other(id), button)))
        />
    }
}

fn speaks(store: Store<RoomState>, id: ParticipantId) -> bool {
    is_connected(store) && store.speakers().read().contains(&id)
}
