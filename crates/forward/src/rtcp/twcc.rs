//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
//!
//! Owns the encoding. Arrival times come rounded to ticks of 250 µs since the process's start, so
//! rounding does not add up over a packet.

use super::{FMT_TRANSPORT_CC, RTPFB, header};
use crate::ids::{Seq16, Ssrc};

/// Statuses per packet, and bytes of deltas: the packet stays within a compound.
const MAX_STATUSES: usize = 1024;
const MAX_DELTAS: usize = 760;

/// The reference time counts 64 ms (§3.1).
const TICKS_PER_REFERENCE: u64 = 256;

/// Longest run of a run-length chunk: 13 bits (§3.1.3).
const MAX_RUN: usize = 0x1fff;

/// Packet status symbols (§3.1.1), by their two-bit value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Symbol {
    NotReceived = 0,
    SmallDelta = 1,
    LargeDelta = 2,
}

/// Who sends, about what, and which feedback it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addressing {
    pub sender: Ssrc,
    pub media: Ssrc,
    pub base: Seq16,
    /// Feedback packet count.
    pub count: u8,
}

/// Encodes feedback into memory it keeps.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    symbols: Vec<Symbol>,
    deltas: Vec<u8>,
    packet: Vec<u8>,
}

impl Encoder {
    /// Encodes as many `arrivals` as fit one packet: in ticks, `None` for not received. Returns the
    /// packet and how many were taken; zero only if there were none.
    pub fn encode(&mut self, to: Addressing, arrivals: impl Iterator<Item = Option<u64>>) -> (&[u8], usize) {
        let reference = self.take(arrivals);
        self.packet.clear();
        self.packet.extend(header(FMT_TRANSPORT_CC, RTPFB, 0));
        self.packet.extend(to.sender.0.to_be_bytes());
        self.packet.extend(to.media.0.to_be_bytes());
        self.packet.extend(to.base.0.to_be_bytes());
        self.packet.extend(u16::try_from(self.symbols.len()).unwrap_or(0).to_be_bytes());
        let [.., r0, r1, r2] = reference.to_be_bytes();
        self.packet.extend([r0, r1, r2, to.count]);
        let mut rest = self.symbols.as_slice();
        while !rest.is_empty() {
            let (chunk, covered) = chunk(rest);
            self.packet.extend(chunk.to_be_bytes());
            rest = rest.get(covered..).unwrap_or_default();
        }
        self.packet.extend(&self.deltas);
        self.finish();
        (&self.packet, self.symbols.len())
    }

    /// Fills symbols and deltas, and returns the reference time.
    fn take(&mut self, arrivals: impl Iterator<Item = Option<u64>>) -> u64 {
        self.symbols.clear();
        self.deltas.clear();
        let mut previous: Option<u64> = None;
        let mut reference = 0;
        for arrival in arrivals {
            let Some(tick) = arrival else {
                if self.symbols.len() >= MAX_STATUSES {
                    break;
                }
                self.symbols.push(Symbol::NotReceived);
                continue;
            };
            if self.symbols.len() >= MAX_STATUSES || self.deltas.len() + 2 > MAX_DELTAS {
                break;
            }
            let base = previous.unwrap_or(tick - tick % TICKS_PER_REFERENCE);
            let Some(delta) = tick.checked_signed_diff(base).and_then(|delta| i16::try_from(delta).ok())
            else {
                break; // more than 8 s apart: the next packet has its own reference
            };
            if previous.is_none() {
                reference = tick / TICKS_PER_REFERENCE;
            }
            previous = Some(tick);
            if let Ok(small) = u8::try_from(delta) {
                self.symbols.push(Symbol::SmallDelta);
                self.deltas.push(small);
            } else {
                self.symbols.push(Symbol::LargeDelta);
                self.deltas.extend(delta.to_be_bytes());
            }
        }
        reference
    }

    /// Pads to a word (RFC 3550 §6.4.1 padding, as libwebrtc does) and writes the length.
    fn finish(&mut self) {
        let padding = self.packet.len().next_multiple_of(4) - self.packet.len();
        for left in (1..=padding).rev() {
            self.packet.push(if left == 1 { u8::try_from(padding).unwrap_or(0) } else { 0 });
        }
        let mut head = header(FMT_TRANSPORT_CC, RTPFB, self.packet.len() - 4);
        if padding > 0 {
            let [flags, ..] = &mut head;
            *flags |= 0x20;
        }
        for (to, from) in self.packet.iter_mut().zip(head) {
            *to = from;
        }
    }
}

/// The chunk that covers most of the symbols ahead, and how many those are.
fn chunk(symbols: &[Symbol]) -> (u16, usize) {
    let Some(&first) = symbols.first() else { return (0, 0) };
    let run = symbols.iter().take(MAX_RUN).take_while(|symbol| **symbol == first).count();
    let one_bit = !symbols.iter().take(14).any(|symbol| *symbol == Symbol::LargeDelta);
    let vector = symbols.len().min(if one_bit { 14 } else { 7 });
    if run >= vector {
        // §3.1.3: 0, two bits of symbol, 13 bits of run length.
        return ((u16::from(first as u8) << 13) | u16::try_from(run).unwrap_or(0), run);
    }
    // §3.1.4: 1, then 0 and fourteen symbols of one bit, or 1 and seven of two.
    let (kind, width, top) = if one_bit { (0x8000, 1, 13) } else { (0xc000, 2, 12) };
    let bits = symbols.iter().take(vector).zip(0_u16..);
    (bits.fold(kind, |chunk, (symbol, at)| chunk | (u16::from(*symbol as u8) << (top - width * at))), vector)
}
