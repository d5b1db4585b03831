//! How loud a microphone is, for a meter: looked at some fifteen times a second, and not while the page is hidden.

use super::track::{TrackId, track_of};
use crate::dom::listen;
use crate::reactive::keep;
use gloo_timers::callback::Interval;
use js_sys::Array;
use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;
use web_sys::{AnalyserNode, AudioContext, MediaStream, MediaStreamTrack};

/// How often it is looked, in milliseconds.
const EVERY: u32 = 66;
/// The same for who wants little movement, of what is drawn.
const SELDOM: u32 = 300;
/// How much is looked at: 43 ms at 48 kHz.
const SAMPLES: u32 = 2048;
/// From silence to as loud as it gets, in decibels below full scale.
const RANGE: (f32, f32) = (-62.0, -14.0);

/// Tells how loud a track is, from 0 to 100, until the owner of now is gone. One that is switched off is silent, and is
/// to be drawn; a `copy` of it is not, holds the device for as long, and is to be judged as [`Speech`].
pub fn watch(track: TrackId, copy: bool, told: Box<dyn Fn(u8)>) {
    let Some(track) = track_of(track) else { return };
    let meter = Meter::new().and_then(|mut meter| Ok((meter.listen(&track, copy)?, meter)));
    let (analyser, meter) = match meter {
        Ok(meter) => meter,
        // A browser without it shows a meter at rest.
        Err(error) => return leptos::logging::warn!("level: {error:?}"),
    };
    // A page that was not clicked yet may have to wait for that; and one that is hidden needs no sound worked on.
    let (context, waking) = (meter.context.clone(), meter.context.clone());
    listen(&window(), "pointerdown", move |_| drop(waking.resume()));
    listen(&document(), "visibilitychange", move |_| {
        let _ = if document().hidden() { context.suspend() } else { context.resume() };
    });
    let mut samples = vec![0.0; SAMPLES as usize];
    keep(Interval::new(pace(copy, calm()), move || {
        if !document().hidden() {
            analyser.get_float_time_domain_data(&mut samples);
            told(loudness(&samples));
        }
    }));
    keep(meter);
}

/// What works on the sound. Dropping it lets go of all, be it that the browser refused a part.
struct Meter {
    context: AudioContext,
    copy: Option<MediaStreamTrack>,
}

impl Meter {
    fn new() -> Result<Self, JsValue> {
        Ok(Self { context: AudioContext::new()?, copy: None })
    }

    fn listen(&mut self, track: &MediaStreamTrack, copy: bool) -> Result<AnalyserNode, JsValue> {
        let analyser = self.context.create_analyser()?;
        analyser.set_fft_size(SAMPLES);
        // The browser's clone: a second track on the same device, with a switch of its own.
        self.copy = copy.then(|| MediaStreamTrack::clone(track));
        if let Some(copy) = &self.copy {
            copy.set_enabled(true);
        }
        let stream = MediaStream::new_with_tracks(&Array::of1(self.copy.as_ref().unwrap_or(track)))?;
        self.context.create_media_stream_source(&stream)?.connect_with_audio_node(&analyser)?;
        Ok(analyser)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(copy) = &self.copy {
            copy.stop();
        }
        // One that is closed already stays closed.
        let _ = self.context.close();
    }
}

/// How often it is looked, in milliseconds. [`Speech`] goes by the looks: it is judged alike for everybody.
fn pace(judged: bool, calm: bool) -> u32 {
    if calm && !judged { SELDOM } else { EVERY }
}

fn calm() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    query.is_some_and(|query| query.matches())
}

/// How loud these samples are, from 0 to 100.
fn loudness(samples: &[f32]) -> u8 {
    let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let power = sum / samples.len().max(1) as f32;
    let (silent, loud) = RANGE;
    let share = (10.0 * power.max(1e-12).log10() - silent) / (loud - silent);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
    let percent = (share.clamp(0.0, 1.0) * 100.0) as u8;
    percent
}

/// Whether somebody speaks, from how loud it was lately: what only clicks or knocks is not speech.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Speech {
    /// Of the last looks, the newest last: whether it was loud.
    loud: u16,
}

/// From here on it is loud.
const LOUD: u8 = 45;
/// So many of sixteen looks, which take a second, are loud while somebody speaks.
const LOUD_LOOKS: u32 = 6;

impl Speech {
    /// After another look, and whether it is speech by now.
    pub fn look(self, level: u8) -> (Self, bool) {
        let loud = self.loud << 1 | u16::from(level >= LOUD);
        (Self { loud }, loud.count_ones() >= LOUD_LOOKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square wave of this height.
    fn wave(height: f32) -> Vec<f32> {
        (0..SAMPLES).map(|n| if n % 2 == 0 { height } else { -height }).collect()
    }

    #[test]
    fn loudness_follows_decibels() {
        assert_eq!(loudness(&[]), 0);
        assert_eq!(loudness(&wave(0.0)), 0);
        assert_eq!(loudness(&wave(1.0)), 100);
        assert_eq!(loudness(&wave(0.2)), 100, "-14 dB");
        assert!((49..=51).contains(&loudness(&wave(0.0126))), "-38 dB, halfway");
        assert!(loudness(&wave(f32::NAN)) <= 100);
    }

    /// What is told of these looks, one after another.
    fn told(looks: impl IntoIterator<Item = u8>) -> Vec<bool> {
        let mut speech = Speech::default();
        let look = |level| {
            let (next, told) = speech.look(level);
            speech = next;
            told
        };
        looks.into_iter().map(look).collect()
    }

    #[test]
    fn who_wants_little_movement_has_it_drawn_seldom_and_judged_as_often() {
        assert_eq!((pace(false, false), pace(false, true)), (EVERY, SELDOM));
        assert_eq!((pace(true, false), pace(true, true)), (EVERY, EVERY));
    }

    #[test]
    fn a_knock_is_no_speech() {
        let knock = |at: usize| if at % 20 < 5 { 90 } else { 0 };
        assert_eq!(told((0..60).map(knock)), [false; 60]);
    }

    #[test]
    fn speech_is_told_while_it_lasts_and_a_little_longer() {
        let words = [90, 10, 90, 90, 0, 90, 90, 90];
        let told = told(words.into_iter().chain([0; 16]));
        assert_eq!(told.iter().position(|speaks| *speaks), Some(7), "{told:?}");
        assert!(told[8] && !told[23], "{told:?}");
    }
}
