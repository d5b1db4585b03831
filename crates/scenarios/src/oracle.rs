//! What must hold for every packet the server sends, checked where it leaves, before any link.
//!
//! Owns one receiver's SSRCs: numbers contiguous, timestamps never back, whole frames in order, picture numbers
//! that count on, no frame without the frames it refers to, retransmissions that are what was sent. Says what it
//! found wrong and goes on. Where packets are lost on their way to the server, numbers may wait for them: the
//! check is then for what comes of it.

use crate::content::{self, Name, Numbers};
use crate::publisher::{OPUS, RTX, VP8};
use crate::wire::{self, Rtp, Unwrap, be16};
use forward::RtpOut;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Packets remembered for comparing retransmissions.
const REMEMBERED: usize = 1024;
/// Frames remembered; none refers further back.
const FRAMES: usize = 64;

/// What is checked of one receiver.
#[derive(Debug, Default)]
pub struct Oracle {
    sounds: BTreeMap<u32, Sequence>,
    pictures: BTreeMap<u32, Pictures>,
    repairs: BTreeMap<u32, Sequence>,
    /// Publishers' packets reach the server all, in order.
    strict: bool,
}

/// The numbers of one SSRC.
#[derive(Debug, Default)]
struct Sequence {
    last: Option<u64>,
    /// Passed over, and not sent since.
    holes: BTreeSet<u64>,
    times: Unwrap,
    time: Option<i64>,
}

#[derive(Debug, Default)]
struct Pictures {
    sequence: Sequence,
    last: Option<(Name, Numbers, i64)>,
    /// Sent since the last keyframe, that included.
    sent: VecDeque<(u8, u8, u32)>,
    packets: VecDeque<(u64, Name)>,
}

impl Sequence {
    fn next(&mut self, index: u64, strict: bool) -> Result<(), String> {
        let Some(last) = self.last else {
            self.last = Some(index);
            return Ok(());
        };
        if index > last {
            self.last = Some(index);
            self.holes.extend(last + 1..index);
            if strict && index != last + 1 {
                return Err(format!("{index} follows {last}: a gap"));
            }
        } else if !self.holes.remove(&index) {
            return Err(format!("{index} was sent before; the last is {last}"));
        }
        Ok(())
    }
}

impl Oracle {
    /// Of a receiver whose publishers' packets all reach the server in order, or not.
    pub fn new(strict: bool) -> Self {
        Self { strict, ..Self::default() }
    }

    /// Publishers' packets may get lost from now on.
    pub fn relax(&mut self) {
        self.strict = false;
    }

    /// Checks one packet; what is wrong with it goes to `wrong`.
    pub fn check(&mut self, out: RtpOut, bytes: &[u8], wrong: &mut Vec<String>) {
        let Some(rtp) = wire::read(bytes) else {
            wrong.push(format!("no RTP packet: {:02x?}", bytes.get(..12)));
            return;
        };
        let low = out.index.to_be_bytes();
        if out.len != bytes.len() || out.ssrc.0 != rtp.ssrc || be16(&low, 6) != Some(rtp.seq) {
            wrong.push(format!("{out:?} is not the packet's header"));
        }
        let found = match rtp.payload_type {
            OPUS => self.sound(out.index, &rtp),
            VP8 => self.pictures.entry(rtp.ssrc).or_default().check(out.index, &rtp, self.strict),
            RTX => self.repair(out.index, &rtp),
            other => Err(format!("payload type {other}")),
        };
        if let Err(found) = found {
            wrong.push(format!("SSRC {} {found}", rtp.ssrc));
        }
    }

    fn sound(&mut self, index: u64, rtp: &Rtp) -> Result<(), String> {
        let sequence = self.sounds.entry(rtp.ssrc).or_default();
        let ahead = sequence.last.is_none_or(|last| index > last);
        sequence.next(index, self.strict)?;
        content::read_sound(rtp.payload).ok_or("sound nobody made")?;
        let time = sequence.times.time(rtp.time);
        if ahead && sequence.time.is_some_and(|last| time <= last) {
            return Err(format!("{index}: time {time} after {:?}", sequence.time));
        }
        sequence.time = sequence.time.max(Some(time));
        Ok(())
    }

    fn repair(&mut self, index: u64, rtp: &Rtp) -> Result<(), String> {
        self.repairs.entry(rtp.ssrc).or_default().next(index, true)?;
        // Padding alone is a probe.
        let Some(original) = be16(rtp.payload, 0) else { return Ok(()) };
        let (name, _) = rtp.payload.get(2..).and_then(content::read).ok_or("a repair of nothing")?;
        let sent = self.pictures.get(&(rtp.ssrc - 1)).map(|pictures| &pictures.packets);
        let is_it = |(index, _): &&(u64, Name)| be16(&index.to_be_bytes(), 6) == Some(original);
        match sent.and_then(|packets| packets.iter().rev().find(is_it)) {
            Some((_, sent)) if *sent != name => Err(format!("{original} again as {name:?}, was {sent:?}")),
            Some(_) | None => Ok(()),
        }
    }

    /// Numbers of pictures' packets that were passed over and never sent.
    pub fn holes(&self) -> usize {
        self.pictures.values().map(|pictures| pictures.sequence.holes.len()).sum()
    }
}

impl Pictures {
    fn check(&mut self, index: u64, rtp: &Rtp, strict: bool) -> Result<(), String> {
        let ahead = self.sequence.last.is_none_or(|last| index > last);
        let contiguous = self.sequence.next(index, strict);
        let (name, numbers) = content::read(rtp.payload).ok_or("a picture nobody made")?;
        self.packets.push_back((index, name));
        if self.packets.len() > REMEMBERED {
            self.packets.pop_front();
        }
        let time = self.sequence.times.time(rtp.time);
        let result = match (strict, ahead) {
            (true, _) => self.in_order(&name, numbers, time, rtp.marker),
            (false, true) => self.with_holes(&name, time),
            (false, false) => Ok(()),
        };
        self.remember(&name);
        if ahead {
            self.last = Some((name, numbers, time));
        }
        contiguous.and(result).map_err(|what| format!("{index}: {what}"))
    }

    fn remember(&mut self, name: &Name) {
        let frame = frame(name);
        if self.sent.contains(&frame) {
            return;
        }
        if name.key {
            self.sent.clear();
        }
        self.sent.push_back(frame);
        if self.sent.len() > FRAMES {
            self.sent.pop_front();
        }
    }

    fn in_order(&self, name: &Name, numbers: Numbers, time: i64, marker: bool) -> Result<(), String> {
        if marker != (name.index + 1 == name.total) {
            return Err(format!("marker {marker} on {name:?}"));
        }
        let Some((last, before, last_time)) = &self.last else {
            return if name.key && name.index == 0 { Ok(()) } else { Err(format!("starts with {name:?}")) };
        };
        if name.index > 0 {
            let follows = frame(last) == frame(name) && last.index + 1 == name.index;
            let same = *before == numbers && *last_time == time;
            return if follows && same { Ok(()) } else { Err(format!("{name:?} after {last:?}")) };
        }
        // After a keyframe nobody misses what was before.
        if last.index + 1 != last.total && !name.key {
            return Err(format!("{last:?} was cut short by {name:?}"));
        }
        self.begins(name, time, *last_time)?;
        let expect = Numbers {
            picture_id: (before.picture_id + 1) & 0x7fff,
            tl0: before.tl0.wrapping_add(u8::from(name.temporal == 0)),
            key_idx: (before.key_idx + u8::from(name.key)) & 0x1f,
        };
        if numbers == expect { Ok(()) } else { Err(format!("{numbers:?}, expected {expect:?}")) }
    }

    /// A frame's first packet: later than the frame before, and with all it refers to.
    fn begins(&self, name: &Name, time: i64, last_time: i64) -> Result<(), String> {
        if time <= last_time {
            return Err(format!("time {time} after {last_time}"));
        }
        let has = |number: u32| self.sent.contains(&(name.publisher, name.encoding, number));
        match name.refs.iter().flatten().find(|number| !name.key && !has(**number)) {
            Some(number) => Err(format!("{name:?} without {number}")),
            None => Ok(()),
        }
    }

    fn with_holes(&self, name: &Name, time: i64) -> Result<(), String> {
        let Some((last, _, last_time)) = &self.last else {
            return if name.key { Ok(()) } else { Err(format!("starts with {name:?}")) };
        };
        if frame(last) == frame(name) {
            return if time == *last_time { Ok(()) } else { Err(format!("two times in {name:?}")) };
        }
        if self.sequence.holes.is_empty() {
            return self.begins(name, time, *last_time);
        }
        if time <= *last_time { Err(format!("time {time} after {last_time}")) } else { Ok(()) }
    }
}

fn frame(name: &Name) -> (u8, u8, u32) {
    (name.publisher, name.encoding, name.number)
}
