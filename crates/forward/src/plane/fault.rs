//! After a panic: whose work it was, and going on without that peer.
//!
//! The shell catches what unwinds out of a call (the plane itself catches nothing) and asks here who is to go. All that
//! is written on the way of a packet belongs to one peer, which is taken out whole: its streams and histories, its
//! slots, what waits for it. What others have of it is ended as when it leaves. Lists of what is still to be done are
//! made anew. Then every link between the tables is looked at; if one leads nowhere the plane is of no use any more.

use super::Plane;
use super::agenda::Agenda;
use crate::ids::{PeerKey, StreamKey};
use crate::time::Time;

/// Whose work is being done, where the plane goes through many peers by itself: by the clock and in a flush.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AtWork {
    /// Nobody's: that of a group, or none.
    pub peer: Option<PeerKey>,
    /// What is being sent to it.
    pub stream: StreamKey,
}

impl AtWork {
    pub fn on(peer: PeerKey) -> Self {
        Self { peer: Some(peer), stream: StreamKey::default() }
    }
}

impl Plane {
    /// Whose work [`Plane::flush`] or [`Plane::handle_timeout`] was doing when it panicked; `None`: no one peer's.
    #[must_use]
    pub fn at_work(&self) -> Option<PeerKey> {
        self.at_work.peer
    }

    /// Whose packet was on its way to that peer. Either may be to blame.
    #[must_use]
    pub fn in_hand(&self) -> Option<PeerKey> {
        let stream = self.streams.get(self.at_work.stream)?;
        Some(self.publications.get(stream.publication)?.peer)
    }

    /// Takes a peer out after a panic in its work, wherever that happened; false if the plane cannot go on. What was to
    /// be sent to others is sent at the next [`Plane::flush`].
    #[must_use]
    pub fn recover(&mut self, peer: PeerKey) -> bool {
        self.at_work = AtWork::default();
        self.remove_peer(peer);
        self.sweep();
        self.remind_everybody();
        self.is_sound()
    }

    /// Ends what belongs to nobody: its peer was being added or removed.
    fn sweep(&mut self) {
        let gone = |peers: &slotmap::SecondaryMap<PeerKey, _>, peer| !peers.contains_key(peer);
        let lines = self.publications.iter().filter(|(_, line)| gone(&self.peers, line.peer));
        for line in lines.map(|(key, _)| key).collect::<Vec<_>>() {
            self.end_publication(line);
        }
        let slots = self.slots.iter().filter(|(_, slot)| gone(&self.peers, slot.peer));
        for slot in slots.map(|(key, _)| key).collect::<Vec<_>>() {
            self.remove_slot(slot);
        }
        let publications = &self.publications;
        self.streams.retain(|_, stream| publications.contains_key(stream.publication));
        for group in self.groups.values_mut() {
            group.retain(|member| publications.contains_key(member));
        }
        self.groups.retain(|_, group| !group.is_empty());
    }

    /// Has everybody looked at in the next flush, and the groups at once.
    fn remind_everybody(&mut self) {
        self.agenda = Agenda::default();
        self.ready.clear();
        self.groups_due = self.now;
        for (key, peer) in &mut self.peers {
            peer.visited();
            if peer.is_reachable() {
                peer.make_ready(key, &mut self.ready);
                self.agenda.set(key, peer.alarm.min(peer.pacer_due));
            }
        }
        if self.groups.is_empty() {
            self.groups_due = Time::NEVER;
        }
    }

    /// Whether every link between the tables leads somewhere, and back.
    fn is_sound(&self) -> bool {
        let lines = self.publications.iter().all(|(key, line)| {
            let listed = self.peers.get(line.peer).is_some_and(|peer| peer.publications.contains(&key));
            let feeds = |slot: &_| self.slots.get(*slot).is_some_and(|slot| slot.publication == Some(key));
            listed && line.subscribers.iter().all(feeds)
        });
        let slots = self.slots.iter().all(|(key, slot)| {
            let listed = self.peers.get(slot.peer).is_some_and(|peer| peer.slots.contains(&(slot.ssrc, key)));
            let fed = slot.publication.is_none_or(|line| {
                self.publications.get(line).is_some_and(|line| line.subscribers.contains(&key))
            });
            listed && fed
        });
        let streams = self.streams.iter().all(|(key, stream)| {
            let peer = self.publications.get(stream.publication).and_then(|line| self.peers.get(line.peer));
            peer.is_some_and(|peer| peer.demux.streams().any(|other| other == key))
        });
        let peers = self.peers.values().all(|peer| {
            peer.publications.iter().all(|line| self.publications.contains_key(*line))
                && peer.slots.iter().all(|(_, slot)| self.slots.contains_key(*slot))
                && peer.demux.streams().all(|stream| self.streams.contains_key(stream))
        });
        lines && slots && streams && peers
    }
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
