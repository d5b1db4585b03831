//! How fast a link is. Owns the unit and how a person writes it; what a rate does to packets is in
//! `link/bottleneck.rs`.

use std::fmt;
use std::str::FromStr;

/// Bits per second. Zero is a link that stands still: what is queued waits until the rate changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

impl Rate {
    /// Bits per second.
    pub const fn bps(bits_per_second: u64) -> Self {
        Self(bits_per_second)
    }

    /// Thousands of bits per second.
    pub const fn kbps(kilobits_per_second: u64) -> Self {
        Self(kilobits_per_second.saturating_mul(1000))
    }

    /// Millions of bits per second.
    pub const fn mbps(megabits_per_second: u64) -> Self {
        Self(megabits_per_second.saturating_mul(1_000_000))
    }

    /// Bits per second.
    pub const fn as_bps(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} kbit/s", self.0 / 1000, self.0 % 1000 / 100)
    }
}

/// Why a text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a whole number of bits per second, with k, M or G after it for more: 500k")]
pub struct RateError;

impl FromStr for Rate {
    type Err = RateError;

    /// `64000`, `500k`, `2M`, `1G`.
    fn from_str(text: &str) -> Result<Self, RateError> {
        let (number, unit) = match text.chars().last() {
            Some('k' | 'K') => (text.get(..text.len() - 1), 1000),
            Some('m' | 'M') => (text.get(..text.len() - 1), 1_000_000),
            Some('g' | 'G') => (text.get(..text.len() - 1), 1_000_000_000),
            _ => (Some(text), 1),
        };
        let number: u64 = number.ok_or(RateError)?.parse().map_err(|_| RateError)?;
        number.checked_mul(unit).map(Self).ok_or(RateError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_by_hand() {
        let table = [
            ("64000", Ok(Rate::bps(64_000))),
            ("500k", Ok(Rate::kbps(500))),
            ("2M", Ok(Rate::mbps(2))),
            ("1G", Ok(Rate::mbps(1000))),
            ("0", Ok(Rate::bps(0))),
            ("", Err(RateError)),
            ("k", Err(RateError)),
            ("-1k", Err(RateError)),
            ("1.5M", Err(RateError)),
            ("99999999999999999999", Err(RateError)),
            ("99999999999999999G", Err(RateError)),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse(), expected, "{text}");
        }
        assert_eq!(Rate::bps(1_234_567).to_string(), "1234.5 kbit/s");
    }
}
