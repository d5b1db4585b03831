//! A video that plays one track, and tells when there is really something to see.

use super::measure;
use crate::dom::{El, el};
use crate::reactive::{RwSignal, Signal, follow, memo};
use crate::rtc::marks::{Moment, mark};
use crate::rtc::playing;
use crate::rtc::track::{self, TrackId};
use crate::state::look::Size;
use crate::words::Word;
use wasm_bindgen::JsCast;
use web_sys::{HtmlMediaElement, HtmlVideoElement};

/// What is played, and how.
#[derive(Clone, Copy)]
pub struct Media {
    /// What to play.
    pub track: Signal<Option<TrackId>>,
    /// Set while a picture is shown.
    pub playing: RwSignal<bool>,
    /// Shown as in a mirror: one's own.
    pub mirrored: bool,
    /// For tests.
    pub testid: &'static str,
    /// For screen readers; decoration without.
    pub label: Option<Word>,
    /// Kept at the size at which it is on screen.
    pub size: Option<RwSignal<Size>>,
}

/// Always silent: sound is played by [`remote_audio`](super::remote_audio), and never one's own.
pub fn media_view(media: Media) -> El {
    let Media { track, playing, mirrored, testid, label, size } = media;
    let wanted = memo(move || track.get());
    // The first frame of a new track; a track that is replaced starts over below.
    let shown = move |_| {
        let seen = wanted.get_untracked().is_some();
        playing.set(seen);
        if seen && !mirrored {
            mark(Moment::Frame);
        }
    };
    let view = el("video")
        .class(if mirrored { "media mirrored" } else { "media" })
        .toggle("playing", move || playing.get())
        .testid(testid)
        .set("autoplay", "")
        .set("playsinline", "")
        .set("disablepictureinpicture", "")
        .on("loadeddata", shown)
        .on("playing", shown);
    let view = match label {
        Some(label) => view.word("aria-label", label),
        None => view.set("aria-hidden", "true"),
    };
    let video: HtmlVideoElement = view.typed();
    video.set_muted(true);
    playing::let_go_at_the_end(&video);
    if let Some(size) = size {
        measure::watch(view.raw(), size);
    }
    let mut before = None;
    follow(move || {
        let wanted = wanted.get();
        // One track in place of another is the same picture by another way: no avatar comes between. (The stream is a
        // new one all the same: Firefox shows nothing of a track that is added to the one it plays.)
        if wanted.is_none() || before.is_none() {
            playing.set(false);
        }
        before = wanted;
        track::attach(video.unchecked_ref::<HtmlMediaElement>(), wanted);
    });
    view
}
