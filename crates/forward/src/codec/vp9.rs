//! VP9 payload descriptor (RFC 9628 §4.2), flexible and non-flexible mode.

use super::descriptor::{ByteField, Descriptor, KeyframeStart, PictureFields, PictureId, Walk};

/// Reads the descriptor as far as it is rewritten; reference indices are relative and stay.
pub(crate) fn describe(payload: &[u8]) -> Descriptor {
    let mut fields = PictureFields::default();
    let keyframe = keyframe_start(payload, &mut fields).unwrap_or(false);
    Descriptor { keyframe: if keyframe { KeyframeStart::Complete } else { KeyframeStart::No }, fields }
}

fn keyframe_start(payload: &[u8], fields: &mut PictureFields) -> Option<bool> {
    let mut walk = Walk::new(payload);
    let first = walk.byte()?;
    let (predicted, layered, flexible, begins) =
        (first & 0x40 != 0, first & 0x20 != 0, first & 0x10 != 0, first & 0x08 != 0);
    if first & 0x80 != 0 {
        fields.picture_id = Some(PictureId::read(&mut walk)?);
    }
    let mut spatial = 0;
    if layered {
        spatial = (walk.byte()? >> 1) & 0x07;
        if !flexible {
            fields.tl0_pic_idx = Some(ByteField::read(&mut walk)?);
        }
    }
    // A keyframe is a picture whose lowest spatial layer is not inter-predicted.
    Some(begins && !predicted && spatial == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptor_table() {
        let id = |at, value, wide| Some(PictureId { at, value, wide });
        let byte = |at, value| Some(ByteField { at, value });
        for (payload, keyframe, picture_id, tl0_pic_idx) in [
            (&[0x08][..], true, None, None),
            (&[0x48], false, None, None), // inter-predicted
            (&[0x00], false, None, None), // not the frame's first packet
            (&[0x88, 0x05], true, id(1, 5, false), None),
            (&[0x88, 0x81, 0x02], true, id(1, 0x102, true), None),
            (&[0xa8, 0x81, 0x02, 0x00, 0x09], true, id(1, 0x102, true), byte(4, 9)),
            (&[0xb8, 0x81, 0x02, 0x00, 0x09], true, id(1, 0x102, true), None), // flexible: no tl0picidx
            (&[0xa8, 0x05, 0x03, 0x09], false, id(1, 5, false), byte(3, 9)),   // spatial layer 1
            (&[0xa8, 0x85], false, None, None),
            (&[], false, None, None),
        ] {
            let found = describe(payload);
            assert_eq!(found.keyframe == KeyframeStart::Complete, keyframe, "{payload:x?}");
            assert_eq!(
                found.fields,
                PictureFields { picture_id, tl0_pic_idx, key_idx: None },
                "{payload:x?}"
            );
        }
    }
}
