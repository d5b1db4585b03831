//! One ingress SSRC: unwraps, reads and keeps its packets.
//!
//! Owns the SSRC's sequence, history, reception statistics, missing packets and keyframe requests.
//! Who the packets are for is the plane's business.

use super::meter::Meter;
use super::missing::MissingList;
use super::reception::Reception;
use super::sequence::{Placed, Sequence};
use crate::clock::SenderReport;
use crate::codec::dependency::DependencyState;
use crate::codec::descriptor::{Descriptor, KeyframeStart};
use crate::codec::layer::FrameSize;
use crate::codec::{Codec, Kind};
use crate::history::{Entry, History, Refused};
use crate::ids::{PayloadType, PublicationKey, RtpTime, Seq16, Seq64, Ssrc};
use crate::keyframe::KeyframeRequests;
use crate::limits::{AUDIO_HISTORY, VIDEO_HISTORY, WIRE_OVERHEAD};
use crate::time::Time;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Stream {
    pub publication: PublicationKey,
    /// Which of its publication's encodings it is.
    pub encoding: usize,
    pub ssrc: Ssrc,
    /// Named in SDP; otherwise bound by its packets' MID, and the first to go when room is needed.
    pub declared: bool,
    pub kind: Kind,
    pub history: History,
    pub missing: MissingList,
    pub keyframes: KeyframeRequests,
    pub reception: Reception,
    /// Its latest sender report and when that came.
    pub report: Option<(SenderReport, Time)>,
    /// When it last sent anything.
    pub heard: Option<Time>,
    /// What it sends now; another payload type is a source change.
    pub codec: Option<(PayloadType, Codec)>,
    /// What it takes on the wire, by layer.
    pub meter: Meter,
    /// Of its picture, once a keyframe said.
    pub size: Option<FrameSize>,
    pub payload_bytes: u64,
    pub keyframes_begun: u64,
    /// The first packet of its latest keyframe, and when that came.
    keyframe: Option<(Seq64, Time)>,
    pub looked: Looked,
    sequence: Sequence,
    parameter_sets_in_band: bool,
    dependency: DependencyState,
}

/// A slot that turns to a stream begins with a keyframe that came so short a time ago, rather than ask for one.
const FRESH: Duration = Duration::from_millis(100);

/// What had been counted when somebody last looked; see `plane/quality.rs`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Looked {
    pub expected: u64,
    pub received: u64,
}

/// A media packet of the stream, arrived or restored from RTX.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'a> {
    pub seq: Seq16,
    pub time: RtpTime,
    pub marker: bool,
    pub payload_type: PayloadType,
    pub codec: Codec,
    /// Whether what is missing may be asked for.
    pub nack: bool,
    /// Content of its dependency descriptor.
    pub dependency: Option<&'a [u8]>,
    pub payload: &'a [u8],
}

/// A packet taken into the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub seq: Seq64,
    /// The stream began, restarted or changed codec: to the slots it is another source, which they may
    /// take up at this number or later.
    pub source_from: Option<Seq64>,
    /// A gap is too large to ask for; only a keyframe mends it.
    pub needs_keyframe: bool,
    /// It ends a silence.
    pub revived: bool,
    /// The round trip of asking for it.
    pub repaired_in: Option<Duration>,
}

/// Why a packet was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    Jumped,
    History(Refused),
}

impl Stream {
    pub fn new(publication: PublicationKey, encoding: usize, ssrc: Ssrc, kind: Kind, declared: bool) -> Self {
        let capacity = match kind {
            Kind::Audio => AUDIO_HISTORY,
            Kind::Video => VIDEO_HISTORY,
        };
        Self {
            publication,
            encoding,
            ssrc,
            declared,
            kind,
            history: History::new(capacity),
            missing: MissingList::default(),
            keyframes: KeyframeRequests::default(),
            reception: Reception::default(),
            report: None,
            heard: None,
            codec: None,
            meter: Meter::default(),
            size: None,
            payload_bytes: 0,
            keyframes_begun: 0,
            keyframe: None,
            looked: Looked::default(),
            sequence: Sequence::default(),
            parameter_sets_in_band: false,
            dependency: DependencyState::default(),
        }
    }

    /// Takes a packet that arrived under the stream's own SSRC.
    pub fn receive(&mut self, packet: &Incoming, now: Time) -> Result<Kept, Rejected> {
        if packet.payload.len() > crate::limits::MAX_PAYLOAD {
            return Err(Rejected::History(Refused::Oversized));
        }
        let placed = self.sequence.place(packet.seq, self.history.capacity());
        let clock_rate = packet.codec.clock_rate();
        let revived = KeyframeRequests::ends_silence(now, self.heard);
        if revived {
            self.keyframes.revived(now);
        }
        self.heard = Some(now);
        let mut kept =
            Kept { seq: Seq64(0), source_from: None, needs_keyframe: false, revived, repaired_in: None };
        match placed {
            Placed::Jumped => return Err(Rejected::Jumped),
            Placed::First(seq) => {
                self.begin(seq);
                // What was sent just before and comes late may begin a keyframe.
                kept = Kept { seq, source_from: Some(Seq64(seq.0 - self.history.capacity())), ..kept };
            }
            Placed::Newest { seq, after } => {
                kept.seq = seq;
                let changed = self.codec.is_some_and(|(current, _)| current != packet.payload_type);
                kept.source_from = changed.then_some(seq);
                if changed {
                    self.dependency = DependencyState::default();
                }
                if packet.nack {
                    kept.needs_keyframe = self.missing.newest(after, seq, now).is_err();
                }
            }
            Placed::Late(seq) => {
                kept.seq = seq;
                kept.repaired_in = self.missing.arrived(seq, now);
            }
        }
        self.reception.count(kept.seq, packet.time, clock_rate, now);
        if !matches!(placed, Placed::Late(_)) {
            self.codec = Some((packet.payload_type, packet.codec));
        }
        self.keep(kept, packet, now)
    }

    /// Takes a packet restored from a retransmission (RFC 4588 §4); `None` if it is of no use any more.
    pub fn restore(&mut self, packet: &Incoming, now: Time) -> Option<Result<Kept, Rejected>> {
        let seq = self.sequence.restore(packet.seq, self.history.capacity())?;
        let repaired_in = self.missing.arrived(seq, now);
        let kept = Kept { seq, source_from: None, needs_keyframe: false, revived: false, repaired_in };
        Some(self.keep(kept, packet, now))
    }

    /// Packets that should have come, and that came, since this was last asked; repairs do not count.
    pub fn packets_since_look(&mut self) -> (u64, u64) {
        let now = Looked { expected: self.reception.expected(), received: self.reception.received() };
        let before = std::mem::replace(&mut self.looked, now);
        (now.expected.saturating_sub(before.expected), now.received.saturating_sub(before.received))
    }

    /// The source said BYE: what it sends next, if anything, is a fresh beginning.
    pub fn end(&mut self) {
        self.sequence.end();
        self.history.clear();
        self.missing.clear();
        self.report = None;
        self.codec = None;
        self.keyframe = None;
        self.dependency = DependencyState::default();
    }

    /// The highest packet so far.
    pub fn highest(&self) -> Option<Seq64> {
        self.sequence.highest()
    }

    /// Whether a packet is so old that its place in the history was given to another.
    pub fn has_passed(&self, seq: Seq64) -> bool {
        self.highest().is_some_and(|highest| seq.0 + self.history.capacity() <= highest.0)
    }

    /// The packet with which a keyframe began just now, if it still is where one can begin.
    pub fn fresh_keyframe(&self, now: Time) -> Option<Seq64> {
        let (seq, _) = self.keyframe.filter(|(_, at)| now.since(*at) < FRESH)?;
        self.history.get(seq).map(|packet| packet.entry.seq)
    }

    /// As a reception report has it.
    pub fn extended_highest(&self) -> u32 {
        self.sequence.extended()
    }

    fn begin(&mut self, seq: Seq64) {
        self.keyframe = None;
        self.reception.begin(seq);
        self.missing.clear();
        self.report = None;
        self.dependency = DependencyState::default();
    }

    fn keep(&mut self, kept: Kept, packet: &Incoming, now: Time) -> Result<Kept, Rejected> {
        let descriptor =
            Descriptor::read(packet.codec, packet.payload, packet.dependency, &mut self.dependency);
        let keyframe_start = match descriptor.keyframe {
            KeyframeStart::No => false,
            KeyframeStart::Bare => !self.parameter_sets_in_band,
            KeyframeStart::Complete => true,
        };
        let entry = Entry {
            seq: kept.seq,
            time: packet.time,
            arrival: now,
            payload_type: packet.payload_type,
            marker: packet.marker,
            keyframe_start,
            layer: descriptor.layer,
            fields: descriptor.fields,
        };
        let dependency = packet.dependency.unwrap_or_default();
        self.history.insert(entry, packet.payload, dependency).map_err(Rejected::History)?;
        let wire = packet.payload.len() + WIRE_OVERHEAD;
        self.meter.count(entry.layer, wire, entry.marker, now);
        self.size = descriptor.size.or(self.size);
        self.payload_bytes += u64::try_from(packet.payload.len()).unwrap_or(0);
        if keyframe_start {
            self.parameter_sets_in_band |=
                matches!(packet.codec, Codec::H264 { .. }) && descriptor.keyframe == KeyframeStart::Complete;
            self.keyframes_begun += 1;
            if self.keyframe.is_none_or(|(last, _)| last < kept.seq) {
                self.keyframe = Some((kept.seq, now));
            }
            self.keyframes.began(now);
            self.missing.forget_before(kept.seq);
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::write::{Dependency, Structure, Template};

    #[test]
    fn another_codec_or_a_restart_forgets_the_templates() {
        let templates = [Template { spatial: 0, temporal: 0, dtis: "S", fdiffs: &[], chains: &[] }];
        let structure =
            Structure { offset: 0, templates: &templates, protected_by: &[], sizes: &[(640, 480)] };
        let keyframe = Dependency { structure: Some(structure), ..Dependency::default() }.write();
        let packet = |seq, payload_type, dependency| Incoming {
            seq: Seq16(seq),
            time: RtpTime(0),
            marker: true,
            payload_type: PayloadType(payload_type),
            codec: Codec::Av1 { profile: 0 },
            nack: false,
            dependency,
            payload: &[0x10, 0x32],
        };
        let mut stream = Stream::new(PublicationKey::default(), 0, Ssrc(1), Kind::Video, true);
        let mut known = |seq, payload_type, dependency| {
            let _ = stream.receive(&packet(seq, payload_type, dependency), Time::ZERO);
            stream.dependency.size_of(0).is_some()
        };
        assert!(known(1, 45, Some(&keyframe[..])));
        assert!(known(2, 45, None));
        assert!(!known(3, 46, None), "another codec");
        assert!(known(4, 46, Some(&keyframe)));
        assert!(known(30_000, 46, None), "a jump not believed yet");
        assert!(!known(30_001, 46, None), "a restart");
    }
}
