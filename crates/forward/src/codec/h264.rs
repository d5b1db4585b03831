//! H.264 payloads (RFC 6184 §5): single NAL unit, STAP-A, FU-A.
//!
//! Nothing in them is rewritten; only where a keyframe starts is read.

use super::descriptor::{Descriptor, KeyframeStart, PictureFields, Walk};

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// A sequence parameter set starts a keyframe; an IDR slice alone is a bare start.
pub(crate) fn describe(payload: &[u8]) -> Descriptor {
    let keyframe = keyframe_start(payload).unwrap_or(KeyframeStart::No);
    Descriptor { keyframe, fields: PictureFields::default() }
}

fn keyframe_start(payload: &[u8]) -> Option<KeyframeStart> {
    let mut walk = Walk::new(payload);
    match walk.byte()? & 0x1f {
        STAP_A => Some(aggregated(walk)),
        FU_A => {
            let header = walk.byte()?;
            let starts = header & 0x80 != 0;
            Some(if starts { of_nal(header & 0x1f) } else { KeyframeStart::No })
        }
        kind => Some(of_nal(kind)),
    }
}

fn aggregated(mut walk: Walk) -> KeyframeStart {
    let mut found = KeyframeStart::No;
    while let Some(unit) = walk.u16().and_then(|len| walk.take(usize::from(len))) {
        let kind = unit.first().map_or(0, |header| header & 0x1f);
        found = found.max(of_nal(kind));
    }
    found
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
}
