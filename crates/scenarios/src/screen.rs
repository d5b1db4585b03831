//! What a viewer sees of one slot: packets into frames, frames through a decoder that needs what they refer to,
//! pictures shown when their time has come. Asks for what is missing, and for a keyframe when that fails.
//!
//! After libwebrtc's receiver: NACK at once and again each round trip, ten times at most; the next frame shown
//! is the earliest that is whole and whose references were decoded; the delay before showing grows when frames
//! come late, up to half a second, and shrinks slowly.

use crate::content::{self, Name};
use crate::wire::{self, Rtp, Unwrap, low16};
use forward::Time;
use std::collections::BTreeMap;
use std::time::Duration;

/// Asks for one packet.
const ASKS: u8 = 10;
/// Nothing decoded for so long, and nothing left to repair: a keyframe is asked for.
const STUCK: Duration = Duration::from_millis(200);
/// Nothing decoded for so long, whatever is being repaired.
const LOST: Duration = Duration::from_secs(3);
/// Between two requests.
const AGAIN: Duration = Duration::from_millis(300);
/// A stream that sent nothing for so long is paused: there is nothing to ask for.
const QUIET: Duration = Duration::from_millis(500);
/// How often it looks whether it is stuck, or has to ask again.
const LOOK: Duration = Duration::from_millis(20);
/// Between a frame's being whole and being shown, at least and at most.
const DELAYS: (i64, i64) = (20_000, 500_000);
/// By how much the delay shrinks with each frame that was early enough: 10 ms a second.
const SHRINK: i64 = 330;
/// Decoded frames remembered; none refers further back.
const DECODED: usize = 32;
/// A round trip before one was measured (libwebrtc's `kDefaultRtt`).
const RTT: Duration = Duration::from_millis(100);

/// A picture that was shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    pub at: Time,
    pub name: Name,
}

#[derive(Clone, Copy, Debug)]
struct Missing {
    asks: u8,
    at: Time,
    asked: Time,
}

#[derive(Debug)]
struct Frame {
    name: Name,
    first: Option<i64>,
    last: Option<i64>,
    pieces: i64,
    whole: Option<Time>,
    highest: i64,
}

/// One video slot.
#[derive(Debug)]
pub struct Screen {
    pub ssrc: u32,
    pub shown: Vec<Shown>,
    /// Frames of which anything arrived.
    pub begun: u64,
    pub plis: u64,
    pub nacked: u64,
    /// Packets received, repairs included.
    pub packets: u64,
    numbers: Unwrap,
    times: Unwrap,
    highest: Option<i64>,
    missing: BTreeMap<i64, Missing>,
    /// Not shown yet, by RTP time in microseconds.
    frames: BTreeMap<i64, Frame>,
    decoded: Vec<(u8, u8, u32)>,
    /// RTP time of the last frame shown, and its last packet.
    last: Option<(i64, i64)>,
    shown_at: Time,
    heard_at: Time,
    began_at: Option<Time>,
    pli_at: Option<Time>,
    gave_up: bool,
    least_transit: i64,
    delay: i64,
    rtt: Duration,
    look_at: Time,
}

impl Screen {
    /// Of a slot's SSRC.
    pub fn new(ssrc: u32) -> Self {
        Self {
            ssrc,
            shown: vec![],
            begun: 0,
            plis: 0,
            nacked: 0,
            packets: 0,
            numbers: Unwrap::default(),
            times: Unwrap::default(),
            highest: None,
            missing: BTreeMap::new(),
            frames: BTreeMap::new(),
            decoded: vec![],
            last: None,
            shown_at: Time::ZERO,
            heard_at: Time::ZERO,
            began_at: None,
            pli_at: None,
            gave_up: false,
            least_transit: i64::MAX,
            delay: DELAYS.0,
            rtt: RTT,
            look_at: Time::NEVER,
        }
    }

    /// Takes a packet, or one restored from RTX; false if it is none a publisher wrote.
    pub fn receive(&mut self, now: Time, packet: &Rtp, restored: bool, out: &mut Vec<Vec<u8>>) -> bool {
        let seq = self.numbers.seq(packet.seq);
        self.packets += 1;
        self.heard_at = now;
        self.began_at.get_or_insert(now);
        if self.look_at == Time::NEVER {
            self.look_at = now + LOOK;
        }
        let highest = self.highest.unwrap_or(seq - 1);
        match self.missing.remove(&seq) {
            Some(missing) if restored && missing.asks == 1 => {
                self.rtt = (self.rtt * 7 + now.since(missing.asked)) / 8;
            }
            // It was here before, or is given up.
            None if seq <= highest => return true,
            Some(_) | None => {}
        }
        if seq > highest {
            let asked = Missing { asks: 0, at: now, asked: now };
            self.missing.extend((highest + 1..seq).map(|missing| (missing, asked)));
            self.highest = Some(seq);
            self.ask(now, out);
        }
        // Padding and probes mean nothing.
        if packet.payload.is_empty() {
            return true;
        }
        let Some((name, _)) = content::read(packet.payload) else { return false };
        let time = self.times.time(packet.time) * 1000 / 90;
        if self.last.is_some_and(|(last, _)| time <= last) {
            return true;
        }
        self.begun += u64::from(!self.frames.contains_key(&time));
        let frame = self.frames.entry(time).or_insert_with(|| Frame {
            name,
            first: None,
            last: None,
            pieces: 0,
            whole: None,
            highest: seq,
        });
        if (name.publisher, name.encoding, name.number)
            != (frame.name.publisher, frame.name.encoding, frame.name.number)
        {
            return false;
        }
        frame.pieces += 1;
        frame.highest = frame.highest.max(seq);
        frame.first = frame.first.or((name.index == 0).then_some(seq));
        frame.last = frame.last.or(packet.marker.then_some(seq));
        let whole = frame.first.zip(frame.last).is_some_and(|(first, last)| last - first < frame.pieces);
        if whole && frame.whole.is_none() {
            frame.whole = Some(now);
            let transit = micros(now) - time;
            if self.least_transit == i64::MAX || (transit - self.least_transit).abs() > 5_000_000 {
                (self.least_transit, self.delay) = (transit, DELAYS.0);
            }
            // The least is forgotten at a millisecond a second: clocks drift, routes change.
            self.least_transit = transit.min(self.least_transit + 33);
        }
        true
    }

    /// When it next has something to do.
    pub fn due(&self) -> Time {
        self.next().map_or(self.look_at, |(_, at)| at.min(self.look_at))
    }

    /// Shows what is due, and looks after what is missing; what it asks for goes to `out`.
    pub fn handle(&mut self, now: Time, out: &mut Vec<Vec<u8>>) {
        while let Some((time, at)) = self.next().filter(|(_, at)| *at <= now) {
            self.show(time, at.max(self.shown_at));
        }
        if self.look_at > now {
            return;
        }
        self.look_at = now + LOOK;
        self.ask(now, out);
        if self.needs_keyframe(now) {
            self.pli_at = Some(now);
            self.plis += 1;
            out.push(wire::pli(self.ssrc));
        }
    }

    /// The frame to show next: its RTP time, and when it is due.
    fn next(&self) -> Option<(i64, Time)> {
        let (time, frame) = self.frames.iter().find(|(_, frame)| self.is_decodable(frame))?;
        let due = time + self.least_transit.saturating_add(self.delay);
        let due = Time(u64::try_from(due).unwrap_or(0));
        Some((*time, frame.whole.map_or(due, |whole| due.max(whole))))
    }

    fn is_decodable(&self, frame: &Frame) -> bool {
        let Name { publisher, encoding, key, refs, .. } = frame.name;
        let has = |number: &u32| self.decoded.contains(&(publisher, encoding, *number));
        frame.whole.is_some() && (key || refs.iter().flatten().all(has))
    }

    fn show(&mut self, time: i64, at: Time) {
        let Some(frame) = self.frames.get(&time) else { return };
        let (name, highest) = (frame.name, frame.highest);
        self.frames = self.frames.split_off(&(time + 1));
        if name.key {
            self.decoded.clear();
            self.gave_up = false;
        }
        if self.decoded.len() >= DECODED {
            self.decoded.remove(0);
        }
        self.decoded.push((name.publisher, name.encoding, name.number));
        let late = micros(at) - time - self.least_transit - self.delay;
        self.delay = (self.delay + if late > 0 { late } else { -SHRINK }).clamp(DELAYS.0, DELAYS.1);
        self.missing = self.missing.split_off(&highest);
        self.last = Some((time, highest));
        self.shown_at = at;
        self.shown.push(Shown { at, name });
    }

    fn ask(&mut self, now: Time, out: &mut Vec<Vec<u8>>) {
        let mut seqs = vec![];
        let (rtt, gave_up) = (self.rtt.max(LOOK), &mut self.gave_up);
        self.missing.retain(|seq, missing| {
            if missing.at > now {
                return true;
            }
            if missing.asks >= ASKS {
                *gave_up = true;
                return false;
            }
            missing.asks += 1;
            (missing.at, missing.asked) = (now + rtt, now);
            seqs.push(low16(*seq));
            true
        });
        self.nacked += u64::try_from(seqs.len()).unwrap_or(0);
        out.extend(seqs.chunks(200).map(|seqs| wire::nack(self.ssrc, seqs)));
    }

    fn needs_keyframe(&self, now: Time) -> bool {
        let since = self.began_at.map_or(self.shown_at, |began| self.shown_at.max(began));
        let stuck = now.since(since) > STUCK && now.since(self.heard_at) < QUIET;
        if !stuck || self.next().is_some() || self.pli_at.is_some_and(|at| now.since(at) < AGAIN) {
            return false;
        }
        // A whole frame that cannot be decoded, and nothing on its way that would help.
        let repaired = self
            .frames
            .values()
            .any(|frame| frame.whole.is_some() && self.missing.range(..frame.highest).next().is_none());
        self.shown.is_empty() || self.gave_up || repaired || now.since(since) > LOST
    }
}

fn micros(time: Time) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}
