//! What chance does over many packets: losses, their bursts, duplicates, and what one seed promises.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test that panics has found something"
)]

mod drive;

use drive::{ms, stream};
use netsim::{Jitter, Link, LinkConfig, Loss, PerMille, Reorder, Time};

const PACKETS: u32 = 50_000;

/// Which of the packets were lost.
fn lost(config: LinkConfig, seed: u64) -> Vec<bool> {
    let mut link = Link::new(config, seed);
    let arrivals = stream(&mut link, ms(1), Time::from_millis(u64::from(PACKETS)), 100);
    let mut lost = vec![true; PACKETS as usize];
    for arrival in arrivals {
        lost[arrival.number as usize] = false;
    }
    assert_eq!(link.stats().lost, lost.iter().filter(|lost| **lost).count() as u64);
    lost
}

fn with_loss(loss: Loss) -> LinkConfig {
    LinkConfig { loss, ..LinkConfig::PERFECT }
}

fn count(lost: &[bool]) -> usize {
    lost.iter().filter(|lost| **lost).count()
}

/// Lengths of the runs of lost packets.
fn bursts(lost: &[bool]) -> Vec<usize> {
    lost.split(|lost| !lost).map(<[_]>::len).filter(|len| *len > 0).collect()
}

#[test]
fn random_loss_is_what_was_asked_for_and_independent() {
    for (per_mille, seed) in [(0, 1), (5, 2), (50, 3), (300, 4), (1000, 5)] {
        let lost = lost(with_loss(Loss::Random(PerMille::new(per_mille))), seed);
        let (share, packets) = (f64::from(per_mille) / 1000.0, f64::from(PACKETS));
        let deviation = (packets * share * (1.0 - share)).sqrt();
        let off = (count(&lost) as f64 - packets * share).abs();
        assert!(off <= 4.0 * deviation, "{per_mille} ‰: {} lost", count(&lost));
        if per_mille == 300 {
            let bursts = bursts(&lost);
            let mean = count(&lost) as f64 / bursts.len() as f64;
            assert!((mean - 1.0 / 0.7).abs() < 0.05, "runs of {mean}");
        }
    }
}

#[test]
fn bursts_are_as_long_as_asked_for() {
    for (percent, mean_len, seed) in [(5, 1, 1), (5, 3, 2), (10, 10, 3), (50, 4, 4)] {
        let lost = lost(with_loss(Loss::Burst { share: PerMille::percent(percent), mean_len }), seed);
        let (lost_count, bursts) = (count(&lost) as f64, bursts(&lost));
        let mean = lost_count / bursts.len() as f64;
        let asked_mean = f64::from(mean_len);
        assert!((mean - asked_mean).abs() <= 0.1 * asked_mean, "bursts of {mean}, not {mean_len}");
        let share = lost_count / f64::from(PACKETS);
        let asked = f64::from(percent) / 100.0;
        assert!((share - asked).abs() <= 0.15 * asked, "{share} lost, not {percent} %");
    }
}

#[test]
fn bursts_can_take_nothing_or_all() {
    let burst = |share| with_loss(Loss::Burst { share, mean_len: 5 });
    assert_eq!(count(&lost(burst(PerMille::NONE), 1)), 0);
    assert_eq!(count(&lost(burst(PerMille::ALL), 1)), PACKETS as usize);
}

#[test]
fn duplicates_arrive_together() {
    let config = LinkConfig { duplicate: PerMille::percent(20), ..LinkConfig::PERFECT };
    let mut link = Link::new(config, 1);
    let arrivals = stream(&mut link, ms(1), Time::from_secs(10), 100);
    let twice = arrivals.windows(2).filter(|two| two[0] == two[1]).count();
    assert!((1800..2200).contains(&twice), "{twice} of 10000 twice");
    assert_eq!(arrivals.len(), 10_000 + twice);
    assert_eq!(link.stats().duplicated, twice as u64);
    assert_eq!(link.stats().delivered, arrivals.len() as u64);
}

#[test]
fn a_seed_is_one_outcome_and_another_is_another() {
    let config = with_loss(Loss::Random(PerMille::percent(10)));
    assert_eq!(lost(config, 1), lost(config, 1));
    assert_ne!(lost(config, 1), lost(config, 2));
}

#[test]
fn other_knobs_leave_the_same_packets_lost() {
    let plain = with_loss(Loss::Burst { share: PerMille::percent(10), mean_len: 4 });
    let shaken = LinkConfig {
        delay: ms(20),
        jitter: Jitter::Uniform(ms(30)),
        reorder: Reorder { share: PerMille::percent(30), by: ms(9) },
        duplicate: PerMille::percent(30),
        ..plain
    };
    assert_eq!(lost(plain, 6), lost(shaken, 6));
}
