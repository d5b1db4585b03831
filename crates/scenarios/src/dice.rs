//! Repeatable chance of the synthetic browsers. netsim's links have their own.

use forward::Time;
use std::time::Duration;

/// `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014): any seed will do.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The throws of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits, each value as likely as any.
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; zero if that is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.throw() % bound.max(1)
    }

    /// At least `low` and below `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low))
    }

    /// A duration of whole microseconds, at least `low` and below `high`.
    pub fn duration(&mut self, low: Duration, high: Duration) -> Duration {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.between(micros(low), micros(high)))
    }

    /// A time within this long from the start.
    pub fn phase(&mut self, within: Duration) -> Time {
        Time::ZERO + self.duration(Duration::ZERO, within)
    }
}
