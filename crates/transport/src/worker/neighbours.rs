//! The other workers, as far as a room spans them and this one.
//!
//! Owns the relays, and who is whose guest. A peer's home gives its packets to every worker on whose list the peer
//! is; a guest's feedback and the wishes of its receivers go back.

use super::isolation::Work;
use super::relay::{Content, PARCELS_PER_TURN, Parcel, Relay, WorkerId};
use super::{Worker, count};
use forward::{GroupId, Mid, PeerConfig, PeerKey, PlaneEvent, Time};
use slotmap::SecondaryMap;
use std::collections::{BTreeSet, VecDeque};

/// See the module.
#[derive(Default)]
pub(super) struct Neighbours {
    /// By worker.
    relays: Vec<Option<Relay>>,
    /// Our peers whose packets go to others.
    spread: SecondaryMap<PeerKey, Vec<WorkerId>>,
    /// Guests, and who has them.
    homes: SecondaryMap<PeerKey, WorkerId>,
    /// Groups of which another worker tells who speaks.
    told_elsewhere: BTreeSet<GroupId>,
    /// What a home has not been told yet of what is wanted of its peers, the oldest first: a wish is told once, and so
    /// must not be lost. Until it is told no other is asked for.
    wishes: VecDeque<Wish>,
    /// Memory reused from turn to turn.
    counts: Vec<usize>,
}

/// The encodings wanted of a guest's line.
struct Wish {
    home: WorkerId,
    guest: PeerKey,
    line: Mid,
    encodings: Vec<u8>,
}

impl Neighbours {
    pub fn link(&mut self, worker: WorkerId, relay: Relay) {
        let place = usize::from(worker);
        if self.relays.len() <= place {
            self.relays.resize_with(place + 1, || None);
        }
        if let Some(free) = self.relays.get_mut(place) {
            *free = Some(relay);
        }
    }

    pub fn span(&mut self, group: GroupId, on: bool) {
        if on {
            self.told_elsewhere.insert(group);
        } else {
            self.told_elsewhere.remove(&group);
        }
    }

    pub fn relay(&mut self, peer: PeerKey, worker: WorkerId, on: bool) {
        if let Some(to) = self.spread.get_mut(peer) {
            to.retain(|other| *other != worker);
        }
        if on && let Some(entry) = self.spread.entry(peer) {
            entry.or_default().push(worker);
        }
    }

    pub fn forget(&mut self, peer: PeerKey) {
        self.spread.remove(peer);
        self.homes.remove(peer);
    }

    /// Who has this guest; nobody if it is a peer of ours.
    pub fn home(&self, peer: PeerKey) -> Option<WorkerId> {
        self.homes.get(peer).copied()
    }

    /// Who is a guest here.
    pub fn guests(&self) -> impl Iterator<Item = PeerKey> {
        self.homes.keys()
    }

    /// Asks a guest's home for something; false if it could not take it.
    pub fn ask(&mut self, home: WorkerId, guest: PeerKey, content: Content, bytes: &[u8]) -> bool {
        let relay = self.relays.get_mut(usize::from(home)).and_then(Option::as_mut);
        relay.is_some_and(|relay| relay.put(guest, content, bytes))
    }

    /// Wakes those for whom there is something.
    pub fn announce(&mut self) {
        for relay in self.relays.iter_mut().flatten() {
            relay.announce();
        }
    }
}

/// Whether an RTCP compound says something of what its sender sends: a sender report or a goodbye (RFC 3550 §6.4.1,
/// §6.6). A guest receives nothing where it is one, so that what it reports of that concerns its home alone; and of a
/// thousand who only watch, each with lines it could send on, it would fill the relay.
fn tells_of_media(mut compound: &[u8]) -> bool {
    const SENDER_REPORT: u8 = 200;
    const GOODBYE: u8 = 203;
    while let Some(([_, kind, high, low], _)) = compound.split_first_chunk::<4>() {
        if [SENDER_REPORT, GOODBYE].contains(kind) {
            return true;
        }
        // In words of 32 bits, without the first.
        let len = 4 * (usize::from(u16::from_be_bytes([*high, *low])) + 1);
        compound = compound.get(len..).unwrap_or_default();
    }
    false
}

impl Worker {
    /// Gives a peer's packet, which our plane has taken in, to whoever has the peer as a guest.
    pub(super) fn spread(&mut self, peer: PeerKey, rtcp: bool, packet: &[u8]) {
        let Neighbours { relays, spread, .. } = &mut self.neighbours;
        let Some(to) = spread.get(peer).filter(|to| !to.is_empty()) else { return };
        if rtcp && !tells_of_media(packet) {
            return;
        }
        let content = if rtcp { Content::Rtcp } else { Content::Rtp(self.plane.name_of(peer, packet)) };
        for worker in to {
            let relay = relays.get_mut(usize::from(*worker)).and_then(Option::as_mut);
            if !relay.is_some_and(|relay| relay.put(peer, content, packet)) {
                count(&self.counters.relay_full);
            }
        }
    }

    /// Takes what other workers have for us; true if there may be more.
    pub(super) fn take_parcels(&mut self, now: Time) -> bool {
        let waiting = |relay: &Option<Relay>| relay.as_ref().map_or(0, Relay::waiting);
        if self.neighbours.relays.iter().all(|relay| waiting(relay) == 0) {
            return false;
        }
        let mut counts = std::mem::take(&mut self.neighbours.counts);
        counts.extend(self.neighbours.relays.iter().map(waiting));
        // What these parcels are about was ordered before they were sent.
        self.run_commands();
        let mut more = false;
        for (place, count) in counts.drain(..).enumerate() {
            more |= count > PARCELS_PER_TURN;
            for _ in 0..count.min(PARCELS_PER_TURN) {
                let relay = self.neighbours.relays.get_mut(place).and_then(Option::as_mut);
                let Some(parcel) = relay.and_then(Relay::take) else { break };
                self.guard(Work::Peer(parcel.peer), |worker| worker.take_parcel(place, &parcel, now));
            }
        }
        self.neighbours.counts = counts;
        more
    }

    fn take_parcel(&mut self, from: usize, parcel: &Parcel, now: Time) {
        let (peer, bytes) = (parcel.peer, parcel.bytes());
        match parcel.content {
            // Of a guest who left meanwhile the plane knows nothing.
            Content::Rtp(name) => self.plane.ingest_guest(peer, bytes, name, now),
            Content::Rtcp => self.plane.ingest_rtcp(peer, bytes, now),
            Content::Feedback => self.plane.relayed_feedback(peer, bytes, now),
            Content::Wanted(line) => {
                let from = WorkerId::try_from(from).unwrap_or(WorkerId::MAX);
                self.plane.wanted_elsewhere(peer, &line, from, bytes, now);
            }
        }
    }

    /// Tells homes what is wanted of their peers, as far as there is place; whether all of it.
    pub(super) fn wishes_are_told(&mut self) -> bool {
        while let Some(Wish { home, guest, line, encodings }) = self.neighbours.wishes.front() {
            let relay = self.neighbours.relays.get_mut(usize::from(*home)).and_then(Option::as_mut);
            if relay.is_some_and(|relay| !relay.put(*guest, Content::Wanted(*line), encodings)) {
                return false;
            }
            self.neighbours.wishes.pop_front();
        }
        true
    }

    /// A peer goes. If it was a guest its home must not go on making what was wanted of it here.
    pub(super) fn want_nothing_of(&mut self, peer: PeerKey) {
        let Some(home) = self.neighbours.home(peer) else { return };
        for line in self.plane.wanted_lines(peer) {
            self.neighbours.wishes.push_back(Wish { home, guest: peer, line, encodings: Vec::new() });
        }
    }

    /// A peer's packets go to another worker, or no longer: then nothing is wanted there, whether it could still say so
    /// or not.
    pub(super) fn relay_to(&mut self, peer: PeerKey, worker: WorkerId, on: bool, now: Time) {
        self.neighbours.relay(peer, worker, on);
        if !on {
            for line in self.plane.wanted_lines(peer).collect::<Vec<_>>() {
                self.plane.wanted_elsewhere(peer, &line, worker, &[], now);
            }
        }
    }

    /// A peer of another worker, or what was negotiated with it anew.
    pub(super) fn welcome(&mut self, guest: PeerKey, group: GroupId, home: WorkerId, config: PeerConfig) {
        if self.neighbours.homes.insert(guest, home).is_none() {
            self.plane.insert_guest(guest, group);
        }
        self.plane.configure(guest, config);
    }

    /// What the plane tells goes to the control side, unless another worker is to know it, or tells it.
    pub(super) fn keep_event(&mut self, event: PlaneEvent) -> Option<PlaneEvent> {
        match event {
            PlaneEvent::Speakers { group, .. } if self.neighbours.told_elsewhere.contains(&group) => None,
            PlaneEvent::Wanted { peer, mid, encodings } => match self.neighbours.home(peer) {
                Some(home) => {
                    self.neighbours.wishes.push_back(Wish { home, guest: peer, line: mid, encodings });
                    None
                }
                None => Some(PlaneEvent::Wanted { peer, mid, encodings }),
            },
            event @ (PlaneEvent::Speakers { .. } | PlaneEvent::Paused { .. }) => Some(event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tells_of_media;

    #[test]
    fn only_what_a_sender_says_of_its_media_is_for_other_workers() {
        let packet = |kind: u8| [&[0x80, kind, 0, 1][..], &[0; 4]].concat();
        let compound = |kinds: &[u8]| kinds.iter().flat_map(|kind| packet(*kind)).collect::<Vec<_>>();
        for (kinds, expected) in [
            (&[200, 202][..], true),
            (&[201, 202, 203], true),
            (&[201, 202], false),
            (&[205], false),
            (&[206, 206], false),
            (&[], false),
        ] {
            assert_eq!(tells_of_media(&compound(kinds)), expected, "{kinds:?}");
        }
        // A length that lies ends the search.
        assert!(!tells_of_media(&[0x80, 201, 255, 255, 200, 200, 200, 200]));
    }
}
