//! One encoding of a synthetic camera: frames of VP8 in three temporal layers, cut into packets.
//!
//! Owns the encoder's habits: the pattern of references libwebrtc gives VP8 with three temporal layers, sizes
//! that vary by chance around a bit rate, keyframes several times as large, whose excess the next frames save.

use crate::content::{self, HEAD, Name, Numbers};
use crate::dice::Dice;
use forward::Time;
use std::rc::Rc;
use std::time::Duration;

/// Between frames.
pub const FRAME: Duration = Duration::from_nanos(33_333_333);

/// Largest payload.
const MAX_PAYLOAD: usize = 1140;

/// An encoder answers keyframe requests no faster.
const KEYFRAME_INTERVAL: Duration = Duration::from_millis(300);

/// Packets kept for retransmission.
const HISTORY: usize = 1024;

/// What an encoding is like.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    pub rid: &'static str,
    pub size: (u16, u16),
    /// Bits per second, without packets' overhead.
    pub rate: u64,
}

/// What browsers send of a 720p camera.
pub const SIMULCAST: [Traits; 3] = [
    Traits { rid: "q", size: (320, 180), rate: 150_000 },
    Traits { rid: "h", size: (640, 360), rate: 500_000 },
    Traits { rid: "f", size: (1280, 720), rate: 1_700_000 },
];

/// The frames of a cycle: temporal layer, whether it refers to the lowest layer alone, whether the middle
/// layer's buffer takes it in (libwebrtc's `DefaultTemporalLayers`, three layers).
const CYCLE: [(u8, bool, bool); 8] = [
    (0, true, false),
    (2, true, false),
    (1, true, true),
    (2, false, false),
    (0, true, false),
    (2, false, false),
    (1, false, true),
    (2, false, false),
];

/// A packet of the encoding, sent or to be sent again.
#[derive(Clone, Debug)]
pub struct Piece {
    pub seq: u16,
    pub time: u32,
    pub marker: bool,
    pub payload: Rc<[u8]>,
}

/// One encoding.
#[derive(Debug)]
pub struct Encoding {
    pub traits: Traits,
    pub ssrc: u32,
    pub rtx_ssrc: u32,
    pub rtx_seq: u16,
    /// The server has reported on it: it knows which encoding it is.
    pub known: bool,
    /// Packets and payload bytes sent, for sender reports.
    pub packets: u32,
    pub bytes: u32,
    publisher: u8,
    place: u8,
    active: bool,
    keyframe_wanted: bool,
    keyframe_at: Option<Time>,
    /// When the last frame was made, and its RTP time.
    pub last: Option<(Time, u32)>,
    seq: u16,
    time_offset: u32,
    numbers: Numbers,
    number: u32,
    /// Place in the cycle of the next frame.
    turn: usize,
    /// Frames in the buffers of the lowest and of the middle layer.
    buffers: [u32; 2],
    /// Bits that were spent ahead.
    debt: u64,
    sent: Vec<Option<Piece>>,
}

impl Encoding {
    /// The encoding at a place, lowest first, of a publisher's camera.
    pub fn new(publisher: u8, place: u8, traits: Traits, dice: &mut Dice) -> Self {
        let ssrc = 0x0100_0000 * u32::from(publisher) + 0x10 * u32::from(place) + 0x100;
        let mut word = || u16::try_from(dice.below(1 << 16)).unwrap_or(0);
        Self {
            traits,
            ssrc,
            rtx_ssrc: ssrc + 1,
            rtx_seq: word(),
            known: false,
            packets: 0,
            bytes: 0,
            publisher,
            place,
            active: true,
            keyframe_wanted: true,
            keyframe_at: None,
            last: None,
            seq: word(),
            time_offset: u32::from(word()) << 16,
            numbers: Numbers { picture_id: word() & 0x7fff, tl0: 250, key_idx: 30 },
            number: 0,
            turn: 0,
            buffers: [0; 2],
            debt: 0,
            sent: vec![None; HISTORY],
        }
    }

    /// Whether it is being made.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Switches it; on, it begins with a keyframe.
    pub fn activate(&mut self, active: bool) {
        self.keyframe_wanted |= active && !self.active;
        self.active = active;
    }

    /// Somebody needs a keyframe; many requests become one.
    pub fn want_keyframe(&mut self) {
        self.keyframe_wanted = true;
    }

    /// The RTP time of a moment.
    pub fn time(&self, now: Time) -> u32 {
        let ticks = u128::from(now.0) * 90 / 1000;
        self.time_offset.wrapping_add(u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or(0))
    }

    /// Makes the frame of this moment.
    pub fn frame(&mut self, now: Time, dice: &mut Dice, out: &mut Vec<Piece>) {
        if !self.active {
            return;
        }
        let due = self.keyframe_at.is_none_or(|at| now.since(at) >= KEYFRAME_INTERVAL);
        let key = self.keyframe_wanted && due;
        if key {
            (self.keyframe_wanted, self.keyframe_at) = (false, Some(now));
            self.turn = 0;
            self.buffers = [self.number; 2];
            self.numbers.key_idx = (self.numbers.key_idx + 1) & 0x1f;
        }
        let (temporal, sync, updates) = CYCLE.get(self.turn).copied().unwrap_or((0, true, false));
        let [lowest, middle] = self.buffers;
        let refs = [(!key).then_some(lowest), (!key && !sync).then_some(middle)];
        let name = Name {
            publisher: self.publisher,
            encoding: self.place,
            number: self.number,
            index: 0,
            total: 0,
            key,
            temporal,
            sync,
            captured: now.0,
            refs,
        };
        if temporal == 0 {
            self.numbers.tl0 = self.numbers.tl0.wrapping_add(1);
            self.buffers[0] = self.number;
        }
        if updates {
            self.buffers[1] = self.number;
        }
        self.turn = (self.turn + 1) % CYCLE.len();
        let bytes = self.bytes_of(key, temporal, dice);
        self.cut(name, bytes, now, out);
        self.number += 1;
        self.numbers.picture_id = (self.numbers.picture_id + 1) & 0x7fff;
    }

    fn bytes_of(&mut self, key: bool, temporal: u8, dice: &mut Dice) -> usize {
        let share = self.traits.rate / 30;
        let permille = match (key, temporal) {
            (true, _) => dice.between(5000, 8000),
            (false, 0) => dice.between(1300, 1900),
            (false, _) => dice.between(600, 1000),
        };
        let planned = share * permille / 1000;
        // What a keyframe took, the frames after it save, a quarter of each.
        let saved = if key { 0 } else { self.debt.min(planned / 4) };
        self.debt = self.debt - saved + if key { planned - share } else { 0 };
        usize::try_from((planned - saved) / 8).unwrap_or(0).max(HEAD)
    }

    fn cut(&mut self, name: Name, bytes: usize, now: Time, out: &mut Vec<Piece>) {
        let total = bytes.div_ceil(MAX_PAYLOAD);
        let each = bytes.div_ceil(total).max(HEAD);
        for index in 0..total {
            let count = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
            let named = Name { index: count(index), total: count(total), ..name };
            let head = content::write(&named, self.numbers, self.traits.size);
            let fill = self.publisher ^ u8::try_from(index & 0xff).unwrap_or(0);
            let payload: Rc<[u8]> =
                head.iter().copied().chain(std::iter::repeat_n(fill, each - HEAD)).collect();
            let piece = Piece { seq: self.seq, time: self.time(now), marker: index + 1 == total, payload };
            let place = usize::from(self.seq) % HISTORY;
            if let Some(kept) = self.sent.get_mut(place) {
                *kept = Some(piece.clone());
            }
            self.seq = self.seq.wrapping_add(1);
            self.packets += 1;
            self.bytes = self.bytes.wrapping_add(u32::try_from(each).unwrap_or(0));
            self.last = Some((now, piece.time));
            out.push(piece);
        }
    }

    /// A packet sent before, to be sent again.
    pub fn again(&self, seq: u16) -> Option<Piece> {
        self.sent.get(usize::from(seq) % HISTORY)?.clone().filter(|piece| piece.seq == seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_takes_its_rate_and_starts_with_a_keyframe() {
        let mut dice = Dice::new(1);
        let mut encoding = Encoding::new(1, 2, SIMULCAST[2], &mut dice);
        let mut pieces = vec![];
        for frame in 0..300 {
            encoding.frame(Time(frame * 33_333), &mut dice, &mut pieces);
        }
        let bits: usize = pieces.iter().map(|piece| piece.payload.len() * 8).sum();
        assert!((15_000_000..19_000_000).contains(&bits), "{bits}");
        let names: Vec<Name> = pieces.iter().map(|piece| content::read(&piece.payload).unwrap().0).collect();
        assert!(names[0].key && names[0].total > 25, "{:?}", names[0]);
        assert_eq!(names.iter().filter(|name| name.key && name.index == 0).count(), 1);
        assert!(pieces.windows(2).all(|pair| pair[1].seq == pair[0].seq.wrapping_add(1)));
    }
}
