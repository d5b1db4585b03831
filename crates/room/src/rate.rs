//! How fast somebody may talk: a token bucket in virtual time. Counts; what is done about one too many is the
//! caller's.

use crate::{Now, Pace};
use core::time::Duration;

/// A token bucket kept as one moment (the generic cell rate algorithm): each message pushes
/// `paid_until` on by its share of a second, and a burst is how far that may run ahead of `now`.
#[derive(Debug)]
pub(crate) struct Rate {
    share: Duration,
    burst: u32,
    paid_until: Now,
}

impl Rate {
    /// So many a second, sustained, and so many at once.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        Self::at(Pace::per_second(per_second, burst))
    }

    /// At this pace.
    pub(crate) fn at(pace: Pace) -> Self {
        Self { share: pace.each, burst: pace.burst, paid_until: Now::ZERO }
    }

    /// Counts a message; false when it is one too many.
    pub(crate) fn take(&mut self, now: Now) -> bool {
        let paid_until = self.paid_until.max(now).saturating_add(self.share);
        if paid_until.saturating_sub(now) > self.share.saturating_mul(self.burst) {
            return false;
        }
        self.paid_until = paid_until;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PER_SECOND: u32 = 50;
    const BURST: u32 = 200;

    fn taken(rate: &mut Rate, tries: u32, now: Now) -> u32 {
        (0..tries).map(|_| u32::from(rate.take(now))).sum()
    }

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let mut rate = Rate::new(PER_SECOND, BURST);
        let start = Duration::from_secs(100);
        assert_eq!(taken(&mut rate, 1000, start), BURST);
        assert_eq!(taken(&mut rate, 1000, start + Duration::from_secs(1)), PER_SECOND);
        assert_eq!(taken(&mut rate, 1000, start + Duration::from_mins(1)), BURST);
    }

    #[test]
    fn the_sustained_rate_never_runs_out() {
        let mut rate = Rate::new(PER_SECOND, BURST);
        let share = Duration::from_secs(1) / PER_SECOND;
        assert!((0..10_000).all(|k| rate.take(share * k)));
    }
}
