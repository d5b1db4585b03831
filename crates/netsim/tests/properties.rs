//! What holds for any link and any calls.

use netsim::{Jitter, Link, LinkConfig, Loss, PACKET_OVERHEAD, PerMille, Queue, Rate, Reorder, Time};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// A call, so many microseconds after the one before.
#[derive(Clone, Debug)]
enum Call {
    Send { after: u64, len: usize },
    Poll { after: u64 },
    Set { after: u64, config: LinkConfig },
}

fn micros(most: u64) -> impl Strategy<Value = Duration> {
    (0..=most).prop_map(Duration::from_micros)
}

fn share() -> impl Strategy<Value = PerMille> {
    (0..=1000_u16).prop_map(PerMille::new)
}

fn config() -> impl Strategy<Value = LinkConfig> {
    let rate = proptest::option::weighted(0.9, (0..20_000_000_u64).prop_map(Rate::bps));
    let queue = prop_oneof![(0..20_000_u64).prop_map(Queue::Bytes), micros(300_000).prop_map(Queue::Delay)];
    let jitter = prop_oneof![
        Just(Jitter::None),
        micros(50_000).prop_map(Jitter::Uniform),
        (micros(50_000), micros(50_000)).prop_map(|(at_most, every)| Jitter::Steps { at_most, every }),
    ];
    let loss = prop_oneof![
        Just(Loss::None),
        share().prop_map(Loss::Random),
        (share(), 0..20_u32).prop_map(|(share, mean_len)| Loss::Burst { share, mean_len }),
    ];
    let reorder = (share(), micros(30_000)).prop_map(|(share, by)| Reorder { share, by });
    (rate, queue, micros(100_000), jitter, loss, reorder, share()).prop_map(
        |(rate, queue, delay, jitter, loss, reorder, duplicate)| LinkConfig {
            rate,
            queue,
            delay,
            jitter,
            loss,
            reorder,
            duplicate,
        },
    )
}

fn calls(with_set: bool) -> impl Strategy<Value = Vec<Call>> {
    let after = || 0..5000_u64;
    let call = prop_oneof![
        12 => (after(), 0..1500_usize).prop_map(|(after, len)| Call::Send { after, len }),
        4 => after().prop_map(|after| Call::Poll { after }),
        u32::from(with_set) => (after(), config()).prop_map(|(after, config)| Call::Set { after, config }),
    ];
    proptest::collection::vec(call, 0..300)
}

/// What came of the calls: who arrived when, by the link's own times, and where the calls ended.
struct Outcome {
    sent: BTreeMap<u32, (Time, usize)>,
    arrivals: Vec<(Time, u32)>,
    link: Link<u32>,
    end: Time,
}

/// With `eager`, every arrival is taken when it is due; else only where the calls say.
fn run(first: LinkConfig, seed: u64, calls: &[Call], eager: bool) -> Outcome {
    let link = Link::new(first, seed);
    let mut run = Outcome { sent: BTreeMap::new(), arrivals: Vec::new(), link, end: Time::ZERO };
    let mut next_number = 0;
    for call in calls {
        let (Call::Send { after, .. } | Call::Poll { after } | Call::Set { after, .. }) = call;
        run.end += Duration::from_micros(*after);
        if eager {
            run.take_until(run.end);
        }
        match call {
            Call::Send { len, .. } => {
                let number = next_number;
                next_number += 1;
                run.sent.insert(number, (run.end, *len));
                run.link.send(run.end, *len, number);
            }
            Call::Poll { .. } => {
                run.link.poll(run.end).into_iter().for_each(|number| run.arrivals.push((run.end, number)));
            }
            Call::Set { config, .. } => run.link.set(run.end, *config),
        }
    }
    run.take_until(Time::NEVER);
    run
}

impl Outcome {
    fn take_until(&mut self, until: Time) {
        while let Some(due) = self.link.next_due().filter(|due| *due <= until) {
            while let Some(number) = self.link.poll(due) {
                self.arrivals.push((due, number));
            }
        }
    }
}

proptest! {
    #[test]
    fn same_seed_and_calls_same_outcome(first in config(), seed: u64, calls in calls(true)) {
        let (one, two) = (run(first, seed, &calls, false), run(first, seed, &calls, false));
        prop_assert_eq!(one.arrivals, two.arrivals);
        prop_assert_eq!(one.link.stats(), two.link.stats());
    }

    #[test]
    fn looking_more_often_changes_nothing(first in config(), seed: u64, calls in calls(true)) {
        let (seldom, often) = (run(first, seed, &calls, false), run(first, seed, &calls, true));
        let numbers = |outcome: &Outcome| outcome.arrivals.iter().map(|(_, number)| *number).collect::<Vec<_>>();
        prop_assert_eq!(numbers(&seldom), numbers(&often));
        prop_assert_eq!(seldom.link.stats(), often.link.stats());
    }

    #[test]
    fn no_more_than_the_rate_and_one_queue(first in config(), seed: u64, calls in calls(false)) {
        let first = LinkConfig { duplicate: PerMille::NONE, ..first };
        let Some(rate) = first.rate else { return Ok(()) };
        let run = run(first, seed, &calls, true);
        let mut wire_bytes = 0;
        for (at, number) in &run.arrivals {
            wire_bytes += run.sent[number].1 as u64 + PACKET_OVERHEAD;
            let done = u128::from(rate.as_bps()) * u128::from(at.0);
            prop_assert!(u128::from(wire_bytes) * 8_000_000 <= done, "{} bytes by {:?}", wire_bytes, at);
        }
        if let Queue::Delay(most) = first.queue {
            prop_assert!(run.link.stats().peak_queue_delay <= most + Duration::from_micros(1));
        }
    }

    #[test]
    fn nothing_twice_unless_duplicated(first in config(), seed: u64, calls in calls(false)) {
        let first = LinkConfig { duplicate: PerMille::NONE, ..first };
        let run = run(first, seed, &calls, true);
        let mut numbers: Vec<u32> = run.arrivals.iter().map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        prop_assert_eq!(numbers.len(), run.arrivals.len());
    }

    #[test]
    fn nothing_before_its_delay_and_in_order(first in config(), seed: u64, calls in calls(false)) {
        let first = LinkConfig { reorder: Reorder::NONE, ..first };
        let run = run(first, seed, &calls, true);
        for (at, number) in &run.arrivals {
            prop_assert!(*at >= run.sent[number].0 + first.delay);
        }
        prop_assert!(run.arrivals.is_sorted_by_key(|(_, number)| *number));
    }

    #[test]
    fn every_packet_is_accounted_for(first in config(), seed: u64, calls in calls(true)) {
        let mut run = run(first, seed, &calls, true);
        // A rate of zero keeps what it has; let it go.
        run.link.set(run.end + Duration::from_hours(1), LinkConfig::PERFECT);
        run.take_until(Time::NEVER);
        let stats = run.link.stats();
        prop_assert_eq!(stats.sent, run.sent.len() as u64);
        let ended = stats.delivered - stats.duplicated + stats.lost + stats.dropped_by_queue;
        prop_assert_eq!(stats.sent, ended);
    }
}
