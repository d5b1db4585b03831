//! RTCP from peers: receivers' reports and requests about slots, publishers' clocks and goodbyes.

use super::Plane;
use crate::clock::{Ntp, SenderReport, from_compact};
use crate::ids::{PeerKey, Seq64, SlotKey, Ssrc};
use crate::ingest::demux::Binding;
use crate::limits::RESENDS_PER_PEER;
use crate::rtcp::nack;
use crate::rtcp::reader::{self, Block, Packet};
use crate::slot::{ReceiverReport, SlotState};
use crate::time::Time;
use std::time::Duration;

/// A round trip longer than this is a mistake or a lie.
const MAX_RTT: Duration = Duration::from_secs(5);

impl Plane {
    /// Takes a decrypted compound RTCP packet of a peer.
    pub fn ingest_rtcp(&mut self, from: PeerKey, compound: &[u8], now: Time) {
        self.tick(now);
        self.counters.rtcp_packets_in += 1;
        if self.peers.get(from).is_none() {
            self.counters.unknown_peer += 1;
            return;
        }
        for packet in reader::packets(compound) {
            match packet {
                Ok(Packet::SenderReport { ssrc, report, blocks }) => {
                    self.publisher_clock(from, ssrc, report, now);
                    self.reception_report(from, blocks, now);
                }
                Ok(Packet::ReceiverReport { blocks }) => self.reception_report(from, blocks, now),
                Ok(Packet::Bye { sources }) => {
                    for ssrc in reader::sources(sources) {
                        self.goodbye(from, ssrc);
                    }
                }
                Ok(Packet::Nack { media, items }) => self.nack(from, media, items, now),
                Ok(Packet::Pli { media }) => self.keyframe_requested(from, media, now),
                Ok(Packet::Fir { items }) => {
                    for ssrc in reader::fir_targets(items) {
                        self.keyframe_requested(from, ssrc, now);
                    }
                }
                Ok(Packet::TransportFeedback { fci }) => self.transport_feedback_arrived(from, fci, now),
                Ok(Packet::Other) => {}
                Err(reader::Malformed) => self.counters.malformed_rtcp += 1,
            }
        }
    }

    fn publisher_clock(&mut self, from: PeerKey, ssrc: Ssrc, report: SenderReport, now: Time) {
        let server = Ntp::at(self.config.ntp_at_zero, now);
        let Some(peer) = self.peers.get_mut(from) else { return };
        let Some(Binding::Media(stream)) = peer.demux.find(ssrc) else { return };
        let Some(stream) = self.streams.get_mut(stream) else { return };
        peer.clock.sample(report.ntp, server, now);
        stream.report = Some((report, now));
    }

    fn reception_report(&mut self, from: PeerKey, blocks: &[u8], now: Time) {
        let server = Ntp::at(self.config.ntp_at_zero, now);
        for block in reader::blocks(blocks) {
            let Some(slot) = self.slot_of(from, block.ssrc).and_then(|key| self.slots.get_mut(key)) else {
                continue;
            };
            slot.reception = ReceiverReport {
                fraction_lost: block.fraction_lost,
                cumulative_lost: block.cumulative_lost,
                jitter: block.jitter,
            };
            if let (Some(rtt), Some(peer)) = (round_trip(&block, server), self.peers.get_mut(from)) {
                peer.rtt.sample(rtt);
            }
        }
    }

    fn goodbye(&mut self, from: PeerKey, ssrc: Ssrc) {
        let Some(peer) = self.peers.get(from) else { return };
        let Some(Binding::Media(key)) = peer.demux.find(ssrc) else { return };
        let Some(stream) = self.streams.get_mut(key) else { return };
        if stream.declared {
            stream.end();
            let publication = stream.publication;
            self.silence(publication, key);
        } else {
            self.remove_stream(from, key);
        }
    }

    fn nack(&mut self, from: PeerKey, media: Ssrc, items: &[u8], now: Time) {
        let Some(key) = self.slot_of(from, media) else { return };
        let (Some(slot), Some(peer)) = (self.slots.get_mut(key), self.peers.get_mut(from)) else { return };
        // Of a picture that is paused, because the path cannot carry it, nothing is worth repairing.
        let paused = slot.is_paused();
        for wire in nack::lost(items) {
            self.counters.nacked_in += 1;
            let sent = slot.progress().seq.nearest(wire);
            let rtt = peer.rtt.or_assumed();
            let overtaken = |seq: &Seq64| {
                let Some(origin) = slot.sent.origin(*seq) else { return false };
                let now = slot.sent.rewrite().and_then(|rewrite| self.streams.get(rewrite.stream));
                let then = self.streams.get(origin.rewrite.stream);
                now.zip(then).is_some_and(|(now, then)| {
                    now.publication == then.publication && now.encoding < then.encoding
                })
            };
            // What the path could not bear, and the slot went down from, would only hold up what came after.
            let sent = sent.filter(|seq| !paused && !overtaken(seq));
            if peer.resends.len() >= RESENDS_PER_PEER {
                self.counters.resend_overflow += 1;
            } else if !sent.is_some_and(|seq| peer.is_reachable() && slot.sent.resend(seq, now, rtt)) {
                self.counters.nacked_in_unanswered += 1;
            } else if let Some(seq) = sent {
                peer.resends.push_back((key, seq));
                peer.make_ready(from, &mut self.ready);
            }
        }
    }

    fn keyframe_requested(&mut self, from: PeerKey, media: Ssrc, now: Time) {
        let Some(slot) = self.slot_of(from, media).and_then(|key| self.slots.get(key)) else { return };
        self.counters.keyframe_requests_in += 1;
        match slot.state {
            SlotState::Idle => {}
            SlotState::Awaiting { stream, .. } | SlotState::Forwarding { stream, .. } => {
                self.request_keyframe(stream, now);
            }
        }
    }

    fn slot_of(&self, peer: PeerKey, ssrc: Ssrc) -> Option<SlotKey> {
        let slots = &self.peers.get(peer)?.slots;
        slots.iter().find(|(of, _)| *of == ssrc).map(|(_, key)| *key)
    }
}

/// RFC 3550 §6.4.1: now less the time of our report and what the receiver held it.
fn round_trip(block: &Block, server: Ntp) -> Option<Duration> {
    if block.last_sr == 0 {
        return None;
    }
    let units = server.middle().wrapping_sub(block.last_sr).wrapping_sub(block.delay_since_sr);
    // A whisker below zero is rounding; anything else out of range is nonsense.
    let units = if units > u32::MAX - 64 { 0 } else { units };
    Some(from_compact(units)).filter(|rtt| *rtt <= MAX_RTT)
}
