//! Packets sent, by transport-wide number, until feedback has told of them.
//!
//! Owns numbering and what is known of each packet's fate. A ring: after [`CAPACITY`] more packets a
//! number means nothing any more, and feedback about it is passed over.

use super::ProbeId;
use crate::ids::{Seq16, Seq64};
use crate::time::Time;
use std::time::Duration;

/// Packets remembered at most, a power of two: four seconds at 5 Mbit/s, 0.4 s at the highest rate.
pub(crate) const CAPACITY: usize = 2048;

/// And at first: most receivers never need more than a few hundred. A power of two.
const FIRST_CAPACITY: usize = 128;

/// As long as there may be more, packets are remembered for so long: feedback that takes longer says little.
const REMEMBERED: Duration = Duration::from_secs(1);

/// One packet as it left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub at: Time,
    /// On the wire, in bytes.
    pub size: u16,
    pub probe: Option<ProbeId>,
    fate: Fate,
}

/// ```text
/// Unknown ──▶ Lost ──▶ Arrived     a receiver may take back that a packet was lost
///    └───────────────────▲
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Unknown,
    Lost,
    Arrived,
}

/// What feedback has told of a packet that was not known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Arrived(Sent),
    /// It had been reported lost.
    ArrivedAfterAll(Sent),
    Lost(Sent),
}

/// The ring. Grows with the rate at which packets leave; it does not shrink.
#[derive(Debug)]
pub(crate) struct Flight {
    ring: Box<[Sent]>,
    /// The first packet it has had room for since it grew last.
    first: Seq64,
    next: Seq64,
}

impl Flight {
    pub fn new() -> Self {
        Self { ring: empty(FIRST_CAPACITY), first: Seq64(0), next: Seq64(0) }
    }

    /// The number the next packet will have.
    pub fn next(&self) -> Seq64 {
        self.next
    }

    /// Notes a packet and gives it its number.
    pub fn push(&mut self, size: usize, probe: Option<ProbeId>, at: Time) -> Seq16 {
        let seq = self.next;
        let size = u16::try_from(size).unwrap_or(u16::MAX);
        if self.ring.len() < CAPACITY && self.oldest().is_some_and(|oldest| at.since(oldest) < REMEMBERED) {
            self.grow();
        }
        let place = self.place(seq);
        if let Some(place) = self.ring.get_mut(place) {
            *place = Sent { at, size, probe, fate: Fate::Unknown };
        }
        self.next = seq.next();
        seq.wire()
    }

    /// When the packet left whose place the next one takes; none while there are places left.
    fn oldest(&self) -> Option<Time> {
        let oldest = self.next.0.checked_sub(self.capacity()).filter(|seq| *seq >= self.first.0)?;
        self.ring.get(self.place(Seq64(oldest))).map(|sent| sent.at)
    }

    fn grow(&mut self) {
        let mut larger = Self { ring: empty(self.ring.len() * 2), ..*self };
        larger.first = Seq64(self.next.0.saturating_sub(self.capacity()));
        for seq in (larger.first.0..self.next.0).map(Seq64) {
            let to = larger.place(seq);
            if let (Some(to), Some(from)) = (larger.ring.get_mut(to), self.ring.get(self.place(seq))) {
                *to = *from;
            }
        }
        *self = larger;
    }

    fn capacity(&self) -> u64 {
        u64::try_from(self.ring.len()).unwrap_or(u64::MAX)
    }

    fn place(&self, seq: Seq64) -> usize {
        usize::try_from(seq.0 & (self.capacity() - 1)).unwrap_or(0)
    }

    /// The number `wire` stands for, if that packet was sent and is still remembered.
    pub fn find(&self, wire: Seq16) -> Option<Seq64> {
        let seq = self.next.nearest(wire)?;
        let age = self.next.0.checked_sub(seq.0)?;
        (seq >= self.first && (1..=self.capacity()).contains(&age)).then_some(seq)
    }

    /// Takes note of a packet's fate and says what is new in it.
    pub fn resolve(&mut self, seq: Seq64, arrived: bool) -> Option<News> {
        self.find(seq.wire()).filter(|found| *found == seq)?;
        let place = self.place(seq);
        let sent = self.ring.get_mut(place)?;
        let before = sent.fate;
        match (before, arrived) {
            (Fate::Unknown, false) => sent.fate = Fate::Lost,
            (Fate::Unknown | Fate::Lost, true) => sent.fate = Fate::Arrived,
            (Fate::Lost, false) | (Fate::Arrived, _) => return None,
        }
        Some(match (before, arrived) {
            (_, false) => News::Lost(*sent),
            (Fate::Lost, true) => News::ArrivedAfterAll(*sent),
            (Fate::Unknown | Fate::Arrived, true) => News::Arrived(*sent),
        })
    }
}

fn empty(capacity: usize) -> Box<[Sent]> {
    vec![Sent::default(); capacity].into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn size(news: Option<News>) -> Option<(u8, u16)> {
        news.map(|news| match news {
            News::Arrived(sent) => (0, sent.size),
            News::ArrivedAfterAll(sent) => (1, sent.size),
            News::Lost(sent) => (2, sent.size),
        })
    }

    #[test]
    fn a_fate_is_told_once_and_loss_may_be_taken_back() {
        let mut flight = Flight::new();
        assert_eq!(flight.find(Seq16(0)), None);
        for _ in 0..2 {
            flight.push(9, None, Time(7));
        }
        let (first, second) = (Seq64(0), Seq64(1));
        assert_eq!(size(flight.resolve(first, true)), Some((0, 9)));
        assert_eq!(size(flight.resolve(first, true)), None);
        assert_eq!(size(flight.resolve(first, false)), None);
        assert_eq!(size(flight.resolve(second, false)), Some((2, 9)));
        assert_eq!(size(flight.resolve(second, false)), None);
        assert_eq!(size(flight.resolve(second, true)), Some((1, 9)));
        assert_eq!(size(flight.resolve(Seq64(2), true)), None, "not sent yet");
    }

    #[test]
    fn what_left_within_a_second_is_remembered_and_little_more() {
        let mut flight = Flight::new();
        for (count, apart, remembered) in [(1000, 50_000, 128), (1000, 5_000, 256), (9000, 400, 2048)] {
            let begun = flight.next.0 * 100_000;
            for number in 0..count {
                let at = Time(begun + number * apart);
                flight.push(9, None, at);
                let since = (number + 1).min(1_000_000 / apart).min(2048);
                let oldest = Seq64(flight.next.0 - since);
                assert_eq!(flight.find(oldest.wire()), Some(oldest), "{number} of those {apart} apart");
            }
            assert_eq!(flight.ring.len(), remembered);
        }
    }

    proptest! {
        /// Against a map that remembers everything.
        #[test]
        fn finds_what_was_sent_and_nothing_else(
            rounds in prop::collection::vec((1_u64..9000, any::<u16>(), any::<bool>()), 1..40),
        ) {
            let (mut flight, mut model) = (Flight::new(), BTreeMap::new());
            let mut next = 0_u64;
            for (count, wire, arrived) in rounds {
                for _ in 0..count {
                    let seq = flight.push(usize::try_from(next % 1500).unwrap(), None, Time(next));
                    prop_assert_eq!(u64::from(seq.0), next & 0xffff);
                    model.insert(next, 0_u8);
                    next += 1;
                }
                let expect = (next.saturating_sub(2048)..next).find(|seq| seq & 0xffff == u64::from(wire));
                let found = flight.find(Seq16(wire));
                prop_assert_eq!(found.map(|seq| seq.0), expect);
                let Some(seq) = found else { continue };
                let fate = model.get_mut(&seq.0).unwrap();
                let kind = match (*fate, arrived) {
                    (0, true) => Some(0),
                    (1, true) => Some(1),
                    (0, false) => Some(2),
                    _ => None,
                };
                *fate = if arrived { 2 } else { (*fate).max(1) };
                let sent = u16::try_from(seq.0 % 1500).unwrap();
                prop_assert_eq!(size(flight.resolve(seq, arrived)), kind.map(|kind| (kind, sent)));
            }
        }
    }
}
