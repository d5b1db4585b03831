//! Applying a negotiation: lines and slots appear, change and end.
//!
//! Not on a packet's way; may allocate and search.

use super::Plane;
use crate::allocate::{Target, View};
use crate::codec::Kind;
use crate::config::{DeclaredSsrc, PeerConfig, SendLine, SlotConfig};
use crate::ids::{PeerKey, PublicationKey, Seq64, SlotKey, StreamKey};
use crate::ingest::demux::Binding;
use crate::ingest::publication::Publication;
use crate::ingest::stream::Stream;
use crate::limits::{CODECS_PER_LINE, ENCODINGS_PER_LINE, SEND_LINES_PER_PEER, SLOTS_PER_PEER};
use crate::slot::{Slot, SlotState};

impl Plane {
    /// Applies what was negotiated with a peer, the first time and after every renegotiation. Lines and
    /// slots that were there keep their state, found by mid; others are new; those not named end.
    ///
    /// The receiver of a slot that a later negotiation adds may not have the answer yet when media could reach
    /// it, and would lose the beginning: such a slot shows nothing until its view is told.
    pub fn configure(&mut self, peer: PeerKey, config: PeerConfig) {
        let Some(state) = self.peers.get_mut(peer) else {
            self.counters.unknown_peer += 1;
            return;
        };
        state.extensions = config.extensions;
        state.egress_extensions = config.egress_extensions;
        state.transport_cc = config.transport_cc;
        state.feedback_ssrc = config.feedback_ssrc;
        let view = std::mem::replace(&mut state.new_slots, View::Hidden);
        self.configure_sends(peer, &config.sends);
        self.configure_slots(peer, config.slots, view);
        self.estimate_downlink(peer);
        // Every slot of the plane is asked: not for those who only receive.
        if self.peers.get(peer).is_some_and(|state| !state.publications.is_empty()) {
            self.link_waiting(peer);
        }
    }

    fn configure_sends(&mut self, peer: PeerKey, lines: &[SendLine]) {
        let vanished = |publication: &Publication| {
            !lines.iter().any(|line| line.mid == publication.mid && line.kind == publication.kind)
        };
        for key in self.peers.get(peer).map(|state| state.publications.clone()).unwrap_or_default() {
            if self.publications.get(key).is_some_and(vanished) {
                self.end_publication(key);
            }
        }
        for line in lines {
            let Some(key) = self.publication_for(peer, line) else {
                self.counters.refused_config += 1;
                continue;
            };
            let rids = line.rids.get(..line.rids.len().min(ENCODINGS_PER_LINE)).unwrap_or_default();
            if let Some(publication) = self.publications.get_mut(key) {
                publication.codecs = line.codecs.iter().take(CODECS_PER_LINE).copied().collect();
                if publication.name_encodings(rids, self.now) {
                    self.forget_streams(peer, key);
                    self.expect_nothing_of_guest(peer, key);
                }
            }
            self.drop_undeclared(peer, key, line);
            // Which SSRC is which encoding, only the packets say.
            let declared = if rids.is_empty() { line.ssrcs.as_slice() } else { &[] };
            for declared in declared {
                self.declare(peer, key, line, *declared);
            }
            // Nobody may be there to want it.
            self.review_wanted(key, self.now);
        }
    }

    fn publication_for(&mut self, peer: PeerKey, line: &SendLine) -> Option<PublicationKey> {
        if let Some(key) = self.find_publication(peer, &line.mid) {
            return Some(key);
        }
        let state = self.peers.get_mut(peer)?;
        if state.publications.len() >= SEND_LINES_PER_PEER {
            return None;
        }
        let key = self.publications.insert(Publication::new(peer, line.mid, line.kind, self.now));
        state.publications.push(key);
        let group = state.group;
        if line.kind == Kind::Audio {
            self.join_group(group, key);
        }
        self.expect_nothing_of_guest(peer, key);
        self.review_hold(peer, key);
        Some(key)
    }

    /// Ends all streams of a line, whose encodings are others now.
    fn forget_streams(&mut self, peer: PeerKey, publication: PublicationKey) {
        let Some(state) = self.peers.get(peer) else { return };
        let of_line =
            |key: &StreamKey| self.streams.get(*key).is_some_and(|stream| stream.publication == publication);
        for stream in state.demux.streams().filter(of_line).collect::<Vec<_>>() {
            self.remove_stream(peer, stream);
        }
    }

    /// Ends the line's streams that SDP named before and does not name now.
    fn drop_undeclared(&mut self, peer: PeerKey, publication: PublicationKey, line: &SendLine) {
        let Some(state) = self.peers.get(peer) else { return };
        let gone: Vec<StreamKey> = state
            .demux
            .streams()
            .filter(|key| {
                self.streams.get(*key).is_some_and(|stream| {
                    let named = line.ssrcs.iter().any(|declared| declared.ssrc == stream.ssrc);
                    stream.publication == publication && stream.declared && !named
                })
            })
            .collect();
        for stream in gone {
            self.remove_stream(peer, stream);
        }
    }

    fn declare(
        &mut self,
        peer: PeerKey,
        publication: PublicationKey,
        line: &SendLine,
        declared: DeclaredSsrc,
    ) {
        let Some(state) = self.peers.get_mut(peer) else { return };
        let bound = state.demux.find(declared.ssrc);
        let known = bound.and_then(|binding| match binding {
            Binding::Media(key) => self
                .streams
                .get_mut(key)
                .filter(|stream| stream.publication == publication)
                .map(|stream| (key, stream)),
            Binding::Rtx(_) => None,
        });
        let stream = if let Some((key, stream)) = known {
            stream.declared = true;
            key
        } else {
            if let Some(Binding::Media(elsewhere)) = bound {
                self.remove_stream(peer, elsewhere);
            }
            let Some(state) = self.peers.get_mut(peer).filter(|state| !state.demux.is_full()) else {
                self.counters.refused_config += 1;
                return;
            };
            let key = self.streams.insert(Stream::new(publication, 0, declared.ssrc, line.kind, true));
            state.demux.bind(declared.ssrc, Binding::Media(key));
            key
        };
        let Some(rtx) = declared.rtx else { return };
        match self.peers.get_mut(peer).map(|state| (state.demux.find(rtx), state)) {
            Some((Some(Binding::Media(_)), _)) | None => self.counters.refused_config += 1,
            Some((None, state)) if state.demux.is_full() => self.counters.refused_config += 1,
            Some((Some(Binding::Rtx(_)) | None, state)) => state.demux.bind(rtx, Binding::Rtx(stream)),
        }
    }

    /// Ends a line and its streams; the slots it fed stand idle and remember what was routed to them.
    pub(super) fn end_publication(&mut self, key: PublicationKey) {
        let Some(publication) = self.publications.remove(key) else { return };
        for slot in publication.subscribers {
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.publication = None;
                slot.stop();
                slot.retarget(Target::Nothing, self.now);
            }
        }
        self.leave_group(key, publication.peer);
        let Some(state) = self.peers.get_mut(publication.peer) else { return };
        state.publications.retain(|other| *other != key);
        let streams: Vec<StreamKey> = state.demux.streams().collect();
        for stream in streams {
            if self.streams.get(stream).is_some_and(|stream| stream.publication == key) {
                self.remove_stream(publication.peer, stream);
            }
        }
    }

    /// Forgets an ingress SSRC; its publication waits for another.
    pub(super) fn remove_stream(&mut self, peer: PeerKey, key: StreamKey) {
        if let Some(state) = self.peers.get_mut(peer) {
            state.demux.unbind(key);
        }
        let Some(stream) = self.streams.remove(key) else { return };
        self.silence(stream.publication, key);
    }

    /// If the stream was an encoding of its publication, that has none until another begins.
    pub(super) fn silence(&mut self, publication_key: PublicationKey, key: StreamKey) {
        let Some(publication) = self.publications.get_mut(publication_key) else { return };
        for encoding in publication.encodings.iter_mut().filter(|encoding| encoding.stream == Some(key)) {
            encoding.stream = None;
        }
        for slot in &publication.subscribers {
            if let Some(slot) = self.slots.get_mut(*slot) {
                slot.lost(key);
            }
        }
        self.allocate_subscribers(publication_key, self.now);
    }

    fn configure_slots(&mut self, peer: PeerKey, configs: Vec<SlotConfig>, new: View) {
        let Some(state) = self.peers.get(peer) else { return };
        let kept: Vec<(SlotKey, bool)> = state
            .slots
            .iter()
            .map(|(_, key)| {
                let kept =
                    self.slots.get(*key).is_some_and(|slot| configs.iter().any(|config| same(slot, config)));
                (*key, kept)
            })
            .collect();
        for (key, kept) in kept {
            if !kept {
                self.remove_slot(key);
            }
        }
        for config in configs {
            match self.find_slot(peer, &config.mid) {
                Some(key) => self.update_slot(peer, key, config),
                None => self.add_slot(peer, config, new),
            }
        }
    }

    fn add_slot(&mut self, peer: PeerKey, mut config: SlotConfig, view: View) {
        let Some(state) = self.peers.get_mut(peer) else { return };
        if state.slots.len() >= SLOTS_PER_PEER || !state.issue(config.ssrc) {
            self.counters.refused_config += 1;
            return;
        }
        if config.rtx.is_some_and(|rtx| !state.issue(rtx)) {
            self.counters.refused_config += 1;
            config.rtx = None;
        }
        config.codecs.truncate(CODECS_PER_LINE);
        let ssrc = config.ssrc;
        let mut slot = Slot::new(peer, config);
        if slot.kind == Kind::Video {
            slot.view = view;
        }
        let key = self.slots.insert(slot);
        state.slots.push((ssrc, key));
    }

    fn update_slot(&mut self, peer: PeerKey, key: SlotKey, mut config: SlotConfig) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        config.codecs.truncate(CODECS_PER_LINE);
        slot.cname = config.cname;
        let renumbered = slot.codecs != config.codecs;
        slot.codecs = config.codecs;
        if let (None, Some(rtx)) = (slot.rtx, config.rtx) {
            if self.peers.get_mut(peer).is_some_and(|state| state.issue(rtx)) {
                slot.rtx = Some(rtx);
                slot.next_rtx = Seq64(u64::from(config.first_rtx_seq));
            } else {
                self.counters.refused_config += 1;
            }
        }
        // Other payload types mean another rewrite, which begins as any other source does.
        if let (true, SlotState::Forwarding { stream, .. }) = (renumbered, slot.state) {
            let from = self.streams.get(stream).and_then(Stream::highest).map_or(Seq64(0), Seq64::next);
            slot.await_stream(stream, from);
            self.request_keyframe(stream, self.now);
        }
    }

    pub(super) fn remove_slot(&mut self, key: SlotKey) {
        let Some(slot) = self.slots.remove(key) else { return };
        if let Some(publication) = slot.publication.and_then(|key| self.publications.get_mut(key)) {
            publication.unsubscribe(key);
        }
        if let Some(publication) = slot.publication {
            self.review_wanted(publication, self.now);
        }
        if let Some(state) = self.peers.get_mut(slot.peer) {
            state.slots.retain(|(_, other)| *other != key);
            state.paused.retain(|other| *other != key);
        }
    }

    /// Slots may have been routed to lines of this peer before those were negotiated.
    fn link_waiting(&mut self, peer: PeerKey) {
        let waiting =
            |slot: &Slot| slot.publication.is_none() && slot.source.is_some_and(|(from, _)| from == peer);
        let keys: Vec<SlotKey> =
            self.slots.iter().filter(|(_, slot)| waiting(slot)).map(|(key, _)| key).collect();
        for key in keys {
            self.link(key, self.now);
        }
    }
}

/// A slot is the same if nothing the receiver takes it by has changed.
fn same(slot: &Slot, config: &SlotConfig) -> bool {
    slot.mid == config.mid && slot.kind == config.kind && slot.ssrc == config.ssrc
}
