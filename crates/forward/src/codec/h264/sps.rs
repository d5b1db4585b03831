//! H.264 sequence parameter sets (ITU-T H.264 §7.3.2.1.1): only the size of the pictures.
//!
//! Takes the set up to its cropping; what follows (VUI) is not read.

use crate::codec::bits::Bits;
use crate::codec::layer::FrameSize;

/// Profiles that say more of their samples before the size.
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// The cropped size that a parameter set tells, its NAL unit's header byte left off.
pub(super) fn size(body: &[u8]) -> Option<FrameSize> {
    let mut bits = Bits::new(Unescaped { bytes: body.iter(), zeros: 0 });
    let profile = bits.byte(8)?;
    bits.read(16)?; // constraints, level
    bits.exp_golomb()?; // id
    let chroma = if HIGH_PROFILES.contains(&profile) { high_profile(&mut bits)? } else { 1 };
    bits.exp_golomb()?; // log2_max_frame_num
    picture_order(&mut bits)?;
    bits.exp_golomb()?; // reference frames
    bits.flag()?; // gaps in frame_num
    let (columns, rows) = (bits.exp_golomb()?, bits.exp_golomb()?);
    let frames_only = bits.flag()?;
    if !frames_only {
        bits.flag()?; // macroblock-adaptive
    }
    bits.flag()?; // direct_8x8_inference
    let mut crop = [0; 4];
    if bits.flag()? {
        for side in &mut crop {
            *side = bits.exp_golomb()?;
        }
    }
    let [left, right, top, bottom] = crop;
    // Table 6-1: what one unit of cropping is, in luma samples; a field's row counts twice.
    let (unit_x, unit_y) = match chroma {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let fields = if frames_only { 1 } else { 2 };
    FrameSize::new(
        cropped(columns, 1, unit_x, [left, right])?,
        cropped(rows, fields, unit_y * fields, [top, bottom])?,
    )
}

/// Samples in `blocks` + 1 macroblocks, times `fields`, less what is cropped at both ends.
fn cropped(blocks: u32, fields: u32, unit: u32, crop: [u32; 2]) -> Option<u16> {
    let all = blocks.checked_add(1)?.checked_mul(16)?.checked_mul(fields)?;
    let [before, after] = crop;
    let off = before.checked_add(after)?.checked_mul(unit)?;
    u16::try_from(all.checked_sub(off)?).ok()
}

/// Walks to the end of what only these profiles have; gives `ChromaArrayType`.
fn high_profile(bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<u32> {
    let format = bits.exp_golomb()?;
    let separate_planes = format == 3 && bits.flag()?;
    bits.exp_golomb()?; // luma depth
    bits.exp_golomb()?; // chroma depth
    bits.flag()?; // lossless bypass
    if bits.flag()? {
        let lists = if format == 3 { 12 } else { 8 };
        for list in 0..lists {
            if bits.flag()? {
                scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(if separate_planes { 0 } else { format })
}

/// §7.3.2.1.1.1; its length hangs on its values.
fn scaling_list(bits: &mut Bits<impl Iterator<Item = u8>>, len: u8) -> Option<()> {
    let mut last = 8_i32;
    for _ in 0..len {
        let next = last.wrapping_add(bits.signed_exp_golomb()?).rem_euclid(256);
        if next == 0 {
            break; // the rest repeats the last
        }
        last = next;
    }
    Some(())
}

fn picture_order(bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<()> {
    match bits.exp_golomb()? {
        0 => {
            bits.exp_golomb()?;
        }
        1 => {
            bits.flag()?;
            bits.signed_exp_golomb()?;
            bits.signed_exp_golomb()?;
            // At most 255; more end with the bytes.
            for _ in 0..bits.exp_golomb()? {
                bits.signed_exp_golomb()?;
            }
        }
        _ => {}
    }
    Some(())
}

/// The bytes of a NAL unit without its emulation prevention bytes (§7.4.1): 3 after two zeros.
struct Unescaped<'a> {
    bytes: std::slice::Iter<'a, u8>,
    zeros: u8,
}

impl Iterator for Unescaped<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let mut byte = *self.bytes.next()?;
        if self.zeros >= 2 && byte == 3 {
            self.zeros = 0;
            byte = *self.bytes.next()?;
        }
        self.zeros = if byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        Some(byte)
    }
}

#[cfg(test)]
#[path = "sps_tests.rs"]
mod tests;
