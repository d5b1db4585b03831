//! Receiver Estimated Maximum Bitrate (draft-alvestrand-rmcat-remb-03 §2.2): here, the most that a publisher may send.

use super::{FMT_REMB, PSFB, header};
use crate::bitrate::Bitrate;
use crate::ids::Ssrc;

/// SSRCs that one packet names. A sender takes it for all that it sends anyway.
pub(crate) const MAX_SSRCS: usize = 16;

/// Bytes of a packet that names so many.
pub(crate) fn len(ssrcs: usize) -> usize {
    20 + 4 * ssrcs.min(MAX_SSRCS)
}

/// Writes one. The rate has 18 bits and a power of two, rounded down.
pub(crate) fn write(sender: Ssrc, rate: Bitrate, ssrcs: &[Ssrc], out: &mut Vec<u8>) {
    let ssrcs = ssrcs.get(..MAX_SSRCS).unwrap_or(ssrcs);
    let count = u8::try_from(ssrcs.len()).unwrap_or(u8::MAX);
    let exponent = (64 - rate.0.leading_zeros()).saturating_sub(18);
    let [.., a, b, c] = (rate.0 >> exponent).to_be_bytes();
    let exponent = u8::try_from(exponent).unwrap_or(u8::MAX);
    out.extend(header(FMT_REMB, PSFB, 16 + 4 * ssrcs.len()));
    out.extend(sender.0.to_be_bytes());
    out.extend([0; 4]);
    out.extend(b"REMB");
    out.extend([count, exponent << 2 | a, b, c]);
    for ssrc in ssrcs {
        out.extend(ssrc.0.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_written_with_a_mantissa_of_18_bits() {
        for (rate, exponent, mantissa) in [
            (0, 0, 0),
            (0x3_ffff, 0, 0x3_ffff),
            (0x4_0000, 1, 0x2_0000),
            (10_000_000, 6, 156_250),
            (u64::MAX, 46, 0x3_ffff),
        ] {
            let mut packet = Vec::new();
            write(Ssrc(7), Bitrate(rate), &[Ssrc(1), Ssrc(2)], &mut packet);
            assert_eq!(packet.len(), len(2));
            assert_eq!(packet[..4], [0x8f, 206, 0, 6]);
            assert_eq!(packet[12..17], *b"REMB\x02");
            let word = u32::from_be_bytes([0, packet[17], packet[18], packet[19]]);
            assert_eq!((word >> 18, word & 0x3_ffff), (exponent, mantissa), "{rate}");
            assert_eq!(packet[20..], [0, 0, 0, 1, 0, 0, 0, 2]);
        }
    }

    #[test]
    fn no_more_are_named_than_fit() {
        let mut packet = Vec::new();
        write(Ssrc(7), Bitrate(1), &[Ssrc(1); 100], &mut packet);
        assert_eq!((packet.len(), packet[16]), (len(100), 16));
    }
}
