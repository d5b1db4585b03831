//! Layers and sizes, in one shape for all codecs: what `descriptor` says beside the picture numbers.
//!
//! Only names them; which layer goes to whom is decided where packets are forwarded.

/// Where in its stream's layers a packet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a bit of its own on the wire")]
pub(crate) struct LayerInfo {
    /// 0 without SVC.
    pub spatial: u8,
    /// 0 without temporal layers.
    pub temporal: u8,
    /// A receiver of all lower temporal layers may go up to this packet's from this frame on (VP8 Y, VP9 U,
    /// Switch in a dependency descriptor); true for temporal 0. A receiver that skipped one in between may
    /// lack what the frame refers to.
    pub temporal_switch: bool,
    /// A receiver of lower spatial layers may go up to this one at this frame: it refers to nothing but
    /// its own picture. Said by the frame's first packet; by the others where their descriptor repeats it.
    pub spatial_switch: bool,
    /// First packet of its layer frame; false where that is not known.
    pub frame_start: bool,
    /// Last packet of its layer frame; false where that is not known.
    pub frame_end: bool,
    /// Nothing refers to the frame; false where that is not known.
    pub discardable: bool,
}

impl Default for LayerInfo {
    /// A packet of a stream without layers.
    fn default() -> Self {
        Self {
            spatial: 0,
            temporal: 0,
            temporal_switch: true,
            spatial_switch: false,
            frame_start: false,
            frame_end: false,
            discardable: false,
        }
    }
}

/// Pixels of a frame as its keyframe's header says; the highest layer's where the header says all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameSize {
    pub width: u16,
    pub height: u16,
}

impl FrameSize {
    /// `None` for a frame without pixels, by which encoders mark a layer they do not send.
    pub fn new(width: u16, height: u16) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { width, height })
    }

    /// From two fields that hold one less, as most headers do; `None` past 65 535.
    pub fn from_minus_one(width: u32, height: u32) -> Option<Self> {
        let plus_one = |value: u32| u16::try_from(value.checked_add(1)?).ok();
        Self::new(plus_one(width)?, plus_one(height)?)
    }
}
