//! A slot: one egress SSRC whose source the server chooses.
//!
//! Owns the slot's lifecycle, its numbers' progress and its sent history. Decides for each packet of its
//! source whether and under which number it goes out; building and sending it is `packet`'s and the
//! plane's.

use crate::allocate::{Target, View};
use crate::codec::{Codec, Kind};
use crate::config::{CodecMap, SlotConfig};
use crate::history::Entry;
use crate::ids::{Mid, PayloadType, PeerKey, PublicationKey, RtpTime, Seq64, Ssrc, StreamKey};
use crate::rewrite::{Progress, Rewrite, Start};
use crate::select::{Kept, Layer, Selection};
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
    /// How large it is shown.
    pub view: View,
    /// What the receiver's path bears of it.
    pub borne: Target,
    /// What it is to be sent: that, or less while the worker sheds.
    pub target: Target,
    /// It gets less than it could show, for want of bandwidth.
    pub short: bool,
    /// It gets less than the path bears, since the worker has too much to do.
    pub shed: bool,
    /// The encodings of its source that it wants made; bit k is encoding k.
    pub wants: u8,
    /// Since when it is paused.
    pub paused_since: Option<Time>,
    /// Until then it is sent no better than it is: it was turned down a moment ago.
    pub hold_until: Time,
    /// For how long it was paused at least, the last time.
    pub pause: Duration,
    /// When it was resumed.
    pub resumed_at: Option<Time>,
    pub selection: Selection,
    pub sent: Sent,
    pub next_rtx: Seq64,
    pub report: EgressReport,
    pub reception: ReceiverReport,
    pub packets: u64,
    pub payload_bytes: u64,
    pub frames: u64,
    pub retransmitted: u64,
    /// What was sent at the last look; see `plane/quality.rs`.
    pub looked: Looked,
    progress: Progress,
    /// Where the frame being sent began.
    frame_from: Seq64,
}

/// What had been counted when somebody last looked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Looked {
    pub at: Time,
    pub bytes: u64,
    pub frames: u64,
}

/// ```text
/// Idle ◀──────── source gone ────────┐
///   │ source's stream known          │
///   ▼                                │
/// Awaiting ──keyframe / any audio──▶ Forwarding ◀─┐
///   ▲                                │            │ keyframe of the next encoding
///   └──── restart, other source ─────┴────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotState {
    /// Nothing to forward.
    Idle,
    /// Takes the stream up at a place where it can be decoded, not before `from`.
    Awaiting { stream: StreamKey, from: Seq64 },
    /// Forwards the stream through the current rewrite, until the next one, another encoding of the same
    /// source, can be taken up.
    Forwarding { stream: StreamKey, next: Option<Next> },
}

/// The stream that a slot is to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub stream: StreamKey,
    /// Not before this number.
    pub from: Seq64,
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
    /// Of a layer that is left out.
    LeftOut,
    /// Before the source's start, or of a source the slot has left.
    Stale,
}

/// What a stream sends when a slot takes it up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sends {
    pub codec: Codec,
    /// Of RED, the payload type of its blocks.
    pub block: Option<PayloadType>,
    /// The receiver's id for dependency descriptors.
    pub dependency: Option<u8>,
}

/// A packet that goes out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered {
    pub seq: Seq64,
    pub kept: Kept,
    pub rewrite: Rewrite,
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
            view: View::default(),
            borne: Target::Nothing,
            target: Target::Nothing,
            short: false,
            shed: false,
            wants: 0,
            paused_since: None,
            hold_until: Time::ZERO,
            pause: Duration::ZERO,
            resumed_at: None,
            selection: Selection::default(),
            sent: Sent::default(),
            next_rtx: Seq64(u64::from(config.first_rtx_seq)),
            report: EgressReport::DORMANT,
            reception: ReceiverReport::default(),
            packets: 0,
            payload_bytes: 0,
            frames: 0,
            retransmitted: 0,
            looked: Looked::default(),
            progress: Progress::before(before, RtpTime(config.first_time)),
            frame_from: before,
        }
    }

    /// A fresh range of a stream feeds the slot from now on; what fed it before stops.
    pub fn await_stream(&mut self, stream: StreamKey, from: Seq64) {
        self.state = SlotState::Awaiting { stream, from };
    }

    /// Goes on with this stream as soon as it can be taken up; true if that is a change.
    pub fn aim_at(&mut self, stream: StreamKey) -> bool {
        let next = Next { stream, from: Seq64(0) };
        let (state, changed) = match self.state {
            SlotState::Awaiting { stream: awaited, .. } if awaited == stream => return false,
            SlotState::Idle | SlotState::Awaiting { .. } => {
                (SlotState::Awaiting { stream, from: next.from }, true)
            }
            SlotState::Forwarding { stream: current, next: before } => {
                let wanted = (current != stream).then_some(next);
                if before.map(|next| next.stream) == wanted.map(|next| next.stream) {
                    return false;
                }
                (SlotState::Forwarding { stream: current, next: wanted }, wanted.is_some())
            }
        };
        self.state = state;
        changed
    }

    /// A stream begins anew at `from`: what the slot has of it, or waits for, is taken up there.
    pub fn restarted(&mut self, stream: StreamKey, from: Seq64) {
        match &mut self.state {
            SlotState::Awaiting { stream: awaited, from: old } if *awaited == stream => *old = from,
            SlotState::Forwarding { stream: current, .. } if *current == stream => {
                self.state = SlotState::Awaiting { stream, from };
            }
            SlotState::Forwarding { next: Some(next), .. } if next.stream == stream => next.from = from,
            SlotState::Idle | SlotState::Awaiting { .. } | SlotState::Forwarding { .. } => {}
        }
    }

    /// A stream is gone: the slot does without.
    pub fn lost(&mut self, stream: StreamKey) {
        match self.state {
            SlotState::Awaiting { stream: awaited, .. } if awaited == stream => self.state = SlotState::Idle,
            SlotState::Forwarding { stream: current, next } if current == stream => {
                self.state = next.map_or(SlotState::Idle, |next| SlotState::Awaiting {
                    stream: next.stream,
                    from: next.from,
                });
            }
            SlotState::Forwarding { stream: current, next: Some(next) } if next.stream == stream => {
                self.state = SlotState::Forwarding { stream: current, next: None };
            }
            SlotState::Idle | SlotState::Awaiting { .. } | SlotState::Forwarding { .. } => {}
        }
    }

    /// Says what it is to be sent; true if that is a change.
    pub fn retarget(&mut self, target: Target, now: Time) -> bool {
        let changed = self.target != target;
        self.target = target;
        self.paused_since = (target == Target::Paused).then(|| self.paused_since.unwrap_or(now));
        if matches!(target, Target::Nothing | Target::Paused) {
            self.wants = 0;
        }
        if target == Target::Nothing {
            (self.borne, self.shed) = (Target::Nothing, false);
        }
        changed
    }

    /// Whether it is sent nothing, though there is something to send.
    pub fn is_paused(&self) -> bool {
        self.target == Target::Paused
    }

    /// Nothing feeds the slot.
    pub fn stop(&mut self) {
        self.state = SlotState::Idle;
    }

    /// Whether packets of a stream are of any use to it.
    pub fn listens_to(&self, stream: StreamKey) -> bool {
        match self.state {
            SlotState::Idle => false,
            SlotState::Awaiting { stream: awaited, .. } => awaited == stream,
            SlotState::Forwarding { stream: current, next } => {
                current == stream || next.is_some_and(|next| next.stream == stream)
            }
        }
    }

    /// Whether it may be sent something before it was allocated anything.
    pub fn takes_anything(&self) -> bool {
        self.view != View::Hidden && self.target != Target::Paused
    }

    /// Under what repairs go out, or would, were the slot's source of the first codec it takes.
    pub fn rtx_payload_type(&self) -> Option<PayloadType> {
        self.rtx?;
        match self.sent.rewrite() {
            Some(rewrite) => rewrite.rtx_payload_type,
            None => self.codecs.iter().find_map(|map| map.rtx),
        }
    }

    /// The stream that is forwarded now.
    pub fn current(&self) -> Option<StreamKey> {
        match self.state {
            SlotState::Idle | SlotState::Awaiting { .. } => None,
            SlotState::Forwarding { stream, .. } => Some(stream),
        }
    }

    /// Decides about a packet; `sends` is what its stream sends now. After [`Verdict::Begin`] the caller
    /// calls [`Self::begin`], unless it knows better.
    pub fn admit(&self, stream: StreamKey, sends: (PayloadType, Codec), entry: &Entry) -> Verdict {
        match self.state {
            SlotState::Idle => Verdict::Stale,
            SlotState::Awaiting { stream: awaited, from } => {
                if awaited != stream {
                    return Verdict::Stale;
                }
                self.could_begin(from, sends, entry)
            }
            SlotState::Forwarding { stream: current, next } => {
                let fits = self.sent.rewrite().is_some_and(|rewrite| {
                    rewrite.payload_type_in == entry.payload_type && rewrite.first_in <= entry.seq
                });
                match next.filter(|next| next.stream == stream) {
                    Some(next) => self.could_begin(next.from, sends, entry),
                    None if current == stream && fits => Verdict::Forward,
                    None => Verdict::Stale,
                }
            }
        }
    }

    fn could_begin(
        &self,
        from: Seq64,
        (payload_type, codec): (PayloadType, Codec),
        entry: &Entry,
    ) -> Verdict {
        if entry.seq < from || entry.payload_type != payload_type {
            Verdict::Stale
        } else if self.map(codec).is_none() {
            Verdict::CodecMismatch
        } else if self.kind == Kind::Video && !entry.keyframe_start {
            Verdict::AwaitingKeyframe
        } else {
            Verdict::Begin
        }
    }

    /// Gives a packet that goes out its number; otherwise why it does not.
    pub fn number(&mut self, entry: &Entry, payload_len: usize, now: Time) -> Result<Numbered, Verdict> {
        let rewrite = self.sent.rewrite().filter(|rewrite| rewrite.payload_type_in == entry.payload_type);
        let Some(rewrite) = rewrite.copied() else { return Err(Verdict::Stale) };
        let kept = match self.kind {
            Kind::Audio => Kept { ends_frame: entry.marker, ..Kept::default() },
            Kind::Video => self.selection.place(entry).ok_or(Verdict::LeftOut)?,
        };
        let Some(seq) = rewrite.seq(entry.seq, kept.shift) else { return Err(Verdict::Stale) };
        // Audio comes once each and is seldom resent: without NACK it needs no sent history.
        let remembered = self.kind == Kind::Video || rewrite.nack;
        if remembered && !self.sent.note(seq, entry.seq, kept) {
            return Err(Verdict::Stale);
        }
        let time = rewrite.time(entry.time);
        if time != self.progress.time && seq > self.progress.seq {
            self.frame_from = seq;
        }
        self.progress.advance(seq, time, entry.arrival, &entry.fields, &rewrite, kept.shift);
        self.packets += 1;
        self.payload_bytes += u64::try_from(payload_len).unwrap_or(0);
        self.frames += u64::from(kept.ends_frame);
        self.report.packet_sent(now);
        Ok(Numbered { seq, kept, rewrite })
    }

    /// Whether the slot waits for a keyframe of this stream and could show it.
    pub fn waits_for(&self, stream: StreamKey, codec: Option<Codec>) -> bool {
        let playable = codec.is_none_or(|codec| self.map(codec).is_some());
        let waits = match self.state {
            SlotState::Idle => false,
            SlotState::Awaiting { stream: awaited, .. } => awaited == stream,
            SlotState::Forwarding { stream: current, next } => {
                next.is_some_and(|next| next.stream == stream)
                    || (current == stream && self.selection.lacks_spatial())
            }
        };
        waits && playable
    }

    /// The number with which the frame that is being sent began.
    pub fn frame_from(&self) -> Seq64 {
        self.frame_from
    }

    /// How far egress has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Starts a stream with this packet. `time`: the egress timestamp it continues with, where the caller
    /// knows it from the publisher's clock; otherwise it follows from when the packets arrived.
    pub fn begin(&mut self, entry: &Entry, stream: StreamKey, sends: Sends, time: Option<RtpTime>) {
        let Sends { codec, block, dependency } = sends;
        let Some(map) = self.map_for(codec, block) else { return };
        let strip_red = codec == Codec::Red && map.codec != Codec::Red;
        let last = self.progress.time;
        let time = if self.sent.begun() == 0 {
            last
        } else {
            let passed = entry.arrival.since(self.progress.at).max(codec.frame_duration());
            // The same moment in another encoding is another picture to the receiver.
            let known = time.map(|time| if time.since(last) > 0 { time } else { last.plus(1) });
            known.unwrap_or_else(|| last.plus(ticks(passed, codec.clock_rate())))
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
            strip_red,
            dependency: dependency.filter(|_| matches!(codec, Codec::Av1 { .. })),
            keeps_picture_ids: matches!(codec, Codec::Vp9 { .. }),
        };
        self.sent.begin(Rewrite::begin(&start, self.progress.seq.next(), time, &self.progress));
        self.selection.begin();
        self.state = SlotState::Forwarding { stream, next: None };
        self.report.source_changed(entry.arrival);
    }

    /// Aims at layers of the stream that is forwarded, or will be.
    pub fn aim_at_layer(&mut self, layer: Layer) {
        self.selection.aim(layer);
    }

    /// How the receiver takes what a stream sends. RED it takes only if its blocks' payload type, which the publisher
    /// chose, means the same to it; else the primary encoding alone.
    fn map_for(&self, codec: Codec, block: Option<PayloadType>) -> Option<CodecMap> {
        let opus = self.codecs.iter().find(|map| map.codec == Codec::Opus).copied();
        match codec {
            Codec::Red if opus.is_some() && opus.map(|map| map.payload_type) != block => opus,
            Codec::Red
            | Codec::Opus
            | Codec::Vp8
            | Codec::Vp9 { .. }
            | Codec::H264 { .. }
            | Codec::Av1 { .. } => self.map(codec),
        }
    }

    /// How the receiver takes a codec, an exact match first.
    fn map(&self, codec: Codec) -> Option<CodecMap> {
        let exact = self.codecs.iter().find(|map| map.codec == codec);
        let fitting = || {
            // RED's primary encoding stands for itself.
            let plain = if codec == Codec::Red { Codec::Opus } else { codec };
            self.codecs.iter().find(|map| plain.compatible_with(map.codec))
        };
        exact.or_else(fitting).copied()
    }
}

/// Clock ticks in a duration, wrapping as RTP time does.
fn ticks(duration: Duration, clock_rate: u32) -> u32 {
    let ticks = duration.as_micros() * u128::from(clock_rate) / 1_000_000;
    u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or(0)
}
