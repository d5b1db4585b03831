//! The head of a VP9 keyframe: its size, for streams whose payload descriptor does not say (VP9 bitstream
//! specification §6.2).

use crate::codec::bits::Bits;
use crate::codec::layer::FrameSize;

/// `color_space` of RGB (§7.2.2).
const RGB: u32 = 7;

/// The size of the frame whose uncompressed header begins `frame`; `None` unless it is a keyframe.
pub(super) fn keyframe_size(frame: &[u8]) -> Option<FrameSize> {
    let mut bits = Bits::new(frame.iter().copied());
    let marker = bits.read(2)?;
    let profile = bits.read(1)? | (bits.read(1)? << 1); // low bit first
    let reserved = profile == 3 && bits.flag()?;
    let (show_existing, inter) = (bits.flag()?, bits.flag()?);
    bits.read(2)?; // show_frame, error_resilient_mode
    let sync = bits.read(24)?;
    if marker != 2 || reserved || show_existing || inter || sync != 0x0049_8342 {
        return None;
    }
    color_config(&mut bits, profile)?;
    let (width, height) = (bits.read(16)?, bits.read(16)?);
    FrameSize::from_minus_one(width, height)
}

fn color_config(bits: &mut Bits<impl Iterator<Item = u8>>, profile: u32) -> Option<()> {
    let subsampled = profile == 1 || profile == 3;
    if profile >= 2 {
        bits.flag()?; // ten or twelve bits
    }
    if bits.read(3)? == RGB {
        if subsampled {
            bits.flag()?; // reserved
        }
    } else {
        bits.flag()?; // color_range
        if subsampled {
            bits.read(3)?; // subsampling in x and y, reserved
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_table() {
        let size = |width, height| Some(FrameSize { width, height });
        for (frame, expect) in [
            // Profile 0: 10 0 0 | 0 0 1 0: shown keyframe; sync; color space 0 and range in four bits,
            // then 639 = 0000001001111111 and 479 = 0000000111011111 shifted by those four.
            (&[0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0][..], size(640, 480)),
            // Profile 1: as many bits, and three of subsampling: seven before 639.
            (&[0xa2, 0x49, 0x83, 0x42, 0x00, 0x04, 0xfe, 0x03, 0xbe], size(640, 480)),
            // Profile 2: one of depth: five before it.
            (&[0x92, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf8, 0x0e, 0xf8], size(640, 480)),
            // Profile 3: a reserved bit after the profile, so all is one bit later; RGB and its reserved
            // bit: depth 0, color space 111, reserved 0.
            (&[0xb1, 0x24, 0xc1, 0xa1, 0x38, 0x09, 0xfc, 0x07, 0x7c], size(640, 480)),
            // 65 536 wide.
            (&[0x82, 0x49, 0x83, 0x42, 0x0f, 0xff, 0xf0, 0x1d, 0xf0], None),
            (&[0x86, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0], None), // inter frame
            (&[0x8a, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0], None), // shows an existing frame
            (&[0x82, 0x49, 0x83, 0x43, 0x00, 0x27, 0xf0, 0x1d, 0xf0], None), // no sync code
            (&[0x42, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0], None), // no frame marker
            (&[0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d], None),
            (&[], None),
        ] {
            assert_eq!(keyframe_size(frame), expect, "{frame:x?}");
        }
    }
}
