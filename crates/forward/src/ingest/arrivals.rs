//! Arrival times by transport-wide sequence number, of all SSRCs of one peer
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2).
//!
//! Owns unwrapping, what has been reported, and when the next feedback is due; `rtcp::twcc` encodes it.

use crate::ids::{Seq16, Seq64};
use crate::limits::{ARRIVALS, LATE_ARRIVAL};
use crate::time::Time;
use std::time::Duration;

/// How long arrivals are gathered for one feedback packet. Chromium's estimator takes 50–250 ms.
const INTERVAL: Duration = Duration::from_millis(50);

/// Packets after which feedback goes out without waiting; so it does when the window is filling with gaps.
const ENOUGH: u32 = 64;

/// Feedback counts in units of 250 µs (§3.1.5).
const TICK_MICROS: u64 = 250;

/// A window of arrivals, from the first not reported to the highest.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Ring of ticks plus one; zero for not received. Empty until the first packet.
    ticks: Vec<u64>,
    next: Seq64,
    highest: Option<Seq64>,
    unreported: u32,
    due: Option<Time>,
    /// Feedback packet count, wrapping (§3.1).
    pub feedbacks: u8,
}

impl Arrivals {
    /// Notes an arrival and returns when feedback is due.
    pub fn record(&mut self, wire: Seq16, now: Time) -> Time {
        if self.ticks.is_empty() {
            self.ticks = vec![0; ARRIVALS];
        }
        let first = Seq64((1 << 16) + u64::from(wire.0));
        let seq = match self.highest {
            None => self.start(first),
            Some(highest) => {
                let seq = highest.nearest(wire).unwrap_or(first);
                let step = seq.0.abs_diff(highest.0);
                if seq > highest && step < capacity() {
                    for passed in highest.0 + 1..=seq.0 {
                        self.set(Seq64(passed), 0);
                    }
                    self.highest = Some(seq);
                    // What falls out of the ring can no longer be reported.
                    self.next = self.next.max(Seq64((seq.0 + 1).saturating_sub(capacity())));
                    seq
                } else if seq <= highest && step <= LATE_ARRIVAL {
                    // Reported as lost already: report again from here.
                    self.next = self.next.min(seq);
                    seq
                } else if seq <= highest {
                    return self.due.unwrap_or(Time::NEVER);
                } else {
                    self.start(seq)
                }
            }
        };
        let ticks = now.0.saturating_add(TICK_MICROS / 2) / TICK_MICROS;
        if self.get(seq).is_none() {
            self.set(seq, ticks + 1);
        }
        self.unreported += 1;
        let spread = self.highest.is_some_and(|highest| highest.0 - self.next.0 >= capacity() / 4);
        let urgent = spread || self.unreported >= ENOUGH;
        let due = if urgent { now } else { self.due.unwrap_or(now + INTERVAL) };
        self.due = Some(due);
        due
    }

    /// When feedback is due.
    pub fn due(&self) -> Time {
        self.due.unwrap_or(Time::NEVER)
    }

    /// Everything there is to report: the first number, and from there for each number its arrival in
    /// ticks of 250 µs, or `None`.
    pub fn unreported(&self) -> (Seq64, impl Iterator<Item = Option<u64>>) {
        let end = self.highest.map_or(self.next.0, |highest| highest.0 + 1);
        (self.next, (self.next.0..end).map(|seq| self.get(Seq64(seq))))
    }

    /// `count` numbers have been reported; true if there are more.
    pub fn reported(&mut self, count: usize) -> bool {
        self.next = Seq64(self.next.0 + u64::try_from(count).unwrap_or(0));
        self.feedbacks = self.feedbacks.wrapping_add(1);
        self.unreported = 0;
        self.due = None;
        count > 0 && self.highest.is_some_and(|highest| self.next <= highest)
    }

    fn start(&mut self, seq: Seq64) -> Seq64 {
        self.ticks.fill(0);
        self.next = seq;
        self.highest = Some(seq);
        seq
    }

    fn get(&self, seq: Seq64) -> Option<u64> {
        self.ticks.get(place(seq)).and_then(|ticks| ticks.checked_sub(1))
    }

    fn set(&mut self, seq: Seq64, value: u64) {
        if let Some(ticks) = self.ticks.get_mut(place(seq)) {
            *ticks = value;
        }
    }
}

fn capacity() -> u64 {
    u64::try_from(ARRIVALS).unwrap_or(u64::MAX)
}

fn place(seq: Seq64) -> usize {
    usize::try_from(seq.0 & (capacity() - 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(arrivals: &mut Arrivals) -> (u64, Vec<Option<u64>>) {
        let (from, all) = arrivals.unreported();
        let all: Vec<_> = all.collect();
        arrivals.reported(all.len());
        (from.0, all)
    }

    #[test]
    fn reports_loss_once_and_a_late_arrival_again() {
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.record(Seq16(10), Time(1000)), Time(51_000));
        assert_eq!(arrivals.record(Seq16(13), Time(2000)), Time(51_000));
        arrivals.record(Seq16(11), Time(2100));
        let base = 1 << 16;
        assert_eq!(report(&mut arrivals), (base + 10, vec![Some(4), Some(8), None, Some(8)]));
        assert_eq!(arrivals.due(), Time::NEVER);
        arrivals.record(Seq16(12), Time(60_000));
        assert_eq!(report(&mut arrivals), (base + 12, vec![Some(240), Some(8)]));
        arrivals.record(Seq16(14), Time(70_000));
        assert_eq!(report(&mut arrivals), (base + 14, vec![Some(280)]));
    }

    /// Found by the feedback property test: a number took the arrival of the one a whole ring before it.
    #[test]
    fn the_ring_forgets_what_it_has_passed() {
        let mut arrivals = Arrivals::default();
        for seq in 0..=u16::try_from(ARRIVALS).unwrap() {
            arrivals.record(Seq16(seq), Time(u64::from(seq) * TICK_MICROS));
            let (_, last) = report(&mut arrivals);
            assert_eq!(last, [Some(u64::from(seq))]);
        }
    }

    #[test]
    fn many_arrivals_do_not_wait_and_a_jump_starts_over() {
        let mut arrivals = Arrivals::default();
        for seq in 0..63 {
            assert_eq!(arrivals.record(Seq16(seq), Time(0)), Time(0) + INTERVAL);
        }
        assert_eq!(arrivals.record(Seq16(63), Time(9)), Time(9));
        arrivals.record(Seq16(30_000), Time(10));
        assert_eq!(report(&mut arrivals).1, [Some(0)]);
        arrivals.record(Seq16(20_000), Time(10));
        assert_eq!(report(&mut arrivals).1, []);
    }
}
