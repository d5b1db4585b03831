//! H.264 payloads (RFC 6184 §5): single NAL unit, STAP-A, FU-A.
//!
//! Nothing in them is rewritten; only where a keyframe starts is read, and its size. They tell no temporal
//! layers: a dependency descriptor does, for senders that have any.

mod sps;

use super::descriptor::{Descriptor, KeyframeStart, Walk};
use super::layer::{FrameSize, LayerInfo};

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// A sequence parameter set starts a keyframe; an IDR slice alone is a bare start.
pub(crate) fn describe(payload: &[u8]) -> Descriptor {
    let (keyframe, size) = read(payload).unwrap_or_default();
    let layer = LayerInfo { spatial_switch: keyframe != KeyframeStart::No, ..LayerInfo::default() };
    Descriptor { keyframe, layer, size, ..Descriptor::default() }
}

fn read(payload: &[u8]) -> Option<(KeyframeStart, Option<FrameSize>)> {
    let mut walk = Walk::new(payload);
    Some(match walk.byte()? & 0x1f {
        STAP_A => aggregated(walk),
        FU_A => {
            let header = walk.byte()?;
            let starts = header & 0x80 != 0;
            // A parameter set in fragments is not put together: its size goes unread.
            (if starts { of_nal(header & 0x1f) } else { KeyframeStart::No }, None)
        }
        kind => (of_nal(kind), size_of(kind, walk.rest())),
    })
}

fn aggregated(mut walk: Walk) -> (KeyframeStart, Option<FrameSize>) {
    let (mut keyframe, mut size) = (KeyframeStart::No, None);
    while let Some(unit) = walk.u16().and_then(|len| walk.take(usize::from(len))) {
        let Some((header, body)) = unit.split_first() else { continue };
        let kind = header & 0x1f;
        keyframe = keyframe.max(of_nal(kind));
        size = size.or_else(|| size_of(kind, body));
    }
    (keyframe, size)
}

fn size_of(kind: u8, body: &[u8]) -> Option<FrameSize> {
    if kind == SPS { sps::size(body) } else { None }
}

fn of_nal(kind: u8) -> KeyframeStart {
    match kind {
        SPS => KeyframeStart::Complete,
        IDR => KeyframeStart::Bare,
        _ => KeyframeStart::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframe_table() {
        for (payload, expect) in [
            (&[0x67, 0x42][..], KeyframeStart::Complete),
            (&[0x65, 0x88], KeyframeStart::Bare),
            (&[0x41, 0x9a], KeyframeStart::No),
            (&[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68, 0, 1, 0x65], KeyframeStart::Complete),
            (&[0x78, 0, 1, 0x68, 0, 1, 0x65], KeyframeStart::Bare),
            (&[0x78, 0, 9, 0x67], KeyframeStart::No), // a unit longer than the packet
            (&[0x78, 0, 0, 0, 1, 0x65], KeyframeStart::Bare), // an empty unit
            (&[0x7c, 0x85, 1], KeyframeStart::Bare),
            (&[0x7c, 0x05, 1], KeyframeStart::No),
            (&[0x7c, 0x45, 1], KeyframeStart::No),
            (&[0x7c, 0x81, 1], KeyframeStart::No),
            (&[0x7c], KeyframeStart::No),
            (&[], KeyframeStart::No),
        ] {
            assert_eq!(describe(payload).keyframe, expect, "{payload:x?}");
        }
    }

    #[test]
    fn size_of_a_single_unit_and_of_an_aggregated_one() {
        let expect = FrameSize { width: 640, height: 480 };
        // See `sps`.
        let sps = [0x67, 0x42, 0xc0, 0x1f, 0xda, 0x02, 0x80, 0xf6, 0x40];
        assert_eq!(describe(&sps).size, Some(expect));
        let mut aggregate = vec![0x78, 0, 9];
        aggregate.extend(sps);
        aggregate.extend([0, 2, 0x68, 0xce, 0, 1, 0x65]);
        assert_eq!(describe(&aggregate).size, Some(expect));
        aggregate[2] = 200;
        assert_eq!(describe(&aggregate).size, None, "a unit longer than the packet");
        assert_eq!(describe(&[0x7c, 0x87, 0x42, 0xc0, 0x1f, 0xda]).size, None, "a fragment");
    }
}
