//! The RTP header. First step of a packet's way in, last of its way out.
//!
//! Owns bounds checking of the header, CSRC list, extension block and padding. Does not look into the
//! payload.

use super::extension::Extensions;
use crate::ids::{PayloadType, RtpTime, Seq16, Ssrc};

/// Bytes of a header without CSRCs and extensions; an egress packet's extensions follow it.
pub(crate) const FIXED_LEN: usize = 12;

/// A received packet taken apart, borrowing its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RtpView<'a> {
    pub marker: bool,
    pub payload_type: PayloadType,
    pub seq: Seq16,
    pub time: RtpTime,
    pub ssrc: Ssrc,
    pub extensions: Extensions<'a>,
    /// Without padding; empty if the packet was padding only.
    pub payload: &'a [u8],
}

impl<'a> RtpView<'a> {
    /// `None` if the bytes are not a whole RTP version 2 packet.
    pub fn parse(packet: &'a [u8]) -> Option<Self> {
        let (&[flags, kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3], rest) = packet.split_first_chunk()?;
        if flags >> 6 != 2 {
            return None;
        }
        let (_csrcs, rest) = rest.split_at_checked(4 * usize::from(flags & 0x0f))?;
        let (extensions, rest) =
            if flags & 0x10 == 0 { (Extensions::default(), rest) } else { Extensions::split(rest)? };
        let payload = if flags & 0x20 == 0 { rest } else { without_padding(rest)? };
        Some(Self {
            marker: kind & 0x80 != 0,
            payload_type: PayloadType(kind & 0x7f),
            seq: Seq16(u16::from_be_bytes([s0, s1])),
            time: RtpTime(u32::from_be_bytes([t0, t1, t2, t3])),
            ssrc: Ssrc(u32::from_be_bytes([c0, c1, c2, c3])),
            extensions,
            payload,
        })
    }
}

/// The fixed header of an egress packet: version 2, no CSRC.
pub(crate) fn fixed_header(
    marker: bool,
    padding: bool,
    extended: bool,
    payload_type: PayloadType,
    seq: Seq16,
    time: RtpTime,
    ssrc: Ssrc,
) -> [u8; FIXED_LEN] {
    let [s0, s1] = seq.0.to_be_bytes();
    let [t0, t1, t2, t3] = time.0.to_be_bytes();
    let [c0, c1, c2, c3] = ssrc.0.to_be_bytes();
    let flags = 0x80 | (u8::from(padding) << 5) | (u8::from(extended) << 4);
    let kind = (u8::from(marker) << 7) | (payload_type.0 & 0x7f);
    [flags, kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3]
}

fn without_padding(payload: &[u8]) -> Option<&[u8]> {
    let count = usize::from(*payload.last()?);
    if count == 0 {
        return None;
    }
    payload.get(..payload.len().checked_sub(count)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_csrc_extension_and_padding() {
        let packet = [
            0xb1, 0xe0, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7, // P, X, one CSRC, marker, type 96
            1, 2, 3, 4, // CSRC
            0xbe, 0xde, 0, 1, 0x30, 0x61, 0, 0, // mid "a" under id 3
            0xaa, 0xbb, 0, 2, // payload, two bytes of padding
        ];
        let view = RtpView::parse(&packet).unwrap();
        assert!(view.marker);
        assert_eq!((view.payload_type, view.seq, view.time), (PayloadType(96), Seq16(0x1234), RtpTime(9)));
        assert_eq!(view.ssrc, Ssrc(7));
        assert_eq!(view.payload, [0xaa, 0xbb]);
        assert_eq!(view.extensions.elements().collect::<Vec<_>>(), [(3, &b"a"[..])]);
        for len in 0..packet.len() {
            let _ = RtpView::parse(&packet[..len]);
        }
    }

    #[test]
    fn padding_only_is_an_empty_payload_and_lying_padding_is_refused() {
        let mut packet =
            fixed_header(false, true, false, PayloadType(96), Seq16(1), RtpTime(2), Ssrc(3)).to_vec();
        packet.extend([0, 0, 3]);
        assert_eq!(RtpView::parse(&packet).unwrap().payload, []);
        *packet.last_mut().unwrap() = 4;
        assert!(RtpView::parse(&packet).is_none());
        *packet.last_mut().unwrap() = 0;
        assert!(RtpView::parse(&packet).is_none());
    }
}
