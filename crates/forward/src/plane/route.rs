//! Routing: which publication feeds which slot, and asking for the keyframes that takes.

use super::Plane;
use crate::codec::Kind;
use crate::ids::{Mid, PeerKey, PublicationKey, Seq64, SlotKey, StreamKey};
use crate::slot::SlotState;
use crate::time::Time;

impl Plane {
    /// Has `source`, a send line of some peer, feed a slot from now on; `None` leaves the slot idle. What
    /// fed it before stops at once. A keyframe is asked for at once, too. The source need not have sent
    /// anything, nor be negotiated; a slot that is not there is counted and nothing done.
    pub fn route(&mut self, receiver: PeerKey, slot: &Mid, source: Option<(PeerKey, Mid)>, now: Time) {
        self.tick(now);
        let Some(key) = self.find_slot(receiver, slot) else {
            self.counters.unroutable += 1;
            return;
        };
        let Some(slot) = self.slots.get_mut(key) else { return };
        if slot.source == source {
            return;
        }
        slot.source = source;
        slot.stop();
        if let Some(publication) = slot.publication.take().and_then(|old| self.publications.get_mut(old)) {
            publication.unsubscribe(key);
        }
        self.link(key, now);
    }

    /// SRTP keys toward a peer are in place: it may be sent to. Keyframes its slots wait for are asked for.
    pub fn connected(&mut self, peer: PeerKey, now: Time) {
        self.tick(now);
        let Some(state) = self.peers.get_mut(peer) else {
            self.counters.unknown_peer += 1;
            return;
        };
        state.connected = true;
        let slots: Vec<SlotKey> = state.slots.iter().map(|(_, key)| *key).collect();
        for slot in slots {
            if let Some(SlotState::Awaiting { stream, .. }) = self.slots.get(slot).map(|slot| slot.state) {
                self.request_keyframe(stream, now);
            }
        }
        self.wake(peer, now);
    }

    /// Links a slot to the publication routed to it, if that exists.
    pub(super) fn link(&mut self, key: SlotKey, now: Time) {
        let Some((peer, mid)) = self.slots.get(key).and_then(|slot| slot.source) else { return };
        let Some(found) = self.find_publication(peer, &mid) else { return };
        let (Some(publication), Some(slot)) = (self.publications.get_mut(found), self.slots.get_mut(key))
        else {
            return;
        };
        if publication.kind != slot.kind {
            self.counters.unroutable += 1;
            return;
        }
        publication.subscribe(key);
        slot.publication = Some(found);
        if let Some(stream) = publication.current {
            slot.await_stream(stream, Seq64(0));
            if self.peers.get(slot.peer).is_some_and(|receiver| receiver.connected) {
                self.request_keyframe(stream, now);
            }
        }
    }

    /// A stream begins, restarts or changes codec: from `from` on it is what its publication's slots take.
    pub(super) fn take_over(&mut self, publication: PublicationKey, stream: StreamKey, from: Seq64) {
        let Some(publication) = self.publications.get_mut(publication) else { return };
        publication.current = Some(stream);
        for slot in &publication.subscribers {
            if let Some(slot) = self.slots.get_mut(*slot) {
                slot.await_stream(stream, from);
            }
        }
    }

    /// Someone needs a keyframe of a stream. Audio has none.
    pub(super) fn request_keyframe(&mut self, key: StreamKey, now: Time) {
        let Some(stream) = self.streams.get_mut(key).filter(|stream| stream.kind == Kind::Video) else {
            return;
        };
        stream.keyframes.request(now);
        let due = stream.keyframes.due();
        if let Some(publication) = self.publications.get(stream.publication) {
            self.wake(publication.peer, due);
        }
    }
}
