//! How long packets wait in the path's queue: one-way delay above the least seen lately.
//!
//! Owns the extremes. The trend (`trendline`) tells that a queue grows; this tells that there is one,
//! when it has stopped growing because it is full, and that there is none, when delay only jumps about.

use super::groups::difference;
use crate::time::Time;
use std::time::Duration;

/// The path's own delay is the least of this long to twice that. Long enough to have seen the queue
/// empty, short enough that clocks do not drift apart by more than a millisecond or two.
const BASE: Duration = Duration::from_secs(15);

/// The queue is measured at its emptiest within this long to twice that, and this many packets, so that
/// jitter is not taken for it.
const RECENT: Duration = Duration::from_millis(60);
const RECENT_PACKETS: u32 = 8;

/// How far delays lie apart is measured over this long to twice that.
const SPREAD: Duration = Duration::from_millis(250);

/// The weight of a new sample in the jitter, one in so many (RFC 3550 §6.4.1).
const JITTER_WEIGHT: i64 = 16;

/// The least value of two spans of time, this one and the last.
#[derive(Clone, Copy, Debug)]
struct Least {
    began: Time,
    packets: u32,
    now: i64,
    before: i64,
}

impl Least {
    fn new(at: Time, value: i64) -> Self {
        Self { began: at, packets: 0, now: value, before: value }
    }

    fn add(&mut self, at: Time, value: i64, span: Duration, packets: u32) {
        if at.since(self.began) >= span && self.packets >= packets {
            *self = Self { began: at, packets: 0, now: value, before: self.now };
        }
        self.packets = self.packets.saturating_add(1);
        self.now = self.now.min(value);
    }

    fn get(self) -> i64 {
        self.now.min(self.before)
    }
}

/// One-way delays in µs, up to the unknown difference of the two clocks.
#[derive(Clone, Copy, Debug)]
struct Delays {
    base: Least,
    recent: Least,
    least: Least,
    /// Negated.
    most: Least,
    last: i64,
    jitter: i64,
}

/// Extremes of one-way delay.
#[derive(Debug, Default)]
pub(crate) struct Queueing(Option<Delays>);

impl Queueing {
    /// A packet that arrived.
    pub fn add(&mut self, sent: Time, arrival: Time) {
        let delay = difference(arrival, sent);
        let delays = self.0.get_or_insert_with(|| Delays {
            base: Least::new(arrival, delay),
            recent: Least::new(arrival, delay),
            least: Least::new(arrival, delay),
            most: Least::new(arrival, delay.saturating_neg()),
            last: delay,
            jitter: 0,
        });
        delays.base.add(arrival, delay, BASE, RECENT_PACKETS);
        delays.recent.add(arrival, delay, RECENT, RECENT_PACKETS);
        delays.least.add(arrival, delay, SPREAD, RECENT_PACKETS);
        delays.most.add(arrival, delay.saturating_neg(), SPREAD, RECENT_PACKETS);
        let change = delay.saturating_sub(delays.last).saturating_abs();
        delays.jitter += change.saturating_sub(delays.jitter) / JITTER_WEIGHT;
        delays.last = delay;
    }

    /// The wait in the queue.
    pub fn standing(&self) -> Duration {
        micros(self.0.map_or(0, |delays| delays.recent.get().saturating_sub(delays.base.get())))
    }

    /// From the least to the most delay of late.
    pub fn spread(&self) -> Duration {
        micros(
            self.0.map_or(0, |delays| delays.most.get().saturating_neg().saturating_sub(delays.least.get())),
        )
    }

    /// How much delay changes from packet to packet.
    pub fn jitter(&self) -> Duration {
        micros(self.0.map_or(0, |delays| delays.jitter))
    }

    /// Takes the delay there is now for the path's own, as after a change of route.
    pub fn rebase(&mut self) {
        if let Some(delays) = &mut self.0 {
            delays.base = Least::new(delays.recent.began, delays.recent.get());
        }
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
                queueing.add(Time(at * 10_000), Time(7_000_000 + at * 10_000 + delay(at)));
            }
            queueing.standing().as_millis()
        };
        assert_eq!(run(0, |_| 30_000), 0);
        assert_eq!(run(100, |at| 30_000 + at % 4 * 50_000), 0);
        assert_eq!(run(200, |_| 130_000), 100);
        assert_eq!(run(300, |_| 30_000), 0);
    }

    #[test]
    fn a_longer_way_becomes_the_base_in_time_or_when_told() {
        let mut queueing = Queueing::default();
        let run = |queueing: &mut Queueing, from: u64, delay: u64| {
            for at in from * 20..from * 20 + 20 {
                queueing.add(Time(at * 50_000), Time(at * 50_000 + delay));
            }
            queueing.standing().as_millis()
        };
        run(&mut queueing, 0, 0);
        for second in 1..40 {
            let expect = if second < 29 { 90 } else { 0 };
            assert_eq!(run(&mut queueing, second, 90_000), expect, "{second}");
        }
        assert_eq!(run(&mut queueing, 40, 990_000), 900);
        queueing.rebase();
        assert_eq!(queueing.standing().as_millis(), 0);
    }
}
