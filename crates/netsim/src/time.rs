//! Virtual time. Everything about a link takes `now: Time`; only the relay makes it from a real clock.
//!
//! Owns the time type and its saturating arithmetic.

use std::ops::{Add, AddAssign};
use std::time::Duration;

/// Microseconds since the start of the simulation. Arithmetic saturates: a time never wraps or panics, and
/// what a [`Duration`] has below a microsecond is cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// The start.
    pub const ZERO: Time = Time(0);

    /// A time that never comes.
    pub const NEVER: Time = Time(u64::MAX);

    /// So many milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Time {
        Time(millis.saturating_mul(1000))
    }

    /// So many seconds after the start.
    pub const fn from_secs(secs: u64) -> Time {
        Time(secs.saturating_mul(1_000_000))
    }

    /// Time passed since `earlier`, or zero if that has not come yet.
    #[must_use]
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(micros(duration)))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

/// Whole microseconds, as many as fit.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Time(5).since(Time(9)), Duration::ZERO);
        assert_eq!(Time::NEVER + Duration::from_secs(1), Time::NEVER);
        assert_eq!(Time::from_secs(u64::MAX), Time::NEVER);
        assert_eq!(Time::from_millis(1500).since(Time::from_secs(1)), Duration::from_millis(500));
    }
}
