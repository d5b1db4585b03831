//! The paths a call meets. Bounds are generous: they tell a working estimator from a broken one, not a
//! good constant from a better.

use super::flow::{Flow, World, average};
use super::link::{Link, Order, Random};
use crate::bandwidth::MAX_RATE;
use crate::bitrate::Bitrate;
use crate::time::Time;
use std::time::Duration;

const QUEUE: Duration = Duration::from_millis(300);

const fn kbit(kbit: u64) -> Bitrate {
    Bitrate::kbit(kbit)
}

/// A link with a queue of 300 ms and a round trip of 60.
fn link(rate: u64) -> Link {
    Link::new(kbit(rate), QUEUE, Duration::from_millis(30))
}

#[test]
fn climbs_to_what_is_wanted() {
    let mut world = World::single(link(5000), kbit(2500));
    world.run(10_000).show("climb");
    let reached = world.first(10_000, |rate| rate >= kbit(2000)).unwrap();
    println!("2 Mbit/s after {reached} ms");
    assert!(reached < 5000, "{reached}");
}

#[test]
fn what_is_wanted_beyond_all_belief_is_not_asked_for_without_end() {
    let mut world = World::single(link(200_000), kbit(120_000));
    world.run(30_000).show("beyond");
    assert_eq!(world.estimate(), MAX_RATE);
    let probes = world.flows[0].probes;
    world.run(10_000);
    assert_eq!(world.flows[0].probes, probes);
}

#[test]
fn fills_a_link_and_does_not_stay_above_it() {
    for rate in [100, 500, 2000, 5000] {
        let mut world = World::single(link(rate), MAX_RATE);
        world.run(40_000).show("fill");
        let (above, average) =
            (world.longest_above(40_000, kbit(rate * 12 / 10)), average(world.last(20_000)));
        println!("of {rate}: {average} on average, above 1.2 of it for {above} ms");
        assert!(average > kbit(rate * 65 / 100) && average < kbit(rate * 105 / 100), "{rate}: {average}");
        assert!(above < 2000, "{rate}: {above}");
    }
}

#[test]
fn falls_with_the_link_and_comes_back_with_it() {
    let mut world = World::single(link(5000), kbit(5000));
    world.run(15_000);
    assert!(world.estimate() > kbit(3500), "{}", world.estimate());
    world.link.set_rate(kbit(500), QUEUE);
    world.run(15_000);
    let below = world.first(15_000, |rate| rate < kbit(550)).unwrap();
    let above = world.longest_above(14_000, kbit(600));
    world.link.set_rate(kbit(5000), QUEUE);
    world.run(15_000).show("drop");
    let back = world.first(15_000, |rate| rate > kbit(1500)).unwrap();
    let fully = world.first(15_000, |rate| rate > kbit(4000));
    println!(
        "below after {below} ms, then above 0.6 Mbit/s for {above}; back after {back}, 4 Mbit/s {fully:?}"
    );
    assert!(below < 1200, "{below}");
    assert!(above < 2000, "{above}");
    assert!(back < 10_000, "{back}");
}

#[test]
fn random_loss_of_a_twentieth_does_not_starve() {
    for seed in 1..=5 {
        let mut world = World::single(link(5000), kbit(2000));
        world.link.loss_permille = 50;
        world.link.random = Random(seed);
        world.run(30_000);
        let average = average(world.last(20_000));
        let least = world.last(20_000).iter().min().unwrap();
        println!(
            "5 % loss: {average} on average, at least {least}; loss {}",
            world.flows[0].estimator.loss()
        );
        assert!(average >= kbit(1500) && *least >= kbit(1000), "{average} {least}");
    }
}

#[test]
fn heavy_random_loss_lowers_and_does_not_collapse() {
    for seed in 1..=5 {
        let mut world = World::single(link(5000), kbit(2000));
        world.link.random = Random(seed);
        world.run(10_000);
        world.link.loss_permille = 200;
        world.run(20_000);
        let least = *world.last(20_000).iter().min().unwrap();
        world.link.loss_permille = 0;
        world.run(10_000).show("heavy");
        let back = world.estimate();
        println!("20 % loss: at least {least}; {back} ten seconds after it");
        assert!(least >= kbit(600), "{least}");
        assert!(back >= kbit(1500), "{back}");
    }
}

#[test]
fn a_policer_without_a_queue_is_found_by_its_loss() {
    let mut world = World::new(
        Link::new(kbit(800), Duration::from_millis(12), Duration::from_millis(30)),
        [Flow::new(kbit(3000), kbit(3000), kbit(3000), Time::ZERO)],
    );
    world.run(20_000).show("policer");
    let (above, average) = (world.longest_above(17_000, kbit(1100)), average(world.last(10_000)));
    println!("policer: {average} on average, above 1.1 Mbit/s for {above} ms");
    assert!(above < 2000 && average > kbit(350), "{above} {average}");
}

#[test]
fn a_source_limited_by_itself_keeps_its_estimate() {
    let mut world = World::single(link(5000), kbit(2500));
    world.run(10_000);
    let before = world.estimate();
    world.flows[0].source = kbit(100);
    world.flows[0].estimator.set_wanted(kbit(100));
    let probes = world.flows[0].probes;
    world.run(30_000).show("limited");
    assert_eq!(world.last(29_000).iter().min(), world.last(29_000).iter().max());
    assert!(world.estimate() >= before.permille(950), "{before} {}", world.estimate());
    assert_eq!(world.flows[0].probes, probes, "nothing more is wanted");
}

#[test]
fn a_limited_source_that_wants_more_finds_it_by_probes() {
    let mut world = World::new(link(5000), [Flow::new(kbit(300), kbit(2500), kbit(150), Time::ZERO)]);
    world.run(10_000).show("probing");
    assert!(world.estimate() >= kbit(2000), "{}", world.estimate());
    world.link.set_rate(kbit(400), QUEUE);
    world.run(20_000);
    assert!(world.estimate() >= kbit(130), "{}", world.estimate());
}

#[test]
fn jitter_does_not_kill_it() {
    for order in [Order::Kept, Order::Lost] {
        for seed in 1..=3 {
            let mut world = World::single(link(5000), kbit(2500));
            world.link.jitter = Duration::from_millis(200);
            world.link.order = order;
            world.link.random = Random(seed);
            world.run(40_000).show("jitter");
            let least = *world.last(30_000).iter().min().unwrap();
            println!("jitter, order {order:?}: at least {least}, in the end {}", world.estimate());
            assert!(least >= kbit(500), "{least}");
        }
    }
}

#[test]
fn two_flows_share() {
    for (second_from, rate) in [(0, 4000), (10, 4000), (10, 1500)] {
        let flows =
            [0, second_from].map(|from| Flow::new(kbit(300), MAX_RATE, MAX_RATE, Time(from * 1_000_000)));
        let mut world = World::new(link(rate), flows);
        world.run(90_000).show("share");
        let [first, second] = [0, 1].map(|at| {
            let trace = &world.flows[at].trace;
            average(&trace[trace.len() - 40_000..])
        });
        println!("second from {second_from} s: {first} and {second} of {rate}");
        assert!(first.max(second) <= first.min(second).permille(2500), "{first} {second}");
        assert!(first + second >= kbit(rate * 6 / 10) && first + second <= kbit(rate * 12 / 10));
    }
}

#[test]
fn feedback_lost_for_two_seconds_is_got_over() {
    let mut world = World::single(link(5000), kbit(2500));
    world.run(10_000);
    let before = world.estimate();
    world.flows[0].feedback_lost = true;
    world.run(2000);
    let least = world.estimate();
    world.flows[0].feedback_lost = false;
    world.run(10_000).show("silence");
    let back = world.first(10_000, |rate| rate >= kbit(2000)).unwrap();
    println!("without feedback from {before} to {least}; back after {back} ms");
    assert!(least < before && least >= kbit(500), "{least}");
    assert!(back < 5000, "{back}");
}

#[test]
fn a_dead_path_is_backed_off_from_and_a_quiet_source_is_not() {
    let mut world = World::single(link(5000), kbit(2500));
    world.run(10_000);
    world.flows[0].source = Bitrate::ZERO;
    world.flows[0].estimator.set_wanted(Bitrate::ZERO);
    world.run(1000);
    let before = world.estimate();
    world.run(20_000);
    assert_eq!(world.estimate(), before);
    world.flows[0].source = kbit(2000);
    world.flows[0].feedback_lost = true;
    world.run(20_000);
    assert!(world.estimate() < kbit(100), "{}", world.estimate());
}

#[test]
fn a_longer_way_is_not_taken_for_a_queue_for_long() {
    let mut world = World::single(link(5000), kbit(2500));
    world.run(10_000);
    world.link.delay = Duration::from_millis(200);
    world.run(20_000).show("route");
    let least = *world.last(20_000).iter().min().unwrap();
    println!("a longer way: at least {least}, in the end {}", world.estimate());
    assert!(least >= kbit(500) && world.estimate() >= kbit(1500), "{least} {}", world.estimate());
}
