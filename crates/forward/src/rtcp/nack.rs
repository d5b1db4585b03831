//! Generic NACK (RFC 4585 §6.2.1): packet ids with a bitmask of the sixteen that follow.

use super::{FMT_NACK, RTPFB, header};
use crate::ids::{Seq16, Seq64, Ssrc};

/// The numbers a NACK's items ask for.
pub(crate) fn lost(items: &[u8]) -> impl Iterator<Item = Seq16> {
    let (items, _) = items.as_chunks::<4>();
    items.iter().flat_map(|&[p0, p1, m0, m1]| {
        let (id, mask) = (u16::from_be_bytes([p0, p1]), u16::from_be_bytes([m0, m1]));
        let following = (0..16).filter(move |bit| mask & (1 << bit) != 0);
        std::iter::once(Seq16(id)).chain(following.map(move |bit| Seq16(id.wrapping_add(bit + 1))))
    })
}

/// Writes a NACK for `missing`, which is sorted and not empty.
pub(crate) fn write(sender: Ssrc, media: Ssrc, missing: &[Seq64], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend(header(FMT_NACK, RTPFB, 0));
    out.extend(sender.0.to_be_bytes());
    out.extend(media.0.to_be_bytes());
    let mut rest = missing;
    while let Some((first, more)) = rest.split_first() {
        let covered = more.partition_point(|seq| seq.0 - first.0 <= 16);
        let (following, after) = more.split_at_checked(covered).unwrap_or((more, &[]));
        let mask = following.iter().fold(0_u16, |mask, seq| mask | 1 << (seq.0 - first.0 - 1));
        out.extend(first.wire().0.to_be_bytes());
        out.extend(mask.to_be_bytes());
        rest = after;
    }
    let body = out.len() - start - 4;
    for (to, from) in out.iter_mut().skip(start).zip(header(FMT_NACK, RTPFB, body)) {
        *to = from;
    }
}

/// Bytes [`write`] takes at most.
pub(crate) fn max_len(missing: usize) -> usize {
    12 + 4 * missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let missing: Vec<Seq64> = [65_530, 65_535, 65_536, 65_546, 65_547, 70_000].map(Seq64).to_vec();
        let mut out = vec![0xee];
        write(Ssrc(1), Ssrc(2), &missing, &mut out);
        assert_eq!(out[1..5], [0x81, 205, 0, 5]);
        assert_eq!(out[13..17], [0xff, 0xfa, 0x80, 0x30]); // 65530, then +5, +6 and +16
        let read: Vec<u16> = lost(&out[13..]).map(|seq| seq.0).collect();
        assert_eq!(read, [65_530, 65_535, 0, 10, 11, 4_464]);
        assert!(out.len() < 1 + max_len(missing.len()));
    }
}
