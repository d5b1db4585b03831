//! One participant: a picture or an avatar, the name, and whether the microphone is off.

use super::icon::{Icon, Shape};
use super::{Avatar, MediaView};
use crate::rtc::track::TrackId;
use crate::words;
use leptos::prelude::*;

#[component]
pub fn Tile(
    /// The participant's id, for tests.
    #[prop(into)]
    id: Signal<String>,
    #[prop(into)] name: Signal<String>,
    /// One's own: mirrored, and called "You".
    #[prop(optional)]
    own: bool,
    /// Nothing is heard from it.
    #[prop(into)]
    muted: Signal<bool>,
    /// Its picture, if one is sent.
    #[prop(into)]
    video: Signal<Option<TrackId>>,
) -> impl IntoView {
    let playing = RwSignal::new(false);
    let label = move || if own { words::YOU.to_owned() } else { name.get() };
    view! {
        <li
            class="tile"
            class:own=own
            data-testid="tile"
            data-participant-id=id
            data-name=name
            data-self=own.to_string()
        >
            <Show when=move || !playing.get()>
                <Avatar name />
            </Show>
            <MediaView track=video playing mirrored=own testid="tile-video" />
            <p class="caption">
                <Show when=move || muted.get()>
                    <span class="badge" data-testid="badge-muted" role="img" aria-label=words::MUTED title=words::MUTED>
                        <Icon shape=Shape::MicrophoneOff />
                    </span>
                </Show>
                <span class="name" data-testid="tile-name" dir="auto">{label}</span>
            </p>
        </li>
    }
}
