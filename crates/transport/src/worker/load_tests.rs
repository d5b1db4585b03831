//! The measure and the rule, in virtual time and on a worker that is a formula.

use super::*;
use proptest::prelude::*;

const SECOND: u64 = 1_000_000;

/// The shares after so many windows of a worker whose video would take `video` thousandths of its time and all else
/// `rest`, where what it sends follows its share a window late.
fn shares(video: u32, rest: u32, windows: usize, shedding: &mut Shedding) -> Vec<(u16, u64)> {
    let mut sent = shedding.share().permille();
    let mut window = || {
        let needs = rest + video * u32::try_from(sent).unwrap() / 1000;
        let busy = u16::try_from(needs.min(1000)).unwrap();
        sent = shedding.share().permille();
        (busy, shedding.update(busy, BUSY).permille())
    };
    (0..windows).map(|_| window()).collect()
}

#[test]
fn a_window_says_how_much_of_it_was_not_waited() {
    let mut meter = Meter::default();
    meter.waited(Time(0), Time(100_000));
    meter.waited(Time(300_000), Time(350_000));
    assert_eq!(meter.close(Time(499_999)), None);
    assert_eq!(meter.close(Time(600_000)), Some(750));
    meter.waited(Time(600_000), Time(1_600_000));
    assert_eq!(meter.close(Time(1_600_000)), Some(0), "what was waited before counted before");
    assert_eq!(meter.close(Time(9 * SECOND)), Some(1000), "one that never waits is busy");
    assert_eq!(meter.due(), Time(9 * SECOND + 500_000));
}

#[test]
fn one_busy_window_sheds_nothing_and_the_second_does() {
    let mut shedding = Shedding::default();
    assert!(shedding.update(1000, BUSY).is_whole());
    assert!(shedding.update(500, BUSY).is_whole());
    assert!(shedding.update(1000, BUSY).is_whole());
    assert_eq!(shedding.update(1000, BUSY), Share::of_permille(801));
    assert_eq!(shedding.update(950, BUSY), Share::of_permille(675), "and each one from then on");
}

#[test]
fn between_calm_and_busy_the_share_stays() {
    let mut shedding = Shedding { share: Share::of_permille(500), too_busy: 0 };
    for busy in [750, 800, 899] {
        assert_eq!(shedding.update(busy, BUSY), Share::of_permille(500), "{busy}");
    }
    assert_eq!(shedding.update(700, BUSY), Share::of_permille(510));
    assert_eq!(shedding.update(247, BUSY), Share::of_permille(610));
}

#[test]
fn at_twice_the_capacity_it_settles_within_four_seconds_and_comes_back_within_fifteen() {
    let mut shedding = Shedding::default();
    let course = shares(1800, 200, 60, &mut shedding);
    for (busy, share) in &course[8..] {
        assert!((700..800).contains(busy) && (280..=320).contains(share), "{course:?}");
    }
    let course = shares(500, 100, 30, &mut shedding);
    assert_eq!(course.last().unwrap().1, 1000, "{course:?}");
}

#[test]
fn what_takes_too_long_without_any_video_sheds_all_of_it_and_no_more() {
    let mut shedding = Shedding::default();
    let course = shares(100, 1000, 60, &mut shedding);
    assert_eq!(course.last().unwrap().1, 0);
    shedding.update(0, BUSY);
    assert!(shedding.share() > Share::of_permille(0), "from nothing it comes back, too");
}

#[test]
fn where_any_time_is_too_much_everything_is_shed() {
    let mut shedding = Shedding::default();
    for _ in 0..3 {
        shedding.update(0, 0);
    }
    assert_eq!(shedding.share(), Share::of_permille(0));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_load_that_can_be_shed_is_shed_until_the_worker_keeps_up(
        video in 0u32..5000,
        rest in 0u32..700,
        start in 0u16..=1000,
    ) {
        let mut shedding = Shedding { share: Share::of_permille(start), too_busy: 0 };
        let course = shares(video, rest, 200, &mut shedding);
        for (busy, share) in &course[150..] {
            prop_assert!(*share <= 1000);
            prop_assert!(*busy < 1000, "{course:?}");
        }
        if video + rest < 700 {
            prop_assert_eq!(course.last().unwrap().1, 1000);
        }
    }
}
