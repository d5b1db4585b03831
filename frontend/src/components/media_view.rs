//! A video that plays one track, and tells when there is really something to see.

use super::measure;
use crate::rtc::marks::{Moment, mark};
use crate::rtc::track::{self, TrackId};
use crate::state::look::Size;
use leptos::html;
use leptos::prelude::*;

/// Always silent: sound is played by [`RemoteAudio`](super::RemoteAudio), and never one's own.
#[component]
pub fn MediaView(
    /// What to play.
    #[prop(into)]
    track: Signal<Option<TrackId>>,
    /// Set while a picture is shown.
    playing: RwSignal<bool>,
    /// Shown as in a mirror.
    #[prop(optional)]
    mirrored: bool,
    /// For tests.
    testid: &'static str,
    /// For screen readers; decoration without.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Kept at the size at which it is on screen.
    #[prop(default = None)]
    size: Option<RwSignal<Size>>,
) -> impl IntoView {
    let node = NodeRef::<html::Video>::new();
    let wanted = Memo::new(move |_| track.get());
    Effect::new(move |before: Option<Option<TrackId>>| {
        let wanted = wanted.get();
        if let Some(video) = node.get() {
            // One track in place of another is the same picture by another way: no avatar comes between. (The stream
            // is a new one all the same: Firefox shows nothing of a track that is added to the one it plays.)
            if wanted.is_none() || before.flatten().is_none() {
                playing.set(false);
            }
            video.set_muted(true);
            track::attach(&video, wanted);
        }
        wanted
    });
    if let Some(size) = size {
        Effect::new(move |_| {
            if let Some(video) = node.get() {
                measure::watch(&video, size);
            }
        });
    }
    // The first frame of a new track; a track that is replaced starts over above.
    let shown = move |_| {
        let seen = wanted.get_untracked().is_some();
        playing.set(seen);
        if seen && !mirrored {
            mark(Moment::Frame);
        }
    };
    view! {
        <video
            class="media"
            class:mirrored=mirrored
            class:playing=playing
            node_ref=node
            data-testid=testid
            aria-label=label
            aria-hidden=label.is_none().then_some("true")
            autoplay
            playsinline
            disablepictureinpicture
            prop:muted=true
            on:loadeddata=shown
            on:playing=shown
        ></video>
    }
}
