//! Who speaks, of those who are heard directly: the server, which tells it of all others, does not hear them. Pure;
//! [`directs`](super::directs) asks the browser, a few times a second, how much sound was played.
//!
//! As the server judges it (`forward/speaking.rs`), in steps of its packets, so that a ring comes and goes alike by
//! either way.

use ::signal::ParticipantId;
use std::time::Duration;

/// From here on it is a voice, in decibels below full scale.
const VOICE: f32 = -50.0;
/// A speaker who falls this far below [`VOICE`] may have stopped.
const MARGIN: f32 = 6.0;
/// Silence.
const NOTHING: f32 = -127.0;
/// One stops speaking when it has been quiet for so long.
const HANGOVER: Duration = Duration::from_millis(600);
/// Louder by this much than who speaks in front: moves in front.
const LOUDER: f32 = 6.0;
/// A packet's time.
const STEP: Duration = Duration::from_millis(20);
/// A level has settled after so many packets.
const MOST_STEPS: u128 = 100;

/// How much sound there ever was on a line, or at a microphone: `totalAudioEnergy` and `totalSamplesDuration` (webrtc-stats).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sound {
    /// The square of its level, over time.
    pub energy: f64,
    /// In seconds.
    pub lasted: f64,
}

impl Sound {
    /// How loud it was on the average since an earlier moment, in decibels below full scale.
    fn since(self, before: Self) -> f32 {
        let (energy, lasted) = (self.energy - before.energy, self.lasted - before.lasted);
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
        let power = if lasted > 0.0 { (energy / lasted) as f32 } else { 0.0 };
        (10.0 * power.max(1e-13).log10()).max(NOTHING)
    }
}

/// Everybody who is heard directly, and oneself.
#[derive(Debug, Default)]
pub struct Voices {
    all: Vec<Voice>,
    /// As told last.
    told: Vec<ParticipantId>,
}

#[derive(Clone, Copy, Debug)]
struct Voice {
    who: ParticipantId,
    sound: Sound,
    heard_at: Duration,
    /// Smoothed: rises within a tenth of a second, falls within a third.
    level: f32,
    /// When it was a voice last.
    loud_at: Option<Duration>,
    speaks: bool,
}

impl Voice {
    fn hear(&mut self, sound: Sound, now: Duration) {
        let sample = sound.since(self.sound);
        let steps = (now.saturating_sub(self.heard_at).as_millis() / STEP.as_millis()).clamp(1, MOST_STEPS);
        let share = if sample > self.level { 6.0 } else { 16.0 };
        self.level = (0..steps).fold(self.level, |level, _| level + (sample - level) / share);
        (self.sound, self.heard_at) = (sound, now);
        if self.level >= if self.speaks { VOICE - MARGIN } else { VOICE } {
            self.loud_at = Some(now);
        }
        self.speaks |= self.level >= VOICE;
        self.speaks &= self.loud_at.is_some_and(|at| now.saturating_sub(at) < HANGOVER);
    }
}

impl Voices {
    /// So much sound there ever was of somebody, by now. The first is what the next is compared with.
    pub fn hear(&mut self, who: ParticipantId, sound: Sound, now: Duration) {
        if let Some(voice) = self.all.iter_mut().find(|voice| voice.who == who) {
            return voice.hear(sound, now);
        }
        self.all.push(Voice { who, sound, heard_at: now, level: NOTHING, loud_at: None, speaks: false });
    }

    /// Somebody is not heard directly any more, or sends no sound.
    pub fn forget(&mut self, who: ParticipantId) {
        self.all.retain(|voice| voice.who != who);
    }

    /// Nobody is heard directly any more.
    pub fn forget_all(&mut self) {
        self.all.clear();
    }

    /// Who speaks, the loudest first, if that is another list than before. Who spoke before stays in front unless
    /// somebody is clearly louder.
    pub fn news(&mut self) -> Option<Vec<ParticipantId>> {
        let level = |who: &ParticipantId| {
            let voice = self.all.iter().find(|voice| voice.who == *who && voice.speaks);
            voice.map(|voice| voice.level)
        };
        let before = self.told.iter().filter(|who| level(who).is_some());
        let begin = self.all.iter().filter(|voice| voice.speaks && !self.told.contains(&voice.who));
        let mut speakers: Vec<_> = before.copied().chain(begin.map(|voice| voice.who)).collect();
        for end in (1..speakers.len()).rev() {
            for at in 0..end {
                let [front, back] =
                    [at, at + 1].map(|at| speakers.get(at).and_then(level).unwrap_or(NOTHING));
                if back > front + LOUDER {
                    speakers.swap(at, at + 1);
                }
            }
        }
        (speakers != self.told).then(|| {
            self.told.clone_from(&speakers);
            speakers
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: ParticipantId = ParticipantId(1);
    const BO: ParticipantId = ParticipantId(2);

    /// Voices that are asked five times a second.
    #[derive(Default)]
    struct Listener {
        voices: Voices,
        sounds: [Sound; 2],
        now: Duration,
        /// What was told when, in milliseconds.
        told: Vec<(u128, Vec<ParticipantId>)>,
    }

    impl Listener {
        /// Both are so loud, in decibels, for so many looks.
        fn hears(&mut self, levels: [f64; 2], looks: u32) -> &mut Self {
            for _ in 0..looks {
                self.now += Duration::from_millis(200);
                for ((sound, level), who) in self.sounds.iter_mut().zip(levels).zip([ADA, BO]) {
                    sound.energy += 10_f64.powf(level / 10.0) * 0.2;
                    sound.lasted += 0.2;
                    self.voices.hear(who, *sound, self.now);
                }
                self.told.extend(self.voices.news().map(|news| (self.now.as_millis(), news)));
            }
            self
        }
    }

    #[test]
    fn a_word_makes_a_speaker_and_a_hum_does_not() {
        let mut listener = Listener::default();
        listener.hears([-60.0, -60.0], 10);
        assert_eq!(listener.told, []);
        listener.hears([-30.0, -60.0], 2);
        assert_eq!(listener.told, [(2200, vec![ADA])]);
    }

    #[test]
    fn a_pause_between_words_does_not_end_it_and_silence_does() {
        let mut listener = Listener::default();
        listener.hears([-30.0, -90.0], 5).hears([-90.0, -90.0], 2).hears([-30.0, -90.0], 5);
        assert_eq!(listener.told.len(), 1, "{:?}", listener.told);
        listener.hears([-90.0, -90.0], 10);
        assert_eq!(listener.told.last(), Some(&(3000, vec![])));
    }

    #[test]
    fn only_the_clearly_louder_moves_in_front() {
        let mut listener = Listener::default();
        let mut order = |levels| listener.hears(levels, 5).told.last().map(|(_, order)| order.clone());
        assert_eq!(order([-90.0, -30.0]), Some(vec![BO]));
        assert_eq!(order([-27.0, -30.0]), Some(vec![BO, ADA]));
        assert_eq!(order([-20.0, -30.0]), Some(vec![ADA, BO]));
    }

    #[test]
    fn what_was_played_before_is_no_speech_and_who_is_forgotten_falls_silent() {
        let mut voices = Voices::default();
        let second = |n: u32| Sound { energy: f64::from(n), lasted: f64::from(n) };
        voices.hear(ADA, second(60), Duration::from_secs(1));
        assert_eq!(voices.news(), None);
        voices.hear(ADA, second(61), Duration::from_secs(2));
        assert_eq!(voices.news(), Some(vec![ADA]));
        voices.forget(ADA);
        assert_eq!(voices.news(), Some(vec![]));
    }

    #[test]
    fn where_nothing_is_played_or_counters_begin_anew_there_is_silence() {
        let mut voices = Voices::default();
        for (at, lasted) in [(1, 3.0), (2, 3.0), (3, 3.0), (4, 0.5)] {
            voices.hear(ADA, Sound { energy: lasted * 2.0, lasted }, Duration::from_secs(at));
            assert_eq!(voices.news(), None, "second {at}");
        }
    }
}
