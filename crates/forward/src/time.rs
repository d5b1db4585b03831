//! Virtual time. Every entry point of the crate takes `now: Time`; nothing here reads a clock.
//!
//! Owns the time type and its saturating arithmetic. NTP time, which goes on the wire, is in `clock`.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// Microseconds since the process's start. Arithmetic saturates: a time never wraps or panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// The process's start.
    pub const ZERO: Time = Time(0);

    /// A time that never comes.
    pub const NEVER: Time = Time(u64::MAX);

    /// Time passed since `earlier`, or zero if that has not come yet.
    #[must_use]
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, duration: Duration) -> Time {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Time(self.0.saturating_add(micros))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, duration: Duration) -> Time {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Time(self.0.saturating_sub(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Time(5).since(Time(9)), Duration::ZERO);
        assert_eq!(Time::NEVER + Duration::from_secs(1), Time::NEVER);
        assert_eq!(Time(5) - Duration::from_secs(1), Time::ZERO);
        assert_eq!(Time(1_500_000).since(Time(500_000)), Duration::from_secs(1));
    }
}
