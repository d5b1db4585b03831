//! A synthetic browser that receives: seats of an audio and a video slot each, transport-wide feedback, receiver
//! reports, NACK and PLI.

use crate::arrivals::Arrivals;
use crate::dice::Dice;
use crate::publisher::{RTX, codec_map};
use crate::screen::Screen;
use crate::sound::Sound;
use crate::wire::{self, Block, Rtp, Unwrap, be16};
use forward::{Codec, Kind, Mid, SlotConfig, Ssrc, Time};
use std::time::Duration;

/// How often arrivals are told of.
const FEEDBACK: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(100));
const REPORTS: Duration = Duration::from_secs(1);

/// Of an SSRC: what receiver reports tell.
#[derive(Debug, Default)]
struct Reception {
    ssrc: u32,
    unwrap: Unwrap,
    span: Option<(i64, i64)>,
    received: i64,
    told: (i64, i64),
    report: Option<(u32, Time)>,
}

/// A pair of slots.
#[derive(Debug)]
pub struct Seat {
    pub sound: Sound,
    pub screen: Screen,
}

/// One receiver.
#[derive(Debug)]
pub struct Receiver {
    pub seats: Vec<Seat>,
    /// Bytes received, by second since the start.
    pub by_second: Vec<u64>,
    /// Packets no publisher wrote.
    pub foreign: u64,
    base: u32,
    arrivals: Arrivals,
    tracks: bool,
    receptions: Vec<Reception>,
    dice: Dice,
    feedback_at: Time,
    report_at: Time,
}

impl Receiver {
    /// So many seats, their SSRCs from `base` on. Whether it reports arrivals is for the negotiation to say.
    pub fn new(base: u32, seats: u32, transport_cc: bool, now: Time, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let seat = |at: u32| Seat { sound: Sound::default(), screen: Screen::new(base + 10 * at + 1) };
        let reception = |ssrc| Reception { ssrc, ..Reception::default() };
        Self {
            seats: (0..seats).map(seat).collect(),
            by_second: vec![],
            foreign: 0,
            base,
            arrivals: Arrivals::default(),
            tracks: transport_cc,
            receptions: (0..seats)
                .flat_map(|at| [base + 10 * at, base + 10 * at + 1])
                .map(reception)
                .collect(),
            feedback_at: now + dice.duration(FEEDBACK.0, FEEDBACK.1),
            report_at: now + dice.duration(Duration::ZERO, REPORTS),
            dice,
        }
    }

    /// What it negotiated.
    pub fn slots(&self) -> Vec<SlotConfig> {
        let slot = |mid: String, kind, ssrc: u32, codec, at: u32| SlotConfig {
            mid: Mid::from(mid.as_str()),
            kind,
            ssrc: Ssrc(ssrc),
            rtx: (kind == Kind::Video).then_some(Ssrc(ssrc + 1)),
            cname: format!("seat{at}"),
            codecs: vec![codec_map(codec, kind == Kind::Video)],
            first_seq: 32_000,
            first_rtx_seq: 9,
            first_time: u32::MAX - 90_000,
        };
        let seats = (0..).zip(&self.seats);
        seats
            .flat_map(|(at, _)| {
                let ssrc = self.base + 10 * at;
                [
                    slot(format!("a{at}"), Kind::Audio, ssrc, Codec::Opus, at),
                    slot(format!("v{at}"), Kind::Video, ssrc + 1, Codec::Vp8, at),
                ]
            })
            .collect()
    }

    /// When it next has something to do.
    pub fn due(&self) -> Time {
        let screens = self.seats.iter().map(|seat| seat.screen.due()).min().unwrap_or(Time::NEVER);
        screens.min(self.report_at).min(if self.tracks { self.feedback_at } else { Time::NEVER })
    }

    /// Takes what arrived; what it says at once goes to `out`.
    pub fn receive(&mut self, now: Time, bytes: &[u8], out: &mut Vec<Vec<u8>>) {
        let second = usize::try_from(now.0 / 1_000_000).unwrap_or(0);
        if self.by_second.len() <= second {
            self.by_second.resize(second + 1, 0);
        }
        if let Some(sum) = self.by_second.get_mut(second) {
            *sum += u64::try_from(bytes.len()).unwrap_or(0);
        }
        if wire::is_rtcp(bytes) {
            self.reports(now, bytes);
            return;
        }
        let Some(rtp) = wire::read(bytes) else {
            self.foreign += 1;
            return;
        };
        if let Some(number) = rtp.transport_seq {
            self.arrivals.record(number, now);
        }
        let known = self.media(now, &rtp, out);
        self.foreign += u64::from(!known);
    }

    fn media(&mut self, now: Time, rtp: &Rtp, out: &mut Vec<Vec<u8>>) -> bool {
        let Some(offset) = rtp.ssrc.checked_sub(self.base) else { return false };
        let at = usize::try_from(offset / 10).unwrap_or(usize::MAX);
        let Some(seat) = self.seats.get_mut(at) else { return false };
        if offset % 10 == 2 {
            // RFC 4588 §4. An empty one is a probe.
            let Some(seq) = be16(rtp.payload, 0) else { return rtp.payload.is_empty() };
            let payload = rtp.payload.get(2..).unwrap_or_default();
            let restored = Rtp { seq, payload, ssrc: rtp.ssrc - 1, ..*rtp };
            return rtp.payload_type == RTX && seat.screen.receive(now, &restored, true, out);
        }
        if let Some(reception) = self.receptions.iter_mut().find(|found| found.ssrc == rtp.ssrc) {
            let seq = reception.unwrap.seq(rtp.seq);
            let (first, highest) = reception.span.unwrap_or((seq, seq));
            reception.span = Some((first, highest.max(seq)));
            reception.received += 1;
        }
        match offset % 10 {
            0 => seat.sound.receive(now, rtp),
            1 => seat.screen.receive(now, rtp, false, out),
            _ => false,
        }
    }

    fn reports(&mut self, now: Time, bytes: &[u8]) {
        for packet in wire::compound(bytes).filter(|packet| packet.kind == 200) {
            let (ssrc, middle) = (packet.word(0), packet.word(1) << 16 | packet.word(2) >> 16);
            if let Some(reception) = self.receptions.iter_mut().find(|found| found.ssrc == ssrc) {
                reception.report = Some((middle, now));
            }
        }
    }

    /// Does what is due; what it says goes to `out`.
    pub fn handle(&mut self, now: Time, out: &mut Vec<Vec<u8>>) {
        for seat in &mut self.seats {
            if seat.screen.due() <= now {
                seat.screen.handle(now, out);
            }
        }
        if self.tracks && self.feedback_at <= now {
            self.feedback_at = now + self.dice.duration(FEEDBACK.0, FEEDBACK.1);
            out.extend(self.arrivals.feedback(self.base + 1));
        }
        if self.report_at <= now {
            self.report_at = now + REPORTS;
            let heard = self.receptions.iter_mut().filter(|reception| reception.span.is_some());
            let blocks: Vec<Block> = heard.map(|reception| reception.block(now)).collect();
            out.extend(blocks.chunks(31).map(wire::receiver_report));
        }
    }
}

impl Reception {
    /// RFC 3550 §6.4.1 and A.3.
    fn block(&mut self, now: Time) -> Block {
        let (first, highest) = self.span.unwrap_or((0, 0));
        let expected = highest - first + 1;
        let (expected_since, received_since) = (expected - self.told.0, self.received - self.told.1);
        self.told = (expected, self.received);
        let lost = (expected_since - received_since).max(0) * 256;
        let (last_sr, at) = self.report.unwrap_or((0, now));
        let delay = now.since(at).as_micros() * 65_536 / 1_000_000;
        Block {
            ssrc: self.ssrc,
            fraction_lost: u8::try_from(lost.checked_div(expected_since).unwrap_or(0)).unwrap_or(255),
            cumulative_lost: u32::try_from((expected - self.received).max(0)).unwrap_or(0),
            highest: u32::try_from(highest & 0xffff_ffff).unwrap_or(0),
            last_sr,
            delay_since_sr: if last_sr == 0 { 0 } else { u32::try_from(delay).unwrap_or(0) },
        }
    }
}
