//! Plays what others say: one hidden element per seat, all the time, so that a seat whose source
//! changes is heard without a gap.

use crate::rtc::track::{self, TrackId};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DomException, Event, HtmlAudioElement};

#[component]
pub fn RemoteAudio(
    /// Each is played.
    #[prop(into)]
    tracks: Signal<Vec<TrackId>>,
    /// Set when the browser wants a click first.
    blocked: RwSignal<bool>,
    /// Counts the clicks: with each, everything is tried again.
    #[prop(into)]
    retry: Signal<u32>,
) -> impl IntoView {
    view! {
        <div hidden>
            <For each=move || tracks.get() key=|track| *track let:track>
                <One track blocked retry />
            </For>
        </div>
    }
}

#[component]
fn One(track: TrackId, blocked: RwSignal<bool>, retry: Signal<u32>) -> impl IntoView {
    let node = NodeRef::<html::Audio>::new();
    Effect::new(move |_| {
        if let Some(audio) = node.get() {
            track::attach(&audio, Some(track));
            on_cleanup({
                let audio = StoredValue::new_local(audio);
                move || {
                    audio.try_with_value(|audio| track::attach(audio, None));
                }
            });
        }
    });
    Effect::new(move |_| {
        retry.track();
        if let Some(audio) = node.get() {
            spawn_local(async move {
                if let Ok(promise) = audio.play()
                    && let Err(error) = JsFuture::from(promise).await
                    && error.dyn_ref::<DomException>().is_some_and(|e| e.name() == "NotAllowedError")
                {
                    blocked.try_set(true);
                }
            });
        }
    });
    // The system pauses what plays: a phone call, headphones pulled out, a media key. Not so a seat that is
    // taken away or whose track has ended.
    let paused = move |event: Event| {
        // Of the event, because it may come when all else of this view is gone.
        let audio: HtmlAudioElement = event_target(&event);
        if audio.is_connected() && !audio.ended() {
            blocked.try_set(true);
        }
    };
    view! { <audio autoplay node_ref=node on:pause=paused></audio> }
}
