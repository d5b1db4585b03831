//! What a listener hears of one slot: a jitter buffer of 100 ms that grows when packets come later, and
//! concealment in between.
//!
//! Owns the arrivals; what was played when is worked out from them afterwards.

use crate::content;
use crate::wire::{Rtp, Unwrap};
use forward::Time;
use std::time::Duration;

/// The jitter buffer at its least.
const BUFFER: i64 = 100_000;
/// Beyond this it does not grow; what comes later is of no use.
const MAX_BUFFER: i64 = 500_000;
/// By how much it shrinks with each packet that was early enough, in microseconds: 10 ms a second.
const SHRINK: i64 = 200;
/// What one packet holds.
const PACKET: i64 = 20_000;

/// One packet of sound.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    pub publisher: u8,
    pub at: Time,
    /// Its RTP time, unwrapped, in microseconds.
    media: i64,
}

/// One audio slot.
#[derive(Debug, Default)]
pub struct Sound {
    pub heard: Vec<Heard>,
    unwrap: Unwrap,
    numbers: Unwrap,
    last: Option<i64>,
}

impl Sound {
    /// Takes a packet; false if it is none a publisher wrote.
    pub fn receive(&mut self, now: Time, packet: &Rtp) -> bool {
        let Some((publisher, _)) = content::read_sound(packet.payload) else { return false };
        let number = self.numbers.seq(packet.seq);
        let media = self.unwrap.time(packet.time) * 1000 / 48;
        // The same packet twice is heard once.
        if self.last != Some(number) {
            self.last = Some(number);
            self.heard.push(Heard { publisher, at: now, media });
        }
        true
    }

    /// The longest time without anything to play between two moments.
    pub fn gap(&self, from: Time, to: Time) -> Duration {
        let played = self.played();
        let inside = |at: &&i64| (signed(from)..=signed(to)).contains(*at);
        let mut last = signed(from);
        let mut longest = 0;
        for at in played.iter().filter(inside) {
            longest = longest.max(at - last - PACKET);
            last = *at;
        }
        longest = longest.max(signed(to) - last - PACKET);
        Duration::from_micros(u64::try_from(longest).unwrap_or(0))
    }

    /// When each packet that is of use was played.
    fn played(&self) -> Vec<i64> {
        let Some(first) = self.heard.first() else { return vec![] };
        let mut least = signed(first.at) - first.media;
        let mut buffer = BUFFER;
        let mut played: Vec<i64> = vec![];
        let mut newest = i64::MIN;
        for heard in &self.heard {
            let transit = signed(heard.at) - heard.media;
            least = least.min(transit);
            let late = transit - least;
            // Its place has passed: the one after it was played already.
            if heard.media < newest && signed(heard.at) > played.last().copied().unwrap_or(i64::MIN) {
                continue;
            }
            newest = newest.max(heard.media);
            if late > MAX_BUFFER {
                // The buffer starts over rather than lag for ever.
                (least, buffer) = (transit - MAX_BUFFER, MAX_BUFFER);
            } else {
                buffer = if late > buffer { late } else { (buffer - SHRINK).max(BUFFER) };
            }
            let at = (heard.media + least + buffer).max(signed(heard.at));
            played.push(at.max(played.last().copied().unwrap_or(at)));
        }
        played
    }

    /// When anything of a publisher was first heard after a moment.
    pub fn first_of(&self, publisher: u8, after: Time) -> Option<Time> {
        self.heard
            .iter()
            .find(|heard| heard.publisher == publisher && heard.at >= after)
            .map(|heard| heard.at)
    }

    /// Packets that arrived between two moments.
    pub fn count(&self, from: Time, to: Time) -> usize {
        self.heard.iter().filter(|heard| (from..to).contains(&heard.at)).count()
    }
}

fn signed(time: Time) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publisher::OPUS;

    fn check(gap_millis: u64, arrival: impl Fn(u64) -> Option<u64>) {
        let mut sound = Sound::default();
        for number in 0..500u64 {
            let Some(late) = arrival(number) else { continue };
            let payload = content::write_sound(1, 0);
            let packet = Rtp {
                marker: false,
                payload_type: OPUS,
                seq: u16::try_from(number).unwrap(),
                time: u32::try_from(number * 960).unwrap(),
                ssrc: 1,
                transport_seq: None,
                payload: &payload,
            };
            sound.receive(Time((number * 20 + late) * 1000), &packet);
        }
        let gap = sound.gap(Time(1_000_000), Time(9_000_000)).as_millis();
        assert!(u128::from(gap_millis).abs_diff(gap) <= 1, "{gap}");
    }

    #[test]
    fn what_comes_within_the_buffer_leaves_no_gap() {
        check(0, |number| Some(10 + number * 37 % 90));
    }

    #[test]
    fn lost_packets_and_late_ones_do() {
        check(60, |number| (!(100..103).contains(&number)).then_some(10));
        // The path is 250 ms longer from then on: the buffer of 100 ms covers its part.
        check(150, |number| Some(if number < 100 { 10 } else { 260 }));
    }
}
