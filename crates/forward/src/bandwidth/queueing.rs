//! How long packets wait in the path's queue: one-way delay above the least seen lately.
//!
//! Owns the extremes. The trend (`trendline`) tells that a queue grows; this tells that there is one,
//! when it has stopped growing because it is full, and that there is none, when delay only jumps about: the
//! emptiest moment of late against the emptiest of long, as in BBR's and Copa's minima. What jitter is, and not
//! a queue, is seen by how packets are let go: a queue lets them go one by one at the path's rate, a radio that
//! paused all at once.

use super::groups::difference;
use crate::bitrate::Bitrate;
use crate::time::Time;
use std::time::Duration;

/// The path's own delay is the least of this long to twice that. Long enough to have seen the queue
/// empty, short enough that clocks do not drift apart by more than a millisecond or two.
const BASE: Duration = Duration::from_secs(15);

/// The queue is measured at its emptiest within this long to twice that, and this many packets, so that
/// jitter is not taken for it; where packets are held up, within twice as long as they are, since those behind
/// wait with them, but no longer than the last.
const RECENT: Duration = Duration::from_millis(60);
const RECENT_PACKETS: u32 = 8;
/// Where packets are few, this long is enough without so many.
const FEW: Duration = Duration::from_millis(200);
const LONGEST_RECENT: Duration = Duration::from_millis(500);

/// Packets that arrive within this arrive at once.
const AT_ONCE: Duration = Duration::from_millis(5);

/// So many times faster than the path is thought to be, no queue lets them go.
const FASTER: u32 = 2;

/// The latest delays are those of so many bursts, sent at least so far apart.
const LATEST: usize = 4;
const APART: Duration = Duration::from_millis(5);

/// How long it is remembered, to twice that, that packets were held up.
const REMEMBERED: Duration = Duration::from_secs(3);

/// The weight of a new sample in the jitter, one in so many (RFC 3550 §6.4.1).
const JITTER_WEIGHT: i64 = 16;

/// The least value of two spans of time, this one and the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Least {
    began: Time,
    packets: u32,
    now: i64,
    before: i64,
}

impl Least {
    pub fn new(at: Time, value: i64) -> Self {
        Self { began: at, packets: 0, now: value, before: value }
    }

    pub fn add(&mut self, at: Time, value: i64, span: Duration, packets: u32) {
        let passed = at.since(self.began);
        if passed >= span && (self.packets >= packets || passed >= FEW) {
            *self = Self { began: at, packets: 0, now: value, before: self.now };
        }
        self.packets = self.packets.saturating_add(1);
        self.now = self.now.min(value);
    }

    pub fn get(self) -> i64 {
        self.now.min(self.before)
    }
}

/// Packets that were held up and then arrived all at once, as jitter has it, or one before the other. No
/// queue does that: it lets them go one by one, no faster than the path is.
#[derive(Clone, Copy, Debug)]
struct Holds {
    /// When the first packet of those that count as at once arrived, their bytes without the first, and the
    /// most delay among them.
    began: Time,
    bytes: u64,
    most: i64,
    /// When the last one arrived.
    last: Time,
    /// By how much delay fell at once: the most of late, negated.
    longest: Least,
}

impl Holds {
    fn new(at: Time, delay: i64) -> Self {
        Self { began: at, bytes: 0, most: delay, last: at, longest: Least::new(at, 0) }
    }

    /// A packet of `size` bytes; the path is thought to carry `rate`.
    fn add(&mut self, at: Time, delay: i64, size: u64, rate: Bitrate) {
        if at.since(self.began) > AT_ONCE {
            *self = Self { began: at, bytes: 0, most: delay, ..*self };
        } else {
            self.bytes = self.bytes.saturating_add(size);
        }
        self.most = self.most.max(delay);
        let overtakes = at < self.last;
        self.last = at;
        let fell = if overtakes || self.bytes >= rate.bytes_in(AT_ONCE * FASTER) {
            delay.saturating_sub(self.most)
        } else {
            0
        };
        self.longest.add(at, fell, REMEMBERED, 0);
    }

    fn longest(&self) -> Duration {
        micros(self.longest.get().saturating_neg())
    }
}

/// The last few bursts' delays: whether all are long shows before an emptiest of some time can.
#[derive(Clone, Copy, Debug)]
struct Latest {
    delays: [i64; LATEST],
    sent: Time,
}

impl Latest {
    fn add(&mut self, sent: Time, delay: i64) {
        if sent < self.sent + APART {
            return;
        }
        self.sent = sent;
        self.delays.rotate_left(1);
        let [.., last] = &mut self.delays;
        *last = delay;
    }
}

/// One-way delays in µs, up to the unknown difference of the two clocks.
#[derive(Clone, Copy, Debug)]
struct Delays {
    base: Least,
    recent: Least,
    holds: Holds,
    latest: Latest,
    last: i64,
    jitter: i64,
}

/// Extremes of one-way delay.
#[derive(Debug, Default)]
pub(crate) struct Queueing(Option<Delays>);

impl Queueing {
    /// A packet of `size` bytes that arrived; the path is thought to carry `rate`.
    pub fn add(&mut self, sent: Time, arrival: Time, size: u64, rate: Bitrate) {
        let delay = difference(arrival, sent);
        let delays = self.0.get_or_insert_with(|| Delays {
            base: Least::new(arrival, delay),
            recent: Least::new(arrival, delay),
            holds: Holds::new(arrival, delay),
            latest: Latest { delays: [delay; LATEST], sent },
            last: delay,
            jitter: 0,
        });
        delays.base.add(arrival, delay, BASE, RECENT_PACKETS);
        delays.latest.add(sent, delay);
        delays.holds.add(arrival, delay, size, rate);
        let recent = (delays.holds.longest() * 2).clamp(RECENT, LONGEST_RECENT);
        delays.recent.add(arrival, delay, recent, RECENT_PACKETS);
        let change = delay.saturating_sub(delays.last).saturating_abs();
        delays.jitter += change.saturating_sub(delays.jitter) / JITTER_WEIGHT;
        delays.last = delay;
    }

    /// The wait in the queue.
    pub fn standing(&self) -> Duration {
        micros(self.0.map_or(0, |delays| delays.recent.get().saturating_sub(delays.base.get())))
    }

    /// The wait of the latest packets, the shortest of them; nothing if it falls.
    pub fn latest(&self) -> Duration {
        let Some(Delays { latest: Latest { delays: [first, .., last], .. }, .. }) = self.0 else {
            return Duration::ZERO;
        };
        let least = self.0.and_then(|delays| {
            Some(delays.latest.delays.into_iter().min()?.saturating_sub(delays.base.get()))
        });
        if last < first { Duration::ZERO } else { micros(least.unwrap_or(0)) }
    }

    /// How long packets are held up by something else than a queue: the longest of late.
    pub fn held(&self) -> Duration {
        self.0.map_or(Duration::ZERO, |delays| delays.holds.longest())
    }

    /// How much delay changes from packet to packet.
    pub fn jitter(&self) -> Duration {
        micros(self.0.map_or(0, |delays| delays.jitter))
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_queue_is_seen_and_jitter_is_not() {
        let mut queueing = Queueing::default();
        let mut run = |from: u64, delay: fn(u64) -> u64| {
            for at in from..from + 100 {
                queueing.add(
                    Time(at * 10_000),
                    Time(7_000_000 + at * 10_000 + delay(at)),
                    1000,
                    Bitrate::kbit(1000),
                );
            }
            queueing.standing().as_millis()
        };
        assert_eq!(run(0, |_| 30_000), 0);
        assert_eq!(run(100, |at| 30_000 + at % 4 * 50_000), 0);
        assert_eq!(run(200, |_| 130_000), 100);
        assert_eq!(run(300, |_| 30_000), 0);
    }

    #[test]
    fn a_longer_way_becomes_the_base_in_time() {
        let mut queueing = Queueing::default();
        let run = |queueing: &mut Queueing, from: u64, delay: u64| {
            for at in from * 20..from * 20 + 20 {
                queueing.add(Time(at * 50_000), Time(at * 50_000 + delay), 1000, Bitrate::kbit(1000));
            }
            queueing.standing().as_millis()
        };
        run(&mut queueing, 0, 0);
        for second in 1..40 {
            let expect = if second < 29 { 90 } else { 0 };
            assert_eq!(run(&mut queueing, second, 90_000), expect, "{second}");
        }
        assert_eq!(run(&mut queueing, 40, 990_000), 900);
    }

    /// Packets of 1000 bytes every 10 ms with these delays in ms, over a path thought to carry 1 Mbit/s.
    fn packets(delays: impl IntoIterator<Item = u64>) -> Queueing {
        let mut queueing = Queueing::default();
        for (at, delay) in (0..).zip(delays) {
            let sent = Time(at * 10_000);
            queueing.add(sent, sent + Duration::from_millis(delay), 1000, Bitrate::kbit(1000));
        }
        queueing
    }

    #[test]
    fn what_comes_at_once_was_held_up_and_what_a_queue_lets_go_was_not() {
        let held = packets((0..100).map(|at| 30 + (90 - at % 10 * 10)));
        assert_eq!(held.held().as_millis(), 90);
        // Drains at twice the rate it is fed, packet by packet.
        let queue = packets((0..100).map(|at| 30 + if at < 50 { at * 5 } else { (100 - at) * 5 }));
        assert_eq!(queue.held().as_millis(), 0);
        let overtaken = packets((0..100).map(|at| 30 + at % 2 * 40));
        assert_eq!(overtaken.held().as_millis(), 40);
    }

    #[test]
    fn a_sharp_rise_shows_after_four_bursts_unless_it_falls_already() {
        let after = |late: &[u64]| packets([30; 50].into_iter().chain(late.iter().copied())).latest();
        assert_eq!(after(&[130, 140, 150]).as_millis(), 0);
        assert_eq!(after(&[130, 140, 150, 160]).as_millis(), 100);
        assert_eq!(after(&[160, 150, 140, 130]).as_millis(), 0);
    }
}
