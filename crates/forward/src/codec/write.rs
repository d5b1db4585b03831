//! Writes payloads and dependency descriptors, for tests: the other direction of what this module reads.

/// Writes bits, most significant first; the last byte is filled with zeros.
#[derive(Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    used: u32,
}

impl BitWriter {
    pub fn bits(&mut self, count: u32, value: u32) -> &mut Self {
        for at in (0..count).rev() {
            let bit = u8::from((value >> at) & 1 == 1);
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= bit << (7 - self.used % 8);
            self.used += 1;
        }
        self
    }

    pub fn flag(&mut self, flag: bool) -> &mut Self {
        self.bits(1, u32::from(flag))
    }

    /// `ue(v)`.
    pub fn exp_golomb(&mut self, value: u32) -> &mut Self {
        let zeros = (value + 1).ilog2();
        self.bits(zeros, 0).bits(zeros + 1, value + 1)
    }

    /// `se(v)`.
    pub fn signed_exp_golomb(&mut self, value: i32) -> &mut Self {
        let code = 2 * value.unsigned_abs();
        self.exp_golomb(if value > 0 { code - 1 } else { code })
    }

    /// `ns(n)`.
    pub fn below(&mut self, count: u32, value: u32) -> &mut Self {
        let width = count.ilog2() + 1;
        let short = (1 << width) - count;
        if value < short { self.bits(width - 1, value) } else { self.bits(width, value + short) }
    }

    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// A VP8 packet with all of its descriptor (RFC 7741 §4.2), the first of its frame.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Vp8 {
    pub picture_id: u16,
    pub tl0_pic_idx: u8,
    pub temporal: u8,
    pub layer_sync: bool,
    pub key_idx: u8,
    pub discardable: bool,
    /// With its size.
    pub keyframe: Option<(u16, u16)>,
}

impl Vp8 {
    pub fn write(&self) -> Vec<u8> {
        let mut out = BitWriter::default();
        out.bits(2, 0b10).flag(self.discardable).bits(5, 0b1_0000); // X R N S R PID
        out.bits(8, 0xf0).bits(1, 1).bits(15, self.picture_id.into()).bits(8, self.tl0_pic_idx.into());
        out.bits(2, self.temporal.into()).flag(self.layer_sync).bits(5, self.key_idx.into());
        out.bits(7, 0b000_1000).flag(self.keyframe.is_none()).bits(16, 0);
        if let Some((width, height)) = self.keyframe {
            out.bits(24, 0x9d_012a);
            out.bits(16, width.swap_bytes().into()).bits(16, height.swap_bytes().into());
        }
        out.finish()
    }
}

/// A VP9 packet in flexible mode (RFC 9628 §4.2).
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a bit of its own on the wire")]
pub(crate) struct Vp9 {
    pub picture_id: u16,
    pub begins: bool,
    pub ends: bool,
    pub temporal: u8,
    pub spatial: u8,
    pub switch: bool,
    pub inter_layer: bool,
    /// Back in picture ids; none in a picture that is not inter-predicted.
    pub references: Vec<u8>,
    /// Of each layer; none without a scalability structure.
    pub sizes: Vec<(u16, u16)>,
}

impl Vp9 {
    pub fn write(&self) -> Vec<u8> {
        let mut out = BitWriter::default();
        out.flag(true).flag(!self.references.is_empty()).bits(2, 0b11); // I P L F
        out.flag(self.begins).flag(self.ends).flag(!self.sizes.is_empty()).bits(1, 0); // B E V Z
        out.bits(1, 1).bits(15, self.picture_id.into());
        out.bits(3, self.temporal.into()).flag(self.switch);
        out.bits(3, self.spatial.into()).flag(self.inter_layer);
        for (at, back) in self.references.iter().enumerate() {
            out.bits(7, (*back).into()).flag(at + 1 < self.references.len());
        }
        if let Some(last) = self.sizes.len().checked_sub(1) {
            out.bits(3, u32::try_from(last).unwrap()).bits(5, 0b1_0000);
            for (width, height) in &self.sizes {
                out.bits(16, (*width).into()).bits(16, (*height).into());
            }
        }
        out.finish()
    }
}

/// A template of a dependency structure, as the specification's tables have them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template {
    pub spatial: u8,
    pub temporal: u8,
    /// `-`, `D`, `S`, `R`, by decode target.
    pub dtis: &'static str,
    pub fdiffs: &'static [u32],
    pub chains: &'static [u32],
}

/// A dependency structure; its templates in the order of their layers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Structure<'a> {
    pub offset: u8,
    pub templates: &'a [Template],
    pub protected_by: &'a [u32],
    pub sizes: &'a [(u32, u32)],
}

/// A dependency descriptor.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dependency<'a> {
    pub start: bool,
    pub end: bool,
    pub template: u8,
    pub number: u16,
    pub structure: Option<Structure<'a>>,
    /// How many decode targets there are, and which are active.
    pub active: Option<(u32, u32)>,
    pub dtis: Option<&'a str>,
    pub fdiffs: Option<&'a [u32]>,
    pub chains: Option<&'a [u32]>,
}

impl Dependency<'_> {
    pub fn write(&self) -> Vec<u8> {
        let mut out = BitWriter::default();
        out.flag(self.start).flag(self.end).bits(6, self.template.into()).bits(16, self.number.into());
        let flags = [
            self.structure.is_some(),
            self.active.is_some(),
            self.dtis.is_some(),
            self.fdiffs.is_some(),
            self.chains.is_some(),
        ];
        if flags.contains(&true) {
            for flag in flags {
                out.flag(flag);
            }
        }
        if let Some(structure) = &self.structure {
            structure.write(&mut out);
        }
        if let Some((count, active)) = self.active {
            out.bits(count, active);
        }
        write_dtis(&mut out, self.dtis.unwrap_or_default());
        if let Some(fdiffs) = self.fdiffs {
            for fdiff in fdiffs {
                let size = (fdiff - 1).checked_ilog2().map_or(1, |top| top / 4 + 1);
                out.bits(2, size).bits(4 * size, fdiff - 1);
            }
            out.bits(2, 0);
        }
        for chain in self.chains.unwrap_or_default() {
            out.bits(8, *chain);
        }
        out.finish()
    }
}

impl Structure<'_> {
    fn write(&self, out: &mut BitWriter) {
        let targets = u32::try_from(self.templates[0].dtis.len()).unwrap();
        out.bits(6, self.offset.into()).bits(5, targets - 1);
        for pair in self.templates.windows(2) {
            let next = match (pair[1].spatial > pair[0].spatial, pair[1].temporal > pair[0].temporal) {
                (true, _) => 2,
                (false, true) => 1,
                (false, false) => 0,
            };
            out.bits(2, next);
        }
        out.bits(2, 3);
        for template in self.templates {
            write_dtis(out, template.dtis);
        }
        for template in self.templates {
            for fdiff in template.fdiffs {
                out.flag(true).bits(4, fdiff - 1);
            }
            out.flag(false);
        }
        let chains = u32::try_from(self.templates[0].chains.len()).unwrap();
        out.below(targets + 1, chains);
        if chains > 0 {
            for chain in self.protected_by {
                out.below(chains, *chain);
            }
            for chain in self.templates.iter().flat_map(|template| template.chains) {
                out.bits(4, *chain);
            }
        }
        out.flag(!self.sizes.is_empty());
        for (width, height) in self.sizes {
            out.bits(16, width - 1).bits(16, height - 1);
        }
    }
}

fn write_dtis(out: &mut BitWriter, dtis: &str) {
    for symbol in dtis.chars() {
        out.bits(2, u32::try_from("-DSR".find(symbol).unwrap()).unwrap());
    }
}
