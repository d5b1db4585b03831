//! How much one participant may say over one channel.

use signal::limits::{MAX_DATA_MESSAGE_RATE, MAX_DATA_RATE};
use std::time::{Duration, Instant};

/// What may be run ahead by.
const BURST: Duration = Duration::from_secs(1);

/// Bytes and messages, each a token bucket kept as one moment (the generic cell rate algorithm): until then all that was
/// sent is paid for.
#[derive(Debug, Default)]
pub(super) struct Budget {
    bytes: Bucket,
    messages: Bucket,
}

impl Budget {
    /// Counts a message; how long to wait before it is passed on.
    pub(super) fn charge(&mut self, bytes: usize, now: Instant) -> Duration {
        let (bytes, message) = prices(bytes);
        self.bytes.charge(bytes, now).max(self.messages.charge(message, now))
    }

    /// Counts a message if it may be passed on at once.
    pub(super) fn allows(&mut self, bytes: usize, now: Instant) -> bool {
        let (bytes, message) = prices(bytes);
        let fine = self.bytes.has(bytes, now) && self.messages.has(message, now);
        if fine {
            self.bytes.charge(bytes, now);
            self.messages.charge(message, now);
        }
        fine
    }
}

/// The time that pays for so many bytes, and for a message.
fn prices(bytes: usize) -> (Duration, Duration) {
    let second = Duration::from_secs(1);
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    (second.saturating_mul(bytes) / MAX_DATA_RATE, second / MAX_DATA_MESSAGE_RATE)
}

#[derive(Debug, Default)]
struct Bucket {
    paid_until: Option<Instant>,
}

impl Bucket {
    fn ahead(&self, price: Duration, now: Instant) -> Duration {
        let paid_until = self.paid_until.map_or(now, |paid| paid.max(now));
        paid_until.saturating_duration_since(now).saturating_add(price)
    }

    fn has(&self, price: Duration, now: Instant) -> bool {
        self.ahead(price, now) <= BURST
    }

    fn charge(&mut self, price: Duration, now: Instant) -> Duration {
        let ahead = self.ahead(price, now);
        self.paid_until = now.checked_add(ahead);
        ahead.saturating_sub(BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn allowed(budget: &mut Budget, tries: u32, bytes: usize, now: Instant) -> u32 {
        (0..tries).map(|_| u32::from(budget.allows(bytes, now))).sum()
    }

    #[test]
    fn small_messages_are_limited_by_their_number_and_large_ones_by_their_bytes() {
        let start = Instant::now();
        let (mut budget, many) = (Budget::default(), 10_000);
        assert_eq!(allowed(&mut budget, many, 1, start), 500);
        assert_eq!(allowed(&mut budget, many, 1, start + SECOND), 500);
        let mut budget = Budget::default();
        assert_eq!(allowed(&mut budget, many, 16 * 1024, start), 64);
        assert_eq!(allowed(&mut budget, many, 16 * 1024, start + SECOND / 2), 32);
    }

    #[test]
    fn what_is_refused_costs_nothing() {
        let start = Instant::now();
        let mut budget = Budget::default();
        assert_eq!(allowed(&mut budget, 100_000, 1, start), 500);
        assert!(budget.allows(1, start + SECOND / 500));
    }

    #[test]
    fn whoever_waits_as_told_keeps_to_the_rate() {
        let start = Instant::now();
        let (mut budget, mut now, mut bytes) = (Budget::default(), start, 0);
        while bytes < 10 << 20 {
            now += budget.charge(16 * 1024, now);
            bytes += 16 * 1024;
        }
        // The first second's worth is run ahead.
        assert_eq!(now - start, SECOND * 9);
    }
}
