//! Flush: the batch goes out, subscriber by subscriber, and with it what else waits for each.
//!
//! All packets of a batch for one subscriber are handed over before the next one's, so that the shell can
//! send them as one run. Sound goes at once. Video to a receiver whose path is estimated goes as its pacer lets
//! it, repairs first; what must wait gets its number only when it leaves, so that whatever is dropped from the
//! queue leaves no gap.

use super::Plane;
use super::downlink::{Downlink, Twice};
use super::fault::AtWork;
use super::peer::{Peer, Queued};
use super::planted::Site;
use crate::codec::{Kind, red};
use crate::counters::Counters;
use crate::egress::Egress;
use crate::history::{Entry, Packet};
use crate::ids::{PeerKey, RtpTime, Seq64, SlotKey, StreamKey};
use crate::ingest::stream::Stream;
use crate::limits::{QUEUE_PER_PEER, RESENDS_PER_PEER};
use crate::packet::{self, Envelope, Source};
use crate::slot::{Sends, Slot, SlotState, Verdict};
use crate::time::Time;
use slotmap::SlotMap;
use std::time::Duration;

/// A timestamp that a publisher's own clock gives is believed if it is this near to what arrival gives.
const CLOCKS_AGREE: Duration = Duration::from_secs(2);

/// A packet that waited longer for the pacer is too late for most, and histories do not keep it much longer.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// What sending to one subscriber takes.
struct Way<'a, E> {
    slots: &'a mut SlotMap<SlotKey, Slot>,
    streams: &'a SlotMap<StreamKey, Stream>,
    counters: &'a mut Counters,
    egress: &'a mut E,
    at_work: &'a mut AtWork,
    now: Time,
}

impl Plane {
    /// Sends everything that may leave now: what was ingested since the last flush, what the pacers held back,
    /// retransmissions and RTCP. Timers that are due are handled first.
    pub fn flush(&mut self, now: Time, egress: &mut impl Egress) {
        self.handle_timeout(now);
        let mut at = 0;
        // More may come while they are visited.
        while let Some(peer) = self.ready.get(at).copied() {
            self.at_work = AtWork::on(peer);
            self.flush_peer(peer, now, egress);
            at += 1;
        }
        self.at_work = AtWork::default();
        self.ready.clear();
        self.batch.clear();
    }

    fn flush_peer(&mut self, key: PeerKey, now: Time, egress: &mut impl Egress) {
        if self.peers.get(key).is_some_and(|peer| peer.due <= now && peer.is_reachable()) {
            self.peer_timers(key, now);
        }
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.visited();
        let mut way = Way {
            slots: &mut self.slots,
            streams: &self.streams,
            counters: &mut self.counters,
            egress,
            at_work: &mut self.at_work,
            now,
        };
        let mut pending = std::mem::take(&mut peer.pending);
        for (slot, at) in pending.drain(..) {
            let Some((stream, seq)) = self.batch.get(at).copied() else { continue };
            let queued = Queued { slot, stream, seq };
            let waits =
                peer.downlink.is_some() && way.slots.get(slot).is_some_and(|slot| slot.kind == Kind::Video);
            if waits {
                way.clear_way(peer, queued);
                peer.queue.push_back(queued);
            } else {
                way.forward(peer, queued);
                self.planted.trip(Site::Flush, key);
            }
        }
        peer.pending = pending;
        way.drop_overflow(peer);
        way.drain(peer);
        self.agenda.bring_forward(key, peer.alarm.min(peer.pacer_due));
        let restarted = std::mem::take(&mut peer.restarted);
        peer.outbox.drain(|compound| {
            self.counters.rtcp_packets_out += 1;
            egress.rtcp(key, compound);
        });
        for stream in restarted {
            self.request_keyframe(stream, now);
        }
    }
}

impl<E: Egress> Way<'_, E> {
    /// Repairs and then video, as far as the pacer lets them; then what a probe lacks.
    fn drain(&mut self, peer: &mut Peer) {
        peer.pacer_due = Time::NEVER;
        loop {
            let probing = peer.downlink.as_mut().is_some_and(|downlink| downlink.is_probing(self.now));
            if peer.resends.is_empty() && peer.seconds.is_empty() && peer.queue.is_empty() && !probing {
                return;
            }
            if let Some(downlink) = peer.downlink.as_mut()
                && let Err(later) = downlink.ready(self.now)
            {
                peer.pacer_due = later;
                return;
            }
            if let Some((slot, seq)) = peer.resends.pop_front() {
                if let Some(slot) = self.slots.get_mut(slot) {
                    slot.sent.resent(seq, self.now);
                }
                self.resend(peer, slot, seq);
            } else if let Some((slot, seq)) = peer.seconds.pop_front() {
                self.resend(peer, slot, seq);
            } else if let Some(queued) = peer.queue.pop_front() {
                self.forward(peer, queued);
            } else if !self.fill(peer) {
                // Nothing to probe with: the estimator gives the probe up by itself.
                return;
            }
        }
    }

    /// The keyframe with which a slot goes down to a lower encoding does not wait behind what is left of the
    /// higher one, which is what the path could not bear.
    fn clear_way(&mut self, peer: &mut Peer, queued: Queued) {
        let (Some(slot), Some(stream)) = (self.slots.get_mut(queued.slot), self.streams.get(queued.stream))
        else {
            return;
        };
        let SlotState::Forwarding { stream: current, next: Some(next) } = slot.state else { return };
        let goes_down = self.streams.get(current).is_some_and(|current| stream.encoding < current.encoding);
        let begins = |packet: Packet| packet.entry.keyframe_start && packet.entry.seq >= next.from;
        if next.stream == queued.stream && goes_down && stream.history.get(queued.seq).is_some_and(begins) {
            let before = peer.queue.len();
            peer.queue.retain(|other| (other.slot, other.stream) != (queued.slot, current));
            let overtaken = before - peer.queue.len();
            if overtaken > 0 {
                // Should it be the higher one's turn again before the keyframe leaves, that has a hole by now.
                slot.await_stream(next.stream, next.from);
            }
            self.counters.overtaken += u64::try_from(overtaken).unwrap_or(0);
            peer.forgo_repairs(queued.slot, slot);
        }
    }

    /// A queue this long, or with packets in it that waited so long, would never catch up: the pictures in it
    /// begin anew.
    fn drop_overflow(&mut self, peer: &mut Peer) {
        let arrived =
            |queued: &Queued| Some(self.streams.get(queued.stream)?.history.get(queued.seq)?.entry.arrival);
        let waits = peer.queue.front().and_then(arrived);
        if peer.queue.len() <= QUEUE_PER_PEER && waits.is_none_or(|at| self.now.since(at) < LONGEST_WAIT) {
            return;
        }
        self.counters.queue_overflow += u64::try_from(peer.queue.len()).unwrap_or(0);
        let dropped = std::mem::take(&mut peer.queue);
        for queued in &dropped {
            let Some(slot) = self.slots.get_mut(queued.slot) else { continue };
            restart(slot, queued, &mut peer.restarted);
            peer.forgo_repairs(queued.slot, slot);
        }
        peer.queue = dropped;
        peer.queue.clear();
        // By now something else may be right.
        peer.allocation_due = peer.allocation_due.min(self.now);
        peer.due = peer.due.min(self.now);
        peer.alarm = peer.alarm.min(self.now);
    }

    /// One packet of the batch to one slot.
    fn forward(&mut self, peer: &mut Peer, queued: Queued) {
        let Queued { slot: slot_key, stream: stream_key, seq } = queued;
        self.at_work.stream = stream_key;
        let (Some(slot), Some(stream)) = (self.slots.get_mut(slot_key), self.streams.get(stream_key)) else {
            return;
        };
        if stream.has_passed(seq) {
            // It waited until its history had gone on: the next number would leave a gap.
            restart(slot, &queued, &mut peer.restarted);
            return;
        }
        let (Some(packet), Some(sends)) = (stream.history.get(seq), stream.codec) else { return };
        match slot.admit(stream_key, sends, packet.entry) {
            Verdict::Forward => self.send(peer, queued),
            Verdict::Begin => {
                let time = aligned_time(slot, self.streams, stream, packet.entry);
                let dependency = peer.egress_extensions.dependency_descriptor;
                let block = red::primary(packet.payload).map(|(_, payload_type)| payload_type);
                let codec = Sends { codec: sends.1, block, dependency };
                slot.begin(packet.entry, stream_key, codec, time);
                self.counters.source_changes += 1;
                // It needs nothing of what came before: that is not repaired any more.
                peer.forgo_repairs(slot_key, slot);
                self.send(peer, queued);
                if slot_kind(self.slots, slot_key) != Some(Kind::Video) {
                    return;
                }
                // What waits of the encoding before has no place any more.
                peer.queue.retain(|other| other.slot != slot_key || other.stream == stream_key);
                // The keyframe's first packet may have come late, repaired: what follows it is here already.
                let last = stream.highest().unwrap_or(seq);
                for later in seq.0 + 1..=last.0 {
                    let later = Queued { seq: Seq64(later), ..queued };
                    if peer.downlink.is_none() {
                        self.send(peer, later);
                    } else if !peer.queue.iter().any(|other| (other.slot, other.seq) == (slot_key, later.seq))
                    {
                        peer.queue.push_front(later);
                    }
                }
                peer.queue
                    .make_contiguous()
                    .sort_by_key(|queued| (queued.slot == slot_key).then_some(queued.seq));
            }
            Verdict::AwaitingKeyframe => self.counters.awaiting_keyframe += 1,
            Verdict::CodecMismatch => self.counters.codec_mismatch += 1,
            Verdict::LeftOut => self.counters.left_out += 1,
            Verdict::Stale => self.counters.too_old += 1,
        }
    }

    /// Numbers a packet and sends it.
    fn send(&mut self, peer: &mut Peer, queued: Queued) {
        let (Some(slot), Some(stream)) = (self.slots.get_mut(queued.slot), self.streams.get(queued.stream))
        else {
            return;
        };
        let Some(packet) = stream.history.get(queued.seq) else { return };
        let numbered = match slot.number(packet.entry, packet.payload.len(), self.now) {
            Ok(numbered) => numbered,
            Err(Verdict::LeftOut) => {
                self.counters.left_out += 1;
                return;
            }
            Err(_) => return,
        };
        peer.remind(slot.report.due);
        let repeatable = numbered.rewrite.nack && numbered.rewrite.rtx_payload_type.is_none();
        let source = Source { packet, kept: numbered.kept, rewrite: &numbered.rewrite };
        let envelope = Envelope::Media { ssrc: slot.ssrc, seq: numbered.seq };
        // A packet that may be sent again as it is must not carry a number that is new each time; see `packet`.
        let tracked = !repeatable;
        self.emit(peer, slot_peer(self.slots, queued.slot), envelope, source, tracked);
        if numbered.kept.ends_frame && tracked {
            self.send_twice(peer, queued.slot, numbered.seq);
        }
    }

    /// A frame went out: on a path that loses packets and has room to spare, it or its end follows once more.
    fn send_twice(&mut self, peer: &mut Peer, slot_key: SlotKey, last: Seq64) {
        let twice = peer.downlink.as_ref().map_or(Twice::Nothing, |downlink| downlink.twice);
        let Some(slot) = self.slots.get(slot_key).filter(|slot| slot.rtx_payload_type().is_some()) else {
            return;
        };
        let from = match twice {
            Twice::Nothing => return,
            Twice::Last => last,
            Twice::All => slot.frame_from().min(last),
        };
        for seq in from.0..=last.0 {
            if peer.seconds.len() < RESENDS_PER_PEER {
                peer.seconds.push_back((slot_key, Seq64(seq)));
                self.counters.sent_twice += 1;
            }
        }
    }

    /// One packet again.
    fn resend(&mut self, peer: &mut Peer, slot_key: SlotKey, seq: Seq64) {
        let Some(slot) = self.slots.get_mut(slot_key) else { return };
        let found = slot.sent.origin(seq).and_then(|origin| {
            self.at_work.stream = origin.rewrite.stream;
            let packet = self.streams.get(origin.rewrite.stream)?.history.get(origin.ingress)?;
            Some((packet, origin.kept, *origin.rewrite))
        });
        let Some((packet, kept, rewrite)) = found else {
            self.counters.nacked_in_unanswered += 1;
            return;
        };
        let rtx = slot.rtx.filter(|_| rewrite.rtx_payload_type.is_some());
        let envelope = if let Some(ssrc) = rtx {
            self.counters.rtx_out += 1;
            let rtx_seq = slot.next_rtx;
            slot.next_rtx = rtx_seq.next();
            Envelope::Rtx { ssrc, seq: rtx_seq, original: seq.wire() }
        } else {
            self.counters.resent_out += 1;
            Envelope::Media { ssrc: slot.ssrc, seq }
        };
        slot.retransmitted += 1;
        let to = slot.peer;
        self.emit(peer, to, envelope, Source { packet, kept, rewrite: &rewrite }, rtx.is_some());
    }

    /// Something for a probe to consist of: a recent packet again, or padding. False if there is nothing.
    fn fill(&mut self, peer: &mut Peer) -> bool {
        let busiest = peer
            .slots
            .iter()
            .filter_map(|(_, key)| {
                Some((*key, self.slots.get(*key).filter(|slot| slot.rtx_payload_type().is_some())?))
            })
            .max_by_key(|(_, slot)| {
                (slot.current().is_some(), slot.publication.is_some(), slot.progress().at)
            });
        let Some((key, _)) = busiest else { return false };
        let Some(slot) = self.slots.get_mut(key) else { return false };
        let (Some(ssrc), Some(payload_type)) = (slot.rtx, slot.rtx_payload_type()) else { return false };
        let number = slot.next_rtx;
        slot.next_rtx = number.next();
        let to = slot.peer;
        self.counters.probe_packets_out += 1;
        // Repeated in turn, so that what was lost has a chance.
        let highest = slot.progress().seq;
        // Where little is to be sent, whole packets would be more than it.
        let repeats = peer.downlink.as_ref().is_none_or(|downlink| downlink.may_repeat());
        let again = slot
            .sent
            .recent(highest)
            .nth(usize::try_from(number.0 % 8).unwrap_or(0))
            .filter(|_| repeats)
            .and_then(|seq| {
                let origin = slot.sent.origin(seq)?;
                self.at_work.stream = origin.rewrite.stream;
                let packet = self.streams.get(origin.rewrite.stream)?.history.get(origin.ingress)?;
                Some((seq, packet, origin.kept, *origin.rewrite))
            });
        if let Some((seq, packet, kept, rewrite)) = again {
            let envelope = Envelope::Rtx { ssrc, seq: number, original: seq.wire() };
            self.emit(peer, to, envelope, Source { packet, kept, rewrite: &rewrite }, true);
            return true;
        }
        let number_of = track(peer.downlink.as_deref_mut(), packet::FILLER_LEN, self.now);
        let transport_wide = peer.egress_extensions.transport_cc.zip(number_of);
        let time = slot.progress().time;
        let filler = packet::Filler { ssrc, seq: number, payload_type, time };
        let len = packet::send_filler(to, filler, transport_wide, self.egress);
        self.counters.count_out(len);
        true
    }

    /// Hands a packet over, with a transport-wide number if the receiver reports arrivals.
    fn emit(&mut self, peer: &mut Peer, to: PeerKey, envelope: Envelope, source: Source, tracked: bool) {
        let len = packet::len(envelope, source);
        let downlink = peer.downlink.as_deref_mut().filter(|_| tracked);
        let transport_wide = peer.egress_extensions.transport_cc.zip(track(downlink, len, self.now));
        let len = packet::send(to, envelope, transport_wide, source, self.egress);
        self.counters.count_out(len);
    }
}

/// A slot that forwards this packet's stream takes it up anew behind it.
fn restart(slot: &mut Slot, queued: &Queued, restarted: &mut Vec<StreamKey>) {
    if slot.current() == Some(queued.stream) {
        slot.await_stream(queued.stream, queued.seq.next());
    }
    if slot.listens_to(queued.stream) && !restarted.contains(&queued.stream) {
        restarted.push(queued.stream);
    }
}

fn track(downlink: Option<&mut Downlink>, len: usize, now: Time) -> Option<crate::ids::Seq16> {
    downlink.map(|downlink| downlink.send(len, now))
}

fn slot_kind(slots: &SlotMap<SlotKey, Slot>, key: SlotKey) -> Option<Kind> {
    slots.get(key).map(|slot| slot.kind)
}

fn slot_peer(slots: &SlotMap<SlotKey, Slot>, key: SlotKey) -> PeerKey {
    slots.get(key).map(|slot| slot.peer).unwrap_or_default()
}

/// The egress timestamp with which a slot goes on from the encoding it forwards to another one of the same
/// publisher: that of the same moment by the publisher's clock, which both encodings' sender reports tell.
fn aligned_time(
    slot: &Slot,
    streams: &SlotMap<StreamKey, Stream>,
    to: &Stream,
    entry: &Entry,
) -> Option<RtpTime> {
    let rewrite = slot.sent.rewrite()?;
    let from = streams.get(rewrite.stream).filter(|from| from.publication == to.publication)?;
    let ((before, _), (after, _), (_, codec)) = (from.report?, to.report?, to.codec?);
    let ntp = after.ntp_at(entry.time, codec.clock_rate());
    let time = rewrite.time(before.time_at(ntp, codec.clock_rate()));
    let progress = slot.progress();
    let passed = entry.arrival.since(progress.at);
    let by_arrival = i64::try_from(passed.as_millis()).ok()? * i64::from(codec.clock_rate()) / 1000;
    let by_clock = i64::from(time.since(progress.time));
    let tolerance = i64::try_from(CLOCKS_AGREE.as_millis()).ok()? * i64::from(codec.clock_rate()) / 1000;
    ((by_clock - by_arrival).abs() <= tolerance).then_some(time)
}
