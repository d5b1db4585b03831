//! What a payload's descriptor says, in one shape for all codecs. Read once at ingest and kept in the
//! history, so that rewriting for each subscriber is a few additions at known offsets.

use super::{Codec, h264, vp8, vp9};

/// Read from a payload's first bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub keyframe: KeyframeStart,
    pub fields: PictureFields,
}

impl Descriptor {
    pub fn read(codec: Codec, payload: &[u8]) -> Self {
        match codec {
            Codec::Opus => Self::default(),
            Codec::Vp8 => vp8::describe(payload),
            Codec::Vp9 { .. } => vp9::describe(payload),
            Codec::H264 { .. } => h264::describe(payload),
        }
    }
}

/// Whether a packet is the first of a keyframe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyframeStart {
    #[default]
    No,
    /// An H.264 IDR slice without parameter sets before it in the packet: a start only for a stream that
    /// never carries parameter sets in-band; otherwise the packet with them is.
    Bare,
    Complete,
}

/// Numbers that must go on without a jump when a slot's source changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PictureFields {
    pub picture_id: Option<PictureId>,
    pub tl0_pic_idx: Option<ByteField>,
    /// VP8 only; five bits, sharing their byte with TID and Y.
    pub key_idx: Option<ByteField>,
}

/// A picture id of 7 bits, or of 15 with the top bit of its first byte set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PictureId {
    /// Offset of its first byte in the payload.
    pub at: u8,
    pub value: u16,
    pub wide: bool,
}

impl PictureId {
    pub fn read(walk: &mut Walk) -> Option<Self> {
        let at = walk.at;
        let first = walk.byte()?;
        if first & 0x80 == 0 {
            return Some(Self { at, value: u16::from(first), wide: false });
        }
        let second = walk.byte()?;
        Some(Self { at, value: u16::from_be_bytes([first & 0x7f, second]), wide: true })
    }
}

/// A number within one byte of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteField {
    /// Offset in the payload.
    pub at: u8,
    pub value: u8,
}

impl ByteField {
    pub fn read(walk: &mut Walk) -> Option<Self> {
        let at = walk.at;
        walk.byte().map(|value| Self { at, value })
    }
}

/// Walks over a payload, minding its end.
pub(crate) struct Walk<'a> {
    rest: &'a [u8],
    /// Bytes walked so far; saturates, since only descriptors (under 255 bytes) ask for it.
    at: u8,
}

impl<'a> Walk<'a> {
    pub fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload, at: 0 }
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        self.at = self.at.saturating_add(u8::try_from(len).unwrap_or(u8::MAX));
        Some(taken)
    }
}
