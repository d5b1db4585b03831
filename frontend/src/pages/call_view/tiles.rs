//! A tile for oneself, one for everybody else, and one for each screen that is shared, each from the store.

use super::{PERSON, SHARED, is_connected, part, verdict_of};
use crate::components::{Media, Shape, Tile, icon, media_view, paused_note, quality, tile};
use crate::dom::{El, el, memo};
use crate::rtc::call::Call;
use crate::rtc::track::TrackId;
use crate::state::look::Size;
use crate::state::quality::Verdict;
use crate::state::room::{RoomState, RoomStateStoreFields, Whose, live_slot, pin};
use crate::state::settings;
use ::signal::{Mid, ParticipantId};
use leptos::prelude::*;
use reactive_stores::Store;
use session::{Feed, Other, SourceState};
use web_sys::HtmlElement;

/// Asks for the figures of somebody's connection; with the button that was pressed.
pub type OnDetails = Callback<(Whose, HtmlElement)>;

/// One's own.
pub fn own_tile(
    name: RwSignal<String>,
    store: Store<RoomState>,
    verdict: Memo<Option<Verdict>>,
    on_details: OnDetails,
) -> El {
    let local = store.local();
    let own_id = memo(move || store.me().read().as_ref().map(|me| me.id));
    let muted = memo(move || local.read().microphone != SourceState::Live);
    let speaking = memo(move || !muted.get() && own_id.get().is_some_and(|id| speaks(store, id)));
    let shown_name = move || store.me().read().as_ref().map_or_else(|| name.get(), |me| me.name.clone());
    tile(Tile {
        id: Signal::derive(move || own_id.get().map(|id| id.to_string()).unwrap_or_default()),
        name: Signal::derive(shown_name),
        own: true,
        muted: muted.into(),
        speaking: speaking.into(),
        video: Signal::derive(move || local.read().preview),
        paused: Signal::stored(false),
        size: None,
        verdict: verdict.into(),
        on_details: Callback::new(move |button| on_details.run((Whose::Own, button))),
        pin: None,
    })
}

/// Somebody else's. By id, so that a tile stays when others come and go, and asks for nobody who is gone.
pub fn other_tile(id: ParticipantId, store: Store<RoomState>, call: Call, on_details: OnDetails) -> El {
    let other = memo(move || store.others().read().iter().find(|other| other.id == id).cloned());
    let muted = part(other, |other| other.microphone.as_ref().is_none_or(|feed| feed.muted));
    let Picture { video, paused, size } = picture(store, call, u64::from(id.0) << 1, other, PERSON.picture);
    let pinned = memo(move || store.pinned().read().contains(&id));
    let on_pin = Callback::new(move |()| store.pinned().update(|pinned| pin(pinned, id)));
    tile(Tile {
        id: Signal::stored(id.to_string()),
        name: part(other, PERSON.name).into(),
        own: false,
        muted: muted.into(),
        speaking: memo(move || !muted.get() && speaks(store, id)).into(),
        video: video.into(),
        paused: paused.into(),
        size: Some(size),
        verdict: verdict_of(store, other, PERSON).into(),
        on_details: Callback::new(move |button| on_details.run((Whose::Other(id), button))),
        pin: Some((pinned.into(), on_pin)),
    })
}

/// A screen that somebody shares: never cut at its edges.
pub fn screen_tile(id: ParticipantId, store: Store<RoomState>, call: Call, on_details: OnDetails) -> El {
    let other = memo(move || store.others().read().iter().find(|other| other.id == id).cloned());
    let name = part(other, SHARED.name);
    let Picture { video, paused, size } =
        picture(store, call, u64::from(id.0) << 1 | 1, other, SHARED.picture);
    let playing = RwSignal::new(false);
    let verdict: Signal<_> = verdict_of(store, other, SHARED).into();
    let on_details = Callback::new(move |button| on_details.run((Whose::Screen(id), button)));
    let media = Media {
        track: video.into(),
        playing,
        mirrored: false,
        testid: "screen-video",
        label: None,
        size: Some(size),
    };
    el("li")
        .class("tile screen")
        .toggle("held", move || paused.get())
        .testid("tile-screen")
        .set("data-participant-id", &id.to_string())
        .when(move || !playing.get() && !paused.get(), || icon(Shape::Screen))
        .child(media_view(media))
        .when(move || paused.get(), move || paused_note(verdict))
        .child(
            el("p")
                .class("caption")
                .child(el("span").class("name").set("dir", "auto").texts(move || name.get())),
        )
        .swap(
            move || verdict.get().is_some(),
            move |known| known.then(|| quality(verdict, move || Some(name.get()), on_details)),
        )
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
    let video = memo(move || {
        let slots = store.slots().read();
        other.with(|o| o.as_ref().and_then(|o| slots.track_of(o.id, feed(o))))
    });
    let held = move |mid: &Mid| settings::choices().saver || store.paused().read().contains(mid);
    let paused = memo(move || slot.with(|slot| slot.as_ref().is_some_and(held)));
    let size = RwSignal::new(Size::default());
    Effect::new(move |_| call.look(tile, slot.get().map(|mid| (mid, size.get()))));
    on_cleanup(move || call.look(tile, None));
    Picture { video, paused, size }
}

/// Whether somebody is heard now.
pub fn speaks(store: Store<RoomState>, id: ParticipantId) -> bool {
    is_connected(store) && store.speakers().read().contains(&id)
}
