//! The dependency descriptor, a header extension that tells a frame's layer and what it refers to, whatever
//! the codec (RTP Payload Format For AV1, appendix A;
//! `https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension`).
//!
//! Owns what a stream's keyframes said of its templates; a packet in between names one of them. Of one
//! stream only the last two structures are kept: the one in use, and the one before it for packets that
//! come late.

mod structure;
#[cfg(test)]
mod tests;

use super::bits::Bits;
use super::layer::{FrameSize, LayerInfo};
use structure::{ChainDiffs, Dtis, Structure, custom_farthest};

/// A structure whose keyframe is at most this many frames behind the one in use comes late; further
/// behind, the sender began anew. No history of packets spans more frames.
const LATE: u16 = 512;

/// What a stream's dependency descriptors said so far. Small until the first.
#[derive(Debug, Default)]
pub(crate) struct DependencyState {
    current: Option<Box<Structure>>,
    previous: Option<Box<Structure>>,
}

/// What one packet's dependency descriptor says of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub number: u16,
    /// First packet of the frame.
    pub start: bool,
    /// Last packet of the frame.
    pub end: bool,
    /// `None` if its template is not known: the keyframe that told it was lost, or the rest is malformed.
    pub layer: Option<LayerInfo>,
    /// The highest layer's, with the packet that carries the structure.
    pub size: Option<FrameSize>,
    /// By chain, how many frames before this one the chain's last frame is; 0 if none is needed.
    pub chain_diffs: ChainDiffs,
}

/// The flags of A.4.1 `extended_descriptor_fields`; none without that.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a bit of its own on the wire")]
struct Extended {
    structure: bool,
    active_targets: bool,
    dtis: bool,
    fdiffs: bool,
    chains: bool,
}

impl DependencyState {
    /// Reads one packet's descriptor, taking up the structure it may carry; `None` if it is too short.
    pub fn read(&mut self, descriptor: &[u8]) -> Option<Frame> {
        let (&[first, high, low], extension) = descriptor.split_first_chunk()?;
        let mut frame = Frame {
            number: u16::from_be_bytes([high, low]),
            start: first & 0x80 != 0,
            end: first & 0x40 != 0,
            layer: None,
            size: None,
            chain_diffs: ChainDiffs::default(),
        };
        // What ends early leaves the frame without a layer.
        let _ = self.define(first & 0x3f, &mut frame, extension);
        Some(frame)
    }

    /// The size of a spatial layer, by the structure in use.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "shows in tests that the structure is read whole; nothing is selected by it"
        )
    )]
    pub fn size_of(&self, spatial: u8) -> Option<FrameSize> {
        self.current.as_ref()?.size_of(spatial)
    }

    /// The chain (A.4.3) that protects what a receiver of up to these layers is sent.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "shows in tests that the structure is read whole; nothing is selected by it"
        )
    )]
    pub fn chain_of(&self, spatial: u8, temporal: u8) -> Option<u8> {
        self.current.as_ref()?.chain_of(spatial, temporal)
    }

    /// A.4.1 `frame_dependency_definition`, after the fields that may come before it.
    fn define(&mut self, template: u8, frame: &mut Frame, extension: &[u8]) -> Option<()> {
        let mut bits = Bits::new(extension.iter().copied());
        let extended = if extension.is_empty() { Extended::default() } else { Extended::read(&mut bits)? };
        if extended.structure {
            let structure = Structure::read(&mut bits, frame.number)?;
            structure.template(template)?;
            frame.size = structure.highest_size();
            self.take_up(structure);
        }
        let structure = self.structure_of(template)?;
        if extended.active_targets {
            let active = bits.read(structure.targets())?;
            structure.activate(active, frame.number);
        }
        let known = structure.template(template)?;
        let dtis = if extended.dtis { Dtis::read(&mut bits, structure.targets())? } else { known.dtis };
        let farthest = if extended.fdiffs { custom_farthest(&mut bits)? } else { known.farthest };
        frame.chain_diffs =
            if extended.chains { structure.custom_chains(&mut bits)? } else { known.chain_diffs };
        let layer = structure.layer(known, dtis, farthest);
        frame.layer = Some(LayerInfo { frame_start: frame.start, frame_end: frame.end, ..layer });
        Some(())
    }

    /// Keeps a keyframe's structure. One of the same offset is the same (A.4.2 `template_id_offset`), but
    /// starts with all decode targets active again.
    fn take_up(&mut self, structure: Structure) {
        let Some(current) = self.current.as_deref_mut() else {
            self.current = Some(Box::new(structure));
            return;
        };
        let behind = current.since().wrapping_sub(structure.since());
        let late = (1..=LATE).contains(&behind);
        if late && structure.same_offset(current) {
            return;
        }
        if !late && structure.same_offset(current) {
            *current = structure;
            return;
        }
        if !late {
            std::mem::swap(&mut self.current, &mut self.previous);
        }
        let place = if late { &mut self.previous } else { &mut self.current };
        match place {
            Some(known) => **known = structure,
            None => *place = Some(Box::new(structure)),
        }
    }

    fn structure_of(&mut self, template: u8) -> Option<&mut Structure> {
        [&mut self.current, &mut self.previous]
            .into_iter()
            .filter_map(|structure| structure.as_deref_mut())
            .find(|structure| structure.template(template).is_some())
    }
}

impl Extended {
    fn read(bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<Self> {
        Some(Self {
            structure: bits.flag()?,
            active_targets: bits.flag()?,
            dtis: bits.flag()?,
            fdiffs: bits.flag()?,
            chains: bits.flag()?,
        })
    }
}
