//! The template dependency structure a keyframe carries (appendix A.4.1), and what it says of a frame.
//!
//! Owns reading and bounding it, and drawing a frame's layer and switch points from its decode target
//! indications. Of a template's frame differences only the farthest is kept: whether a frame reaches out
//! of its own picture is all that is asked.

use crate::codec::bits::Bits;
use crate::codec::layer::{FrameSize, LayerInfo};

/// Template ids have six bits.
const TEMPLATES: usize = 64;
/// Decode targets are counted in five bits.
const TARGETS: usize = 32;
/// AV1 and VP9 have at most 8 temporal layers, H.264 fewer; a structure with more is refused.
const TEMPORAL_LAYERS: u8 = 8;
/// AV1 has at most 4 spatial layers; a structure with more is refused.
const SPATIAL_LAYERS: usize = 4;

/// Indexed by chain.
pub(super) type ChainDiffs = [u8; TARGETS];

#[derive(Debug)]
pub(super) struct Structure {
    /// Frame number of the keyframe that carried it.
    since: u16,
    offset: u8,
    templates: [Template; TEMPLATES],
    template_count: u8,
    /// The highest layers each decode target has.
    targets: [Layers; TARGETS],
    target_count: u8,
    chain_count: u8,
    /// By decode target, the chain that protects it.
    protected_by: [u8; TARGETS],
    sizes: [Option<FrameSize>; SPATIAL_LAYERS],
    /// Decode targets that are sent now, target 0 lowest; as said by frame `active_since`.
    active: u32,
    active_since: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Layers {
    spatial: u8,
    temporal: u8,
}

/// What frames that name it have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Template {
    layers: Layers,
    pub dtis: Dtis,
    /// The farthest frame referred to, counted backwards; 0 if none is.
    pub farthest: u16,
    pub chain_diffs: ChainDiffs,
}

/// Decode target indications of a frame, two bits each, target 0 lowest (table A.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dtis(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dti {
    NotPresent,
    Discardable,
    Switch,
    Required,
}

impl Dtis {
    pub fn read(bits: &mut Bits<impl Iterator<Item = u8>>, targets: u32) -> Option<Self> {
        let mut all = 0;
        for target in 0..targets {
            all |= u64::from(bits.read(2)?) << (2 * target);
        }
        Some(Self(all))
    }

    fn of(self, target: usize) -> Dti {
        match (self.0 >> (2 * target)) & 3 {
            0 => Dti::NotPresent,
            1 => Dti::Discardable,
            2 => Dti::Switch,
            _ => Dti::Required,
        }
    }
}

/// A.4.1 `frame_fdiffs`: the farthest of a frame's own frame differences.
pub(super) fn custom_farthest(bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<u16> {
    let mut farthest = 0;
    loop {
        let size = bits.read(2)?;
        if size == 0 {
            return Some(farthest);
        }
        farthest = farthest.max(bits.short(4 * size)? + 1);
    }
}

impl Structure {
    /// Reads the structure carried by the frame of this number.
    pub fn read(bits: &mut Bits<impl Iterator<Item = u8>>, number: u16) -> Option<Self> {
        let mut structure = Self {
            since: number,
            offset: bits.byte(6)?,
            templates: [Template::default(); TEMPLATES],
            template_count: 0,
            targets: [Layers::default(); TARGETS],
            target_count: bits.byte(5)? + 1,
            chain_count: 0,
            protected_by: [0; TARGETS],
            sizes: [None; SPATIAL_LAYERS],
            active: u32::MAX,
            active_since: number,
        };
        let top = structure.template_layers(bits)?;
        for at in 0..usize::from(structure.template_count) {
            structure.templates.get_mut(at)?.dtis = Dtis::read(bits, structure.targets())?;
        }
        for at in 0..usize::from(structure.template_count) {
            structure.templates.get_mut(at)?.farthest = template_farthest(bits)?;
        }
        structure.template_chains(bits)?;
        if bits.flag()? {
            for size in structure.sizes.iter_mut().take(usize::from(top) + 1) {
                *size = FrameSize::from_minus_one(bits.read(16)?, bits.read(16)?);
            }
        }
        structure.tell_targets();
        Some(structure)
    }

    pub fn since(&self) -> u16 {
        self.since
    }

    pub fn same_offset(&self, other: &Self) -> bool {
        self.offset == other.offset
    }

    /// How many decode targets there are.
    pub fn targets(&self) -> u32 {
        u32::from(self.target_count)
    }

    /// By the id that packets name it by.
    pub fn template(&self, id: u8) -> Option<&Template> {
        let at = id.wrapping_sub(self.offset) & 0x3f;
        if at < self.template_count { self.templates.get(usize::from(at)) } else { None }
    }

    pub fn size_of(&self, spatial: u8) -> Option<FrameSize> {
        *self.sizes.get(usize::from(spatial))?
    }

    pub fn highest_size(&self) -> Option<FrameSize> {
        self.sizes.iter().rev().find_map(|size| *size)
    }

    /// The chain of the decode target with just these as its highest layers.
    pub fn chain_of(&self, spatial: u8, temporal: u8) -> Option<u8> {
        let (at, _) = self.present().find(|(_, layers)| **layers == Layers { spatial, temporal })?;
        if self.chain_count > 0 { self.protected_by.get(at).copied() } else { None }
    }

    /// Notes which decode targets are sent from the frame of this number on, unless a later one said.
    pub fn activate(&mut self, targets: u32, number: u16) {
        if number.wrapping_sub(self.active_since).cast_signed() >= 0 {
            (self.active, self.active_since) = (targets, number);
        }
    }

    /// A.4.1 `frame_chains`.
    pub fn custom_chains(&self, bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<ChainDiffs> {
        let mut diffs = ChainDiffs::default();
        for diff in diffs.iter_mut().take(usize::from(self.chain_count)) {
            *diff = bits.byte(8)?;
        }
        Some(diffs)
    }

    /// The layer of a frame of `template` with these indications and that farthest reference. Whether it is
    /// the frame's first or last packet is not known here.
    pub fn layer(&self, template: &Template, dtis: Dtis, farthest: u16) -> LayerInfo {
        let Layers { spatial, temporal } = template.layers;
        let discardable = self.all(dtis, |_| true, |dti| dti == Dti::Discardable);
        // By A.2 nothing later in a target needs more than a frame that is Switch in it, and nothing needs
        // one that is Discardable. That the frame itself refers to lower temporal layers only is taken from
        // how such structures are made (A.6.2); a frame's references are not followed. Without a target of
        // its spatial layer, Switch in all will do.
        let own = |target: &Layers| target.spatial == spatial;
        let temporal_switch = temporal == 0
            || self.all(dtis, own, |dti| dti != Dti::Required)
            || self.all(dtis, |_| true, |dti| dti == Dti::Switch);
        // Switch promises that what follows is decodable if this frame is (A.2); for a receiver that had
        // only lower layers this frame is, if it refers to no more frames back than its picture has.
        let whole_layer = self
            .present()
            .all(|(target, layers)| layers.spatial != spatial || dtis.of(target) == Dti::Switch);
        let spatial_switch = if spatial == 0 {
            farthest == 0
        } else {
            whole_layer && self.any(dtis, own) && farthest <= self.active_below(spatial)
        };
        LayerInfo {
            spatial,
            temporal,
            temporal_switch,
            spatial_switch,
            discardable,
            frame_start: false,
            frame_end: false,
        }
    }

    /// How many spatial layers under this one are sent.
    fn active_below(&self, spatial: u8) -> u16 {
        let sent = |below: &u8| {
            self.present()
                .any(|(target, layers)| layers.spatial == *below && (self.active >> target) & 1 == 1)
        };
        (0..spatial).filter(sent).map(|_| 1).sum()
    }

    /// Whether the frame is in decode targets of these layers, and its indication for each is as said.
    fn all(&self, dtis: Dtis, of: impl Fn(&Layers) -> bool, is: impl Fn(Dti) -> bool) -> bool {
        let mut indications = self
            .present()
            .filter(|(_, layers)| of(layers))
            .map(|(target, _)| dtis.of(target))
            .filter(|dti| *dti != Dti::NotPresent)
            .peekable();
        indications.peek().is_some() && indications.all(is)
    }

    fn any(&self, dtis: Dtis, of: impl Fn(&Layers) -> bool) -> bool {
        self.all(dtis, of, |_| true)
    }

    fn present(&self) -> impl Iterator<Item = (usize, &Layers)> {
        self.targets.iter().enumerate().take(usize::from(self.target_count))
    }

    /// A.4.1 `template_layers`; gives the highest spatial layer.
    fn template_layers(&mut self, bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<u8> {
        let mut layers = Layers::default();
        loop {
            self.templates.get_mut(usize::from(self.template_count))?.layers = layers;
            self.template_count += 1;
            match bits.read(2)? {
                0 => {}
                1 => layers.temporal += 1,
                2 => layers = Layers { spatial: layers.spatial + 1, temporal: 0 },
                _ => return Some(layers.spatial),
            }
            if layers.temporal >= TEMPORAL_LAYERS || usize::from(layers.spatial) >= SPATIAL_LAYERS {
                return None;
            }
        }
    }

    fn template_chains(&mut self, bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<()> {
        let chains = bits.below(self.targets() + 1)?;
        if chains == 0 {
            return Some(());
        }
        self.chain_count = u8::try_from(chains).ok()?;
        for chain in self.protected_by.iter_mut().take(usize::from(self.target_count)) {
            *chain = u8::try_from(bits.below(chains)?).ok()?;
        }
        for template in self.templates.iter_mut().take(usize::from(self.template_count)) {
            for diff in template.chain_diffs.iter_mut().take(usize::from(self.chain_count)) {
                *diff = bits.byte(4)?;
            }
        }
        Some(())
    }

    /// A decode target's layers are the highest among the templates that are in it.
    fn tell_targets(&mut self) {
        let templates = self.templates.iter().take(usize::from(self.template_count));
        for template in templates {
            for (at, target) in self.targets.iter_mut().enumerate() {
                if template.dtis.of(at) != Dti::NotPresent {
                    target.spatial = target.spatial.max(template.layers.spatial);
                    target.temporal = target.temporal.max(template.layers.temporal);
                }
            }
        }
    }
}

/// A.4.1 `template_fdiffs`, of one template.
fn template_farthest(bits: &mut Bits<impl Iterator<Item = u8>>) -> Option<u16> {
    let mut farthest = 0;
    while bits.flag()? {
        farthest = farthest.max(bits.short(4)? + 1);
    }
    Some(farthest)
}
