//! A rate in bits per second, between bytes and time. Used by estimator, pacer and allocator.
//!
//! Owns the conversions, all saturating; a rate is never negative and never panics.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

const MICROS_PER_SECOND: u128 = 1_000_000;

/// Bits per second. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(pub u64);

impl Bitrate {
    /// Nothing at all.
    pub const ZERO: Bitrate = Bitrate(0);

    /// So many thousand bits per second.
    #[must_use]
    pub const fn kbit(kbit: u64) -> Bitrate {
        Bitrate(kbit.saturating_mul(1000))
    }

    /// The rate of `bytes` spread over `time`; the largest there is if `time` is zero.
    #[must_use]
    pub fn of(bytes: u64, time: Duration) -> Bitrate {
        let bits = u128::from(bytes) * 8 * MICROS_PER_SECOND;
        Bitrate(bits.checked_div(time.as_micros()).map_or(u64::MAX, saturated))
    }

    /// Whole bytes that pass at this rate in `time`.
    #[must_use]
    pub fn bytes_in(self, time: Duration) -> u64 {
        saturated(u128::from(self.0).saturating_mul(time.as_micros()) / (8 * MICROS_PER_SECOND))
    }

    /// How long `bytes` take at this rate, rounded up to a microsecond; `Duration::MAX` if it is zero.
    #[must_use]
    pub fn time_for(self, bytes: u64) -> Duration {
        if self.0 == 0 {
            return Duration::MAX;
        }
        Duration::from_micros(saturated((u128::from(bytes) * 8 * MICROS_PER_SECOND).div_ceil(self.0.into())))
    }

    /// This rate times `factor`; a factor that is negative or not a number gives zero.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "53 bits are enough for a rate, and a cast from f64 saturates"
    )]
    pub fn scaled(self, factor: f64) -> Bitrate {
        Bitrate((self.0 as f64 * factor) as u64)
    }

    /// In thousands of bits per second, for averages.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough for a rate")]
    pub(crate) fn in_kbit(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// So many thousandths of this rate.
    #[must_use]
    pub fn permille(self, permille: u64) -> Bitrate {
        Bitrate(saturated(u128::from(self.0) * u128::from(permille) / 1000))
    }
}

fn saturated(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

impl Add for Bitrate {
    type Output = Bitrate;
    fn add(self, other: Bitrate) -> Bitrate {
        Bitrate(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bitrate {
    fn add_assign(&mut self, other: Bitrate) {
        *self = *self + other;
    }
}

impl Sub for Bitrate {
    type Output = Bitrate;
    fn sub(self, other: Bitrate) -> Bitrate {
        Bitrate(self.0.saturating_sub(other.0))
    }
}

impl Sum for Bitrate {
    fn sum<I: Iterator<Item = Bitrate>>(rates: I) -> Bitrate {
        rates.fold(Bitrate::ZERO, Add::add)
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..10_000 => write!(f, "{} bit/s", self.0),
            10_000..10_000_000 => write!(f, "{} kbit/s", self.0 / 1000),
            _ => write!(f, "{} Mbit/s", self.0 / 1_000_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_time_and_rate_agree() {
        for (bytes, millis, rate) in
            [(1250, 10, 1_000_000), (1, 1, 8000), (0, 5, 0), (125_000_000, 1000, 1_000_000_000)]
        {
            let (time, rate) = (Duration::from_millis(millis), Bitrate(rate));
            assert_eq!(Bitrate::of(bytes, time), rate);
            assert_eq!(rate.bytes_in(time), bytes);
            if bytes > 0 {
                assert_eq!(rate.time_for(bytes), time);
            }
        }
    }

    #[test]
    fn arithmetic_saturates() {
        let most = Bitrate(u64::MAX);
        assert_eq!(Bitrate::of(1, Duration::ZERO), most);
        assert_eq!(Bitrate::ZERO.time_for(1), Duration::MAX);
        assert_eq!([most + Bitrate(1), most.permille(1001), most.scaled(2.0)], [most; 3]);
        assert_eq!(
            [Bitrate(1) - Bitrate(2), Bitrate(5).scaled(-1.0), Bitrate(5).scaled(f64::NAN)],
            [Bitrate(0); 3]
        );
        assert_eq!(most.bytes_in(Duration::MAX), u64::MAX);
    }

    #[test]
    fn shows_its_unit() {
        for (rate, text) in [(9999, "9999 bit/s"), (300_000, "300 kbit/s"), (12_500_000, "12 Mbit/s")] {
            assert_eq!(Bitrate(rate).to_string(), text);
        }
    }
}
