//! Receiving on all slots, sans-I/O: retransmissions put in their place, reports and requests written.

use crate::answer::AnsweredSlot;
use crate::offer::TRANSPORT_CC_ID;
use crate::offer::VP8_RTX;
use crate::reception::{Arrival, Reception};
use crate::rtcp;
use crate::rtp::{self, Header};
use crate::stats::{Received, Stats};
use forward::{ArrivalReports, Seq16, Ssrc, Time};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Packets asked for in one compound: it fits into a datagram.
const MOST_ASKED: usize = 250;

const REPORT_EVERY: Duration = Duration::from_secs(1);

/// All slots.
#[derive(Debug)]
pub(crate) struct Receiver {
    ssrc: u32,
    slots: BTreeMap<u32, Reception>,
    repairs: BTreeMap<u32, u32>,
    next_report: Instant,
    /// Arrivals by transport-wide number, of all slots.
    arrivals: ArrivalReports,
    started: Instant,
    /// Of so many packets one is opened.
    open_every: u16,
}

impl Receiver {
    /// `ssrc` names us in feedback.
    pub(crate) fn new(ssrc: u32, open_every: u16, now: Instant) -> Self {
        let (slots, repairs) = (BTreeMap::new(), BTreeMap::new());
        let (next_report, arrivals) = (now + REPORT_EVERY, ArrivalReports::default());
        Self { ssrc, slots, repairs, next_report, arrivals, started: now, open_every: open_every.max(1) }
    }

    /// Takes in an answer's slots; those known before go on.
    pub(crate) fn set_slots(&mut self, slots: &[AnsweredSlot], stats: &mut Stats) {
        for slot in slots {
            self.slots.entry(slot.ssrc).or_insert_with(|| Reception::new(slot.video, self.open_every == 1));
            self.repairs.extend(slot.rtx.map(|rtx| (rtx, slot.ssrc)));
            stats.received.entry(slot.ssrc).or_insert_with(|| Received {
                mid: slot.mid.clone(),
                video: slot.video,
                ..Received::default()
            });
        }
    }

    /// Whether a sealed packet is one of those that are opened: what was lost and sent again always is, since only its
    /// payload tells what it is, and the first of a slot.
    pub(crate) fn wants_opened(&self, datagram: &[u8]) -> bool {
        let Some((header, _)) = rtp::read_header(datagram) else { return true };
        self.open_every == 1
            || header.seq.is_multiple_of(self.open_every)
            || self.slots.get(&header.ssrc).is_none_or(|reception| !reception.has_begun())
    }

    /// Takes a packet as it came, without looking into it.
    pub(crate) fn take_sealed(&mut self, datagram: &[u8], now: Instant, stats: &mut Stats) {
        let Some((header, _)) = rtp::read_header(datagram) else { return };
        self.note_arrival(datagram, now);
        let (Some(reception), Some(counts)) =
            (self.slots.get_mut(&header.ssrc), stats.received.get_mut(&header.ssrc))
        else {
            stats.unknown_ssrc += 1;
            return;
        };
        if reception.arrive(header.seq, false, now, counts).is_some() {
            counts.bytes += datagram.len() as u64;
        }
    }

    /// For transport-wide feedback.
    fn note_arrival(&mut self, packet: &[u8], now: Instant) {
        let number = rtp::extension(packet, TRANSPORT_CC_ID).and_then(<[u8]>::first_chunk);
        if let Some(number) = number {
            let arrived = self.virtual_time(now);
            self.arrivals.record(Seq16(u16::from_be_bytes(*number)), arrived);
        }
    }

    /// Takes an opened packet that arrived at `at`, by the wall clock.
    pub(crate) fn take(&mut self, packet: &[u8], at: Duration, now: Instant, stats: &mut Stats) {
        let Some((mut header, mut payload)) = rtp::read(packet) else { return };
        self.note_arrival(packet, now);
        let mut healed = false;
        if let Some(media) = self.repairs.get(&header.ssrc) {
            // Without a payload it is padding, sent to probe.
            let Some((seq, rest)) = payload.split_first_chunk::<2>() else { return };
            header = Header { seq: u16::from_be_bytes(*seq), ssrc: *media, ..header };
            (payload, healed) = (rest, header.payload_type == VP8_RTX);
        }
        let (Some(reception), Some(counts)) =
            (self.slots.get_mut(&header.ssrc), stats.received.get_mut(&header.ssrc))
        else {
            stats.unknown_ssrc += 1;
            return;
        };
        match reception.take(&header, payload, healed, now, counts) {
            Arrival::Fresh(stamp) => {
                counts.bytes += packet.len() as u64;
                let video = counts.video;
                if video {
                    stats.first_video.get_or_insert(now);
                }
                if !healed {
                    stats.add_delay(video, at.saturating_sub(Duration::from_micros(stamp.sent)));
                }
            }
            Arrival::Stale => {}
        }
    }

    /// Takes a sender report.
    pub(crate) fn take_report(&mut self, ssrc: u32, ntp: u64, now: Instant, stats: &mut Stats) {
        if let (Some(reception), Some(counts)) = (self.slots.get_mut(&ssrc), stats.received.get_mut(&ssrc)) {
            reception.take_report(ntp, now);
            counts.sender_reports += 1;
        }
    }

    pub(crate) fn poll_timeout(&self) -> Instant {
        let asks = self.slots.values().filter_map(Reception::poll_timeout).min();
        let report = asks.map_or(self.next_report, |at| at.min(self.next_report));
        let due = self.arrivals.due();
        if due == Time::NEVER { report } else { report.min(self.started + Duration::from_micros(due.0)) }
    }

    fn virtual_time(&self, now: Instant) -> Time {
        let passed = now.saturating_duration_since(self.started).as_micros();
        Time(u64::try_from(passed).unwrap_or(u64::MAX))
    }

    /// Compounds that are due: requests for what is missing, and reports.
    pub(crate) fn due(&mut self, now: Instant, stats: &mut Stats) -> Vec<Vec<u8>> {
        let mut compounds = Vec::new();
        for (ssrc, reception) in &mut self.slots {
            if reception.poll_timeout().is_none_or(|at| now < at) {
                continue;
            }
            let Some(counts) = stats.received.get_mut(ssrc) else { continue };
            let (seqs, given_up) = reception.asks(now, counts);
            if !seqs.is_empty() {
                compounds.extend(seqs.chunks(MOST_ASKED).map(|seqs| rtcp::nack(self.ssrc, *ssrc, seqs)));
            }
            if given_up && counts.video {
                compounds.push(rtcp::pli(self.ssrc, *ssrc));
            }
        }
        // Any of the slots stands for the path.
        if let Some(media) = self.slots.keys().next() {
            let at = self.virtual_time(now);
            compounds.extend(self.arrivals.take(Ssrc(self.ssrc), Ssrc(*media), at));
        }
        if now >= self.next_report {
            self.next_report = now + REPORT_EVERY;
            let blocks: Vec<_> = self
                .slots
                .iter_mut()
                .filter_map(|(ssrc, reception)| reception.block(*ssrc, stats.received.get(ssrc)?, now))
                .collect();
            compounds
                .extend(blocks.chunks(rtcp::MOST_BLOCKS).map(|some| rtcp::receiver_report(self.ssrc, some)));
        }
        compounds
    }
}
