//! One participant: a picture or an avatar, the name, whether the microphone is off, whether they speak, and
//! how good the connection is.

use super::icon::{Shape, icon};
use super::media_view::{Media, media_view};
use super::{avatar, quality_button};
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, Signal, StoredValue, memo};
use crate::rtc::track::TrackId;
use crate::state::look::Size;
use crate::state::quality::{Cause, Verdict};
use crate::state::settings;
use crate::words::{self, Word, say};
use web_sys::HtmlElement;

/// What a tile shows.
#[derive(Clone, Copy)]
pub struct Tile {
    /// The participant's id, for tests.
    pub id: Signal<String>,
    /// The display name.
    pub name: Signal<String>,
    /// One's own: mirrored, and called "You".
    pub own: bool,
    /// Nothing is heard from it.
    pub muted: Signal<bool>,
    /// It is heard now.
    pub speaking: Signal<bool>,
    /// Its place in the order of raised hands, from 1; 0 when its hand is down.
    pub hand: Signal<usize>,
    /// Its picture, if one is sent.
    pub video: Signal<Option<TrackId>>,
    /// The server holds the picture back.
    pub paused: Signal<bool>,
    /// Kept at the size at which the picture is on screen.
    pub size: Option<RwSignal<Size>>,
    /// How good the connection is, once that is known.
    pub verdict: Signal<Option<Verdict>>,
    /// Asked for the figures; given the button that was pressed.
    pub on_details: Callback<HtmlElement>,
    /// What can be done about it.
    pub tools: Tools,
}

/// What can be done about a tile.
#[derive(Clone, Copy)]
pub struct Tools {
    /// Whether it is large before all others.
    pub pinned: Signal<bool>,
    /// Changes that.
    pub on_pin: Callback<()>,
    /// Asked for more; given the button that was pressed.
    pub on_more: Callback<HtmlElement>,
}

/// A tile.
pub fn tile(tile: Tile) -> El {
    let Tile { id, name, own, muted, speaking, hand, video, paused, size, verdict, on_details, tools } = tile;
    let playing = RwSignal::new(false);
    let label = move || if own { say(Word::You).to_owned() } else { name.get() };
    let badge = || {
        el("span")
            .class("badge")
            .testid("badge-muted")
            .set("role", "img")
            .label(Word::Muted)
            .child(icon(Shape::MicrophoneOff))
    };
    el("li")
        .class(if own { "tile own" } else { "tile" })
        .toggle("held", move || paused.get())
        .toggle("hand-up", move || hand.get() > 0)
        .testid("tile")
        .bind("data-participant-id", move || id.get())
        .bind("data-name", move || name.get())
        .set("data-self", if own { "true" } else { "false" })
        .truth("data-speaking", move || speaking.get())
        .when(move || !playing.get(), move || avatar(move || name.get()))
        .child(media_view(Media {
            track: video,
            playing,
            mirrored: own,
            testid: "tile-video",
            label: None,
            size,
        }))
        .child(state_note(paused, verdict))
        .when(move || hand.get() > 0, move || hand_up(hand))
        .child(
            el("p")
                .class("caption")
                .swap(
                    move || verdict.get().is_some(),
                    move |known| {
                        known.then(|| quality(verdict, move || (!own).then(|| name.get()), on_details))
                    },
                )
                .when(move || muted.get(), badge)
                .child(el("span").class("name").testid("tile-name").set("dir", "auto").texts(label)),
        )
        .child(self::tools(name, tools))
}

/// The buttons in a tile's corner.
pub fn tools(name: Signal<String>, tools: Tools) -> El {
    let Tools { pinned, on_pin, on_more } = tools;
    let pin = el("button")
        .set("type", "button")
        .class("tool pin")
        .testid("pin")
        .truth("aria-pressed", move || pinned.get())
        .bind("aria-label", move || words::of(Word::PinName, &name.get()))
        .bind("title", move || say(if pinned.get() { Word::Unpin } else { Word::Pin }).to_owned())
        .on("click", move |_| on_pin.run(()))
        .child(icon(Shape::Pin));
    let more = el("button").set("type", "button").class("tool more").testid("tile-more");
    let pressed: HtmlElement = more.typed();
    let more = more
        .set("aria-haspopup", "dialog")
        .bind("aria-label", move || words::of(Word::MoreOf, &name.get()))
        .on("click", move |_| on_more.run(pressed.clone()))
        .child(icon(Shape::More));
    el("div").class("tools").child(pin).child(more)
}

fn hand_up(hand: Signal<usize>) -> El {
    let place = move || hand.get().to_string();
    el("p")
        .class("hand")
        .testid("tile-hand")
        .set("role", "img")
        .bind("aria-label", move || words::fill(Word::HandUp, &[("place", &place())]))
        .child(icon(Shape::Hand))
        .child(el("span").texts(place))
}

/// Says that a picture is held back, and for whose sake; or that none arrives.
pub fn state_note(paused: Signal<bool>, verdict: Signal<Option<Verdict>>) -> El {
    let note = move || {
        let cause = verdict.get().map(|verdict| verdict.cause);
        match (paused.get(), cause) {
            (true, _) if settings::choices().saver => 4_usize,
            (true, Some(Cause::PausedByServer)) => 3,
            (true, _) => 2,
            (false, Some(Cause::NothingArrives)) => 1,
            (false, _) => 0,
        }
    };
    el("div").class("contents").swap(note, |note| {
        let (shape, testid, word) = match note {
            4 => (Shape::Pause, "tile-paused", Word::PausedBySaver),
            3 => (Shape::Pause, "tile-paused", Word::PausedByServer),
            2 => (Shape::Pause, "tile-paused", Word::Paused),
            1 => (Shape::Silence, "tile-silent", Word::NothingArrives),
            _ => return None,
        };
        Some(el("p").class("paused").testid(testid).child(icon(shape)).child(el("span").say(word)))
    })
}

/// The indicator, of what is known by now.
pub fn quality(
    verdict: Signal<Option<Verdict>>,
    name: impl Fn() -> Option<String> + 'static,
    on_details: Callback<HtmlElement>,
) -> El {
    // Kept while it goes away, so that it does not change on the way.
    let last = StoredValue::new(Verdict::FINE);
    let known = memo(move || {
        if let Some(verdict) = verdict.get() {
            last.set_value(verdict);
        }
        last.get_value()
    });
    quality_button(name, move || known.get(), on_details)
}
