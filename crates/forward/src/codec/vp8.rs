//! VP8 payload descriptor (RFC 7741 §4.2).

use super::descriptor::{ByteField, Descriptor, KeyframeStart, PictureFields, PictureId, Walk};

/// Reads the descriptor and the first byte of the frame header; a short payload yields what was there.
pub(crate) fn describe(payload: &[u8]) -> Descriptor {
    let mut fields = PictureFields::default();
    let keyframe = keyframe_start(payload, &mut fields).unwrap_or(false);
    Descriptor { keyframe: if keyframe { KeyframeStart::Complete } else { KeyframeStart::No }, fields }
}

fn keyframe_start(payload: &[u8], fields: &mut PictureFields) -> Option<bool> {
    let mut walk = Walk::new(payload);
    let first = walk.byte()?;
    if first & 0x80 != 0 {
        let present = walk.byte()?;
        if present & 0x80 != 0 {
            fields.picture_id = Some(PictureId::read(&mut walk)?);
        }
        if present & 0x40 != 0 {
            fields.tl0_pic_idx = Some(ByteField::read(&mut walk)?);
        }
        if present & 0x30 != 0 {
            let key_idx = ByteField::read(&mut walk)?;
            // The byte also holds TID and Y; KEYIDX counts only if K says so.
            if present & 0x10 != 0 {
                fields.key_idx = Some(ByteField { value: key_idx.value & 0x1f, ..key_idx });
            }
        }
    }
    let starts_frame = first & 0x17 == 0x10; // S set, partition 0
    let inverse_key_flag = walk.byte()? & 0x01; // P of the frame header, RFC 6386 §9.1
    Some(starts_frame && inverse_key_flag == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptor_table() {
        let id = |at, value, wide| Some(PictureId { at, value, wide });
        let byte = |at, value| Some(ByteField { at, value });
        for (payload, keyframe, picture_id, tl0_pic_idx, key_idx) in [
            (&[0x10, 0x00][..], true, None, None, None),
            (&[0x10, 0x01], false, None, None, None),
            (&[0x00, 0x00], false, None, None, None),
            (&[0x11, 0x00], false, None, None, None), // another partition
            (&[0x90, 0x80, 0x05, 0x00], true, id(2, 5, false), None, None),
            (&[0x90, 0x80, 0x81, 0x02, 0x00], true, id(2, 0x102, true), None, None),
            (&[0x90, 0xf0, 0xff, 0xff, 0x07, 0x63, 0x01], false, id(2, 0x7fff, true), byte(4, 7), byte(5, 3)),
            (&[0x90, 0x20, 0x63, 0x00], true, None, None, None), // T without K: no key index
            (&[0x90, 0x80, 0x81], false, None, None, None),      // ends inside the picture id
            (&[], false, None, None, None),
        ] {
            let found = describe(payload);
            assert_eq!(found.keyframe == KeyframeStart::Complete, keyframe, "{payload:x?}");
            assert_eq!(found.fields, PictureFields { picture_id, tl0_pic_idx, key_idx }, "{payload:x?}");
        }
    }
}
