//! Who speaks, from the levels that publishers measure (RFC 6464).
//!
//! Owns one publication's loudness and the order of a group's speakers. A word makes a speaker, a cough does
//! not, and a pause between words does not end one; who is a little louder does not push in front. What
//! follows from it, telling and forwarding, is `plane/speakers.rs`'s.

use crate::rtp::level::AudioLevel;
use crate::time::Time;
use std::time::Duration;

/// Loudness in dB above −127 dBov, times this, so that smoothing keeps its fractions.
const SCALE: u32 = 256;
/// From here on it is a voice: −50 dBov. Rooms hum at −60 and below, speech is at −40 to −20.
const VOICE: u32 = 77 * SCALE;
/// A speaker who falls this far below [`VOICE`] may have stopped.
const MARGIN: u32 = 6 * SCALE;
/// One stops speaking when it has been quiet for so long.
const HANGOVER: Duration = Duration::from_millis(600);
/// Louder by this much than who speaks in front: moves in front. 6 dB.
const LOUDER: u32 = 6 * SCALE;

/// One publication's loudness.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Voice {
    /// Smoothed: rises within some six packets of 20 ms, falls within some sixteen.
    level: u32,
    /// When it was last measured.
    heard_at: Time,
    /// When it was last a voice; before that it never was.
    loud_at: Option<Time>,
    speaks: bool,
    /// When it last spoke.
    pub spoke_at: Time,
}

impl Voice {
    /// Takes in one packet's level; true if it begins to speak with it.
    pub fn hear(&mut self, level: AudioLevel, now: Time) -> bool {
        let sample = u32::from(127u8.saturating_sub(level.dbov)) * SCALE;
        self.level = if sample > self.level {
            self.level + (sample - self.level) / 6
        } else {
            fallen(self.level, sample, now.since(self.heard_at))
        };
        self.heard_at = now;
        let floor = if self.speaks { VOICE - MARGIN } else { VOICE };
        if self.level >= floor {
            self.loud_at = Some(now);
        }
        let begins = !self.speaks && self.level >= VOICE;
        self.speaks |= begins;
        begins
    }

    /// Whether it speaks, as of now.
    pub fn speaks(&mut self, now: Time) -> bool {
        self.speaks &= self.loud_at.is_some_and(|at| now.since(at) < HANGOVER);
        if self.speaks {
            self.spoke_at = now;
        }
        self.speaks
    }
}

/// The level after falling towards `to` for so long: by a sixteenth every 20 ms, however seldom packets come. With
/// discontinuous transmission (RFC 7587 §3.1.3) they come every 400 ms in silence.
fn fallen(from: u32, to: u32, passed: Duration) -> u32 {
    let steps = (passed.as_millis() / 20).clamp(1, 100);
    (0..steps).fold(from, |level, _| level - level.saturating_sub(to).div_ceil(16))
}

/// Puts speakers into order: those who spoke before keep theirs unless somebody is clearly louder. `speakers`
/// is the old order in, the new order out; `now` says who speaks, each with its loudness.
pub(crate) fn reorder<K: Copy + PartialEq>(speakers: &mut Vec<K>, now: &[(K, Voice)]) {
    let level = |key: &K| now.iter().find(|(other, _)| other == key).map(|(_, voice)| voice.level);
    speakers.retain(|key| level(key).is_some());
    for (key, _) in now {
        if !speakers.contains(key) {
            speakers.push(*key);
        }
    }
    for end in (1..speakers.len()).rev() {
        for at in 0..end {
            let [front, back] = [at, at + 1].map(|at| speakers.get(at).and_then(level).unwrap_or(0));
            if back > front + LOUDER {
                speakers.swap(at, at + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(voice: &mut Voice, dbov: u8, from: u64, to: u64) -> Option<u64> {
        let mut began = None;
        for millis in (from..to).step_by(20) {
            if voice.hear(AudioLevel { dbov }, Time(millis * 1000)) {
                began = Some(millis);
            }
            voice.speaks(Time(millis * 1000));
        }
        began
    }

    #[test]
    fn a_word_makes_a_speaker_and_a_hum_or_a_click_does_not() {
        let mut voice = Voice::default();
        assert_eq!(hear(&mut voice, 60, 0, 5000), None);
        assert_eq!(hear(&mut voice, 10, 5000, 5020), None, "one packet is a click");
        assert_eq!(hear(&mut voice, 60, 5020, 6000), None);
        let began = hear(&mut voice, 30, 6000, 6500).expect("a word");
        assert!(began <= 6200, "{began}");
    }

    #[test]
    fn a_pause_between_words_does_not_end_it() {
        let mut voice = Voice::default();
        hear(&mut voice, 30, 0, 500);
        hear(&mut voice, 70, 500, 800);
        assert!(voice.speaks(Time(800_000)));
        hear(&mut voice, 70, 800, 2500);
        assert!(!voice.speaks(Time(2_500_000)));
        assert!(voice.spoke_at < Time(1_500_000));
    }

    #[test]
    fn silence_told_seldom_ends_it_as_soon() {
        let mut voice = Voice::default();
        hear(&mut voice, 30, 0, 500);
        for millis in [900, 1300, 1700] {
            voice.hear(AudioLevel { dbov: 70 }, Time(millis * 1000));
        }
        assert!(!voice.speaks(Time(1_700_000)));
    }

    #[test]
    fn silence_without_packets_ends_it_too() {
        let mut voice = Voice::default();
        hear(&mut voice, 20, 0, 500);
        assert!(voice.speaks(Time(900_000)));
        assert!(!voice.speaks(Time(1_200_000)));
    }

    #[test]
    fn only_the_clearly_louder_moves_in_front() {
        let at = |level: u32| Voice { level: level * SCALE, ..Voice::default() };
        let mut order = vec!['a', 'b', 'c'];
        reorder(&mut order, &[('a', at(90)), ('b', at(95)), ('d', at(100))]);
        assert_eq!(order, ['a', 'b', 'd'], "c has stopped, nobody is louder by more than 6 dB than the next");
        reorder(&mut order, &[('a', at(90)), ('b', at(97)), ('d', at(110))]);
        assert_eq!(order, ['d', 'b', 'a']);
    }
}
