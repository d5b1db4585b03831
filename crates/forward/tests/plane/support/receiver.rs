//! A synthetic participant that receives: keeps what comes, asks for what is missing.

use super::wire::{self, Rtcp, Rtp};
use forward::{Codec, CodecMap, H264Profile, Kind, Mid, PayloadType, PeerConfig, RtpOut, SlotConfig, Ssrc};
use std::collections::BTreeMap;

pub const AUDIO: u8 = 109;
pub const VP8: u8 = 100;
pub const VP9: u8 = 102;
pub const H264: u8 = 104;

#[derive(Clone, Copy, Debug)]
pub struct Wants {
    pub seats: u32,
    pub rtx: bool,
    pub nacks: bool,
    pub h264: bool,
}

impl Default for Wants {
    fn default() -> Self {
        Self { seats: 1, rtx: true, nacks: true, h264: true }
    }
}

#[derive(Debug)]
pub struct Receiver {
    pub wants: Wants,
    pub base: u32,
    /// What arrived, by SSRC and SRTP index; RTX restored.
    pub streams: BTreeMap<u32, BTreeMap<u64, Rtp>>,
    /// Sender reports: (millisecond, packet).
    pub reports: Vec<(u64, Rtcp)>,
    pub retransmissions: u64,
    asked: BTreeMap<(u32, u64), (u64, u32)>,
    sent: BTreeMap<(u32, u64), Vec<u8>>,
}

impl Receiver {
    pub fn new(wants: Wants, base: u32) -> Self {
        Self {
            wants,
            base,
            streams: BTreeMap::new(),
            reports: vec![],
            retransmissions: 0,
            asked: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    pub fn audio_ssrc(&self, seat: u32) -> u32 {
        self.base + 10 * seat
    }

    pub fn video_ssrc(&self, seat: u32) -> u32 {
        self.base + 10 * seat + 1
    }

    pub fn config(&self) -> PeerConfig {
        let map = |codec, payload_type: u8| CodecMap {
            codec,
            payload_type: PayloadType(payload_type),
            rtx: (self.wants.rtx && payload_type != AUDIO).then_some(PayloadType(payload_type + 1)),
            nack: payload_type != AUDIO,
        };
        let profile = H264Profile::ConstrainedBaseline;
        let mut video = vec![map(Codec::Vp8, VP8), map(Codec::Vp9 { profile: 0 }, VP9)];
        if self.wants.h264 {
            video.push(map(Codec::H264 { profile, packetization_mode: 1 }, H264));
        }
        let slots = (0..self.wants.seats).flat_map(|seat| {
            let slot = |mid: String, kind, ssrc: u32, codecs: Vec<CodecMap>| SlotConfig {
                mid: Mid::from(mid.as_str()),
                kind,
                ssrc: Ssrc(ssrc),
                rtx: (self.wants.rtx && kind == Kind::Video).then_some(Ssrc(ssrc + 1)),
                cname: format!("seat{seat}"),
                codecs,
                first_seq: 32_000,
                first_rtx_seq: 9,
                first_time: u32::MAX - 90_000,
            };
            [
                slot(format!("a{seat}"), Kind::Audio, self.audio_ssrc(seat), vec![map(Codec::Opus, AUDIO)]),
                slot(format!("v{seat}"), Kind::Video, self.video_ssrc(seat), video.clone()),
            ]
        });
        PeerConfig { slots: slots.collect(), feedback_ssrc: Ssrc(self.base + 9), ..PeerConfig::default() }
    }

    /// What the plane sent, before the link: the same SSRC and index always are the same plaintext.
    pub fn check_nonce(&mut self, out: RtpOut, bytes: &[u8]) {
        assert_eq!(out.len, bytes.len());
        assert!([12, 20].contains(&out.header_len), "with a transport-wide number or without");
        assert_eq!(out.ssrc.0.to_be_bytes(), bytes[8..12]);
        assert_eq!(out.index.to_be_bytes()[6..], bytes[2..4]);
        let before = self.sent.entry((out.ssrc.0, out.index)).or_insert_with(|| bytes.to_vec());
        assert_eq!(before, bytes, "SSRC {} index {} with another plaintext", out.ssrc.0, out.index);
    }

    pub fn receive(&mut self, bytes: &[u8]) {
        let mut packet = Rtp::read(bytes);
        if packet.ssrc % 10 == 2 {
            self.retransmissions += 1;
            assert!([VP8 + 1, VP9 + 1, H264 + 1].contains(&packet.payload_type), "{packet:?}");
            packet.seq = u16::from_be_bytes([packet.payload[0], packet.payload[1]]);
            packet.payload.drain(..2);
            packet.payload_type -= 1;
            packet.ssrc -= 1;
        }
        let stream = self.streams.entry(packet.ssrc).or_default();
        let near = stream.last_key_value().map_or(u64::from(packet.seq), |(last, _)| *last);
        let step = packet.seq.wrapping_sub(near as u16).cast_signed();
        let index = near.checked_add_signed(i64::from(step)).unwrap();
        if let Some(before) = stream.insert(index, packet.clone()) {
            let empty = before.payload.is_empty() && packet.payload.is_empty();
            assert!(empty || before == packet, "{before:?} and {packet:?}");
            self.retransmissions += 1;
        }
    }

    pub fn take_report(&mut self, now: u64, bytes: &[u8]) {
        self.reports.extend(wire::compound(bytes).into_iter().filter(|p| p.kind == 200).map(|p| (now, p)));
    }

    /// NACKs due in this millisecond.
    pub fn feedback(&mut self, now: u64) -> Vec<Vec<u8>> {
        let mut out = vec![];
        if !self.wants.nacks || !now.is_multiple_of(5) {
            return out;
        }
        for (ssrc, stream) in self.streams.iter().filter(|(ssrc, _)| *ssrc % 10 == 1) {
            let (Some((first, _)), Some((last, _))) = (stream.first_key_value(), stream.last_key_value())
            else {
                continue;
            };
            let recent = last.saturating_sub(400).max(*first);
            let mut seqs = vec![];
            for missing in (recent..*last).filter(|index| !stream.contains_key(index)) {
                let (at, asks) = self.asked.entry((*ssrc, missing)).or_insert((now + 15, 0));
                if *at <= now && *asks < 30 {
                    *at = now + 60;
                    *asks += 1;
                    seqs.push(missing as u16);
                }
            }
            if !seqs.is_empty() {
                out.push(wire::nack(*ssrc, &seqs));
            }
        }
        out
    }
}
