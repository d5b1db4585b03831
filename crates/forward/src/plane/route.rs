//! Routing: which publication feeds which slot, and asking for the keyframes that takes.

use super::Plane;
use super::downlink::Downlink;
use super::peer::Presence;
use crate::allocate::{Target, View};
use crate::codec::Kind;
use crate::ids::{Mid, PeerKey, PublicationKey, Seq64, SlotKey, StreamKey};
use crate::slot::{Looked, SlotState};
use crate::time::Time;
use std::time::Duration;

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
        slot.retarget(Target::Nothing, now);
        (slot.pause, slot.hold_until, slot.resumed_at) = (Duration::ZERO, Time::ZERO, None);
        if let Some(old) = slot.publication.take() {
            if let Some(publication) = self.publications.get_mut(old) {
                publication.unsubscribe(key);
            }
            self.review_wanted(old, now);
        }
        self.link(key, now);
    }

    /// How large the receiver shows a video slot from now on. A slot that is not there is passed over: the
    /// client may have told of it before, or after, its time.
    pub fn view(&mut self, receiver: PeerKey, slot: &Mid, view: View, now: Time) {
        self.tick(now);
        let Some(slot) = self.find_slot(receiver, slot).and_then(|key| self.slots.get_mut(key)) else {
            return;
        };
        if slot.kind == Kind::Video && slot.view != view {
            slot.view = view;
            self.allocate_soon(receiver, now);
        }
    }

    /// SRTP keys toward a peer are in place: it may be sent to. Keyframes its slots wait for are asked for.
    pub fn connected(&mut self, peer: PeerKey, now: Time) {
        self.tick(now);
        let Some(state) = self.peers.get_mut(peer) else {
            self.counters.unknown_peer += 1;
            return;
        };
        state.presence = Presence::Connected;
        // Only now is anything sent that could tell of the path.
        if let Some(downlink) = state.downlink.as_mut() {
            **downlink = Downlink::new(now);
        }
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
        slot.looked = Looked { at: now, bytes: slot.payload_bytes, frames: slot.frames };
        let receiver = slot.peer;
        match slot.kind {
            Kind::Audio => {
                if let Some(stream) = publication.stream_of(0) {
                    slot.await_stream(stream, Seq64(0));
                }
                slot.wants = 1;
                self.review_wanted(found, now);
            }
            Kind::Video => self.allocate_soon(receiver, now),
        }
    }

    /// A stream begins, restarts or changes codec: from `from` on it is what slots take for that encoding.
    pub(super) fn take_over(
        &mut self,
        key: PublicationKey,
        encoding: usize,
        stream: StreamKey,
        from: Seq64,
        now: Time,
    ) {
        let Some(publication) = self.publications.get_mut(key) else { return };
        let Some(place) = publication.encodings.get_mut(encoding) else { return };
        let before = place.stream.replace(stream);
        for slot in &publication.subscribers {
            let Some(slot) = self.slots.get_mut(*slot) else { continue };
            match before.filter(|before| slot.listens_to(*before)) {
                Some(same) if same == stream => slot.restarted(stream, from),
                Some(_) => slot.await_stream(stream, from),
                None if slot.kind == Kind::Audio => slot.await_stream(stream, from),
                // Which encoding a slot takes is the allocation's to say; until then, the first that comes.
                None => {
                    if slot.state == SlotState::Idle && slot.takes_anything() {
                        slot.await_stream(stream, from);
                    }
                }
            }
        }
        self.allocate_subscribers(key, now);
    }

    /// Whether a slot of a publication takes a stream, or waits for it.
    pub(super) fn is_listened_to(&self, publication: PublicationKey, stream: StreamKey) -> bool {
        let Some(publication) = self.publications.get(publication) else { return false };
        publication
            .subscribers
            .iter()
            .any(|slot| self.slots.get(*slot).is_some_and(|slot| slot.listens_to(stream)))
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
