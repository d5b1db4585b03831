//! How long packets wait in the path's queue: one-way delay above the least seen lately.
//!
//! Owns the two minima. The trend (`trendline`) tells that a queue grows; this tells that there is one,
//! when it has stopped growing because it is full, and that there is none, when delay only jumps about.

use super::groups::difference;
use crate::time::Time;
use std::time::Duration;

/// The path's own delay is the least of this long to twice that. Long enough to have seen the queue
/// empty, short enough that clocks do not drift apart by more than a millisecond or two.
const BASE: Duration = Duration::from_secs(15);

/// The queue is measured at its emptiest within this long to twice that, so that jitter is not taken for it.
const RECENT: Duration = Duration::from_millis(60);

/// The least value of two spans of time, this one and the last.
#[derive(Clone, Copy, Debug)]
struct Least {
    began: Time,
    now: i64,
    before: i64,
}

impl Least {
    fn new(at: Time, value: i64) -> Self {
        Self { began: at, now: value, before: value }
    }

    fn add(&mut self, at: Time, value: i64, span: Duration) {
        let passed = at.since(self.began);
        if passed >= span {
            self.before = if passed >= 2 * span { value } else { self.now };
            self.now = value;
            self.began = at;
        }
        self.now = self.now.min(value);
    }

    fn get(self) -> i64 {
        self.now.min(self.before)
    }
}

/// Minima of one-way delay in µs, up to the unknown difference of the two clocks.
#[derive(Debug, Default)]
pub(crate) struct Queueing {
    minima: Option<(Least, Least)>,
}

impl Queueing {
    /// A packet that arrived.
    pub fn add(&mut self, sent: Time, arrival: Time) {
        let delay = difference(arrival, sent);
        let (base, recent) =
            self.minima.get_or_insert((Least::new(arrival, delay), Least::new(arrival, delay)));
        base.add(arrival, delay, BASE);
        recent.add(arrival, delay, RECENT);
    }

    /// The wait in the queue.
    pub fn standing(&self) -> Duration {
        let wait = self.minima.map_or(0, |(base, recent)| recent.get().saturating_sub(base.get()));
        Duration::from_micros(u64::try_from(wait).unwrap_or(0))
    }

    /// Takes the delay there is now for the path's own, as after a change of route.
    pub fn rebase(&mut self) {
        if let Some((base, recent)) = &mut self.minima {
            *base = Least::new(recent.began, recent.get());
        }
    }
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
        queueing.add(Time(0), Time(0));
        for second in 1..40 {
            queueing.add(Time(second * 1_000_000), Time(second * 1_000_000 + 90_000));
            assert_eq!(queueing.standing().as_millis(), if second < 30 { 90 } else { 0 }, "{second}");
        }
        queueing.add(Time(40_000_000), Time(40_990_000));
        queueing.add(Time(40_200_000), Time(41_190_000));
        assert_eq!(queueing.standing().as_millis(), 900);
        queueing.rebase();
        assert_eq!(queueing.standing().as_millis(), 0);
    }
}
