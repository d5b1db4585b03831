//! One receiver's slots and who feeds them. Slots and claims go in, changes come out; who is told is
//! `room`'s, and whose claim counts for more is `claim`'s.
//!
//! The k-th audio slot and the k-th video slot are seat k: the browser plays them in sync. So a
//! participant's microphone and camera sit together where a seat is free for both, and so do its screen
//! and the screen's sound. Whoever keeps a slot keeps that slot: nobody moves to another one, and while
//! there are slots for all nobody loses one.

use crate::MediaLine;
use crate::claim::{Claim, Track};
use signal::limits::MAX_PREFERRED;
use signal::{MediaKind, Mid, ParticipantId, PublicationId, SlotAssignment};
use std::collections::{BTreeMap, BTreeSet};

/// A slot, and what feeds it.
#[derive(Debug)]
struct Slot {
    mid: Mid,
    track: Option<Track>,
}

/// A slot that changed, and what feeds it now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) mid: Mid,
    pub(crate) track: Option<Track>,
}

/// All slots of one receiver. At most [`MAX_MEDIA_SECTIONS`](signal::limits::MAX_MEDIA_SECTIONS) of them.
#[derive(Debug, Default)]
pub(crate) struct Seating {
    audio: Vec<Slot>,
    video: Vec<Slot>,
    /// What the receiver wants to see before all others, and at which place; gone ones may be among them.
    preferred: BTreeMap<PublicationId, usize>,
    /// What fed each slot that changed, as of the last `take_changes`.
    before: BTreeMap<Mid, Option<PublicationId>>,
    /// Something has changed since the last `reseat`.
    stale: bool,
    /// Then somebody had to wait for a slot.
    short: bool,
}

impl Seating {
    /// Takes over the slots of an answered offer. A slot that was there before keeps what feeds it.
    pub(crate) fn lay_out(&mut self, slots: &[MediaLine]) {
        let old = self.audio.drain(..).chain(self.video.drain(..));
        let mut held: BTreeMap<Mid, Track> = old.filter_map(|slot| Some((slot.mid, slot.track?))).collect();
        for line in slots {
            let stays = held.get(&line.mid).is_some_and(|track| track.source.kind() == line.kind);
            let track = if stays { held.remove(&line.mid) } else { None };
            self.slots_mut(line.kind).push(Slot { mid: line.mid.clone(), track });
        }
        for (mid, track) in held {
            self.before.entry(mid).or_insert(Some(track.publication));
        }
        self.stale = true;
    }

    /// What to show before all others, the first first. At most [`MAX_PREFERRED`] count.
    pub(crate) fn prefer(&mut self, publications: &[PublicationId]) {
        self.preferred.clear();
        for publication in publications.iter().take(MAX_PREFERRED) {
            let place = self.preferred.len();
            self.preferred.entry(*publication).or_insert(place);
        }
        self.stale = true;
    }

    /// A claim is new, gone or ranks otherwise than before.
    pub(crate) fn claims_changed(&mut self) {
        self.stale = true;
    }

    /// Others speak than before. While all have a slot that changes nothing; nor does another order of the
    /// same speakers, ever: nobody's claim is of another class for it, and within a class nobody who sits has
    /// to go.
    pub(crate) fn voices_changed(&mut self) {
        self.stale |= self.short;
    }

    /// Whether a `reseat` may change anything.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Gives the slots to those who rank first among all claims but the receiver's own. What is claimed no
    /// more loses its slot.
    pub(crate) fn reseat(&mut self, receiver: ParticipantId, claims: &[Claim]) {
        (self.stale, self.short) = (false, false);
        let mut newcomers = Vec::new();
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let others = |claim: &&Claim| claim.track.owner != receiver && claim.track.source.kind() == kind;
            let places = self.slots(kind).len();
            self.short |= 0 < places && places < claims.iter().filter(others).count();
            let mut chosen = self.choose(kind, claims.iter().filter(others));
            let slots = match kind {
                MediaKind::Audio => &mut self.audio,
                MediaKind::Video => &mut self.video,
            };
            for slot in slots {
                let Some(track) = slot.track else { continue };
                if chosen.remove(&track.publication).is_none() {
                    slot.track = None;
                    self.before.entry(slot.mid.clone()).or_insert(Some(track.publication));
                }
            }
            newcomers.extend(chosen);
        }
        newcomers.sort_unstable_by_key(|(publication, _)| *publication);
        for (_, track) in newcomers {
            self.place(track);
        }
    }

    /// Every slot that is fed.
    pub(crate) fn fed(&self) -> Vec<SlotAssignment> {
        let fed = |slot: &Slot| {
            let publication = Some(slot.track?.publication);
            Some(SlotAssignment { mid: slot.mid.clone(), publication })
        };
        self.audio.iter().chain(&self.video).filter_map(fed).collect()
    }

    /// Whether this is one of the video slots.
    pub(crate) fn has_video(&self, mid: &Mid) -> bool {
        self.video.iter().any(|slot| slot.mid == *mid)
    }

    /// The slots that are fed otherwise than they were when this was last called, by mid.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        let before = std::mem::take(&mut self.before);
        let changed = before.into_iter().filter_map(|(mid, before)| {
            let slot = self.audio.iter().chain(&self.video).find(|slot| slot.mid == mid);
            let track = slot.and_then(|slot| slot.track);
            (track.map(|track| track.publication) != before).then_some(Change { mid, track })
        });
        changed.collect()
    }

    /// Who is to sit in the slots of one kind: all while there is room, else the first by rank.
    fn choose<'a>(
        &self,
        kind: MediaKind,
        claims: impl Iterator<Item = &'a Claim>,
    ) -> BTreeMap<PublicationId, Track> {
        let slots = self.slots(kind);
        let seated: BTreeSet<PublicationId> =
            slots.iter().filter_map(|slot| Some(slot.track?.publication)).collect();
        let ranked = claims.map(|claim| {
            let publication = claim.track.publication;
            let place = self.preferred.get(&publication).copied();
            (claim.rank(place, !seated.contains(&publication)), claim.track)
        });
        let mut ranked: Vec<_> = ranked.collect();
        if ranked.len() > slots.len() {
            ranked.sort_unstable_by_key(|(rank, _)| *rank);
            ranked.truncate(slots.len());
        }
        ranked.into_iter().map(|(_, track)| (track.publication, track)).collect()
    }

    fn place(&mut self, track: Track) {
        let seat = self.seat_for(track);
        let slots = self.slots_mut(track.source.kind());
        let Some(slot) = seat.and_then(|seat| slots.get_mut(seat)) else { return };
        slot.track = Some(track);
        let mid = slot.mid.clone();
        self.before.entry(mid).or_insert(None);
    }

    /// The best free slot: beside one's own, else in an empty seat, else in a seat that is no pair,
    /// else beside a stranger, which costs both the seat's lip sync but shows everybody.
    fn seat_for(&self, track: Track) -> Option<usize> {
        let (own, other) = match track.source.kind() {
            MediaKind::Audio => (&self.audio, &self.video),
            MediaKind::Video => (&self.video, &self.audio),
        };
        let free = |seat: &usize| own.get(*seat).is_some_and(|slot| slot.track.is_none());
        let beside_own = other
            .iter()
            .position(|slot| slot.track.is_some_and(|other| other.belongs_with(track)))
            .filter(|seat| free(seat));
        let pair_empty = |seat: &usize| other.get(*seat).is_some_and(|slot| slot.track.is_none());
        let no_pair = |seat: &usize| other.get(*seat).is_none();
        beside_own
            .or_else(|| (0..own.len()).find(|seat| free(seat) && pair_empty(seat)))
            .or_else(|| (0..own.len()).find(|seat| free(seat) && no_pair(seat)))
            .or_else(|| (0..own.len()).find(free))
    }

    fn slots(&self, kind: MediaKind) -> &[Slot] {
        match kind {
            MediaKind::Audio => &self.audio,
            MediaKind::Video => &self.video,
        }
    }

    fn slots_mut(&mut self, kind: MediaKind) -> &mut Vec<Slot> {
        match kind {
            MediaKind::Audio => &mut self.audio,
            MediaKind::Video => &mut self.video,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::Voice;
    use signal::Source;

    /// Whether a receiver with so many slots of each kind ranks others' cameras anew when somebody speaks.
    fn minds_voices(slots: u32, cameras: u32) -> bool {
        let line = |k| MediaLine { mid: Mid(format!("v{k}")), kind: MediaKind::Video };
        let claim = |k| {
            let owner = ParticipantId(k);
            let track = Track { publication: PublicationId(k), owner, source: Source::Camera };
            Claim { track, muted: false, voice: Voice::Silent }
        };
        let mut seating = Seating::default();
        seating.lay_out(&(0..slots).map(line).collect::<Vec<_>>());
        // One of them is the receiver's own.
        seating.reseat(ParticipantId(0), &(0..=cameras).map(claim).collect::<Vec<_>>());
        seating.voices_changed();
        seating.is_stale()
    }

    #[test]
    fn who_speaks_matters_only_where_slots_are_short() {
        for (slots, cameras, expected) in
            [(3, 0, false), (3, 2, false), (3, 3, false), (3, 4, true), (0, 4, false)]
        {
            assert_eq!(minds_voices(slots, cameras), expected, "{cameras} cameras, {slots} slots");
        }
    }
}
