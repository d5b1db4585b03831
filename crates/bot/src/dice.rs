//! Repeatable chance: the same seed gives the same losses.

/// Marsaglia's xorshift64*.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// True so many times out of a thousand.
    pub(crate) fn falls(&mut self, per_mille: u32) -> bool {
        self.next() % 1000 < u64::from(per_mille)
    }

    /// A number below `most`, or 0.
    pub fn below(&mut self, most: u64) -> u64 {
        self.next().checked_rem(most).unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }
}

/// Random bytes that nobody can guess: ICE passwords, SSRCs.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // aws-lc's generator aborts the process rather than fail.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}

/// A random number.
pub(crate) fn random_u32() -> u32 {
    u32::from_be_bytes(random())
}
