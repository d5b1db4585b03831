//! A slot: one egress SSRC whose source the server chooses.
//!
//! Owns the slot's lifecycle, its numbers' progress and its sent history. Decides for each packet of its
//! source whether and under which number it goes out; building and sending it is `packet`'s and the
//! plane's.

use crate::codec::{Codec, Kind};
use crate::config::{CodecMap, SlotConfig};
use crate::history::Entry;
use crate::ids::{Mid, PayloadType, PeerKey, PublicationKey, RtpTime, Seq64, Ssrc, StreamKey};
use crate::rewrite::{Progress, Rewrite, Start};
use crate::sent::Sent;
use crate::time::Time;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Slot {
    pub peer: PeerKey,
    pub mid: Mid,
    pub kind: Kind,
    pub ssrc: Ssrc,
    pub rtx: Option<Ssrc>,
    pub cname: String,
    pub codecs: Vec<CodecMap>,
    /// What was routed here, whether or not it exists yet.
    pub source: Option<(PeerKey, Mid)>,
    /// The same, once it exists.
    pub publication: Option<PublicationKey>,
    pub state: SlotState,
    pub sent: Sent,
    pub next_rtx: Seq64,
    pub report: EgressReport,
    pub reception: ReceiverReport,
    pub packets: u64,
    pub payload_bytes: u64,
    pub retransmitted: u64,
    progress: Progress,
}

/// ```text
/// Idle ◀──────── source gone ────────┐
///   │ source's stream known          │
///   ▼                                │
/// Awaiting ──keyframe / any audio──▶ Forwarding
///   ▲                                │
///   └── other stream, restart, codec ┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotState {
    /// Nothing to forward.
    Idle,
    /// Takes the stream up at a place where it can be decoded, not before `from`.
    Awaiting { stream: StreamKey, from: Seq64 },
    /// Forwards the stream through the current rewrite.
    Forwarding { stream: StreamKey },
}

/// When this slot's next sender report is due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EgressReport {
    /// Never, while the slot sends nothing.
    pub due: Time,
    sent_since: bool,
    /// Reports since the last source change.
    early: u8,
}

/// How often an active slot's sender report goes out.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// The first few after a source change come sooner: a receiver needs two to play in sync.
const EARLY_REPORT_INTERVAL: Duration = Duration::from_millis(250);
const EARLY_REPORTS: u8 = 3;

impl EgressReport {
    const DORMANT: Self = Self { due: Time::NEVER, sent_since: false, early: 0 };

    /// The report is due: whether there is anything to say, and when to ask next.
    pub fn take(&mut self, now: Time) -> bool {
        let early = self.early < EARLY_REPORTS;
        let interval = if early { EARLY_REPORT_INTERVAL } else { REPORT_INTERVAL };
        self.early = self.early.saturating_add(1);
        let active = std::mem::take(&mut self.sent_since);
        self.due = if active { now + interval } else { Time::NEVER };
        active
    }

    fn source_changed(&mut self, now: Time) {
        *self = Self { due: now, sent_since: self.sent_since, early: 0 };
    }

    fn packet_sent(&mut self, now: Time) {
        self.sent_since = true;
        if self.due == Time::NEVER {
            self.due = now;
        }
    }
}

/// What the receiver last reported of this slot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReceiverReport {
    pub fraction_lost: u8,
    pub cumulative_lost: i32,
    pub jitter: u32,
}

/// What to do with a packet of the slot's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Goes out.
    Forward,
    /// Goes out as the first of its source, and what came before it and belongs after it too.
    Begin,
    AwaitingKeyframe,
    CodecMismatch,
    /// Before the source's start, or of a source the slot has left.
    Stale,
}

impl Slot {
    pub fn new(peer: PeerKey, config: SlotConfig) -> Self {
        // A first number of 0 would have none before it; 1 does as well.
        let before = Seq64(u64::from(config.first_seq.saturating_sub(1)));
        Self {
            peer,
            mid: config.mid,
            kind: config.kind,
            ssrc: config.ssrc,
            rtx: config.rtx,
            cname: config.cname,
            codecs: config.codecs,
            source: None,
            publication: None,
            state: SlotState::Idle,
            sent: Sent::default(),
            next_rtx: Seq64(u64::from(config.first_rtx_seq)),
            report: EgressReport::DORMANT,
            reception: ReceiverReport::default(),
            packets: 0,
            payload_bytes: 0,
            retransmitted: 0,
            progress: Progress::before(before, RtpTime(config.first_time)),
        }
    }

    /// Another stream, or a fresh range of the same, feeds the slot from now on.
    pub fn await_stream(&mut self, stream: StreamKey, from: Seq64) {
        self.state = SlotState::Awaiting { stream, from };
    }

    /// Nothing feeds the slot.
    pub fn stop(&mut self) {
        self.state = SlotState::Idle;
    }

    /// Decides about a packet, and starts its source with it if it may; `sends` is what its stream sends now.
    pub fn admit(&mut self, stream: StreamKey, sends: (PayloadType, Codec), entry: &Entry) -> Verdict {
        match self.state {
            SlotState::Idle => Verdict::Stale,
            SlotState::Awaiting { stream: awaited, from } => {
                let (payload_type, codec) = sends;
                if awaited != stream || entry.seq < from || entry.payload_type != payload_type {
                    return Verdict::Stale;
                }
                let Some(map) = self.map(codec) else { return Verdict::CodecMismatch };
                if self.kind == Kind::Video && !entry.keyframe_start {
                    return Verdict::AwaitingKeyframe;
                }
                self.begin(map, entry, stream);
                Verdict::Begin
            }
            SlotState::Forwarding { stream: current } => {
                let fits = self.sent.rewrite().is_some_and(|rewrite| {
                    rewrite.payload_type_in == entry.payload_type && rewrite.first_in <= entry.seq
                });
                if current == stream && fits { Verdict::Forward } else { Verdict::Stale }
            }
        }
    }

    /// Gives a packet that goes out its number; `None` if it has been sent, or is of another codec.
    pub fn number(&mut self, entry: &Entry, payload_len: usize, now: Time) -> Option<(Seq64, Rewrite)> {
        let rewrite = *self.sent.rewrite().filter(|rewrite| rewrite.payload_type_in == entry.payload_type)?;
        let seq = rewrite.seq(entry.seq)?;
        // Audio comes once each and is seldom resent: without NACK it needs no sent history.
        let kept = self.kind == Kind::Video || rewrite.nack;
        if kept && !self.sent.note(seq, entry.seq) {
            return None;
        }
        self.progress.advance(seq, rewrite.time(entry.time), entry.arrival, &entry.fields, &rewrite);
        self.packets += 1;
        self.payload_bytes += u64::try_from(payload_len).unwrap_or(0);
        self.report.packet_sent(now);
        Some((seq, rewrite))
    }

    /// Whether the slot waits for this stream and could show it.
    pub fn waits_for(&self, stream: StreamKey, codec: Option<Codec>) -> bool {
        let playable = codec.is_none_or(|codec| self.map(codec).is_some());
        matches!(self.state, SlotState::Awaiting { stream: awaited, .. } if awaited == stream) && playable
    }

    /// How far egress has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    fn begin(&mut self, map: CodecMap, entry: &Entry, stream: StreamKey) {
        let codec = map.codec;
        let time = if self.sent.begun() == 0 {
            self.progress.time
        } else {
            let passed = entry.arrival.since(self.progress.at).max(codec.frame_duration());
            self.progress.time.plus(ticks(passed, codec.clock_rate()))
        };
        let start = Start {
            stream,
            seq: entry.seq,
            time: entry.time,
            fields: entry.fields,
            payload_type_in: entry.payload_type,
            payload_type: map.payload_type,
            rtx_payload_type: map.rtx.filter(|_| self.rtx.is_some()),
            nack: map.nack,
        };
        self.sent.begin(Rewrite::begin(&start, self.progress.seq.next(), time, &self.progress));
        self.state = SlotState::Forwarding { stream };
        self.report.source_changed(entry.arrival);
    }

    /// How the receiver takes a codec, an exact match first.
    fn map(&self, codec: Codec) -> Option<CodecMap> {
        let exact = self.codecs.iter().find(|map| map.codec == codec);
        exact.or_else(|| self.codecs.iter().find(|map| codec.compatible_with(map.codec))).copied()
    }
}

/// Clock ticks in a duration, wrapping as RTP time does.
fn ticks(duration: Duration, clock_rate: u32) -> u32 {
    let ticks = duration.as_micros() * u128::from(clock_rate) / 1_000_000;
    u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or(0)
}
