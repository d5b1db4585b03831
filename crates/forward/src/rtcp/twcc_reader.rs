//! Reading transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1), which a
//! receiver sends about what we sent it.
//!
//! Owns bounds checking: every byte is the receiver's. Reads in place, in two walks over the chunks:
//! one to find where the deltas begin, one to read both. `twcc` is the other direction.

use crate::ids::Seq16;

/// The reference time is 24 bits of 64 ms.
const TICKS_PER_REFERENCE: i64 = 256;

/// A feedback packet's FCI whose chunks are whole. Deltas may still be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feedback<'a> {
    /// The number of the first status.
    pub base: Seq16,
    /// Reference time: 24 bits in units of 64 ms, on the receiver's clock; wraps after twelve days.
    pub reference: u32,
    statuses: u16,
    chunks: &'a [[u8; 2]],
    deltas: &'a [u8],
}

impl<'a> Feedback<'a> {
    /// Reads the head and finds the deltas; `None` if there are fewer chunks than statuses need.
    pub fn read(fci: &'a [u8]) -> Option<Self> {
        let (&[b0, b1, s0, s1, r0, r1, r2, _count], rest) = fci.split_first_chunk()?;
        let statuses = u16::from_be_bytes([s0, s1]);
        let (pairs, _) = rest.as_chunks::<2>();
        let (mut covered, mut length) = (0, 0);
        while covered < usize::from(statuses) {
            covered += Chunk::read(*pairs.get(length)?).len();
            length += 1;
        }
        Some(Self {
            base: Seq16(u16::from_be_bytes([b0, b1])),
            reference: u32::from_be_bytes([0, r0, r1, r2]),
            statuses,
            chunks: pairs.get(..length)?,
            deltas: rest.get(2 * length..)?,
        })
    }

    /// Each number with its arrival in ticks of 250 µs from the reference time, or `None` for not
    /// received. Ends early where a delta is missing or a symbol is the reserved one.
    pub fn statuses(self) -> impl Iterator<Item = (Seq16, Option<i64>)> + use<'a> {
        let symbols = self.chunks.iter().flat_map(|chunk| Chunk::read(*chunk).symbols());
        let numbers = (0..self.statuses).map(move |step| Seq16(self.base.0.wrapping_add(step)));
        let (mut ticks, mut deltas) = (0_i64, self.deltas);
        numbers.zip(symbols).map_while(move |(seq, symbol)| {
            let delta = match symbol {
                0 => return Some((seq, None)),
                1 => {
                    let (&small, rest) = deltas.split_first()?;
                    deltas = rest;
                    i64::from(small)
                }
                2 => {
                    let (&large, rest) = deltas.split_first_chunk()?;
                    deltas = rest;
                    i64::from(i16::from_be_bytes(large))
                }
                _ => return None,
            };
            ticks += delta; // at most 2¹⁶ of them: no overflow
            Some((seq, Some(ticks)))
        })
    }

    /// The reference time in ticks of 250 µs, counted on from `last`, the one before it, whose 24 bits
    /// may have wrapped since.
    pub fn unwrapped_reference(self, last: Option<i64>) -> i64 {
        let wire = i64::from(self.reference);
        let last = last.map_or(wire + (1 << 24), |last| last / TICKS_PER_REFERENCE);
        let step = (wire - last) & 0x00ff_ffff;
        let step = if step < 1 << 23 { step } else { step - (1 << 24) };
        (last + step).max(0) * TICKS_PER_REFERENCE
    }
}

/// A packet status chunk (§3.1.3, §3.1.4).
#[derive(Clone, Copy, Debug)]
enum Chunk {
    Run { symbol: u16, length: u16 },
    OneBit(u16),
    TwoBit(u16),
}

impl Chunk {
    fn read(bytes: [u8; 2]) -> Self {
        let word = u16::from_be_bytes(bytes);
        match word >> 14 {
            0 | 1 => Chunk::Run { symbol: (word >> 13) & 3, length: word & 0x1fff },
            2 => Chunk::OneBit(word),
            _ => Chunk::TwoBit(word),
        }
    }

    fn len(self) -> usize {
        usize::from(match self {
            Chunk::Run { length, .. } => length,
            Chunk::OneBit(_) => 14,
            Chunk::TwoBit(_) => 7,
        })
    }

    fn symbols(self) -> impl Iterator<Item = u16> {
        (0..self.len()).map(move |at| match self {
            Chunk::Run { symbol, .. } => symbol,
            Chunk::OneBit(word) => (word >> (13 - at)) & 1,
            Chunk::TwoBit(word) => (word >> (12 - 2 * at)) & 3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ssrc;
    use crate::rtcp::reader::{Packet, packets};
    use crate::rtcp::twcc::{Addressing, Encoder};
    use proptest::prelude::*;

    fn read(fci: &[u8]) -> Vec<(u16, Option<i64>)> {
        let feedback = Feedback::read(fci).unwrap();
        feedback.statuses().map(|(seq, arrival)| (seq.0, arrival)).collect()
    }

    #[test]
    fn every_kind_of_chunk_is_read() {
        let head = |statuses: u8| vec![0xff, 0xfe, 0, statuses, 0, 0, 1, 0];
        for (statuses, rest, expect) in [
            (3, vec![0x20, 3, 1, 2, 3], vec![Some(1), Some(3), Some(6)]),
            (3, vec![0xa8, 0, 4, 5], vec![Some(4), None, Some(9)]),
            (3, vec![0xd8, 0, 7, 0xff, 0xfe], vec![Some(7), Some(5), None]),
            (2, vec![0, 1, 0x20, 1, 9], vec![None, Some(9)]),
            (2, vec![0x20, 2, 9], vec![Some(9)]), // a delta is missing
            (2, vec![0x60, 2, 9], vec![]),        // the reserved symbol
        ] {
            let expect: Vec<_> =
                (0_u16..).zip(expect).map(|(at, arrival)| (at.wrapping_sub(2), arrival)).collect();
            assert_eq!(read(&[head(statuses), rest].concat()), expect);
        }
        assert_eq!(Feedback::read(&[head(9), vec![0x20, 3]].concat()), None, "chunks end early");
        assert_eq!(Feedback::read(&[0; 7]), None);
    }

    #[test]
    fn the_reference_time_counts_on_past_its_wrap() {
        let feedback =
            |reference| Feedback { base: Seq16(0), reference, statuses: 0, chunks: &[], deltas: &[] };
        let last = feedback(0xff_ffff).unwrapped_reference(None);
        let next = feedback(1).unwrapped_reference(Some(last));
        assert_eq!(next - last, 2 * TICKS_PER_REFERENCE);
        assert_eq!(feedback(0xff_ffff).unwrapped_reference(Some(next)), last);
    }

    proptest! {
        #[test]
        fn what_the_encoder_wrote_is_read_back(
            base: u16,
            start in 0_u64..1 << 31,
            steps in prop::collection::vec(prop::option::weighted(0.7, -300_i64..20_000), 1..400),
        ) {
            let mut tick = start + 100_000;
            let arrivals: Vec<_> = steps.iter().map(|step| step.map(|step| {
                tick = tick.saturating_add_signed(if step > 4000 { step } else { step % 300 });
                tick
            })).collect();
            let mut encoder = Encoder::default();
            let to = Addressing { sender: Ssrc(1), media: Ssrc(2), base: Seq16(base), count: 0 };
            let (packet, taken) = encoder.encode(to, arrivals.iter().copied());
            let packet = packet.to_vec();
            let Some(Ok(Packet::TransportFeedback { fci })) = packets(&packet).next() else { panic!("{packet:?}") };
            let feedback = Feedback::read(fci).unwrap();
            let reference = i64::from(feedback.reference) * TICKS_PER_REFERENCE;
            let found: Vec<_> = feedback.statuses().collect();
            let wrap = TICKS_PER_REFERENCE << 24;
            let expect: Vec<_> = (0_u16..).zip(arrivals.iter().take(taken)).map(|(at, tick)| {
                (Seq16(base.wrapping_add(at)), tick.map(|tick| tick.cast_signed() % wrap - reference))
            }).collect();
            prop_assert!(taken > 0);
            prop_assert_eq!(found, expect);
        }

        #[test]
        fn any_bytes_are_walked_to_an_end(fci in prop::collection::vec(any::<u8>(), 0..300), last: Option<u32>) {
            if let Some(feedback) = Feedback::read(&fci) {
                prop_assert!(feedback.statuses().count() <= usize::from(feedback.statuses));
                feedback.unwrapped_reference(last.map(i64::from));
            }
        }
    }
}
