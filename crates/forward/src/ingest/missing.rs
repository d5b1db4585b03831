//! Missing packets of one ingress video stream: when to ask for them again (RFC 4585 §6.2.1) and when to
//! stop.
//!
//! Owns the list and its timing; the NACK packet is written by `rtcp::nack`.

use crate::ids::Seq64;
use crate::limits::MISSING_PER_STREAM;
use crate::time::Time;
use std::time::Duration;

/// How long a gap may be reordering before it is asked for; a second later packet ends the wait.
const REORDER_TOLERANCE: Duration = Duration::from_millis(10);

/// Shortest time between asking twice.
const MIN_RETRY: Duration = Duration::from_millis(30);

/// Asks per packet.
const MAX_ASKS: u8 = 6;

/// After this a packet is of no use to anyone's jitter buffer.
const MAX_AGE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
struct Missing {
    seq: Seq64,
    since: Time,
    /// The packet that revealed the gap; a packet past it is the second later one.
    revealed_by: Seq64,
    asks: u8,
    asked_at: Time,
    due: Time,
}

/// Sorted by number.
#[derive(Debug, Default)]
pub(crate) struct MissingList {
    list: Vec<Missing>,
}

/// There was no room to ask for a gap: a keyframe has to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GapTooLarge;

impl MissingList {
    /// A packet further than all before: notes the gap between them, and stops waiting for reordering of
    /// gaps revealed earlier.
    pub fn newest(&mut self, after: Seq64, seq: Seq64, now: Time) -> Result<(), GapTooLarge> {
        for missing in self.list.iter_mut().rev().take_while(|missing| missing.asks == 0) {
            if missing.revealed_by < seq {
                missing.due = missing.due.min(now);
            }
        }
        let gap = usize::try_from(seq.0.saturating_sub(after.0).saturating_sub(1)).unwrap_or(usize::MAX);
        if gap == 0 {
            return Ok(());
        }
        if self.list.len().saturating_add(gap) > MISSING_PER_STREAM {
            self.list.clear();
            return Err(GapTooLarge);
        }
        let due = now + REORDER_TOLERANCE;
        self.list.reserve(MISSING_PER_STREAM - self.list.len());
        self.list.extend((after.0 + 1..seq.0).map(|missing| Missing {
            seq: Seq64(missing),
            since: now,
            revealed_by: seq,
            asks: 0,
            asked_at: now,
            due,
        }));
        Ok(())
    }

    /// A missing packet came. If it had been asked for just once, the round trip that took.
    pub fn arrived(&mut self, seq: Seq64, now: Time) -> Option<Duration> {
        let at = self.list.binary_search_by_key(&seq, |missing| missing.seq).ok()?;
        let missing = self.list.remove(at);
        (missing.asks == 1).then(|| now.since(missing.asked_at))
    }

    /// Everything before `seq` has become moot: a keyframe begins there.
    pub fn forget_before(&mut self, seq: Seq64) {
        let moot = self.list.partition_point(|missing| missing.seq < seq);
        self.list.drain(..moot);
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// When there is next something to ask for or to give up.
    pub fn due(&self) -> Time {
        self.list.iter().map(|missing| missing.due).min().unwrap_or(Time::NEVER)
    }

    /// Hands each packet due to `ask`, in order, and returns how many were given up.
    pub fn take_due(&mut self, now: Time, rtt: Duration, mut ask: impl FnMut(Seq64)) -> usize {
        let before = self.list.len();
        self.list.retain_mut(|missing| {
            if missing.due > now {
                return true;
            }
            if missing.asks >= MAX_ASKS || now.since(missing.since) >= MAX_AGE {
                return false;
            }
            missing.asks += 1;
            missing.asked_at = now;
            missing.due = now + rtt.max(MIN_RETRY);
            ask(missing.seq);
            true
        });
        before - self.list.len()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(50);

    fn asked(list: &mut MissingList, millis: u64) -> Vec<u64> {
        let mut asked = vec![];
        list.take_due(Time(millis * 1000), RTT, |seq| asked.push(seq.0));
        asked
    }

    #[test]
    fn waits_for_reordering_by_time_or_by_a_second_packet() {
        let mut list = MissingList::default();
        list.newest(Seq64(10), Seq64(13), Time(0)).unwrap();
        assert_eq!(asked(&mut list, 9), []);
        list.arrived(Seq64(12), Time(9_000));
        assert_eq!(asked(&mut list, 10), [11]);

        list.newest(Seq64(13), Seq64(15), Time(20_000)).unwrap();
        assert_eq!(asked(&mut list, 21), []);
        list.newest(Seq64(15), Seq64(16), Time(22_000)).unwrap();
        assert_eq!(asked(&mut list, 22), [14]);
    }

    #[test]
    fn retries_at_the_round_trip_and_gives_up() {
        let mut list = MissingList::default();
        list.newest(Seq64(1), Seq64(3), Time(0)).unwrap();
        let times: Vec<u64> = (0..1000).filter(|millis| !asked(&mut list, *millis).is_empty()).collect();
        assert_eq!(times, [10, 60, 110, 160, 210, 260]);
        assert_eq!(list.len(), 0);
        assert_eq!(list.due(), Time::NEVER);
    }

    #[test]
    fn measures_the_round_trip_of_unambiguous_repairs() {
        let mut list = MissingList::default();
        list.newest(Seq64(1), Seq64(4), Time(0)).unwrap();
        assert_eq!(asked(&mut list, 10), [2, 3]);
        assert_eq!(list.arrived(Seq64(2), Time(45_000)), Some(Duration::from_millis(35)));
        assert_eq!(asked(&mut list, 60), [3]);
        assert_eq!(list.arrived(Seq64(3), Time(70_000)), None);
        assert_eq!(list.arrived(Seq64(3), Time(70_000)), None);
    }

    #[test]
    fn a_keyframe_makes_it_moot_and_a_huge_gap_overflows() {
        let mut list = MissingList::default();
        list.newest(Seq64(1), Seq64(4), Time(0)).unwrap();
        list.newest(Seq64(4), Seq64(7), Time(0)).unwrap();
        list.forget_before(Seq64(5));
        assert_eq!(asked(&mut list, 10), [5, 6]);
        assert_eq!(list.newest(Seq64(7), Seq64(2000), Time(0)), Err(GapTooLarge));
        assert_eq!(list.len(), 0);
    }
}
