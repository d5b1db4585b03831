//! A synthetic browser that publishes: a microphone, and a camera in simulcast.
//!
//! Owns what it sends and when, answers PLI, NACK and what the server says of wanted encodings. Written after
//! what Chromium does: packets of video leave paced, audio at once; MID and RID until the server has reported on
//! an SSRC, repaired RID always.

use crate::camera::{Encoding, FRAME, Piece, SIMULCAST};
use crate::content;
use crate::dice::Dice;
use crate::wire::{self, Header, LEVEL_ID, MID_ID, REPAIRED_ID, RID_ID, TRANSPORT_ID};
use forward::{Codec, CodecMap, ExtensionIds, Kind, Mid, PayloadType, PeerConfig, Rid, SendLine, Ssrc, Time};
use std::collections::VecDeque;
use std::time::Duration;

/// Payload types, of publishers and receivers alike.
pub const OPUS: u8 = 111;
/// Video.
pub const VP8: u8 = 96;
/// Its retransmissions.
pub const RTX: u8 = 97;

/// Between packets of sound.
pub const SOUND: Duration = Duration::from_millis(20);
const REPORTS: Duration = Duration::from_secs(1);

/// Bits per second at which video leaves at most: 2.5 times what the encodings make.
const PACE: u64 = 6_000_000;

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Microphone,
    Both,
}

/// What waits for the pacer.
#[derive(Debug)]
struct Waiting {
    encoding: usize,
    again: bool,
    piece: Piece,
}

/// One publisher.
#[derive(Debug)]
pub struct Publisher {
    pub id: u8,
    /// Whether somebody speaks into it.
    pub talks: bool,
    /// Keyframes asked for.
    pub plis: u64,
    pub nacked: u64,
    /// When each encoding was told on or off last, and which: (time, mask of active ones).
    pub switched: Vec<(Time, u8)>,
    media: Media,
    encodings: Vec<Encoding>,
    waiting: VecDeque<Waiting>,
    dice: Dice,
    /// Its clock less the server's.
    clock: Duration,
    sound_seq: u16,
    sound_time: u32,
    sound_packets: u32,
    sound_known: bool,
    transport_seq: u16,
    sound_at: Time,
    frame_at: Time,
    pace_at: Time,
    report_at: Time,
}

impl Publisher {
    /// A publisher whose chances come from a seed.
    pub fn new(id: u8, media: Media, now: Time, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let places = [0u8, 1, 2].into_iter().zip(SIMULCAST);
        let mut encodings: Vec<Encoding> =
            places.map(|(place, traits)| Encoding::new(id, place, traits, &mut dice)).collect();
        if media == Media::Microphone {
            encodings.clear();
        }
        let start = |dice: &mut Dice, within| now + dice.phase(within).since(Time::ZERO);
        Self {
            id,
            talks: false,
            plis: 0,
            nacked: 0,
            switched: vec![],
            media,
            encodings,
            waiting: VecDeque::new(),
            clock: dice.duration(Duration::ZERO, Duration::from_secs(100)),
            sound_seq: 65_000,
            sound_time: 0xffff_0000,
            sound_packets: 0,
            sound_known: false,
            transport_seq: 65_500,
            sound_at: start(&mut dice, SOUND),
            frame_at: start(&mut dice, FRAME),
            pace_at: Time::ZERO,
            report_at: start(&mut dice, REPORTS),
            dice,
        }
    }

    /// What it negotiated.
    pub fn lines(&self) -> Vec<SendLine> {
        let line = |mid: &str, kind, codec, rtx, rids| SendLine {
            mid: Mid::from(mid),
            kind,
            codecs: vec![codec_map(codec, rtx)],
            ssrcs: vec![],
            rids,
        };
        let mut lines = vec![line("a", Kind::Audio, Codec::Opus, false, vec![])];
        if self.media == Media::Both {
            let rids = SIMULCAST.iter().map(|traits| Rid::from(traits.rid)).collect();
            lines.push(line("v", Kind::Video, Codec::Vp8, true, rids));
        }
        lines
    }

    /// When it next has something to do.
    pub fn due(&self) -> Time {
        let video = if self.encodings.is_empty() { Time::NEVER } else { self.frame_at };
        let pace = if self.waiting.is_empty() { Time::NEVER } else { self.pace_at };
        self.sound_at.min(video).min(pace).min(self.report_at)
    }

    /// Does what is due; what is sent goes to `out`.
    pub fn handle(&mut self, now: Time, out: &mut Vec<Vec<u8>>) {
        while self.sound_at <= now {
            out.push(self.sound());
            self.sound_at += SOUND;
        }
        while self.frame_at <= now && !self.encodings.is_empty() {
            self.frames();
            self.frame_at += FRAME;
        }
        while self.pace_at <= now
            && let Some(waiting) = self.waiting.pop_front()
        {
            let bits = 8 * u64::try_from(waiting.piece.payload.len() + 50).unwrap_or(0);
            self.pace_at = self.pace_at.max(now) + Duration::from_micros(bits * 1_000_000 / PACE);
            out.push(self.dress(&waiting));
        }
        if self.report_at <= now {
            self.report_at += REPORTS;
            self.reports(now, out);
        }
    }

    fn frames(&mut self) {
        let mut pieces = vec![];
        for (at, encoding) in self.encodings.iter_mut().enumerate() {
            encoding.frame(self.frame_at, &mut self.dice, &mut pieces);
            let waiting = pieces.drain(..).map(|piece| Waiting { encoding: at, again: false, piece });
            self.waiting.extend(waiting);
        }
    }

    fn sound(&mut self) -> Vec<u8> {
        // Speech around −25 dBov, a quiet room around −75.
        let loud = if self.talks { 20 } else { 70 };
        let level = loud + u8::try_from(self.dice.below(10)).unwrap_or(0);
        let header = Header {
            marker: false,
            payload_type: OPUS,
            seq: self.sound_seq,
            time: self.sound_time,
            ssrc: self.sound_ssrc(),
        };
        self.sound_seq = self.sound_seq.wrapping_add(1);
        self.sound_time = self.sound_time.wrapping_add(960);
        self.sound_packets += 1;
        let number = self.transport_number();
        let level = [level | u8::from(self.talks) << 7];
        let mut extensions: Vec<(u8, &[u8])> = vec![(TRANSPORT_ID, &number), (LEVEL_ID, &level)];
        if !self.sound_known {
            extensions.push((MID_ID, b"a"));
        }
        wire::write(header, &extensions, [&content::write_sound(self.id, self.sound_at.0), &[]])
    }

    fn sound_ssrc(&self) -> u32 {
        0x0100_0000 * u32::from(self.id) + 1
    }

    fn transport_number(&mut self) -> [u8; 2] {
        self.transport_seq = self.transport_seq.wrapping_add(1);
        self.transport_seq.to_be_bytes()
    }

    fn dress(&mut self, waiting: &Waiting) -> Vec<u8> {
        let number = self.transport_number();
        let Some(encoding) = self.encodings.get_mut(waiting.encoding) else { return vec![] };
        let Piece { seq, time, marker, payload } = &waiting.piece;
        let rid = encoding.traits.rid.as_bytes();
        let mut extensions: Vec<(u8, &[u8])> = vec![(TRANSPORT_ID, &number)];
        if waiting.again {
            extensions.extend([(MID_ID, &b"v"[..]), (REPAIRED_ID, rid)]);
            let (seq_of_rtx, ssrc) = (encoding.rtx_seq, encoding.rtx_ssrc);
            encoding.rtx_seq = encoding.rtx_seq.wrapping_add(1);
            let header = Header { marker: *marker, payload_type: RTX, seq: seq_of_rtx, time: *time, ssrc };
            return wire::write(header, &extensions, [&seq.to_be_bytes(), payload]);
        }
        if !encoding.known {
            extensions.extend([(MID_ID, &b"v"[..]), (RID_ID, rid)]);
        }
        let header =
            Header { marker: *marker, payload_type: VP8, seq: *seq, time: *time, ssrc: encoding.ssrc };
        wire::write(header, &extensions, [payload, &[]])
    }

    fn reports(&mut self, now: Time, out: &mut Vec<Vec<u8>>) {
        let ntp = ntp(now, self.clock);
        let since = u32::try_from(now.since(self.sound_at).as_micros() * 48 / 1000).unwrap_or(0);
        let bytes = self.sound_packets * 80;
        let time = self.sound_time.wrapping_add(since);
        out.push(wire::sender_report(self.sound_ssrc(), ntp, time, self.sound_packets, bytes));
        for encoding in self.encodings.iter().filter(|encoding| encoding.is_active()) {
            if encoding.last.is_some() {
                let (time, packets) = (encoding.time(now), encoding.packets);
                out.push(wire::sender_report(encoding.ssrc, ntp, time, packets, encoding.bytes));
            }
        }
    }

    /// Takes a compound of the server's.
    pub fn feedback(&mut self, now: Time, bytes: &[u8]) {
        for packet in wire::compound(bytes) {
            match (packet.kind, packet.count) {
                (206, 1) => {
                    self.plis += 1;
                    let media = packet.word(1);
                    if let Some(encoding) = self.encodings.iter_mut().find(|found| found.ssrc == media) {
                        encoding.want_keyframe();
                    }
                }
                (205, 1) => self.send_again(&packet, now),
                (200 | 201, blocks) => {
                    let first = if packet.kind == 200 { 6 } else { 1 };
                    let reported =
                        |ssrc| (0..blocks).any(|at| packet.word(first + 6 * usize::from(at)) == ssrc);
                    self.sound_known |= reported(self.sound_ssrc());
                    for encoding in &mut self.encodings {
                        encoding.known |= reported(encoding.ssrc);
                    }
                }
                _ => {}
            }
        }
    }

    fn send_again(&mut self, packet: &wire::Rtcp, now: Time) {
        let media = packet.word(1);
        let Some(at) = self.encodings.iter().position(|encoding| encoding.ssrc == media) else { return };
        for seq in wire::nacked(packet) {
            self.nacked += 1;
            let piece = self.encodings.get(at).and_then(|encoding| encoding.again(seq));
            let waiting = piece.map(|piece| Waiting { encoding: at, again: true, piece });
            // Repairs go first.
            if let Some(waiting) = waiting {
                self.waiting.push_front(waiting);
            }
        }
        self.pace_at = self.pace_at.max(now);
    }

    /// The server said which encodings anybody wants.
    pub fn wanted(&mut self, now: Time, encodings: &[u8]) {
        let mut mask = 0;
        for (at, encoding) in (0..).zip(&mut self.encodings) {
            encoding.activate(encodings.contains(&at));
            mask |= u8::from(encoding.is_active()) << at;
        }
        self.switched.push((now, mask));
    }
}

/// NTP time of a clock that is ahead by so much; the server's is 100 s at the start.
pub fn ntp(now: Time, ahead: Duration) -> u64 {
    let micros = u128::from(now.0) + ahead.as_micros() + 100_000_000;
    u64::try_from((micros << 32) / 1_000_000).unwrap_or(0)
}

/// One codec as negotiated by all.
pub fn codec_map(codec: Codec, rtx: bool) -> CodecMap {
    let payload_type = PayloadType(if codec == Codec::Opus { OPUS } else { VP8 });
    CodecMap { codec, payload_type, rtx: rtx.then_some(PayloadType(RTX)), nack: codec != Codec::Opus }
}

/// The extension ids of all publishers.
pub fn ingress_config(feedback_ssrc: u32) -> PeerConfig {
    PeerConfig {
        extensions: ExtensionIds {
            mid: Some(MID_ID),
            rid: Some(RID_ID),
            repaired_rid: Some(REPAIRED_ID),
            transport_cc: Some(TRANSPORT_ID),
            audio_level: Some(LEVEL_ID),
            ..ExtensionIds::default()
        },
        transport_cc: true,
        feedback_ssrc: Ssrc(feedback_ssrc),
        ..PeerConfig::default()
    }
}
