//! How much a publication may bring: a token bucket over the bytes of its packets, in virtual time.
//!
//! Owns the reckoning. What is done about a packet too many is `plane/ingest`'s business.

use crate::bitrate::Bitrate;
use crate::limits::ALLOWANCE;
use crate::time::Time;
use std::time::Duration;

/// What a byte costs, in nanoseconds of the sustained rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tariff(u64);

impl Tariff {
    /// At this rate. One of more than a gigabit per second is taken for that.
    pub fn of(rate: Bitrate) -> Self {
        const NANOS: u64 = 8_000_000_000;
        Self(NANOS.checked_div(rate.0).unwrap_or(NANOS).max(8))
    }
}

/// A bucket kept as one moment (the generic cell rate algorithm): each packet pushes it on by its bytes' share of the
/// time, and a burst is how far it may run ahead of now. Unit: nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowance {
    paid_until: u64,
}

impl Allowance {
    /// Takes so many bytes; false when they are too many, and then they cost nothing.
    pub fn take(&mut self, bytes: usize, tariff: Tariff, now: Time) -> bool {
        let now = now.0.saturating_mul(1000);
        let cost = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(tariff.0);
        let paid_until = self.paid_until.max(now).saturating_add(cost);
        let fits = paid_until.saturating_sub(now) <= nanos(ALLOWANCE);
        if fits {
            self.paid_until = paid_until;
        }
        fits
    }
}

#[expect(clippy::cast_possible_truncation, reason = "some seconds, and known when this is compiled")]
const fn nanos(time: Duration) -> u64 {
    time.as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: usize = 1000;

    fn taken(allowance: &mut Allowance, tariff: Tariff, now: u64) -> usize {
        (0..100_000).take_while(|_| allowance.take(PACKET, tariff, Time(now))).count()
    }

    #[test]
    fn a_burst_is_taken_and_then_the_rate() {
        for kbit in [100, 1000, 10_000, 100_000] {
            let (tariff, mut allowance) = (Tariff::of(Bitrate::kbit(kbit)), Allowance::default());
            let per_second = usize::try_from(kbit).unwrap() * 1000 / 8 / PACKET;
            let near = |count: usize, expected: usize| count.abs_diff(expected) <= 1 + expected / 100;
            let burst = taken(&mut allowance, tariff, 5_000_000);
            assert!(near(burst, 2 * per_second), "{kbit}: {burst}");
            let later = taken(&mut allowance, tariff, 6_000_000);
            assert!(near(later, per_second), "{kbit}: {later}");
            let rested = taken(&mut allowance, tariff, 60_000_000);
            assert!(near(rested, 2 * per_second), "{kbit}: {rested}");
        }
    }

    #[test]
    fn the_sustained_rate_never_runs_out() {
        let (tariff, mut allowance) = (Tariff::of(Bitrate::kbit(8000)), Allowance::default());
        assert!((0..100_000).all(|packet| allowance.take(PACKET, tariff, Time(packet * 1000))));
    }

    #[test]
    fn no_rate_and_no_time_panic() {
        for rate in [0, 1, u64::MAX] {
            let (tariff, mut allowance) = (Tariff::of(Bitrate(rate)), Allowance::default());
            for now in [0, u64::MAX / 1000, u64::MAX] {
                allowance.take(usize::MAX, tariff, Time(now));
            }
        }
    }
}
