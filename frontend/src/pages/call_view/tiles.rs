//! A tile for oneself, one for everybody else, and one for each screen that is shared, each from the store.

use super::stage::Scene;
use super::{PERSON, SHARED, is_connected, part, verdict_of};
use crate::components::{
    Media, Place, Shape, Tile, Tools, fill_screen, icon, media_view, movable, quality, state_note, tile,
    tools,
};
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, Signal, follow, memo};
use crate::rtc::call::Call;
use crate::rtc::track::TrackId;
use crate::state::look::Size;
use crate::state::quality::Verdict;
use crate::state::room::{RoomStore, Whose, live_slot, pin};
use crate::state::settings;
use crate::words::{Word, say};
use ::signal::{Mid, ParticipantId};
use leptos::prelude::on_cleanup;
use session::{Feed, Other, SourceState};
use web_sys::HtmlElement;

/// Asks for something about somebody's tile: the figures of the connection, or the menu; with the button that was
/// pressed.
pub type OnPress = Callback<(Whose, HtmlElement)>;

/// Anybody's.
pub fn any_tile(whose: Whose, place: Signal<Option<Place>>, scene: Scene, on_menu: OnPress) -> El {
    let store = scene.store;
    let tools = Tools {
        pinned: memo(move || store.pinned().read().contains(&whose)),
        on_pin: Callback::new(move |()| store.pinned().update(|pinned| pin(pinned, whose))),
        on_more: Callback::new(move |button| on_menu.run((whose, button))),
    };
    let view = match whose {
        Whose::Own => own_tile(place, scene, tools),
        Whose::Other(id) => other_tile(id, scene, tools),
        Whose::Screen(id) => screen_tile(id, scene, tools),
    };
    let element = view.raw().clone();
    view.on("dblclick", move |_| fill_screen(&element))
}

/// What somebody's tile is called.
pub fn name_of(whose: Whose, scene: Scene) -> Signal<String> {
    let Scene { name, store, .. } = scene;
    let of = move |id, name: fn(&Other) -> String| {
        store.others().read().iter().find(|other| other.id == id).map(name).unwrap_or_default()
    };
    memo(move || match whose {
        Whose::Own => store.me().read().as_ref().map_or_else(|| name.get(), |me| me.name.clone()),
        Whose::Other(id) => of(id, PERSON.name),
        Whose::Screen(id) => of(id, SHARED.name),
    })
}

fn own_tile(place: Signal<Option<Place>>, scene: Scene, tools: Tools) -> El {
    let Scene { store, stage, own_verdict, on_details, hands, .. } = scene;
    let local = store.local();
    let own_id = memo(move || store.me().read().as_ref().map(|me| me.id));
    let muted = memo(move || local.read().microphone != SourceState::Live);
    let speaking = memo(move || !muted.get() && own_id.get().is_some_and(|id| speaks(store, id)));
    let view = tile(Tile {
        id: memo(move || own_id.get().map(|id| id.to_string()).unwrap_or_default()),
        name: name_of(Whose::Own, scene),
        own: true,
        muted,
        speaking,
        hand: memo(move || own_id.get().map_or(0, |id| in_line(hands, id))),
        video: memo(move || local.read().preview),
        paused: RwSignal::new(false).into(),
        size: None,
        verdict: own_verdict,
        on_details: Callback::new(move |button| on_details.run((Whose::Own, button))),
        tools,
    });
    let floating = memo(move || place.get().is_some_and(Place::floats));
    let view = view
        .bind_some("tabindex", move || floating.get().then(|| "0".to_owned()))
        .bind_some("aria-label", move || floating.get().then(|| say(Word::OwnFloating).to_owned()));
    movable(view, place, stage)
}

/// By id, so that a tile stays when others come and go, and asks for nobody who is gone.
fn other_tile(id: ParticipantId, scene: Scene, tools: Tools) -> El {
    let Scene { store, call, on_details, hands, .. } = scene;
    let whose = Whose::Other(id);
    let other = memo(move || store.others().read().iter().find(|other| other.id == id).cloned());
    let muted = part(other, |other| other.microphone.as_ref().is_none_or(|feed| feed.muted));
    let Picture { video, paused, size } = picture(store, call, whose.key(), other, PERSON.picture);
    tile(Tile {
        id: RwSignal::new(id.to_string()).into(),
        name: part(other, PERSON.name),
        own: false,
        muted,
        speaking: memo(move || !muted.get() && speaks(store, id)),
        hand: memo(move || in_line(hands, id)),
        video,
        paused,
        size: Some(size),
        verdict: verdict_of(store, other, PERSON),
        on_details: Callback::new(move |button| on_details.run((whose, button))),
        tools,
    })
}

/// A screen that somebody shares: never cut at its edges.
fn screen_tile(id: ParticipantId, scene: Scene, tile_tools: Tools) -> El {
    let Scene { store, call, on_details, .. } = scene;
    let whose = Whose::Screen(id);
    let other = memo(move || store.others().read().iter().find(|other| other.id == id).cloned());
    let name: Signal<String> = part(other, SHARED.name);
    let Picture { video, paused, size } = picture(store, call, whose.key(), other, SHARED.picture);
    let playing = RwSignal::new(false);
    let verdict: Signal<Option<Verdict>> = verdict_of(store, other, SHARED);
    let on_details = Callback::new(move |button| on_details.run((whose, button)));
    let media = Media {
        track: video,
        playing,
        mirrored: false,
        testid: "screen-video",
        label: None,
        size: Some(size),
    };
    let caption = el("p")
        .class("caption")
        .swap(
            move || verdict.get().is_some(),
            move |known| known.then(|| quality(verdict, move || Some(name.get()), on_details)),
        )
        .child(el("span").class("name").set("dir", "auto").texts(move || name.get()));
    el("li")
        .class("tile screen")
        .toggle("held", move || paused.get())
        .testid("tile-screen")
        .set("data-participant-id", &id.to_string())
        .when(move || !playing.get() && !paused.get(), || icon(Shape::Screen))
        .child(media_view(media))
        .child(state_note(paused, verdict))
        .child(caption)
        .child(tools(name, tile_tools))
}

/// What a tile shows of a picture that comes through a slot.
struct Picture {
    video: Signal<Option<TrackId>>,
    /// The server holds it back.
    paused: Signal<bool>,
    /// At which it is on screen. The server is told.
    size: RwSignal<Size>,
}

/// The picture that somebody sends, for a tile with a number of its own.
fn picture(
    store: RoomStore,
    call: Call,
    tile: u64,
    other: Signal<Option<Other>>,
    feed: fn(&Other) -> Option<&Feed>,
) -> Picture {
    let slot = part(other, move |other| live_slot(feed(other)).cloned());
    let video = memo(move || {
        let slots = store.slots().read();
        other.with(|o| o.as_ref().and_then(|o| slots.track_of(o.id, feed(o))))
    });
    let sent = part(other, move |other| feed(other).is_some_and(|feed| !feed.muted));
    let held = move |mid: &Mid| store.paused().read().contains(mid);
    let paused = memo(move || {
        // Data is saved with everybody who would send, be it by a slot or directly.
        (settings::choices().saver && sent.get()) || slot.with(|slot| slot.as_ref().is_some_and(held))
    });
    let size = RwSignal::new(Size::default());
    follow(move || call.look(tile, slot.get().map(|mid| (mid, size.get()))));
    on_cleanup(move || call.look(tile, None));
    Picture { video, paused, size }
}

/// Whether somebody is heard now.
pub fn speaks(store: RoomStore, id: ParticipantId) -> bool {
    is_connected(store) && store.speakers().read().contains(&id)
}

/// The place in the order of raised hands, from 1; 0 when the hand is down.
fn in_line(hands: Signal<Vec<ParticipantId>>, id: ParticipantId) -> usize {
    hands.with(|hands| hands.iter().position(|one| *one == id).map_or(0, |place| place + 1))
}
