//! Feedback from a receiver that is broken or means ill.

use crate::bandwidth::{Estimator, MAX_RATE, MIN_RATE};
use crate::bitrate::Bitrate;
use crate::time::Time;
use proptest::prelude::*;

/// Feedback of one run of small deltas.
fn run(base: u16, count: u16, reference: u32, delta: u8) -> Vec<u8> {
    let [_, r0, r1, r2] = reference.to_be_bytes();
    let mut fci = [base.to_be_bytes(), count.to_be_bytes(), [r0, r1], [r2, 0]].concat();
    fci.extend((0x2000 | (count & 0x1fff)).to_be_bytes());
    fci.extend(vec![delta; count.into()]);
    fci
}

fn check(estimator: &mut Estimator, now: Time) {
    let estimate = estimator.estimate();
    assert!((MIN_RATE..=MAX_RATE).contains(&estimate), "{estimate}");
    if estimator.poll_timeout() <= now {
        estimator.handle_timeout(now);
    }
    estimator.poll_probe(now);
    assert!(estimator.poll_timeout() > now);
    assert!(estimator.loss() <= 1000);
}

#[test]
fn packets_never_sent_and_repeated_feedback_change_nothing() {
    let mut estimator = Estimator::new(Bitrate::kbit(300), Time(0));
    for step in 0..100 {
        estimator.feedback(&run(step * 600, 100, u32::from(step), 1), Time(u64::from(step) * 50_000));
    }
    assert_eq!(
        (estimator.estimate(), estimator.acknowledged(), estimator.rtt()),
        (Bitrate::kbit(300), None, None)
    );
    for at in 0..10 {
        estimator.sent(1200, None, Time(6_000_000 + at * 1000));
    }
    let fci = run(0, 10, 9, 4);
    estimator.feedback(&fci, Time(6_050_000));
    let rtt = estimator.rtt();
    assert!(rtt.is_some());
    for step in 0..1000 {
        estimator.feedback(&fci, Time(6_100_000 + step * 1000));
    }
    assert_eq!((estimator.estimate(), estimator.rtt()), (Bitrate::kbit(300), rtt));
}

#[test]
fn arrivals_all_at_once_do_not_lift_the_estimate_past_what_is_sent() {
    let mut estimator = Estimator::new(Bitrate::kbit(300), Time(0));
    for step in 0..400_u16 {
        let now = Time(u64::from(step) * 50_000);
        for _ in 0..5 {
            estimator.sent(375, None, now);
        }
        estimator.feedback(&run(step * 5, 5, 9, 0), now);
        check(&mut estimator, now);
    }
    assert!(estimator.estimate() < Bitrate::kbit(1000), "{}", estimator.estimate());
}

#[derive(Clone, Debug)]
enum Step {
    Send(u8, u16),
    Bytes(Vec<u8>),
    Run(i16, u16, u32, u8),
    Wait(u32),
    Want(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u8..100, any::<u16>()).prop_map(|(count, size)| Step::Send(count, size)),
        prop::collection::vec(any::<u8>(), 0..100).prop_map(Step::Bytes),
        (-200_i16..20, 0_u16..200, prop_oneof![any::<u32>(), 0_u32..40], any::<u8>())
            .prop_map(|(base, count, reference, delta)| Step::Run(base, count, reference, delta)),
        (0_u32..2_000_000).prop_map(Step::Wait),
        any::<u64>().prop_map(Step::Want),
    ]
}

proptest! {
    #[test]
    fn nothing_a_receiver_says_panics_or_leaves_the_bounds(
        start in prop_oneof![Just(0), any::<u32>().prop_map(u64::from), Just(u64::MAX / 2)],
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut now = Time(start);
        let mut estimator = Estimator::new(Bitrate::kbit(300), now);
        let mut next = 0_u16;
        for step in steps {
            match step {
                Step::Send(count, size) => for _ in 0..count {
                    let probe = estimator.poll_probe(now).map(|probe| probe.id);
                    next = estimator.sent(size.into(), probe, now).0.wrapping_add(1);
                },
                Step::Bytes(fci) => estimator.feedback(&fci, now),
                Step::Run(base, count, reference, delta) => {
                    estimator.feedback(&run(next.wrapping_add_signed(base), count, reference, delta), now);
                }
                Step::Wait(micros) => now = Time(now.0 + u64::from(micros)),
                Step::Want(rate) => estimator.set_wanted(Bitrate(rate)),
            }
            check(&mut estimator, now);
        }
    }
}
