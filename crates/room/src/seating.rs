//! One receiver's slots and who feeds them. Slots go in, changes come out; who is told is `room`'s.
//!
//! The k-th audio slot and the k-th video slot are seat k: the browser plays them in sync. So a
//! participant's microphone and camera sit together, and so do its screen and the screen's sound.
//! Whoever sits stays: nobody moves because somebody else leaves. Who finds no slot waits, and what
//! becomes free goes to whom waited longest.

use crate::MediaLine;
use signal::{MediaKind, Mid, ParticipantId, PublicationId, SlotAssignment, Source};
use std::collections::{BTreeMap, VecDeque};

/// A publication that wants a slot of this receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) publication: PublicationId,
    pub(crate) owner: ParticipantId,
    pub(crate) source: Source,
}

/// A slot, and what feeds it.
#[derive(Debug)]
struct Slot {
    mid: Mid,
    claim: Option<Claim>,
}

/// A slot that changed, and what feeds it now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) mid: Mid,
    pub(crate) claim: Option<Claim>,
}

/// All slots of one receiver. At most [`MAX_MEDIA_SECTIONS`](signal::limits::MAX_MEDIA_SECTIONS) of them,
/// and a claim for each publication of the others.
#[derive(Debug, Default)]
pub(crate) struct Seating {
    audio: Vec<Slot>,
    video: Vec<Slot>,
    /// The longest waiting first.
    waiting: VecDeque<Claim>,
    /// What fed each slot that changed, as of the last `take_changes`.
    before: BTreeMap<Mid, Option<PublicationId>>,
}

impl Seating {
    /// Takes over the slots of an answered offer. A slot that was there before keeps what feeds it;
    /// what fed a slot that is gone waits again, before all others.
    pub(crate) fn lay_out(&mut self, slots: &[MediaLine]) {
        let old = self.audio.drain(..).chain(self.video.drain(..));
        let mut held: BTreeMap<Mid, Claim> = old.filter_map(|slot| Some((slot.mid, slot.claim?))).collect();
        for line in slots {
            let stays = held.get(&line.mid).is_some_and(|claim| claim.source.kind() == line.kind);
            let claim = if stays { held.remove(&line.mid) } else { None };
            self.slots_mut(line.kind).push(Slot { mid: line.mid.clone(), claim });
        }
        for (mid, claim) in held.into_iter().rev() {
            self.before.entry(mid).or_insert(Some(claim.publication));
            self.waiting.push_front(claim);
        }
        self.fill();
    }

    /// Seats a publication, or lets it wait.
    pub(crate) fn add(&mut self, claim: Claim) {
        self.waiting.push_back(claim);
        self.fill();
    }

    /// Seats many at once, the first with precedence.
    pub(crate) fn add_all(&mut self, claims: impl IntoIterator<Item = Claim>) {
        self.waiting.extend(claims);
        self.fill();
    }

    /// Gives up every publication that `ends` names, and seats those who waited.
    pub(crate) fn remove(&mut self, ends: impl Fn(&Claim) -> bool) {
        self.waiting.retain(|claim| !ends(claim));
        for slot in self.audio.iter_mut().chain(&mut self.video) {
            if let Some(claim) = slot.claim.take_if(|claim| ends(claim)) {
                self.before.entry(slot.mid.clone()).or_insert(Some(claim.publication));
            }
        }
        self.fill();
    }

    /// Every slot that is fed.
    pub(crate) fn fed(&self) -> Vec<SlotAssignment> {
        let fed = |slot: &Slot| {
            let publication = Some(slot.claim?.publication);
            Some(SlotAssignment { mid: slot.mid.clone(), publication })
        };
        self.audio.iter().chain(&self.video).filter_map(fed).collect()
    }

    /// The slots that are fed otherwise than they were when this was last called, by mid.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        let before = std::mem::take(&mut self.before);
        let changed = before.into_iter().filter_map(|(mid, before)| {
            let slot = self.audio.iter().chain(&self.video).find(|slot| slot.mid == mid);
            let claim = slot.and_then(|slot| slot.claim);
            (claim.map(|claim| claim.publication) != before).then_some(Change { mid, claim })
        });
        changed.collect()
    }

    /// Seats whoever can be seated.
    fn fill(&mut self) {
        let free = |slots: &[Slot]| slots.iter().filter(|slot| slot.claim.is_none()).count();
        let (mut audio, mut video) = (free(&self.audio), free(&self.video));
        if self.waiting.is_empty() || audio + video == 0 {
            return;
        }
        for claim in std::mem::take(&mut self.waiting) {
            let free = match claim.source.kind() {
                MediaKind::Audio => &mut audio,
                MediaKind::Video => &mut video,
            };
            if *free > 0 && self.place(claim) {
                *free -= 1;
            } else {
                self.waiting.push_back(claim);
            }
        }
    }

    fn place(&mut self, claim: Claim) -> bool {
        let seat = self.seat_for(claim);
        let slots = self.slots_mut(claim.source.kind());
        let Some(slot) = seat.and_then(|seat| slots.get_mut(seat)) else { return false };
        slot.claim = Some(claim);
        let mid = slot.mid.clone();
        self.before.entry(mid).or_insert(None);
        true
    }

    /// The best free slot: beside one's own, else in an empty seat, else in a seat that is no pair,
    /// else beside a stranger, which costs both the seat's lip sync but shows everybody.
    fn seat_for(&self, claim: Claim) -> Option<usize> {
        let (own, other) = match claim.source.kind() {
            MediaKind::Audio => (&self.audio, &self.video),
            MediaKind::Video => (&self.video, &self.audio),
        };
        let free = |seat: &usize| own.get(*seat).is_some_and(|slot| slot.claim.is_none());
        let beside_own = other
            .iter()
            .position(|slot| slot.claim.is_some_and(|other| other.belongs_with(claim)))
            .filter(|seat| free(seat));
        let pair_empty = |seat: &usize| other.get(*seat).is_some_and(|slot| slot.claim.is_none());
        let no_pair = |seat: &usize| other.get(*seat).is_none();
        beside_own
            .or_else(|| (0..own.len()).find(|seat| free(seat) && pair_empty(seat)))
            .or_else(|| (0..own.len()).find(|seat| free(seat) && no_pair(seat)))
            .or_else(|| (0..own.len()).find(free))
    }

    fn slots_mut(&mut self, kind: MediaKind) -> &mut Vec<Slot> {
        match kind {
            MediaKind::Audio => &mut self.audio,
            MediaKind::Video => &mut self.video,
        }
    }
}

impl Claim {
    fn belongs_with(self, other: Self) -> bool {
        self.owner == other.owner && is_screen(self.source) == is_screen(other.source)
    }
}

fn is_screen(source: Source) -> bool {
    match source {
        Source::Microphone | Source::Camera => false,
        Source::Screen | Source::ScreenAudio => true,
    }
}
