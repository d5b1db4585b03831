//! Flush: the batch goes out, subscriber by subscriber, and with it what else waits for each.
//!
//! All packets of a batch for one subscriber are handed over before the next one's, so that the shell can
//! send them as one run.

use super::Plane;
use crate::codec::Kind;
use crate::counters::Counters;
use crate::egress::Egress;
use crate::ids::{PeerKey, Seq64, StreamKey};
use crate::ingest::stream::Stream;
use crate::packet::{self, Envelope, Source};
use crate::slot::{Slot, Verdict};
use crate::time::Time;
use slotmap::SlotMap;

impl Plane {
    /// Sends everything that waits: what was ingested since the last flush, retransmissions and RTCP.
    /// Timers that are due are handled first.
    pub fn flush(&mut self, now: Time, egress: &mut impl Egress) {
        self.handle_timeout(now);
        let mut ready = std::mem::take(&mut self.ready);
        for peer in ready.drain(..) {
            self.flush_peer(peer, now, egress);
        }
        self.ready = ready;
        self.batch.clear();
    }

    fn flush_peer(&mut self, key: PeerKey, now: Time, egress: &mut impl Egress) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.visited();
        for (slot_key, at) in peer.pending.drain(..) {
            let Some((stream_key, seq)) = self.batch.get(at).copied() else { continue };
            let (Some(slot), Some(stream)) = (self.slots.get_mut(slot_key), self.streams.get(stream_key))
            else {
                continue;
            };
            forward(slot, stream_key, stream, seq, now, egress, &mut self.counters);
            peer.due = peer.due.min(slot.report.due);
            self.due = self.due.min(peer.due);
        }
        for (slot, seq) in peer.resends.drain(..) {
            if let Some(slot) = self.slots.get_mut(slot) {
                resend(slot, &self.streams, seq, egress, &mut self.counters);
            }
        }
        peer.outbox.drain(|compound| {
            self.counters.rtcp_packets_out += 1;
            egress.rtcp(key, compound);
        });
    }
}

/// One packet of the batch to one slot.
fn forward(
    slot: &mut Slot,
    stream_key: StreamKey,
    stream: &Stream,
    seq: Seq64,
    now: Time,
    egress: &mut impl Egress,
    counters: &mut Counters,
) {
    let (Some((entry, _)), Some(sends)) = (stream.history.get(seq), stream.codec) else { return };
    match slot.admit(stream_key, sends, entry) {
        Verdict::Forward => forward_one(slot, stream, seq, now, egress, counters),
        Verdict::Begin => {
            counters.source_changes += 1;
            // The keyframe's first packet may have come late, repaired: what follows it is here already.
            let last = if slot.kind == Kind::Video { stream.highest().unwrap_or(seq) } else { seq };
            for seq in seq.0..=last.0 {
                forward_one(slot, stream, Seq64(seq), now, egress, counters);
            }
        }
        Verdict::AwaitingKeyframe => counters.awaiting_keyframe += 1,
        Verdict::CodecMismatch => counters.codec_mismatch += 1,
        Verdict::Stale => counters.too_old += 1,
    }
}

fn forward_one(
    slot: &mut Slot,
    stream: &Stream,
    seq: Seq64,
    now: Time,
    egress: &mut impl Egress,
    counters: &mut Counters,
) {
    let Some((entry, payload)) = stream.history.get(seq) else { return };
    let Some((seq, rewrite)) = slot.number(entry, payload.len(), now) else { return };
    let envelope = Envelope::Media { ssrc: slot.ssrc, seq };
    let len = packet::send(slot.peer, envelope, Source { entry, payload, rewrite: &rewrite }, egress);
    counters.count_out(len);
}

/// One packet a receiver asked for again.
fn resend(
    slot: &mut Slot,
    streams: &SlotMap<StreamKey, Stream>,
    seq: Seq64,
    egress: &mut impl Egress,
    counters: &mut Counters,
) {
    let found = slot.sent.origin(seq).and_then(|(ingress, rewrite)| {
        let (entry, payload) = streams.get(rewrite.stream)?.history.get(ingress)?;
        Some(Source { entry, payload, rewrite })
    });
    let Some(source) = found else {
        counters.nacked_in_unanswered += 1;
        return;
    };
    let envelope = if let Some(ssrc) = slot.rtx.filter(|_| source.rewrite.rtx_payload_type.is_some()) {
        counters.rtx_out += 1;
        let rtx_seq = slot.next_rtx;
        slot.next_rtx = rtx_seq.next();
        Envelope::Rtx { ssrc, seq: rtx_seq, original: seq.wire() }
    } else {
        counters.resent_out += 1;
        Envelope::Media { ssrc: slot.ssrc, seq }
    };
    let len = packet::send(slot.peer, envelope, source, egress);
    slot.retransmitted += 1;
    counters.count_out(len);
}
