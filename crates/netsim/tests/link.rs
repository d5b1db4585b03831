//! What a link does to packets, in virtual time: rate, queue, delay, order, changes.

mod drive;

use drive::{Arrival, drain, ms, stream, take_until};
use netsim::{
    Jitter, Link, LinkConfig, MAX_PACKETS, PACKET_OVERHEAD, PerMille, Queue, Rate, Reorder, Script, Time,
};
use std::time::Duration;

/// A payload that makes 1000 bytes with its overhead.
const LEN: usize = 972;

fn at_rate(rate: Rate) -> LinkConfig {
    LinkConfig { rate: Some(rate), ..LinkConfig::PERFECT }
}

#[test]
fn a_full_link_delivers_its_rate() {
    for (rate, every) in [(Rate::kbps(64), 1000), (Rate::mbps(1), 1000), (Rate::mbps(700), 10)] {
        let mut link = Link::new(at_rate(rate), 1);
        let end = Time::from_secs(5);
        let arrivals = stream(&mut link, Duration::from_micros(every), end, LEN);
        let bits = 8000 * arrivals.iter().filter(|arrival| arrival.at <= end).count() as u64;
        let asked = rate.as_bps() * 5;
        assert!(bits.abs_diff(asked) * 50 <= asked, "{rate}: {bits} bits of {asked}");
    }
}

#[test]
fn overhead_uses_the_rate() {
    let mut link = Link::new(at_rate(Rate::bps(8 * PACKET_OVERHEAD)), 1);
    link.send(Time::ZERO, 0, 0);
    assert_eq!(drain(&mut link), [Arrival { at: Time::from_secs(1), number: 0 }]);
}

#[test]
fn two_flows_share_the_rate_as_they_send() {
    let mut link = Link::new(at_rate(Rate::mbps(1)), 1);
    let mut sends: Vec<(u64, char)> = [(1300, 'a'), (700, 'b')]
        .into_iter()
        .flat_map(|(every, flow)| (0..5_000_000).step_by(every).map(move |at| (at, flow)))
        .collect();
    sends.sort_unstable();
    for (micros, flow) in sends {
        link.send(Time(micros), LEN, flow);
    }
    let mut counts = [0_u32; 2];
    while let Some(flow) = link.poll(Time::from_secs(5)) {
        counts[usize::from(flow == 'b')] += 1;
    }
    assert_eq!(counts.iter().sum::<u32>(), 625);
    assert!(counts.iter().all(|count| *count > 100), "one flow starves: {counts:?}");
}

#[test]
fn the_tail_is_dropped() {
    // The first one is on its way out, and 10 ms each.
    let table = [
        (Queue::Bytes(5000), 5),
        (Queue::Bytes(5999), 5),
        (Queue::Bytes(1), 1),
        (Queue::Delay(ms(50)), 6),
        (Queue::Delay(ms(59)), 6),
        (Queue::Delay(Duration::ZERO), 1),
    ];
    for (queue, taken) in table {
        let mut link = Link::new(LinkConfig { queue, ..at_rate(Rate::kbps(800)) }, 1);
        for number in 0..20 {
            link.send(Time::ZERO, LEN, number);
        }
        let numbers: Vec<u32> = drain(&mut link).iter().map(|arrival| arrival.number).collect();
        assert_eq!(numbers, (0..taken).collect::<Vec<_>>(), "{queue:?}");
        assert_eq!(link.stats().dropped_by_queue, u64::from(20 - taken), "{queue:?}");
    }
}

#[test]
fn the_peak_queue_delay_is_the_longest_wait() {
    let mut link = Link::new(LinkConfig { delay: ms(500), ..at_rate(Rate::kbps(800)) }, 1);
    for number in 0..4 {
        link.send(Time::ZERO, LEN, number);
    }
    assert_eq!(link.queue_delay(Time::from_millis(5)), Some(ms(35)));
    drain(&mut link);
    assert_eq!(link.stats().peak_queue_delay, ms(30));
}

#[test]
fn delay_is_exact() {
    let mut link = Link::new(LinkConfig { delay: ms(30), ..LinkConfig::PERFECT }, 1);
    link.send(Time(1), LEN, 0);
    assert_eq!(link.next_due(), Some(Time(30_001)));
    assert_eq!(link.poll(Time(30_000)), None);
    assert_eq!(link.poll(Time(30_001)), Some(0));
    assert_eq!((link.poll(Time::NEVER), link.next_due()), (None, None));
}

#[test]
fn sending_time_comes_before_delay() {
    let mut link = Link::new(LinkConfig { delay: ms(30), ..at_rate(Rate::kbps(800)) }, 1);
    link.send(Time::ZERO, LEN, 0);
    link.send(Time::ZERO, LEN, 1);
    let at = |millis, number| Arrival { at: Time::from_millis(millis), number };
    assert_eq!(drain(&mut link), [at(40, 0), at(50, 1)]);
}

#[test]
fn jitter_keeps_the_order_and_its_bounds() {
    let every = ms(60);
    for jitter in [Jitter::Uniform(ms(50)), Jitter::Steps { at_most: ms(50), every: ms(200) }] {
        let mut link = Link::new(LinkConfig { delay: ms(10), jitter, ..LinkConfig::PERFECT }, 7);
        let arrivals = stream(&mut link, every, Time::from_secs(60), LEN);
        let extra: Vec<Duration> = arrivals
            .iter()
            .map(|arrival| arrival.at.since(Time::ZERO + ms(10) + every * arrival.number))
            .collect();
        let (least, most) = (extra.iter().min().unwrap(), extra.iter().max().unwrap());
        assert!(*least < ms(2) && *most > ms(48) && *most <= ms(50), "{jitter:?}: {least:?} to {most:?}");
    }
    for seed in 0..20 {
        let config = LinkConfig { jitter: Jitter::Uniform(ms(200)), ..LinkConfig::PERFECT };
        let mut link = Link::new(config, seed);
        let arrivals = stream(&mut link, ms(5), Time::from_secs(5), LEN);
        assert!(arrivals.is_sorted_by_key(|arrival| arrival.number), "seed {seed}");
    }
}

#[test]
fn steps_of_jitter_pause_and_burst() {
    let jitter = Jitter::Steps { at_most: ms(200), every: ms(300) };
    let mut link = Link::new(LinkConfig { jitter, ..LinkConfig::PERFECT }, 3);
    let arrivals = stream(&mut link, ms(5), Time::from_secs(20), LEN);
    let gaps: Vec<Duration> = arrivals.windows(2).map(|two| two[1].at.since(two[0].at)).collect();
    assert!(gaps.iter().any(|gap| *gap > ms(100)), "no pause");
    let longest_burst = gaps.split(|gap| !gap.is_zero()).map(<[_]>::len).max().unwrap();
    assert!(longest_burst > 10, "no burst: {longest_burst}");
}

#[test]
fn reordered_packets_are_overtaken_for_so_long() {
    let reorder = Reorder { share: PerMille::percent(10), by: ms(12) };
    let mut link = Link::new(LinkConfig { delay: ms(30), reorder, ..LinkConfig::PERFECT }, 5);
    let arrivals = stream(&mut link, ms(5), Time::from_secs(50), LEN);
    let held: Vec<Duration> = arrivals
        .iter()
        .map(|arrival| arrival.at.since(Time::ZERO + ms(30) + ms(5) * arrival.number))
        .filter(|held| !held.is_zero())
        .collect();
    assert!(held.iter().all(|held| *held == ms(12)));
    assert!((900..1100).contains(&held.len()), "{} of 10000", held.len());
    assert!(!arrivals.is_sorted_by_key(|arrival| arrival.number));
    assert_eq!(arrivals.len(), 10_000);
}

#[test]
fn a_new_rate_holds_for_what_is_queued() {
    let mut link = Link::new(at_rate(Rate::kbps(800)), 1);
    for number in 0..3 {
        link.send(Time::ZERO, LEN, number);
    }
    // Half of the first one has been sent; the rest takes ten times as long, and then a tenth.
    link.set(Time::from_millis(5), at_rate(Rate::kbps(80)));
    let at = |millis, number| Arrival { at: Time::from_millis(millis), number };
    assert_eq!(take_until(&mut link, Time::from_millis(155)), [at(55, 0), at(155, 1)]);
    link.set(Time::from_millis(155), at_rate(Rate::mbps(8)));
    assert_eq!(drain(&mut link), [at(156, 2)]);
}

#[test]
fn a_link_that_stands_still_holds_what_it_has() {
    let mut link = Link::new(LinkConfig { queue: Queue::Bytes(5000), ..at_rate(Rate::bps(0)) }, 1);
    for number in 0..9 {
        link.send(Time::ZERO, LEN, number);
    }
    assert_eq!((link.next_due(), link.poll(Time::from_secs(99))), (None, None));
    assert_eq!(link.queue_delay(Time::from_secs(99)), None);
    link.set(Time::from_secs(100), LinkConfig::PERFECT);
    assert_eq!(drain(&mut link).len(), 5);
}

#[test]
fn a_script_changes_the_link_at_its_times() {
    let script = Script::new([(Duration::ZERO, at_rate(Rate::kbps(800))), (ms(15), at_rate(Rate::kbps(80)))]);
    let mut link = Link::scripted(&script, 1);
    for number in 0..3 {
        link.send(Time::ZERO, LEN, number);
    }
    let at = |millis, number| Arrival { at: Time::from_millis(millis), number };
    assert_eq!(drain(&mut link), [at(10, 0), at(65, 1), at(165, 2)]);
    assert_eq!(link.config(), at_rate(Rate::kbps(80)));
}

#[test]
fn a_forgotten_link_is_bounded() {
    let mut link = Link::new(LinkConfig::PERFECT, 1);
    for number in 0..=u32::try_from(MAX_PACKETS).unwrap() {
        link.send(Time::ZERO, LEN, number);
    }
    assert_eq!(link.stats().dropped_by_queue, 1);
    assert_eq!(drain(&mut link).len(), MAX_PACKETS);
}
