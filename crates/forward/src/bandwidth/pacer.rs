//! How fast packets leave for one receiver, so that they wait here and not in the path's queue.
//!
//! Owns a budget, no packets: the plane asks whether it may send, sends, and says what it spent. Audio
//! and what else cannot wait is sent without asking, but spent like the rest.

use crate::bitrate::Bitrate;
use crate::time::Time;
use std::time::Duration;

/// What may leave at once: this long at the rate, but at least so many bytes, that a frame's packets
/// stay together and cost one system call.
const BURST: Duration = Duration::from_millis(10);
const LEAST_BURST: u64 = 6000;

/// While a probe is sent, so much is made up for when the plane is woken late, as it is on a busy machine: sent
/// more slowly than it should be, a probe would show no more than that. Longer than a machine is late by.
const CATCH_UP: Duration = Duration::from_millis(15);

/// [`Pacer::next`] waits for so much of the rate, so that the plane does not wake for every packet.
const RUN: Duration = Duration::from_millis(2);

/// Debt is not remembered past this long at the rate: what must be sent at once may exceed the rate for
/// long, and the rest must not wait for ever.
const LONGEST_DEBT: Duration = Duration::from_millis(500);

/// Faster than any path is, and slow enough to be reckoned with in 64 bits.
const FASTEST: Bitrate = Bitrate(100_000_000_000);

/// After so many microseconds the budget is whole again, at any rate that is of use.
const LONGEST: u64 = 10_000_000;

/// A token bucket in millionths of a bit, which a rate in bit/s gives in whole numbers each microsecond.
#[derive(Debug)]
pub(crate) struct Pacer {
    rate: Bitrate,
    bursts: Bursts,
    budget: i64,
    updated: Time,
}

/// What may leave at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bursts {
    /// [`BURST`].
    Frames,
    /// A packet, or [`RUN`]; more only to make up for what was late: [`CATCH_UP`].
    Single,
}

impl Pacer {
    pub fn new(rate: Bitrate, now: Time) -> Self {
        let mut pacer = Self { rate: rate.min(FASTEST), bursts: Bursts::Frames, budget: 0, updated: now };
        pacer.budget = pacer.burst();
        pacer
    }

    /// For media: a few times the estimate.
    pub fn set_rate(&mut self, rate: Bitrate, now: Time) {
        self.set(rate, Bursts::Frames, now);
    }

    /// While a probe is sent: its rate, and hardly any bursts, in which nothing could be measured.
    pub fn set_probe_rate(&mut self, rate: Bitrate, now: Time) {
        self.set(rate, Bursts::Single, now);
        // What was saved up before is not late.
        self.budget = self.budget.min(self.over(RUN));
    }

    fn set(&mut self, rate: Bitrate, bursts: Bursts, now: Time) {
        self.refill(now);
        self.rate = rate.min(FASTEST);
        self.bursts = bursts;
        self.bound();
    }

    /// Whether packets may leave: any one while there is budget, whatever its size.
    pub fn ready(&mut self, now: Time) -> bool {
        self.refill(now);
        self.budget > 0
    }

    /// Bytes left, whether [`Pacer::ready`] or not.
    pub fn spent(&mut self, bytes: u64, now: Time) {
        self.refill(now);
        self.budget = self.budget.saturating_sub(micro_bits(bytes));
        self.bound();
    }

    /// When to ask again, if it was not ready; [`Time::NEVER`] at a rate of nothing.
    pub fn next(&self, now: Time) -> Time {
        if self.rate == Bitrate::ZERO {
            return Time::NEVER;
        }
        let missing = (self.over(RUN) - self.budget_at(now)).max(0);
        now + Duration::from_micros(missing.unsigned_abs().div_ceil(self.rate.0))
    }

    fn budget_at(&self, now: Time) -> i64 {
        let passed = now.0.saturating_sub(self.updated.0).min(LONGEST);
        self.budget.saturating_add(self.in_micros(passed)).min(self.burst())
    }

    fn refill(&mut self, now: Time) {
        self.budget = self.budget_at(now);
        self.updated = self.updated.max(now);
    }

    fn bound(&mut self) {
        self.budget = self.budget.clamp(-(self.over(LONGEST_DEBT).max(self.burst())), self.burst());
    }

    fn burst(&self) -> i64 {
        match self.bursts {
            Bursts::Frames => self.over(BURST).max(micro_bits(LEAST_BURST)),
            Bursts::Single => self.over(CATCH_UP),
        }
    }

    fn over(&self, time: Duration) -> i64 {
        self.in_micros(u64::try_from(time.as_micros()).unwrap_or(LONGEST))
    }

    /// At the rate, in up to [`LONGEST`].
    fn in_micros(&self, micros: u64) -> i64 {
        i64::try_from(self.rate.0 * micros.min(LONGEST)).unwrap_or(i64::MAX)
    }
}

fn micro_bits(bytes: u64) -> i64 {
    i64::try_from(bytes.saturating_mul(8_000_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: Bitrate = Bitrate::kbit(800); // 100 bytes a millisecond

    /// Sends what it may for a second and returns how many bytes left, and in how many runs.
    fn run(pacer: &mut Pacer, from: Time) -> (u64, u32) {
        let (mut now, mut bytes, mut runs) = (from, 0, 0);
        while now < from + Duration::from_secs(1) {
            while pacer.ready(now) {
                pacer.spent(1200, now);
                bytes += 1200;
            }
            runs += 1;
            let next = pacer.next(now);
            assert!(next > now, "it must get on");
            now = next;
        }
        (bytes, runs)
    }

    #[test]
    fn a_burst_leaves_at_once_and_then_the_rate() {
        let mut pacer = Pacer::new(RATE, Time(0));
        let (bytes, _) = run(&mut pacer, Time(0));
        assert!((100_000..=108_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn at_a_high_rate_packets_leave_in_runs() {
        let mut pacer = Pacer::new(Bitrate::kbit(40_000), Time(0));
        let (bytes, runs) = run(&mut pacer, Time(0));
        assert!((5_000_000..=5_060_000).contains(&bytes), "{bytes}");
        assert!(runs <= 510, "{runs}");
    }

    #[test]
    fn a_probe_leaves_packet_by_packet() {
        let mut pacer = Pacer::new(RATE, Time(0));
        pacer.set_probe_rate(RATE, Time(0));
        let (bytes, runs) = run(&mut pacer, Time(0));
        assert!((99_000..=102_000).contains(&bytes) && u64::from(runs) >= bytes / 1200, "{bytes} {runs}");
    }

    #[test]
    fn a_probe_keeps_its_rate_though_it_is_woken_late() {
        let mut pacer = Pacer::new(RATE, Time(0));
        pacer.set_probe_rate(RATE, Time(0));
        let (mut now, mut bytes) = (Time(0), 0);
        while now < Time(1_000_000) {
            while pacer.ready(now) {
                pacer.spent(300, now);
                bytes += 300;
            }
            now = pacer.next(now) + Duration::from_millis(5);
        }
        assert!((99_000..=102_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_probe_does_not_begin_with_what_was_saved_up() {
        let mut pacer = Pacer::new(RATE, Time(0));
        // The second takes the place of the first, of which nothing was sent.
        for at in [Time(500_000), Time(900_000)] {
            pacer.set_probe_rate(RATE, at);
            pacer.spent(201, at);
            assert!(!pacer.ready(at));
        }
    }

    #[test]
    fn what_bypasses_is_paid_for_and_debt_is_bounded() {
        let mut pacer = Pacer::new(RATE, Time(0));
        pacer.spent(16_000, Time(0));
        assert_eq!(pacer.next(Time(0)), Time(102_000));
        assert!(!pacer.ready(Time(99_000)));
        assert!(pacer.ready(Time(102_000)));
        pacer.spent(u64::MAX, Time(102_000));
        assert_eq!(pacer.next(Time(102_000)), Time(604_000));
    }

    #[test]
    fn at_no_rate_nothing_is_ever_due() {
        let mut pacer = Pacer::new(Bitrate::ZERO, Time(0));
        pacer.spent(6000, Time(0));
        assert_eq!((pacer.next(Time(0)), pacer.ready(Time(u64::MAX))), (Time::NEVER, false));
        pacer.set_rate(RATE, Time(9));
        assert_eq!(pacer.next(Time(9)), Time(2009));
    }

    proptest! {
        #[test]
        fn never_exceeds_its_rate_by_more_than_a_burst(
            rate in 1_000_u64..50_000_000,
            asks in prop::collection::vec((0_u64..30_000, 1_u64..1500), 1..300),
        ) {
            let (mut pacer, mut now, mut bytes) = (Pacer::new(Bitrate(rate), Time(0)), Time(0), 0);
            for (wait, size) in asks {
                now += Duration::from_micros(wait);
                if pacer.ready(now) {
                    pacer.spent(size, now);
                    bytes += size;
                }
                let burst = Bitrate(rate).bytes_in(BURST).max(LEAST_BURST);
                prop_assert!(bytes <= Bitrate(rate).bytes_in(now.since(Time::ZERO)) + burst + 1500);
            }
        }
    }
}
