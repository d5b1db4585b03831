//! Transport-wide feedback of a synthetic receiver, written by hand after
//! draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.

use crate::wire::{Unwrap, low16};
use forward::Time;
use std::collections::BTreeMap;

/// A tick is 250 µs, a unit of the reference time 64 ms.
const TICK: u64 = 250;
const REFERENCE: i64 = 256;

/// Statuses in one packet at most.
const MAX_STATUSES: i64 = 400;

/// How far back what came late is still told of.
const KEPT: i64 = 500;

/// What arrived, by transport-wide number.
#[derive(Debug, Default)]
pub struct Arrivals {
    unwrap: Unwrap,
    /// In ticks.
    arrived: BTreeMap<i64, i64>,
    /// The next number to tell of.
    next: Option<i64>,
    count: u8,
}

impl Arrivals {
    /// Notes an arrival.
    pub fn record(&mut self, wire: u16, now: Time) {
        let seq = self.unwrap.seq(wire);
        let tick = i64::try_from(now.0 / TICK).unwrap_or(i64::MAX);
        self.arrived.entry(seq).or_insert(tick);
        // One that comes late is told of with all since.
        self.next = Some(self.next.map_or(seq, |next| next.min(seq)));
    }

    /// The feedback packets for all that was not told of yet.
    pub fn feedback(&mut self, media: u32) -> Vec<Vec<u8>> {
        let mut packets = vec![];
        while let Some(packet) = self.packet(media) {
            packets.push(packet);
        }
        if let Some((&highest, _)) = self.arrived.last_key_value() {
            self.arrived = self.arrived.split_off(&(highest - KEPT));
        }
        packets
    }

    fn packet(&mut self, media: u32) -> Option<Vec<u8>> {
        let base = self.next?;
        let (&first, &tick) = self.arrived.range(base..).next()?;
        let (&highest, _) = self.arrived.last_key_value()?;
        // What is missing before the first arrival is told of, too, as far as it fits.
        let base = base.max(first - MAX_STATUSES / 2);
        let reference = tick.div_euclid(REFERENCE);
        let (mut last, mut symbols, mut deltas) = (reference * REFERENCE, vec![], vec![]);
        let mut seq = base;
        while seq <= highest && seq - base < MAX_STATUSES {
            match self.arrived.get(&seq) {
                None => symbols.push(0),
                Some(tick) => {
                    let delta = tick - last;
                    if let Ok(small) = u8::try_from(delta) {
                        symbols.push(1);
                        deltas.push(small);
                    } else if let Ok(large) = i16::try_from(delta) {
                        symbols.push(2);
                        deltas.extend(large.to_be_bytes());
                    } else {
                        break;
                    }
                    last = *tick;
                }
            }
            seq += 1;
        }
        self.next = Some(seq);
        let mut body = vec![];
        body.extend(1u32.to_be_bytes());
        body.extend(media.to_be_bytes());
        body.extend(low16(base).to_be_bytes());
        body.extend(u16::try_from(symbols.len()).unwrap_or(0).to_be_bytes());
        let [_, reference @ ..] = u32::try_from(reference & 0x00ff_ffff).unwrap_or(0).to_be_bytes();
        body.extend(reference);
        body.push(self.count);
        self.count = self.count.wrapping_add(1);
        body.extend(chunks(&symbols));
        body.extend(deltas);
        body.resize(body.len().next_multiple_of(4), 0);
        let words = u16::try_from(body.len() / 4).unwrap_or(0);
        Some([&[0x80 | 15, 205][..], &words.to_be_bytes(), &body].concat())
    }
}

/// Runs where they pay, else vectors of seven two-bit symbols.
fn chunks(mut symbols: &[u16]) -> Vec<u8> {
    let mut out = vec![];
    while let Some(&first) = symbols.first() {
        let run = symbols.iter().take_while(|symbol| **symbol == first).count();
        let (word, taken) = if run >= 7 {
            (first << 13 | u16::try_from(run).unwrap_or(0), run)
        } else {
            let seven = symbols.iter().copied().chain(std::iter::repeat(0)).take(7);
            (seven.fold(0b11, |word, symbol| word << 2 | symbol), symbols.len().min(7))
        };
        out.extend(word.to_be_bytes());
        symbols = symbols.get(taken..).unwrap_or_default();
    }
    out
}
