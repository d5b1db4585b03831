//! From an offer to what the media plane is told: which slots there are, what each sends with, which
//! codecs and extensions hold.
//!
//! Owned by a peer; remembers every slot, because a slot keeps its SSRC for life.

use crate::extension;
use crate::sdp::{Direction, Offer, Section, SectionKind, SlotIdentity};
use forward::{
    DeclaredSsrc, EGRESS_SSRCS_PER_PEER, EgressExtensionIds, ExtensionIds, Kind, Mid, PeerConfig, Rid,
    SendLine, SlotConfig, Ssrc,
};
use std::collections::{BTreeMap, BTreeSet};

/// Slots of one peer. Further receive m-lines are answered inactive.
pub(crate) const MAX_SLOTS: usize = 128;

/// A slot as it was first negotiated.
#[derive(Clone, Debug)]
struct Slot {
    kind: Kind,
    ssrc: u32,
    rtx: Option<u32>,
    stream: String,
    first_seq: u16,
    first_rtx_seq: u16,
    first_time: u32,
}

/// What is remembered between offers.
#[derive(Debug, Default)]
pub(crate) struct Negotiation {
    slots: BTreeMap<String, Slot>,
    /// All that a slot ever had.
    issued: BTreeSet<u32>,
    seats: [usize; 2],
}

impl Negotiation {
    /// Takes in an offer: new slots get their identities. `random` gives random numbers.
    pub(crate) fn take(&mut self, offer: &Offer, mut random: impl FnMut() -> u32) {
        let declared = offer.sections.iter().flat_map(|section| &section.ssrcs);
        let theirs: BTreeSet<u32> = declared.flat_map(|(ssrc, rtx)| [Some(*ssrc), *rtx]).flatten().collect();
        // A slot that ended must not come back under its old SSRC: its packet indices would begin again.
        self.slots
            .retain(|mid, _| offer.sections.iter().any(|section| section.mid == *mid && is_slot(section)));
        for section in offer.sections.iter().filter(|section| is_slot(section)) {
            let is_full = self.slots.len() >= MAX_SLOTS || self.issued.len() + 2 > EGRESS_SSRCS_PER_PEER;
            if self.slots.contains_key(&section.mid) || is_full {
                continue;
            }
            let (kind, seat) = match section.kind {
                SectionKind::Audio => (Kind::Audio, 0),
                SectionKind::Video => (Kind::Video, 1),
                SectionKind::Application | SectionKind::Other => continue,
            };
            let Some(number) = self.seats.get_mut(seat) else { continue };
            // The k-th audio and the k-th video slot share a stream: they are seat k.
            let stream = format!("seat{number}");
            *number += 1;
            let rtx = (kind == Kind::Video).then(|| self.fresh_ssrc(&theirs, &mut random));
            let ssrc = self.fresh_ssrc(&theirs, &mut random);
            let slot = Slot {
                kind,
                ssrc,
                rtx,
                stream,
                first_seq: (random() & 0x7fff) as u16,
                first_rtx_seq: (random() & 0x7fff) as u16,
                first_time: random(),
            };
            self.slots.insert(section.mid.clone(), slot);
        }
    }

    fn fresh_ssrc(&mut self, theirs: &BTreeSet<u32>, random: &mut impl FnMut() -> u32) -> u32 {
        loop {
            let ssrc = random();
            if ssrc != 0 && !theirs.contains(&ssrc) && self.issued.insert(ssrc) {
                return ssrc;
            }
        }
    }

    /// What a slot sends with.
    pub(crate) fn identity(&self, mid: &str) -> Option<SlotIdentity> {
        let slot = self.slots.get(mid)?;
        Some(SlotIdentity { ssrc: slot.ssrc, rtx: slot.rtx, stream: slot.stream.clone() })
    }

    /// What the media plane needs to know.
    pub(crate) fn config(&self, offer: &Offer, feedback_ssrc: u32) -> PeerConfig {
        let sends: Vec<&Section> = offer.sections.iter().filter(|section| is_send(section)).collect();
        let id = |uri| sends.iter().find_map(|section| section.extension(uri));
        let extensions = ExtensionIds {
            mid: id(extension::MID),
            rid: id(extension::RID),
            repaired_rid: id(extension::REPAIRED_RID),
            transport_cc: id(extension::TRANSPORT_CC),
            audio_level: id(extension::AUDIO_LEVEL),
            abs_send_time: id(extension::ABS_SEND_TIME),
            dependency_descriptor: id(extension::DEPENDENCY_DESCRIPTOR),
        };
        // The ids are one set for all m-lines of a BUNDLE group (RFC 9143 §9.1).
        let slots: Vec<&Section> = offer.sections.iter().filter(|section| is_slot(section)).collect();
        let egress_id = |uri| slots.iter().find_map(|section| section.extension(uri));
        PeerConfig {
            transport_cc: extensions.transport_cc.is_some(),
            extensions,
            egress_extensions: EgressExtensionIds {
                transport_cc: egress_id(extension::TRANSPORT_CC),
                dependency_descriptor: egress_id(extension::DEPENDENCY_DESCRIPTOR),
            },
            sends: sends.into_iter().filter_map(send_line).collect(),
            slots: slots.iter().filter_map(|section| self.slot_config(section)).collect(),
            feedback_ssrc: Ssrc(feedback_ssrc),
        }
    }

    fn slot_config(&self, section: &Section) -> Option<SlotConfig> {
        let slot = self.slots.get(&section.mid)?;
        Some(SlotConfig {
            mid: Mid::from(section.mid.as_str()),
            kind: slot.kind,
            ssrc: Ssrc(slot.ssrc),
            rtx: slot.rtx.map(Ssrc),
            cname: slot.stream.clone(),
            codecs: crate::sdp::codec_maps(section),
            first_seq: slot.first_seq,
            first_rtx_seq: slot.first_rtx_seq,
            first_time: slot.first_time,
        })
    }
}

/// Whether the browser sends here, and the answer says so.
pub(crate) fn is_send(section: &Section) -> bool {
    crate::sdp::is_accepted(section) && matches!(section.direction, Direction::SendOnly | Direction::SendRecv)
}

/// Whether the browser receives here, and the answer says so.
pub(crate) fn is_slot(section: &Section) -> bool {
    crate::sdp::is_accepted(section) && section.direction == Direction::RecvOnly
}

fn send_line(section: &Section) -> Option<SendLine> {
    let kind = match section.kind {
        SectionKind::Audio => Kind::Audio,
        SectionKind::Video => Kind::Video,
        SectionKind::Application | SectionKind::Other => return None,
    };
    Some(SendLine {
        mid: Mid::from(section.mid.as_str()),
        kind,
        codecs: crate::sdp::codec_maps(section),
        ssrcs: section
            .ssrcs
            .iter()
            .map(|(ssrc, rtx)| DeclaredSsrc { ssrc: Ssrc(*ssrc), rtx: rtx.map(Ssrc) })
            .collect(),
        rids: section.rids.iter().map(|rid| Rid::from(rid.as_str())).collect(),
    })
}
