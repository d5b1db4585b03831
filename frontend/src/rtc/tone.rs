//! A short tone on the chosen speaker, to hear whether it is the right one.

use super::speaker;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, HtmlAudioElement};

/// When each note begins, in seconds, and how high it is, in Hz: three steps up a pentatonic scale.
const NOTES: [(f64, f32); 3] = [(0.05, 523.25), (0.23, 659.26), (0.41, 783.99)];
/// How long a note takes to fade, in seconds.
const FADES: f64 = 0.9;
/// How loud a note is at its beginning.
const LOUD: f32 = 0.22;
/// What is as good as silent; a curve that falls by a share never reaches nothing.
const SILENT: f32 = 0.0005;
/// When all is over, in milliseconds.
const LENGTH: u32 = 1_500;

/// Plays it, on the speaker of this id, and ends when it is over.
pub async fn play(id: &str) {
    // Without it nothing is heard, which is what the person wanted to know.
    if let Err(error) = try_play(id).await {
        leptos::logging::warn!("test sound: {error:?}");
    }
}

async fn try_play(id: &str) -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    // By way of an element, because that is what a speaker can be chosen for in all browsers that let one choose.
    let out = context.create_media_stream_destination()?;
    for (start, pitch) in NOTES {
        let start = context.current_time() + start;
        let (note, fade) = (context.create_oscillator()?, context.create_gain()?);
        note.set_type(web_sys::OscillatorType::Triangle);
        note.frequency().set_value(pitch);
        fade.gain().set_value_at_time(SILENT, start)?;
        fade.gain().exponential_ramp_to_value_at_time(LOUD, start + 0.015)?;
        fade.gain().exponential_ramp_to_value_at_time(SILENT, start + FADES)?;
        note.connect_with_audio_node(&fade)?.connect_with_audio_node(&out)?;
        note.start_with_when(start)?;
        note.stop_with_when(start + FADES)?;
    }
    let audio = HtmlAudioElement::new()?;
    audio.set_src_object(Some(&out.stream()));
    speaker::play_on(&audio, id);
    JsFuture::from(audio.play()?).await?;
    TimeoutFuture::new(LENGTH).await;
    audio.set_src_object(None);
    JsFuture::from(context.close()?).await.map(drop)
}
