//! Clocks on the wire: NTP time, publishers' clocks against the server's, and sender reports.
//!
//! Owns the mapping that puts every slot's sender reports on the server's one NTP clock, so that sound
//! and picture of one participant stay in sync through any rewriting. Reads no clock itself.

use crate::ids::RtpTime;
use crate::time::Time;
use std::time::Duration;

/// NTP timestamp: seconds since 1900 as 32.32 fixed point (RFC 3550 §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ntp(pub u64);

impl Ntp {
    /// The server's NTP time at `now`.
    pub fn at(ntp_at_zero: u64, now: Time) -> Self {
        let units = (u128::from(now.0) << 32) / 1_000_000;
        let units = u64::try_from(units & u128::from(u64::MAX)).unwrap_or(0);
        Ntp(ntp_at_zero.wrapping_add(units))
    }

    /// The middle 32 bits, as LSR and DLSR count: 1/65536 s.
    pub fn middle(self) -> u32 {
        u32::try_from((self.0 >> 16) & u64::from(u32::MAX)).unwrap_or(0)
    }

    /// Fixed point seconds from `earlier` to `self`, the shorter way round.
    pub fn since(self, earlier: Ntp) -> i64 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }
}

/// A duration in 1/65536 s, as DLSR counts; saturates after 18 hours.
pub(crate) fn compact(duration: Duration) -> u32 {
    u32::try_from((duration.as_micros() << 16) / 1_000_000).unwrap_or(u32::MAX)
}

/// Back from 1/65536 s.
pub(crate) fn from_compact(units: u32) -> Duration {
    Duration::from_micros((u64::from(units) * 1_000_000) >> 16)
}

/// The clock half of an RTCP sender report: this RTP time is that NTP time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SenderReport {
    pub ntp: Ntp,
    pub time: RtpTime,
}

impl SenderReport {
    /// The RTP time at `ntp`, running on at the nominal rate.
    pub fn time_at(&self, ntp: Ntp, clock_rate: u32) -> RtpTime {
        let ticks = (i128::from(ntp.since(self.ntp)) * i128::from(clock_rate)) >> 32;
        self.time.plus(u32::try_from(ticks & i128::from(u32::MAX)).unwrap_or(0))
    }
}

impl SenderReport {
    /// The NTP time of an RTP time, at the nominal rate.
    pub fn ntp_at(&self, time: RtpTime, clock_rate: u32) -> Ntp {
        let units = (i64::from(time.since(self.time)) << 32) / i64::from(clock_rate.max(1));
        Ntp(self.ntp.0.wrapping_add_signed(units))
    }
}

/// How fast the filter forgets, in 2⁻³² s per ms: 100 µs a second, more than any crystal drifts.
const LEAK_PER_MILLI: i64 = 429;

/// A sample this far off, in 2⁻³² s (1 s), means that the publisher's clock was set.
const CLOCK_SET: i64 = 1 << 32;

/// What to add to a publisher's NTP time to get the server's.
///
/// Every sample is the true offset plus the way's delay, so the smallest is the best; it is forgotten
/// slowly, to follow drift. One per peer, so that all of a peer's streams move together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PublisherClock {
    best: Option<(i64, Time)>,
}

impl PublisherClock {
    /// A sender report of the publisher arrived when the server's clock showed `server`.
    pub fn sample(&mut self, publisher: Ntp, server: Ntp, now: Time) {
        let sample = server.since(publisher);
        let best = self.best.map_or(sample, |(best, at)| {
            let leaked = best.saturating_add(leak(now.since(at)));
            let distance = sample.saturating_sub(best);
            if distance.saturating_abs() > CLOCK_SET { sample } else { sample.min(leaked) }
        });
        self.best = Some((best, now));
    }

    /// The publisher's clock when the server's shows `server`.
    pub fn publisher_at(&self, server: Ntp) -> Option<Ntp> {
        self.best.map(|(offset, _)| Ntp(server.0.wrapping_sub(offset.cast_unsigned())))
    }
}

fn leak(passed: Duration) -> i64 {
    let micros = i64::try_from(passed.as_micros()).unwrap_or(i64::MAX);
    micros.saturating_mul(LEAK_PER_MILLI) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Time {
        Time(seconds * 1_000_000)
    }

    #[test]
    fn ntp_of_time() {
        let zero = 3_900_000_000_u64 << 32;
        assert_eq!(Ntp::at(zero, Time(1_500_000)), Ntp(zero + (3 << 31)));
        assert_eq!(Ntp((0x1234 << 32) | 0x5678_0000).middle(), 0x1234_5678);
        assert_eq!(compact(Duration::from_millis(1500)), 0x1_8000);
        assert_eq!(from_compact(0x1_8000), Duration::from_millis(1500));
    }

    #[test]
    fn a_report_runs_on_both_ways() {
        let report = SenderReport { ntp: Ntp(100 << 32), time: RtpTime(u32::MAX) };
        assert_eq!(report.time_at(Ntp(101 << 32), 90_000), RtpTime(89_999));
        assert_eq!(report.time_at(Ntp((100 << 32) - (1 << 31)), 48_000), RtpTime(u32::MAX - 24_000));
        assert_eq!(report.ntp_at(RtpTime(89_999), 90_000), Ntp(101 << 32));
        assert_eq!(report.ntp_at(RtpTime(u32::MAX - 24_000), 48_000), Ntp((100 << 32) - (1 << 31)));
    }

    #[test]
    fn the_offset_is_the_fastest_way_and_follows_a_clock_being_set() {
        let mut clock = PublisherClock::default();
        let millis = |n: u64| (n << 32) / 1000;
        // The publisher is 10 s behind; ways of 30, 20, 50 ms.
        for (at, way) in [(1, 30), (2, 20), (3, 50)] {
            let server = Ntp::at(0, seconds(100 + at));
            let publisher = Ntp(server.0 - (10 << 32) - millis(way));
            clock.sample(publisher, server, seconds(at));
        }
        let server = Ntp(200 << 32);
        let off = server.since(clock.publisher_at(server).unwrap()) - (10 << 32);
        let best = millis(20).cast_signed();
        assert!((best..best + millis(1).cast_signed()).contains(&off), "{off}");

        clock.sample(Ntp(500 << 32), Ntp(201 << 32), seconds(4));
        assert_eq!(clock.publisher_at(Ntp(202 << 32)), Some(Ntp(501 << 32)));
    }
}
