//! VP8 payload descriptor (RFC 7741 §4.2).

use super::descriptor::{ByteField, Descriptor, KeyframeStart, PictureId, Walk};
use super::layer::FrameSize;

/// Reads the descriptor and the frame header's first bytes; a short payload yields what was there.
pub(crate) fn describe(payload: &[u8]) -> Descriptor {
    let mut found = Descriptor::default();
    // What ends early keeps what was read before.
    let _ = read(&mut Walk::new(payload), &mut found);
    found
}

fn read(walk: &mut Walk, found: &mut Descriptor) -> Option<()> {
    let Descriptor { fields, layer, .. } = found;
    let first = walk.byte()?;
    layer.discardable = first & 0x20 != 0; // N
    layer.frame_start = first & 0x17 == 0x10; // S set, partition 0
    if first & 0x80 != 0 {
        let present = walk.byte()?;
        if present & 0x80 != 0 {
            fields.picture_id = Some(PictureId::read(walk)?);
        }
        if present & 0x40 != 0 {
            fields.tl0_pic_idx = Some(ByteField::read(walk)?);
        }
        if present & 0x30 != 0 {
            // One byte for all: TID, Y, KEYIDX; the first two count only if T says so, the last if K does.
            let byte = ByteField::read(walk)?;
            if present & 0x20 != 0 {
                layer.temporal = byte.value >> 6;
                layer.temporal_switch = layer.temporal == 0 || byte.value & 0x20 != 0;
            }
            if present & 0x10 != 0 {
                fields.key_idx = Some(ByteField { value: byte.value & 0x1f, ..byte });
            }
        }
    }
    let inverse_key_flag = walk.byte()? & 0x01; // P of the frame header, RFC 6386 §9.1
    if layer.frame_start && inverse_key_flag == 0 {
        layer.spatial_switch = true;
        found.keyframe = KeyframeStart::Complete;
        found.size = size(walk);
    }
    Some(())
}

/// Of a keyframe, its header's first byte having been read (RFC 6386 §9.1).
fn size(walk: &mut Walk) -> Option<FrameSize> {
    walk.u16()?; // the rest of the first partition's size
    if walk.take(3)? != [0x9d, 0x01, 0x2a] {
        return None;
    }
    // Little-endian, 14 bits each; above them how a player should scale.
    let mut pixels = || Some(walk.u16()?.swap_bytes() & 0x3fff);
    FrameSize::new(pixels()?, pixels()?)
}

#[cfg(test)]
mod tests {
    use super::super::descriptor::PictureFields;
    use super::super::layer::LayerInfo;
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
            assert_eq!(
                found.fields,
                PictureFields { picture_id, tl0_pic_idx, key_idx, frame_number: None },
                "{payload:x?}"
            );
        }
    }

    #[test]
    fn layer_table() {
        let frame = LayerInfo { frame_start: true, ..LayerInfo::default() };
        for (payload, expect) in [
            (&[0x10, 0x01][..], frame),
            (&[0x10, 0x00], LayerInfo { spatial_switch: true, ..frame }), // a keyframe
            (&[0x00, 0x01], LayerInfo::default()),                        // the frame goes on
            (&[0x11, 0x01], LayerInfo::default()),                        // partition 1 begins
            // I, L, T, K; TID 1 with Y: refers to layer 0 only.
            (&[0x90, 0xf0, 0x81, 0x02, 9, 0x60, 0x01], LayerInfo { temporal: 1, ..frame }),
            // TID 2 without Y.
            (
                &[0x90, 0xf0, 0x81, 0x02, 9, 0x80, 0x01],
                LayerInfo { temporal: 2, temporal_switch: false, ..frame },
            ),
            // The top layer as Chrome sends it: N set.
            (&[0xb0, 0xe0, 0x81, 0x02, 9, 0xa0, 0x01], LayerInfo { temporal: 2, discardable: true, ..frame }),
            (&[0x90, 0x20, 0x00, 0x01], frame), // TID 0 without Y
            (&[0x90, 0x10, 0xc3, 0x01], frame), // K alone: TID and Y mean nothing
        ] {
            assert_eq!(describe(payload).layer, expect, "{payload:x?}");
        }
    }

    #[test]
    fn size_table() {
        let size = |width, height| Some(FrameSize { width, height });
        for (payload, expect) in [
            // P, version and show_frame; partition size; start code; 640 and 480, little-endian.
            (&[0x10, 0x10, 0x52, 0x02, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01][..], size(640, 480)),
            // Upscaling bits set in both.
            (&[0x10, 0x10, 0x52, 0x02, 0x9d, 0x01, 0x2a, 0x00, 0x45, 0xd0, 0xc2], size(1280, 720)),
            (&[0x90, 0x80, 5, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00], size(320, 180)),
            (&[0x10, 0x11, 0x52, 0x02, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01], None), // no keyframe
            (&[0x10, 0x10, 0x52, 0x02, 0x9d, 0x01, 0x2b, 0x80, 0x02, 0xe0, 0x01], None), // no start code
            (&[0x10, 0x10, 0x52, 0x02, 0x9d, 0x01, 0x2a, 0x00, 0x00, 0xe0, 0x01], None), // no pixels
            (&[0x10, 0x10, 0x52, 0x02, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0], None),
        ] {
            assert_eq!(describe(payload).size, expect, "{payload:x?}");
        }
    }
}
