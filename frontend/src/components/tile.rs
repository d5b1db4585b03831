//! One participant: a picture or an avatar, the name, whether the microphone is off, whether they speak, and
//! how good the connection is.

use super::icon::{Shape, icon};
use super::media_view::{Media, media_view};
use super::{avatar, quality_button};
use crate::dom::{El, el, memo};
use crate::rtc::track::TrackId;
use crate::state::look::Size;
use crate::state::quality::{Cause, Verdict};
use crate::state::settings;
use crate::words::{self, Word, say};
use leptos::prelude::*;
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
    /// Whether it is wanted before all others, and what changes that. Without it there is no choice.
    pub pin: Option<(Signal<bool>, Callback<()>)>,
}

/// A tile.
pub fn tile(tile: Tile) -> El {
    let Tile { id, name, own, muted, speaking, video, paused, size, verdict, on_details, pin } = tile;
    let playing = RwSignal::new(false);
    let pinned = pin.map(|(pinned, _)| pinned);
    let label = move || if own { say(Word::You).to_owned() } else { name.get() };
    let caption = el("p")
        .class("caption")
        .when(
            move || muted.get(),
            || {
                el("span")
                    .class("badge")
                    .testid("badge-muted")
                    .set("role", "img")
                    .label(Word::Muted)
                    .child(icon(Shape::MicrophoneOff))
            },
        )
        .child(el("span").class("name").testid("tile-name").set("dir", "auto").texts(label));
    el("li")
        .class(if own { "tile own" } else { "tile" })
        .toggle("held", move || paused.get())
        .toggle("pinned", move || pinned.is_some_and(|pinned| pinned.get()))
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
        .when(move || paused.get(), move || paused_note(verdict))
        .child(caption)
        .maybe(pin.map(|(pinned, press)| pin_button(name, pinned, press)))
        .swap(
            move || verdict.get().is_some(),
            move |known| known.then(|| quality(verdict, move || (!own).then(|| name.get()), on_details)),
        )
}

fn pin_button(name: Signal<String>, pinned: Signal<bool>, press: Callback<()>) -> El {
    el("button")
        .set("type", "button")
        .class("pin")
        .testid("pin")
        .truth("aria-pressed", move || pinned.get())
        .bind("aria-label", move || words::of(Word::PinName, &name.get()))
        .bind("title", move || say(if pinned.get() { Word::Unpin } else { Word::Pin }).to_owned())
        .on("click", move |_| press.run(()))
        .child(icon(Shape::Pin))
}

/// Says that a picture is held back, and for whose sake.
pub fn paused_note(verdict: Signal<Option<Verdict>>) -> El {
    let by_server = move || verdict.get().is_some_and(|Verdict { cause, .. }| cause == Cause::PausedByServer);
    let word = move || {
        if settings::choices().saver {
            Word::PausedBySaver
        } else if by_server() {
            Word::PausedByServer
        } else {
            Word::Paused
        }
    };
    let words = move || say(word()).to_owned();
    el("p").class("paused").testid("tile-paused").child(icon(Shape::Pause)).child(el("span").texts(words))
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
