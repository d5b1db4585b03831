//! Reading bits, most significant first: what codec headers and the dependency descriptor are written in.
//!
//! Owns the variable-length codes. Every read past the end is `None`.

/// Reads bits off a sequence of bytes; H.264 gives it one without its emulation prevention bytes.
pub(crate) struct Bits<I> {
    bytes: I,
    byte: u8,
    /// Bits of `byte` not read yet.
    left: u32,
}

impl<I: Iterator<Item = u8>> Bits<I> {
    pub fn new(bytes: impl IntoIterator<IntoIter = I>) -> Self {
        Self { bytes: bytes.into_iter(), byte: 0, left: 0 }
    }

    /// The next `count` bits; at most 32.
    pub fn read(&mut self, count: u32) -> Option<u32> {
        let mut wanted = count.min(32);
        let mut value = 0;
        while wanted > 0 {
            if self.left == 0 {
                self.byte = self.bytes.next()?;
                self.left = 8;
            }
            let taken = wanted.min(self.left);
            self.left -= taken;
            wanted -= taken;
            let mask = (1 << taken) - 1;
            value = (value << taken) | ((u32::from(self.byte) >> self.left) & mask);
        }
        Some(value)
    }

    /// The next `count` bits; at most 8.
    pub fn byte(&mut self, count: u32) -> Option<u8> {
        u8::try_from(self.read(count)?).ok()
    }

    /// The next `count` bits; at most 16.
    pub fn short(&mut self, count: u32) -> Option<u16> {
        u16::try_from(self.read(count)?).ok()
    }

    pub fn flag(&mut self) -> Option<bool> {
        Some(self.read(1)? == 1)
    }

    /// `ue(v)` of ITU-T H.264 §9.1 and `uvlc()` of AV1 §4.10.3, below 2³² − 1.
    pub fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        ((1_u32 << zeros) - 1).checked_add(self.read(zeros)?)
    }

    /// `se(v)` of ITU-T H.264 §9.1.1.
    pub fn signed_exp_golomb(&mut self) -> Option<i32> {
        let code = self.exp_golomb()?;
        let half = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { half } else { -half })
    }

    /// `ns(n)`, a number below `count` (AV1 RTP specification A.4.1).
    pub fn below(&mut self, count: u32) -> Option<u32> {
        let width = count.checked_ilog2()? + 1;
        let short = 1_u32.checked_shl(width)?.checked_sub(count)?;
        let value = self.read(width - 1)?;
        if value < short {
            return Some(value);
        }
        ((value << 1) | self.read(1)?).checked_sub(short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_across_bytes_and_stops_at_the_end() {
        let mut bits = Bits::new([0b1010_0101, 0xff, 0x00]);
        assert_eq!(bits.read(3), Some(0b101));
        assert_eq!(bits.read(0), Some(0));
        assert_eq!(bits.read(10), Some(0b00_1011_1111));
        assert_eq!(bits.flag(), Some(true));
        assert_eq!(bits.byte(8), Some(0b1100_0000));
        assert_eq!(bits.read(3), None);
    }

    #[test]
    fn exp_golomb_table() {
        // H.264 tables 9-2 and 9-3.
        for (byte, unsigned, signed) in [
            (0b1000_0000, Some(0), Some(0)),
            (0b0100_0000, Some(1), Some(1)),
            (0b0110_0000, Some(2), Some(-1)),
            (0b0010_0000, Some(3), Some(2)),
            (0b0010_1000, Some(4), Some(-2)),
            (0b0000_1000, None, None), // five more bits wanted
            (0, None, None),
        ] {
            assert_eq!(Bits::new([byte]).exp_golomb(), unsigned, "{byte:08b}");
            assert_eq!(Bits::new([byte]).signed_exp_golomb(), signed, "{byte:08b}");
        }
        let largest = [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe];
        assert_eq!(Bits::new(largest).exp_golomb(), Some(u32::MAX - 1));
        assert_eq!(Bits::new([0; 9]).exp_golomb(), None);
    }

    #[test]
    fn non_symmetric_table() {
        // The specification's own example, n = 5.
        for (byte, value) in
            [(0b0000_0000, 0), (0b0100_0000, 1), (0b1000_0000, 2), (0b1100_0000, 3), (0b1110_0000, 4)]
        {
            assert_eq!(Bits::new([byte]).below(5), Some(value));
        }
        assert_eq!(Bits::new([]).below(1), Some(0), "no bits for the only value");
        assert_eq!(Bits::new([0]).below(0), None);
    }
}
