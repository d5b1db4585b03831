//! A tile for oneself, one for everybody else, and one for each screen that is shared, each from the store.

use super::{PERSON, SHARED, is_connected, part, verdict_of};
use crate::components::{Icon, MediaView, Paused, Quality, Shape, Tile};
use crate::rtc::call::Call;
use crate::rtc::track::TrackId;
use crate::state::look::Size;
use crate::state::quality::Verdict;
use crate::state::room::{RoomState, RoomStateStoreFields, Whose, live_slot, pin};
use ::signal::ParticipantId;
use leptos::prelude::*;
use reactive_stores::Store;
use session::{Feed, Other, SourceState};
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
    let name = part(other, PERSON.name);
    let muted = part(other, |other| other.microphone.as_ref().is_none_or(|feed| feed.muted));
    let Picture { video, paused, size } = picture(store, call, u64::from(id.0) << 1, other, PERSON.picture);
    let speaking = Memo::new(move |_| !muted.get() && speaks(store, id));
    let verdict = verdict_of(store, other, PERSON);
    let pinned = Memo::new(move |_| store.pinned().read().contains(&id));
    let on_pin = Callback::new(move |()| store.pinned().update(|pinned| pin(pinned, id)));
    view! {
        <Tile
            id=id.to_string()
            name
            muted
            speaking
            video
            paused
            size=Some(size)
            verdict
            on_details=Callback::new(move |button| on_details.run((Whose::Other(id), button)))
            pinned
            on_pin=Some(on_pin)
        />
    }
}

/// A screen that somebody shares: never cut at its edges.
#[component]
pub fn ScreenTile(
    id: ParticipantId,
    store: Store<RoomState>,
    call: Call,
    on_details: Callback<(Whose, HtmlElement)>,
) -> impl IntoView {
    let other = Memo::new(move |_| store.others().read().iter().find(|other| other.id == id).cloned());
    let name = part(other, SHARED.name);
    let Picture { video, paused, size } =
        picture(store, call, u64::from(id.0) << 1 | 1, other, SHARED.picture);
    let playing = RwSignal::new(false);
    let verdict = verdict_of(store, other, SHARED);
    view! {
        <li class="tile screen" class:held=paused data-testid="tile-screen" data-participant-id=id.to_string()>
            <Show when=move || !playing.get() && !paused.get()>
                <Icon shape=Shape::Screen />
            </Show>
            <MediaView track=video playing testid="screen-video" size=Some(size) />
            <Paused paused verdict />
            <p class="caption"><span class="name" dir="auto">{name}</span></p>
            <Quality
                verdict
                name=Signal::derive(move || Some(name.get()))
                on_details=Callback::new(move |button| on_details.run((Whose::Screen(id), button)))
            />
        </li>
    }
}

/// What a tile shows of a picture that comes through a slot.
struct Picture {
    video: Memo<Option<TrackId>>,
    /// The server holds it back.
    paused: Memo<bool>,
    /// At which it is on screen. The server is told.
    size: RwSignal<Size>,
}

/// The picture that somebody sends, for a tile with a number of its own.
fn picture(
    store: Store<RoomState>,
    call: Call,
    tile: u64,
    other: Memo<Option<Other>>,
    feed: fn(&Other) -> Option<&Feed>,
) -> Picture {
    let slot = part(other, move |other| live_slot(feed(other)).cloned());
    let video = Memo::new(move |_| {
        let slots = store.slots().read();
        other.with(|o| o.as_ref().and_then(|o| slots.track_of(o.id, feed(o))))
    });
    let paused = Memo::new(move |_| {
        slot.with(|slot| slot.as_ref().is_some_and(|mid| store.paused().read().contains(mid)))
    });
    let size = RwSignal::new(Size::default());
    Effect::new(move |_| call.look(tile, slot.get().map(|mid| (mid, size.get()))));
    on_cleanup(move || call.look(tile, None));
    Picture { video, paused, size }
}

fn speaks(store: Store<RoomState>, id: ParticipantId) -> bool {
    is_connected(store) && store.speakers().read().contains(&id)
}
