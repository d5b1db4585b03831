//! Repeatable chance: the same seed gives the same throws.
//!
//! Written here, not taken from a crate, so that a seed committed with a test keeps its meaning whatever is
//! updated.

/// `SplitMix64`: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), with
/// the constants of Vigna's public-domain `splitmix64.c`. Any seed will do, zero too.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits, each value as likely as any.
    pub(crate) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, or zero if that is zero. The bias is below `bound` / 2⁶⁴.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let scaled = (u128::from(self.throw()) * u128::from(bound)) >> 64;
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }

    /// True `times` out of `out_of`; one throw, whatever the chance.
    pub(crate) fn falls(&mut self, times: u64, out_of: u64) -> bool {
        self.below(out_of) < times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of `splitmix64.c` from the state 1234567, as test suites of other implementations
    /// list them.
    #[test]
    fn known_numbers() {
        let mut dice = Dice::new(1_234_567);
        let thrown = [dice.throw(), dice.throw(), dice.throw()];
        assert_eq!(thrown, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn bounds() {
        let mut dice = Dice::new(0);
        assert_eq!(dice.below(0), 0);
        assert!((0..1000).all(|_| dice.below(3) < 3));
        assert!((0..1000).all(|_| dice.falls(1, 1)));
        assert!((0..1000).all(|_| !dice.falls(0, 1)));
    }
}
