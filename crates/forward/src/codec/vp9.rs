//! VP9 payload descriptor (RFC 9628 §4.2), flexible and non-flexible mode.

mod header;

use super::descriptor::{ByteField, Descriptor, KeyframeStart, PictureId, Walk};
use super::layer::FrameSize;

/// Reads the descriptor, and behind it a keyframe's size; reference indices are relative and stay. A short
/// payload yields what was there.
pub(crate) fn describe(payload: &[u8]) -> Descriptor {
    let mut found = Descriptor::default();
    // What ends early keeps what was read before.
    let _ = read(&mut Walk::new(payload), &mut found);
    found
}

fn read(walk: &mut Walk, found: &mut Descriptor) -> Option<()> {
    let Descriptor { fields, layer, .. } = found;
    let first = walk.byte()?;
    let has = |bit: u8| first & bit != 0;
    let (predicted, layered, flexible) = (has(0x40), has(0x20), has(0x10));
    (layer.frame_start, layer.frame_end) = (has(0x08), has(0x04));
    layer.spatial_switch = !predicted;
    if has(0x80) {
        fields.picture_id = Some(PictureId::read(walk)?);
    }
    if layered {
        // TID, U, SID, D. By §4.2 U speaks of the layers above this one; Chrome sets it on pictures that
        // refer to lower temporal layers only, which says the same of this one.
        let byte = walk.byte()?;
        (layer.temporal, layer.spatial) = (byte >> 5, (byte >> 1) & 0x07);
        layer.temporal_switch = layer.temporal == 0 || byte & 0x10 != 0;
        if !flexible {
            fields.tl0_pic_idx = Some(ByteField::read(walk)?);
        }
    }
    // A keyframe is a picture whose lowest spatial layer is not inter-predicted.
    let keyframe = layer.frame_start && !predicted && layer.spatial == 0;
    if keyframe {
        found.keyframe = KeyframeStart::Complete;
    }
    if flexible && predicted {
        while walk.byte()? & 0x01 != 0 {} // P_DIFF and N: another follows
    }
    if has(0x02) {
        structure(walk, &mut found.size)?;
    }
    if keyframe && found.size.is_none() {
        found.size = header::keyframe_size(walk.rest());
    }
    Some(())
}

/// Walks over the scalability structure (§4.2.1), noting the size of the highest layer that is sent.
fn structure(walk: &mut Walk, highest: &mut Option<FrameSize>) -> Option<()> {
    let first = walk.byte()?;
    if first & 0x10 != 0 {
        let mut size = None;
        for _ in 0..=first >> 5 {
            size = FrameSize::new(walk.u16()?, walk.u16()?).or(size);
        }
        *highest = size;
    }
    if first & 0x08 != 0 {
        for _ in 0..walk.byte()? {
            let references = (walk.byte()? >> 2) & 0x03;
            walk.take(usize::from(references))?;
        }
    }
    Some(())
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
                PictureFields { picture_id, tl0_pic_idx, key_idx: None, frame_number: None },
                "{payload:x?}"
            );
        }
    }

    #[test]
    fn layer_table() {
        let layer = |spatial, temporal| LayerInfo { spatial, temporal, ..LayerInfo::default() };
        for (payload, expect) in [
            // I, B, E: one packet, one frame, no prediction and no layers.
            (
                &[0x8c, 0x05][..],
                LayerInfo { spatial_switch: true, frame_start: true, frame_end: true, ..layer(0, 0) },
            ),
            // I, P, L, F: TID 2, U, SID 1, D; one reference.
            (&[0xf0, 0x05, 0x53, 0x06], layer(1, 2)),
            // The same without U.
            (&[0xf0, 0x05, 0x43, 0x06], LayerInfo { temporal_switch: false, ..layer(1, 2) }),
            // TID 0 needs no U.
            (&[0xe4, 0x05, 0x04, 0x09], LayerInfo { frame_end: true, ..layer(2, 0) }),
            // The keyframe's second spatial layer: SID 1, D, P not set.
            (&[0xb8, 0x05, 0x03], LayerInfo { frame_start: true, spatial_switch: true, ..layer(1, 0) }),
        ] {
            assert_eq!(describe(payload).layer, expect, "{payload:x?}");
        }
    }

    #[test]
    fn size_table() {
        let size = |width, height| Some(FrameSize { width, height });
        for (payload, expect) in [
            // I, L, F, B, V: N_S 2, Y: 320×180, 640×360, 1280×720.
            (&[0xba, 5, 0, 0x50, 1, 0x40, 0, 0xb4, 2, 0x80, 1, 0x68, 5, 0, 2, 0xd0][..], size(1280, 720)),
            // The highest layer is not sent.
            (&[0xba, 5, 0, 0x30, 1, 0x40, 0, 0xb4, 0, 0, 0, 0], size(320, 180)),
            // Not flexible: N_S 0, Y, G; N_G 2: one picture without references and one with two.
            (&[0xaa, 5, 0, 9, 0x18, 1, 0x40, 0, 0xb4, 2, 0x00, 0x58, 1, 2, 0x82], size(320, 180)),
            // Lies about its length.
            (&[0xba, 5, 0, 0x50, 1, 0x40, 0, 0xb4], None),
            // G without Y, then a keyframe's header: 640×480 (see `header`).
            (
                &[0x8a, 5, 0x08, 1, 0x04, 1, 0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0],
                size(640, 480),
            ),
            // No structure; the same.
            (&[0x88, 5, 0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0], size(640, 480)),
            // Inter-predicted: no header is looked for.
            (&[0xc8, 5, 0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0], None),
        ] {
            assert_eq!(describe(payload).size, expect, "{payload:x?}");
        }
    }
}
