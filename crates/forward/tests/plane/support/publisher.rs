//! A synthetic participant that sends: 30 frames a second of make-believe video, 50 packets of audio.

use super::wire::{self, Rtcp, Rtp};
use forward::{
    Codec, CodecMap, DeclaredSsrc, ExtensionIds, H264Profile, Kind, Mid, PayloadType, PeerConfig, SendLine,
    Ssrc,
};
use std::collections::BTreeMap;

pub const AUDIO: u8 = 111;
pub const VIDEO: u8 = 96;
pub const RTX: u8 = 97;
pub const MID_ID: u8 = 4;
pub const TWCC_ID: u8 = 5;
pub const RID_ID: u8 = 6;

/// What the tests' video is dressed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// With picture ids of 15 bits, or 7.
    Vp8 {
        wide: bool,
    },
    Vp9 {
        flexible: bool,
    },
    H264,
}

impl Dress {
    pub fn codec(self) -> Codec {
        match self {
            Dress::Vp8 { .. } => Codec::Vp8,
            Dress::Vp9 { .. } => Codec::Vp9 { profile: 0 },
            Dress::H264 => Codec::H264 { profile: H264Profile::ConstrainedBaseline, packetization_mode: 1 },
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Traits {
    pub id: u8,
    pub dress: Dress,
    pub rtx: bool,
    /// Whether SDP names its SSRCs.
    pub declared: bool,
    pub first_seq: u16,
    pub picture_id: u16,
    /// Its NTP clock less the server's, in milliseconds.
    pub clock_millis: i64,
    pub payload_len: usize,
}

impl Traits {
    pub fn new(id: u8) -> Self {
        Self {
            id,
            dress: Dress::Vp8 { wide: true },
            rtx: true,
            declared: true,
            first_seq: (1000 * u16::from(id)).wrapping_add(65_000),
            picture_id: 0x7ff0 + u16::from(id),
            clock_millis: 1000 * i64::from(id),
            payload_len: 200,
        }
    }
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a test")]
pub struct Publisher {
    pub traits: Traits,
    pub ssrc: u32,
    pub audio: bool,
    pub video: bool,
    pub keyframes_asked: Vec<u64>,
    pub nacked: Vec<u16>,
    /// Receiver reports about us: (millisecond, compound packet).
    pub reports: Vec<(u64, Rtcp)>,
    pub feedback: Vec<Rtcp>,
    /// What it was told that it may send, by REMB: (millisecond, bits per second).
    pub caps: Vec<(u64, u64)>,
    pub answers_nacks: bool,
    sent: BTreeMap<u16, Rtp>,
    seq: u16,
    rtx_seq: u16,
    audio_seq: u16,
    pub transport_seq: u16,
    frame: u32,
    picture_id: u16,
    tl0: u8,
    key_idx: u8,
    want_key: bool,
}

impl Publisher {
    pub fn new(traits: Traits) -> Self {
        Self {
            traits,
            ssrc: 0x1000 * u32::from(traits.id),
            audio: true,
            video: true,
            keyframes_asked: vec![],
            nacked: vec![],
            reports: vec![],
            feedback: vec![],
            caps: vec![],
            answers_nacks: true,
            sent: BTreeMap::new(),
            seq: traits.first_seq,
            rtx_seq: 7,
            audio_seq: 60_000,
            transport_seq: 65_500,
            frame: 0,
            picture_id: traits.picture_id,
            tl0: 250,
            key_idx: 30,
            want_key: true,
        }
    }

    pub fn config(&self) -> PeerConfig {
        let rtx = self.traits.rtx;
        let declare = |ssrc: u32, rtx: Option<u32>| {
            self.traits
                .declared
                .then_some(DeclaredSsrc { ssrc: Ssrc(ssrc), rtx: rtx.map(Ssrc) })
                .into_iter()
                .collect()
        };
        let opus = CodecMap { codec: Codec::Opus, payload_type: PayloadType(AUDIO), rtx: None, nack: false };
        let video = CodecMap {
            codec: self.traits.dress.codec(),
            payload_type: PayloadType(VIDEO),
            rtx: rtx.then_some(PayloadType(RTX)),
            nack: true,
        };
        PeerConfig {
            extensions: ExtensionIds {
                mid: Some(MID_ID),
                transport_cc: Some(TWCC_ID),
                ..ExtensionIds::default()
            },
            sends: vec![
                SendLine {
                    mid: Mid::from("a"),
                    kind: Kind::Audio,
                    codecs: vec![opus],
                    ssrcs: declare(self.audio_ssrc(), None),
                    rids: vec![],
                },
                SendLine {
                    mid: Mid::from("v"),
                    kind: Kind::Video,
                    codecs: vec![video],
                    ssrcs: declare(self.ssrc, rtx.then_some(self.ssrc + 2)),
                    rids: vec![],
                },
            ],
            slots: vec![],
            transport_cc: true,
            feedback_ssrc: Ssrc(0xfeed),
            ..PeerConfig::default()
        }
    }

    pub fn audio_ssrc(&self) -> u32 {
        self.ssrc + 1
    }

    /// Everything sent in this millisecond, RTP and RTCP.
    pub fn produce(&mut self, now: u64) -> Vec<Vec<u8>> {
        let mut out = vec![];
        if self.audio && now.is_multiple_of(20) {
            let packet = Rtp {
                payload_type: AUDIO,
                seq: self.audio_seq,
                time: self.audio_time(now),
                ssrc: self.audio_ssrc(),
                payload: [&[self.traits.id; 80][..], &u32::try_from(now).unwrap().to_be_bytes()].concat(),
                ..Rtp::default()
            };
            self.audio_seq = self.audio_seq.wrapping_add(1);
            out.push(self.dressed(packet, "a"));
        }
        if self.video && now.is_multiple_of(33) {
            out.extend(self.frame(now));
        }
        if now % 1000 == 100 {
            for (on, ssrc, time) in [
                (self.audio, self.audio_ssrc(), self.audio_time(now)),
                (self.video, self.ssrc, self.video_time(now)),
            ] {
                if on {
                    out.push(wire::sender_report(ssrc, self.ntp(now), time));
                }
            }
        }
        out
    }

    /// Takes a compound of the plane and returns what is sent in answer.
    pub fn feedback(&mut self, now: u64, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut out = vec![];
        for packet in wire::compound(bytes) {
            match (packet.kind, packet.count) {
                (206, 1) => {
                    self.keyframes_asked.push(now);
                    self.want_key = true;
                }
                (205, 1) => {
                    assert_eq!(packet.word(1), self.ssrc);
                    for seq in wire::nacked(&packet) {
                        self.nacked.push(seq);
                        out.extend(self.resend(seq));
                    }
                }
                (206, 15) => {
                    assert_eq!(packet.body[8..12], *b"REMB");
                    let word = packet.word(3) & 0xff_ffff;
                    self.caps.push((now, u64::from(word & 0x3_ffff) << (word >> 18)));
                }
                (205, 15) => self.feedback.push(packet),
                (201, count) if count > 0 => self.reports.push((now, packet)),
                _ => {}
            }
        }
        out
    }

    pub fn video_time(&self, now: u64) -> u32 {
        (u32::from(self.traits.id) << 28).wrapping_add(u32::try_from(now * 90).unwrap())
    }

    pub fn audio_time(&self, now: u64) -> u32 {
        (u32::from(self.traits.id) << 20).wrapping_sub(96_000).wrapping_add(u32::try_from(now * 48).unwrap())
    }

    /// Its own NTP time: server time plus its clock's error.
    pub fn ntp(&self, now: u64) -> u64 {
        let millis = now.checked_add_signed(self.traits.clock_millis + 100_000).unwrap();
        ((u128::from(millis) << 32) / 1000) as u64
    }

    /// Begins anew under another SSRC, as after `replaceTrack` with a new encoder.
    pub fn restart(&mut self, ssrc: u32) {
        self.ssrc = ssrc;
        self.seq = self.seq.wrapping_add(20_000);
        self.want_key = true;
        self.sent.clear();
    }

    /// Leaps ahead in its sequence numbers.
    pub fn leap(&mut self, by: u16) {
        self.seq = self.seq.wrapping_add(by);
    }

    /// A packet of padding only on the media SSRC.
    pub fn padding(&mut self, now: u64) -> Vec<u8> {
        let packet = Rtp {
            payload_type: VIDEO,
            seq: self.seq,
            time: self.video_time(now),
            ssrc: self.ssrc,
            padding: 200,
            ..Rtp::default()
        };
        self.seq = self.seq.wrapping_add(1);
        self.dressed(packet, "v")
    }

    fn frame(&mut self, now: u64) -> Vec<Vec<u8>> {
        let key = std::mem::take(&mut self.want_key);
        let total: u8 = if key { 6 } else { 2 };
        self.tl0 = self.tl0.wrapping_add(1);
        if key {
            self.key_idx = (self.key_idx + 1) & 0x1f;
        }
        let packets = (0..total).map(|index| {
            let mut payload = self.descriptor(key, index, total);
            payload.extend([self.traits.id]);
            payload.extend(self.frame.to_be_bytes());
            payload.extend([index, total, u8::from(key)]);
            payload.extend(u32::try_from(now).unwrap().to_be_bytes());
            let fill = self.traits.payload_len.saturating_sub(usize::from(index));
            payload.extend(vec![self.traits.id ^ index; fill]);
            let packet = Rtp {
                marker: index + 1 == total,
                payload_type: VIDEO,
                seq: self.seq,
                time: self.video_time(now),
                ssrc: self.ssrc,
                payload,
                ..Rtp::default()
            };
            self.seq = self.seq.wrapping_add(1);
            self.sent.insert(packet.seq, packet.clone());
            self.dressed(packet, "v")
        });
        let packets = packets.collect();
        self.frame += 1;
        self.picture_id = self.picture_id.wrapping_add(1);
        packets
    }

    fn descriptor(&self, key: bool, index: u8, total: u8) -> Vec<u8> {
        let start = index == 0;
        let wide = (self.picture_id | 0x8000).to_be_bytes();
        match self.traits.dress {
            Dress::Vp8 { wide: is_wide } => {
                let mut out = vec![0x80 | (u8::from(start) << 4), 0xf0];
                if is_wide {
                    out.extend(wide);
                } else {
                    out.push((self.picture_id & 0x7f) as u8);
                }
                out.extend([self.tl0, 0x20 | self.key_idx, u8::from(!key)]);
                out
            }
            Dress::Vp9 { flexible } => {
                let flags = 0xa0 | (u8::from(!key) << 6) | (u8::from(flexible) << 4) | (u8::from(start) << 3);
                let mut out = vec![flags, wide[0], wide[1], 0];
                if !flexible {
                    out.push(self.tl0);
                }
                out
            }
            Dress::H264 if key && start => vec![0x67],
            Dress::H264 if key => {
                vec![0x7c, (u8::from(index == 1) << 7) | (u8::from(index + 1 == total) << 6) | 5]
            }
            Dress::H264 => vec![0x41],
        }
    }

    /// Sends a packet again, as a NACK would have it.
    fn resend(&mut self, seq: u16) -> Option<Vec<u8>> {
        let mut packet = self.sent.get(&seq).filter(|_| self.answers_nacks)?.clone();
        if self.traits.rtx {
            packet.payload.splice(0..0, packet.seq.to_be_bytes());
            packet.payload_type = RTX;
            packet.ssrc = self.ssrc + 2;
            packet.seq = self.rtx_seq;
            self.rtx_seq = self.rtx_seq.wrapping_add(1);
        }
        Some(self.dressed(packet, "v"))
    }

    /// With header extensions and transport-wide number.
    fn dressed(&mut self, mut packet: Rtp, mid: &str) -> Vec<u8> {
        packet.extensions.push((TWCC_ID, self.transport_seq.to_be_bytes().to_vec()));
        packet.extensions.push((MID_ID, mid.as_bytes().to_vec()));
        self.transport_seq = self.transport_seq.wrapping_add(1);
        packet.write()
    }
}
