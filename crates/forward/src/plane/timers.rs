//! What happens by the clock: feedback to publishers, reports to both sides.

use super::Plane;
use super::fault::AtWork;
use super::ingest::RECEIVER_REPORT_INTERVAL;
use super::peer::{Peer, Presence};
use super::planted::Site;
use crate::bitrate::Bitrate;
use crate::clock::{Ntp, SenderReport, compact};
use crate::codec::Kind;
use crate::ids::{PeerKey, SlotKey, Ssrc, StreamKey};
use crate::ingest::stream::Stream;
use crate::rtcp::reader::Block;
use crate::rtcp::{nack, remb, report, twcc, write_pli};
use crate::slot::{Slot, SlotState};
use crate::time::Time;

/// Bytes of a PLI.
const PLI_LEN: usize = 12;

/// Rounds of timers in one call; what is due still comes in the next.
const ROUNDS: usize = 4;

/// Packets asked for in one NACK, so that it fits a compound.
const MAX_ASKED: usize = 128;

impl Plane {
    /// Does what is due by `now`; what comes of it goes out at the next [`Plane::flush`].
    pub fn handle_timeout(&mut self, now: Time) {
        self.tick(now);
        if now < self.groups_due.min(self.agenda.next()) {
            return;
        }
        self.at_work = AtWork::default();
        self.groups_due = self.look_at_groups(now);
        // One peer's timers may give another something to do at once: a receiver's allocation, a keyframe
        // request to the publisher.
        for _ in 0..ROUNDS {
            let mut due = std::mem::take(&mut self.scratch.peers);
            due.extend(std::iter::from_fn(|| self.agenda.pop(now)));
            let quiet = due.is_empty();
            for peer in due.drain(..) {
                self.at_work = AtWork::on(peer);
                self.look_at_peer(peer, now);
            }
            self.scratch.peers = due;
            if quiet {
                break;
            }
        }
    }

    fn look_at_peer(&mut self, key: PeerKey, now: Time) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        // The pacer's time costs no more than a place in the next flush.
        if peer.pacer_due <= now {
            peer.pacer_due = Time::NEVER;
            peer.make_ready(key, &mut self.ready);
        }
        if peer.alarm <= now {
            self.peer_timers(key, now);
        }
        if let Some(peer) = self.peers.get(key) {
            self.agenda.bring_forward(key, peer.alarm.min(peer.pacer_due));
        }
    }

    /// Does what is due of a peer's.
    pub(super) fn peer_timers(&mut self, key: PeerKey, now: Time) {
        // What can wait for the next occasion.
        let mut later = self.receiver_reports(key, now);
        later = later.min(self.downlink_timers(key, now));
        self.planted.trip(Site::Timers, key);
        later = later.min(self.allocate(key, now));
        // And what others wait for.
        let mut due = self.transport_feedback(key, now).min(self.review_all_wanted(key, now));
        let mut at = 0;
        while let Some(stream) = self.peers.get(key).and_then(|peer| peer.demux.streams().nth(at)) {
            due = due.min(self.repair(key, stream, now));
            at += 1;
        }
        at = 0;
        while let Some((_, slot)) = self.peers.get(key).and_then(|peer| peer.slots.get(at)).copied() {
            later = later.min(self.sender_report(key, slot, now));
            at += 1;
        }
        let Some(peer) = self.peers.get_mut(key) else { return };
        (peer.due, peer.alarm) = (due, due);
        peer.remind(later);
        if !peer.outbox.is_empty() {
            peer.make_ready(key, &mut self.ready);
        }
    }

    /// The estimator's timers; a probe that begins is sent at the next flush.
    fn downlink_timers(&mut self, key: PeerKey, now: Time) -> Time {
        let Some(peer) = self.peers.get_mut(key) else { return Time::NEVER };
        let Some(downlink) = peer.downlink.as_mut() else { return Time::NEVER };
        downlink.handle_timeout(now);
        if downlink.is_probing(now) {
            peer.pacer_due = peer.pacer_due.min(now);
        }
        downlink.estimator.poll_timeout()
    }

    /// A receiver report of every stream heard since the last one (RFC 3550 §6.4.2).
    fn receiver_reports(&mut self, key: PeerKey, now: Time) -> Time {
        let Some(peer) = self.peers.get_mut(key) else { return Time::NEVER };
        if peer.report_due > now {
            return peer.report_due;
        }
        if peer.presence == Presence::Guest {
            // Its home reports.
            peer.report_due = Time::NEVER;
            return Time::NEVER;
        }
        let blocks = &mut self.scratch.blocks;
        blocks.clear();
        for stream in peer.demux.streams() {
            if let Some(stream) = self.streams.get_mut(stream).filter(|stream| stream.reception.heard()) {
                blocks.push(report_block(stream, now));
            }
        }
        let sender = peer.feedback_ssrc;
        for blocks in blocks.chunks(report::MAX_BLOCKS) {
            let cname = crate::rtcp::outbox::FEEDBACK_CNAME;
            let len = report::receiver_len(blocks.len()) + report::cname_len(cname);
            let taken = peer.outbox.report(len, |out| {
                report::write_receiver(sender, blocks, out);
                report::write_cname(sender, cname, out);
            });
            self.counters.rtcp_overflow += u64::from(taken.is_err());
        }
        if peer.is_capped && !blocks.is_empty() {
            // The rate is of all that it sends. Sound takes next to nothing.
            let lines = peer.publications.iter().filter_map(|line| self.publications.get(*line));
            let pictures = lines.filter(|line| line.kind == Kind::Video && line.streams().next().is_some());
            let count = u64::try_from(pictures.count().max(1)).unwrap_or(u64::MAX);
            let most = self.config.max_bitrate.map_or(u64::MAX, |each| each.0.saturating_mul(count));
            let ssrcs: [Ssrc; remb::MAX_SSRCS] =
                std::array::from_fn(|at| blocks.get(at).map_or(Ssrc::default(), |block| block.ssrc));
            let ssrcs = ssrcs.get(..blocks.len()).unwrap_or(&ssrcs);
            let taken = peer.feedback(remb::len(ssrcs.len()), |sender, out| {
                remb::write(sender, Bitrate(most), ssrcs, out);
            });
            self.counters.rtcp_overflow += u64::from(taken.is_err());
        }
        // Nothing heard, nothing to report until there is.
        peer.report_due = if blocks.is_empty() { Time::NEVER } else { now + RECEIVER_REPORT_INTERVAL };
        peer.report_due
    }

    fn transport_feedback(&mut self, key: PeerKey, now: Time) -> Time {
        let Some(peer) = self.peers.get_mut(key) else { return Time::NEVER };
        if peer.arrivals.due() > now {
            return peer.arrivals.due();
        }
        let media =
            peer.demux.streams().find_map(|key| self.streams.get(key)).map_or(peer.feedback_ssrc, |s| s.ssrc);
        loop {
            let (base, arrivals) = peer.arrivals.unreported();
            let to = twcc::Addressing {
                sender: peer.feedback_ssrc,
                media,
                base: base.wire(),
                count: peer.arrivals.feedbacks,
            };
            let (packet, taken) = self.scratch.feedback.encode(to, arrivals);
            if taken > 0 {
                let sent = peer.outbox.feedback(peer.feedback_ssrc, packet.len(), |out| out.extend(packet));
                self.counters.rtcp_overflow += u64::from(sent.is_err());
                self.counters.transport_feedback_out += 1;
            }
            if !peer.arrivals.reported(taken) {
                return Time::NEVER;
            }
        }
    }

    /// Asks a publisher for missing packets and keyframes.
    fn repair(&mut self, key: PeerKey, stream_key: StreamKey, now: Time) -> Time {
        let waiting = self.is_waited_for(stream_key);
        let (Some(peer), Some(stream)) = (self.peers.get_mut(key), self.streams.get_mut(stream_key)) else {
            return Time::NEVER;
        };
        let missing = &mut self.scratch.missing;
        missing.clear();
        let given_up = stream.missing.take_due(now, peer.rtt.or_assumed(), |seq| missing.push(seq));
        if given_up > 0 {
            self.counters.given_up += u64::try_from(given_up).unwrap_or(0);
            stream.keyframes.request(now);
        }
        let media = stream.ssrc;
        if peer.presence == Presence::Guest {
            // Its home asks for what was lost before, and nobody could send again what the relay had no place for.
            missing.clear();
        }
        for asked in missing.chunks(MAX_ASKED) {
            let len = nack::max_len(asked.len());
            let sent = peer.feedback(len, |sender, out| nack::write(sender, media, asked, out));
            self.counters.rtcp_overflow += u64::from(sent.is_err());
            self.counters.nacked_out += u64::try_from(asked.len()).unwrap_or(0);
        }
        if stream.keyframes.fire(now, waiting, stream.heard) {
            let sent = peer.feedback(PLI_LEN, |sender, out| write_pli(sender, media, out));
            self.counters.rtcp_overflow += u64::from(sent.is_err());
            self.counters.keyframe_requests_out += 1;
        }
        stream.missing.due().min(stream.keyframes.due())
    }

    /// Whether a slot that could show the stream, of a connected peer, waits for its next keyframe.
    fn is_waited_for(&self, key: StreamKey) -> bool {
        let Some(stream) = self.streams.get(key).filter(|stream| stream.keyframes.due() < Time::NEVER) else {
            return false;
        };
        let codec = stream.codec.map(|(_, codec)| codec);
        let Some(publication) = self.publications.get(stream.publication) else { return false };
        publication.subscribers.iter().filter_map(|slot| self.slots.get(*slot)).any(|slot| {
            let connected = self.peers.get(slot.peer).is_some_and(Peer::is_reachable);
            connected && slot.waits_for(key, codec)
        })
    }

    /// A slot's sender report, if it is due and the slot has sent since the last.
    fn sender_report(&mut self, key: PeerKey, slot_key: SlotKey, now: Time) -> Time {
        let Some(slot) = self.slots.get(slot_key) else { return Time::NEVER };
        if slot.report.due > now {
            return slot.report.due;
        }
        let report = self.clock_of(slot, now);
        let (Some(slot), Some(peer)) = (self.slots.get_mut(slot_key), self.peers.get_mut(key)) else {
            return Time::NEVER;
        };
        if let (true, Some(report)) = (slot.report.take(now), report) {
            let len = report::SENDER_REPORT_LEN + report::cname_len(&slot.cname);
            let sent = peer.outbox.report(len, |out| {
                report::write_sender(slot.ssrc, report, slot.packets, slot.payload_bytes, out);
                report::write_cname(slot.ssrc, &slot.cname, out);
            });
            self.counters.rtcp_overflow += u64::from(sent.is_err());
        }
        slot.report.due
    }

    /// The slot's RTP time at the server's NTP time now: the publisher's own report where there is one,
    /// through its clock's offset and the slot's rewrite; until then, the last packet's arrival.
    fn clock_of(&self, slot: &Slot, now: Time) -> Option<SenderReport> {
        let SlotState::Forwarding { stream, .. } = slot.state else { return None };
        let rewrite = slot.sent.rewrite()?;
        let ntp = Ntp::at(self.config.ntp_at_zero, now);
        let stream = self.streams.get(stream)?;
        let (_, codec) = stream.codec?;
        let publisher = self.publications.get(stream.publication).and_then(|line| self.peers.get(line.peer));
        let mapped = publisher.and_then(|publisher| {
            let (report, _) = stream.report?;
            let theirs = publisher.clock.publisher_at(ntp)?;
            Some(rewrite.time(report.time_at(theirs, codec.clock_rate())))
        });
        let last = slot.progress();
        let since = SenderReport { ntp: Ntp::at(self.config.ntp_at_zero, last.at), time: last.time };
        let time = mapped.unwrap_or_else(|| since.time_at(ntp, codec.clock_rate()));
        Some(SenderReport { ntp, time })
    }
}

fn report_block(stream: &mut Stream, now: Time) -> Block {
    let loss = stream.reception.report();
    let (last_sr, delay_since_sr) =
        stream.report.map_or((0, 0), |(report, at)| (report.ntp.middle(), compact(now.since(at))));
    Block {
        ssrc: stream.ssrc,
        fraction_lost: loss.fraction,
        cumulative_lost: loss.cumulative,
        extended_highest: stream.extended_highest(),
        jitter: stream.reception.jitter(),
        last_sr,
        delay_since_sr,
    }
}
