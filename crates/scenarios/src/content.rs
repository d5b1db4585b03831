//! What is inside a synthetic packet: which frame of whom it belongs to, and which frames that one refers to.
//! A receiver's decoder and the oracle at the server's way out both go by it.
//!
//! A video payload begins with a real VP8 descriptor and, in a keyframe's first packet, a real frame header;
//! the name follows at a fixed place.

use crate::wire::{be16, be32, be64};

/// Bytes of the descriptor: X; I, L, T and K; a picture id of 15 bits; `TL0PICIDX`; TID, Y and KEYIDX.
const DESCRIPTOR: usize = 6;
/// Bytes of a keyframe's header (RFC 6386 §9.1); other packets have as many of anything.
const FRAME_HEADER: usize = 10;
const NAME_AT: usize = DESCRIPTOR + FRAME_HEADER;
/// Bytes before the filling of a video packet.
pub const HEAD: usize = NAME_AT + 28;
const NONE: u32 = u32::MAX;

/// One video packet's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    pub publisher: u8,
    pub encoding: u8,
    /// Of the encoding's frames.
    pub number: u32,
    pub index: u16,
    pub total: u16,
    pub key: bool,
    pub temporal: u8,
    /// It refers to frames of lower temporal layers only, the lowest of the latest.
    pub sync: bool,
    /// Microsecond it was captured in.
    pub captured: u64,
    /// The frames it cannot be decoded without.
    pub refs: [Option<u32>; 2],
}

/// The numbers in a VP8 descriptor, which a server rewrites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub picture_id: u16,
    pub tl0: u8,
    pub key_idx: u8,
}

/// The head of a packet's payload.
pub fn write(name: &Name, numbers: Numbers, size: (u16, u16)) -> [u8; HEAD] {
    let mut out = [0; HEAD];
    let discardable = u8::from(name.temporal == 2) << 5;
    let [id_high, id_low] = (numbers.picture_id | 0x8000).to_be_bytes();
    let layer = name.temporal << 6 | u8::from(name.sync) << 5 | numbers.key_idx & 0x1f;
    let start = u8::from(name.index == 0) << 4;
    let descriptor = [0x80 | discardable | start, 0xf0, id_high, id_low, numbers.tl0, layer];
    let header = if name.key && name.index == 0 {
        // P is 0, the frame is shown; start code; little-endian sides.
        let ([w0, w1], [h0, h1]) = (size.0.to_le_bytes(), size.1.to_le_bytes());
        [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]
    } else {
        [0x11, 0x02, 0, 0, 0, 0, 0, 0, 0, 0]
    };
    let flags = name.temporal | u8::from(name.sync) << 6 | u8::from(name.key) << 7;
    let parts: [&[u8]; 9] = [
        &descriptor,
        &header,
        &[name.publisher, name.encoding, flags, 0x5a],
        &name.number.to_be_bytes(),
        &name.index.to_be_bytes(),
        &name.total.to_be_bytes(),
        &name.captured.to_be_bytes(),
        &name.refs[0].unwrap_or(NONE).to_be_bytes(),
        &name.refs[1].unwrap_or(NONE).to_be_bytes(),
    ];
    let mut rest = out.as_mut_slice();
    for part in parts {
        let (here, after) = rest.split_at_mut(part.len());
        here.copy_from_slice(part);
        rest = after;
    }
    out
}

/// Reads a packet's name and numbers; `None` if it is not as a publisher wrote it.
pub fn read(payload: &[u8]) -> Option<(Name, Numbers)> {
    let &[first, 0xf0, _, _, tl0, layer] = payload.first_chunk::<DESCRIPTOR>()? else { return None };
    let name = payload.get(NAME_AT..HEAD)?;
    let &[publisher, encoding, flags, 0x5a] = name.first_chunk()? else { return None };
    let reference = |at| be32(name, at).filter(|number| *number != NONE);
    let found = Name {
        publisher,
        encoding,
        number: be32(name, 4)?,
        index: be16(name, 8)?,
        total: be16(name, 10)?,
        key: flags & 0x80 != 0,
        temporal: flags & 3,
        sync: flags & 0x40 != 0,
        captured: be64(name, 12)?,
        refs: [reference(20), reference(24)],
    };
    let untouched = layer >> 6 == found.temporal
        && (layer & 0x20 != 0) == found.sync
        && (first & 0x10 != 0) == (found.index == 0);
    let picture_id = be16(payload, 2)?;
    let numbers = Numbers { picture_id: picture_id & 0x7fff, tl0, key_idx: layer & 0x1f };
    (untouched && picture_id & 0x8000 != 0).then_some((found, numbers))
}

/// Bytes of a packet of sound: 32 kbit/s.
pub const SOUND: usize = 80;

/// A packet of sound, from whom and when.
pub fn write_sound(publisher: u8, captured: u64) -> [u8; SOUND] {
    let mut out = [publisher; SOUND];
    if let Some(place) = out.first_chunk_mut() {
        *place = captured.to_be_bytes();
    }
    out
}

/// From whom, and the microsecond it was captured in.
pub fn read_sound(payload: &[u8]) -> Option<(u8, u64)> {
    Some((*payload.get(8)?, be64(payload, 0)?)).filter(|_| payload.len() == SOUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_written() {
        let name = Name {
            publisher: 3,
            encoding: 1,
            number: 9,
            index: 0,
            total: 4,
            key: false,
            temporal: 2,
            sync: true,
            captured: 1 << 40,
            refs: [Some(5), None],
        };
        let numbers = Numbers { picture_id: 0x7ffe, tl0: 255, key_idx: 31 };
        assert_eq!(read(&write(&name, numbers, (0, 0))), Some((name, numbers)));
        let sound = write_sound(9, 77);
        assert_eq!(read_sound(&sound), Some((9, 77)));
    }
}
