//! The other workers, as far as a room spans them and this one.
//!
//! Owns the relays, and who is whose guest. A peer's home gives its packets to every worker on whose list the peer
//! is; a guest's feedback and the wishes of its receivers go back.

use super::relay::{Content, PARCELS_PER_TURN, Relay, WorkerId};
use super::{Worker, count};
use forward::{GroupId, PeerConfig, PeerKey, PlaneEvent, Time};
use slotmap::SecondaryMap;
use std::collections::BTreeSet;

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
        let Some(entry) = self.spread.entry(peer) else { return };
        let to = entry.or_default();
        to.retain(|other| *other != worker);
        if on {
            to.push(worker);
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

    /// Gives a peer's packet to whoever has the peer as a guest; how many could not take it.
    pub fn spread(&mut self, peer: PeerKey, content: Content, bytes: &[u8]) -> u64 {
        let Some(to) = self.spread.get(peer) else { return 0 };
        let mut refused = 0;
        for worker in to {
            let relay = self.relays.get_mut(usize::from(*worker)).and_then(Option::as_mut);
            let taken = relay.is_some_and(|relay| relay.put(peer, content, bytes));
            refused += u64::from(!taken);
        }
        refused
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

impl Worker {
    /// Takes what other workers have for us; true if there may be more.
    pub(super) fn take_parcels(&mut self, now: Time) -> bool {
        let mut more = false;
        for (place, relay) in self.neighbours.relays.iter_mut().enumerate() {
            let Some(relay) = relay else { continue };
            let mut taken = 0;
            while taken < PARCELS_PER_TURN
                && let Some(parcel) = relay.take()
            {
                taken += 1;
                let (peer, bytes) = (parcel.peer, parcel.bytes());
                match parcel.content {
                    // Of a guest who left meanwhile the plane knows nothing.
                    Content::Rtp => self.plane.ingest_rtp(peer, bytes, now),
                    Content::Rtcp => self.plane.ingest_rtcp(peer, bytes, now),
                    Content::Feedback => self.plane.relayed_feedback(peer, bytes, now),
                    Content::Wanted(line) => {
                        let from = WorkerId::try_from(place).unwrap_or(WorkerId::MAX);
                        self.plane.wanted_elsewhere(peer, &line, from, bytes, now);
                    }
                }
            }
            more |= taken == PARCELS_PER_TURN;
        }
        more
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
            PlaneEvent::Wanted { peer, mid, ref encodings } => {
                let Some(home) = self.neighbours.home(peer) else { return Some(event) };
                if !self.neighbours.ask(home, peer, Content::Wanted(mid), encodings) {
                    count(&self.counters.relay_full);
                }
                None
            }
            event @ (PlaneEvent::Speakers { .. } | PlaneEvent::Paused { .. }) => Some(event),
        }
    }
}
