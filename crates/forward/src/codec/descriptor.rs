//! What a payload's descriptor says, in one shape for all codecs. Read once at ingest and kept in the
//! history, so that rewriting for each subscriber is a few additions at known offsets.

use super::dependency::DependencyState;
use super::layer::{FrameSize, LayerInfo};
use super::{Codec, av1, h264, vp8, vp9};

/// Read from a payload's first bytes, and from the packet's dependency descriptor if it carries one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub keyframe: KeyframeStart,
    pub fields: PictureFields,
    pub layer: LayerInfo,
    /// With a keyframe's first packet, if it says.
    pub size: Option<FrameSize>,
}

impl Descriptor {
    /// `dependency` is the content of the dependency descriptor's header extension, `state` what its
    /// stream's earlier ones said.
    pub fn read(
        codec: Codec,
        payload: &[u8],
        dependency: Option<&[u8]>,
        state: &mut DependencyState,
    ) -> Self {
        let mut found = match codec {
            Codec::Opus | Codec::Red => return Self::default(),
            Codec::Vp8 => vp8::describe(payload),
            Codec::Vp9 { .. } => vp9::describe(payload),
            Codec::H264 { .. } => h264::describe(payload),
            Codec::Av1 { .. } => av1::describe(payload),
        };
        let Some(frame) = dependency.and_then(|bytes| state.read(bytes)) else { return found };
        found.fields.frame_number = Some(frame.number);
        match codec {
            // Their payload says nothing of layers, or not in every packet.
            Codec::H264 { .. } | Codec::Av1 { .. } => {
                found.layer = LayerInfo {
                    frame_start: frame.start,
                    frame_end: frame.end,
                    ..frame.layer.unwrap_or(found.layer)
                };
                found.size = frame.size.or(found.size);
            }
            Codec::Vp8 | Codec::Vp9 { .. } => found.size = found.size.or(frame.size),
            Codec::Opus | Codec::Red => {}
        }
        found
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
    /// Of the dependency descriptor; bytes 1 and 2 of that header extension, not of the payload.
    pub frame_number: Option<u16>,
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

    /// What was not walked yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
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

#[cfg(test)]
#[path = "descriptor_tests.rs"]
mod tests;
