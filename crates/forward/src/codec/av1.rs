//! AV1 payloads (RTP Payload Format For AV1, §4.4 aggregation header, §4.5 OBU elements).
//!
//! Reads where a coded video sequence begins and its size. Layers are not read here: a packet that goes on
//! with an OBU carries no OBU header to tell its layer, and every sender with layers sends the dependency
//! descriptor, which does.

mod sequence;

use super::descriptor::{Descriptor, KeyframeStart};
use super::layer::{FrameSize, LayerInfo};

const SEQUENCE_HEADER: u8 = 1;

/// A new coded video sequence (N) begins with a keyframe.
pub(crate) fn describe(payload: &[u8]) -> Descriptor {
    let Some((&aggregation, elements)) = payload.split_first() else { return Descriptor::default() };
    let goes_on = aggregation & 0x80 != 0; // Z
    let new_sequence = aggregation & 0x08 != 0; // N; never with Z
    if goes_on || !new_sequence {
        return Descriptor::default();
    }
    Descriptor {
        keyframe: KeyframeStart::Complete,
        layer: LayerInfo { spatial_switch: true, frame_start: true, ..LayerInfo::default() },
        size: sequence_size((aggregation >> 4) & 0x03, elements),
        ..Descriptor::default()
    }
}

/// The size told by a sequence header among the elements, of which there are `count` or, if that is 0, as
/// many as fit. The last of a counted number has no length before it.
fn sequence_size(count: u8, mut elements: &[u8]) -> Option<FrameSize> {
    let mut left = count;
    loop {
        let element = if left == 1 {
            elements
        } else {
            let (len, rest) = leb128(elements)?;
            let (element, rest) = rest.split_at_checked(len)?;
            elements = rest;
            element
        };
        let (header, body) = element.split_first()?;
        if (header >> 3) & 0x0f == SEQUENCE_HEADER {
            return sequence::size(after_header(*header, body)?);
        }
        if left == 1 {
            return None;
        }
        left = left.saturating_sub(1);
    }
}

/// What follows the OBU's extension byte and its size, should it have them (AV1 §5.3.2).
fn after_header(header: u8, mut body: &[u8]) -> Option<&[u8]> {
    if header & 0x04 != 0 {
        (_, body) = body.split_first()?;
    }
    if header & 0x02 != 0 {
        (_, body) = leb128(body)?;
    }
    Some(body)
}

/// AV1 §4.10.5: little-endian groups of seven bits, the top bit saying that another follows.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    let mut rest = bytes;
    for group in 0..4 {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        value |= usize::from(byte & 0x7f) << (7 * group);
        if byte & 0x80 == 0 {
            return Some((value, rest));
        }
    }
    None // longer than any packet
}

#[cfg(test)]
mod tests {
    use super::*;

    /// See `sequence`: 640×480.
    const SEQUENCE: [u8; 10] = [0x0a, 0x08, 0, 0, 0, 0x24, 0xcc, 0xfe, 0xef, 0x80];

    #[test]
    fn keyframe_table() {
        for (payload, expect) in [
            (&[0x18, 0x0a][..], true), // W 1, N
            (&[0x08], true),           // nothing behind
            (&[0x10, 0x32], false),
            (&[0x90, 0x32], false), // Z
            (&[0x98, 0x32], false), // Z and N is not a packet
            (&[], false),
        ] {
            let found = describe(payload);
            assert_eq!(found.keyframe == KeyframeStart::Complete, expect, "{payload:x?}");
            assert_eq!((found.layer.frame_start, found.layer.spatial_switch), (expect, expect));
            assert_eq!(found.size, None, "{payload:x?}");
        }
    }

    #[test]
    fn size_of_a_sequence_header_wherever_it_is() {
        let expect = Some(FrameSize { width: 640, height: 480 });
        let with = |before: &[u8], after: &[u8]| [before, &SEQUENCE, after].concat();
        let bare = |before: &[u8], after: &[u8]| [before, &[0x08], &SEQUENCE[2..], after].concat();
        for (payload, expect) in [
            (with(&[0x18], &[]), expect),                                     // W 1
            (with(&[0x28, 10], &[0x32, 1, 2]), expect),                       // W 2, then a frame
            (bare(&[0x68, 9], &[0x32, 1, 2]), expect), // Y, W 2, no obu_size, as Chrome sends it
            (with(&[0x08, 10], &[3, 0x32, 1, 2]), expect), // W 0: all with a length
            (with(&[0x28, 2, 0x12, 0], &[]), expect),  // a temporal delimiter before it
            (with(&[0x08, 2, 0x12, 0, 0x8a, 0x00], &[]), expect), // a length in two bytes
            ([&[0x18, 0x0e, 0x00, 0x08], &SEQUENCE[2..]].concat(), expect), // with extension byte
            (with(&[0x28, 11], &[]), None),            // longer than the packet
            (with(&[0x38, 2, 0x12, 0, 2, 0x12, 0], &[])[..9].to_vec(), None), // cut
            (vec![0x08, 0], None),
            (vec![0x08, 0x80, 0x80, 0x80, 0x80, 0], None),
            (vec![0x18, 0x32, 1, 2], None),
        ] {
            assert_eq!(describe(&payload).size, expect, "{payload:x?}");
        }
    }
}
