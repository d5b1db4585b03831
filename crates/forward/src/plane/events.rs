//! What the plane has to tell the control side: who speaks, which encodings are wanted, what is paused.
//!
//! Owns the list of what changed. Each is told as it is when asked for, so that a slow listener misses steps and
//! never the outcome, and the list is no longer than what there is to tell of.

use super::Plane;
use crate::ids::{GroupId, Mid, PeerKey, PublicationKey};

/// Something the control side should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaneEvent {
    /// Who speaks in a group now.
    Speakers {
        /// Which.
        group: GroupId,
        /// The loudest first; nobody when empty.
        speakers: Vec<PeerKey>,
    },
    /// Which encodings of a publication any receiver wants.
    Wanted {
        /// Whose.
        peer: PeerKey,
        /// Its line.
        mid: Mid,
        /// By place, from 0.
        encodings: Vec<u8>,
    },
    /// Which slots of a peer are paused because its path cannot carry them.
    Paused {
        /// Whose.
        peer: PeerKey,
        /// All of them.
        slots: Vec<Mid>,
    },
}

/// What changed since it was last told.
#[derive(Debug, Default)]
pub(super) struct Events {
    speakers: Vec<GroupId>,
    wanted: Vec<PublicationKey>,
    paused: Vec<PeerKey>,
}

impl Events {
    pub fn speakers(&mut self, group: GroupId) {
        note(&mut self.speakers, group);
    }

    pub fn wanted(&mut self, publication: PublicationKey) {
        note(&mut self.wanted, publication);
    }

    pub fn paused(&mut self, peer: PeerKey) {
        note(&mut self.paused, peer);
    }
}

fn note<T: PartialEq>(list: &mut Vec<T>, changed: T) {
    if !list.contains(&changed) {
        list.push(changed);
    }
}

impl Plane {
    /// The next thing to tell, until there is none.
    pub fn poll_event(&mut self) -> Option<PlaneEvent> {
        while let Some(group) = self.events.speakers.pop() {
            if let Some(found) = self.groups.get(&group) {
                let peer = |key: &PublicationKey| self.publications.get(*key).map(|line| line.peer);
                let speakers = found.speakers.iter().filter_map(peer).collect();
                return Some(PlaneEvent::Speakers { group, speakers });
            }
        }
        while let Some(key) = self.events.wanted.pop() {
            if let Some(line) = self.publications.get(key) {
                let told = line.wanted.told();
                let count = u8::try_from(line.encodings.len()).unwrap_or(u8::MAX).min(8);
                let encodings = (0..count).filter(|place| told & (1 << place) != 0).collect();
                return Some(PlaneEvent::Wanted { peer: line.peer, mid: line.mid, encodings });
            }
        }
        while let Some(key) = self.events.paused.pop() {
            if let Some(peer) = self.peers.get(key) {
                let mid = |slot| self.slots.get(slot).map(|slot| slot.mid);
                let slots = peer.paused.iter().filter_map(|slot| mid(*slot)).collect();
                return Some(PlaneEvent::Paused { peer: key, slots });
            }
        }
        None
    }
}
