//! AV1 sequence headers (AV1 bitstream specification §5.5.1): only the largest frame's size.

use crate::codec::bits::Bits;
use crate::codec::layer::FrameSize;

/// The size that a sequence header OBU's payload tells.
pub(super) fn size(payload: &[u8]) -> Option<FrameSize> {
    let mut bits = Bits::new(payload.iter().copied());
    bits.read(3 + 1)?; // profile, still_picture
    if bits.flag()? {
        bits.read(5)?; // a still picture's level is all there is
    } else {
        operating_points(&mut bits)?;
    }
    let (width_bits, height_bits) = (bits.read(4)? + 1, bits.read(4)? + 1);
    let (width, height) = (bits.read(width_bits)?, bits.read(height_bits)?);
    FrameSize::from_minus_one(width, height)
}

fn operating_points(bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<()> {
    let delay_bits = if bits.flag()? { timing(bits)? } else { 0 };
    let display_delay = bits.flag()?;
    for _ in 0..=bits.read(5)? {
        bits.read(12)?; // which layers it is of
        if bits.read(5)? > 7 {
            bits.flag()?; // tier
        }
        if delay_bits > 0 && bits.flag()? {
            bits.read(delay_bits)?; // decoder_buffer_delay
            bits.read(delay_bits)?; // encoder_buffer_delay
            bits.flag()?; // low_delay_mode
        }
        if display_delay && bits.flag()? {
            bits.read(4)?;
        }
    }
    Some(())
}

/// `timing_info` and `decoder_model_info`; the width of a buffer delay, 0 without a decoder model.
fn timing(bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<u32> {
    bits.read(32)?; // units in a tick
    bits.read(32)?; // time scale
    if bits.flag()? {
        bits.exp_golomb()?; // ticks per picture
    }
    if !bits.flag()? {
        return Some(0);
    }
    let delay_bits = bits.read(5)? + 1;
    bits.read(32)?; // units in a decoding tick
    bits.read(5 + 5)?; // widths of removal and presentation times
    Some(delay_bits)
}

#[cfg(test)]
#[path = "sequence_tests.rs"]
mod tests;
