//! How fast one connection may talk: a token bucket in virtual time. Counts; the caller hangs up.

use crate::Now;
use core::time::Duration;
use signal::limits::{MAX_MESSAGE_BURST, MAX_MESSAGE_RATE};

/// A token bucket kept as one moment (the generic cell rate algorithm): each message pushes
/// `paid_until` on by its share of a second, and a burst is how far that may run ahead of `now`.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    paid_until: Now,
}

impl Rate {
    /// Counts a message; false when it is one too many.
    pub(crate) fn take(&mut self, now: Now) -> bool {
        let share = Duration::from_secs(1) / MAX_MESSAGE_RATE;
        let paid_until = self.paid_until.max(now).saturating_add(share);
        if paid_until.saturating_sub(now) > share.saturating_mul(MAX_MESSAGE_BURST) {
            return false;
        }
        self.paid_until = paid_until;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rate: &mut Rate, tries: u32, now: Now) -> u32 {
        (0..tries).map(|_| u32::from(rate.take(now))).sum()
    }

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let mut rate = Rate::default();
        let start = Duration::from_secs(100);
        assert_eq!(taken(&mut rate, 1000, start), MAX_MESSAGE_BURST);
        assert_eq!(taken(&mut rate, 1000, start + Duration::from_secs(1)), MAX_MESSAGE_RATE);
        assert_eq!(taken(&mut rate, 1000, start + Duration::from_mins(1)), MAX_MESSAGE_BURST);
    }

    #[test]
    fn the_sustained_rate_never_runs_out() {
        let mut rate = Rate::default();
        let share = Duration::from_secs(1) / MAX_MESSAGE_RATE;
        assert!((0..10_000).all(|k| rate.take(share * k)));
    }
}
