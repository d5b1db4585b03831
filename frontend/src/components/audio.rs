//! Plays what others say: one hidden element per seat, all the time, so that a seat whose source
//! changes is heard without a gap.

use crate::dom::{El, el};
use crate::reactive::{RwSignal, Signal, follow};
use crate::rtc::playing;
use crate::rtc::speaker;
use crate::rtc::track::{self, TrackId};
use madang_client::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, HtmlAudioElement};

/// Plays these tracks, each as loud as `volume` says, in per cent. `blocked` is set when the browser wants a click first;
/// with each click that `retry` counts, everything is tried again. `on` is the id of the speaker.
pub fn remote_audio(
    tracks: impl Fn() -> Vec<TrackId> + 'static,
    volume: impl Fn(TrackId) -> u8 + Copy + 'static,
    on: Signal<String>,
    blocked: RwSignal<bool>,
    retry: RwSignal<u32>,
) -> El {
    let keys = move || tracks().into_iter().map(TrackId::key).collect();
    el("div").set("hidden", "").each(keys, move |key| {
        let track = TrackId::of_key(key);
        one(track, Box::new(move || volume(track)), on, blocked, retry)
    })
}

fn one(
    track: TrackId,
    volume: Box<dyn Fn() -> u8>,
    on: Signal<String>,
    blocked: RwSignal<bool>,
    retry: RwSignal<u32>,
) -> El {
    // The system pauses what plays: a phone call, headphones pulled out, a media key. Not so a seat that is
    // taken away or whose track has ended.
    let element = el("audio").set("autoplay", "").on("pause", move |event| {
        let audio = event.target().and_then(|target| target.dyn_into::<HtmlAudioElement>().ok());
        if audio.is_some_and(|audio| audio.is_connected() && !audio.ended()) {
            blocked.set(true);
        }
    });
    let audio: HtmlAudioElement = element.typed();
    track::attach(&audio, Some(track));
    playing::let_go_at_the_end(&audio);
    let playing = audio.clone();
    follow(move || speaker::play_on(&playing, &on.get()));
    let louder = audio.clone();
    follow(move || louder.set_volume(f64::from(volume().min(100)) / 100.0));
    follow(move || {
        retry.track();
        let audio = audio.clone();
        spawn_local(async move {
            if let Ok(promise) = audio.play()
                && let Err(error) = JsFuture::from(promise).await
                && error.dyn_ref::<DomException>().is_some_and(|e| e.name() == "NotAllowedError")
            {
                blocked.set(true);
            }
        });
    });
    element
}
