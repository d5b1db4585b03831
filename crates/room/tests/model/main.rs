//! `Rooms` against a small reference model, driven by random inputs, the hostile among them too. After
//! every step: what the `observer` saw go out must be what the `reference` says.

#![cfg(test)]

mod action;
mod check;
mod moderating;
mod observer;
mod reference;
mod seats;
mod talking;
mod watching;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use room::Gathering;
use std::cell::Cell;
use std::time::Duration;

#[test]
fn rooms_agree_with_the_reference() {
    let most_inside = Cell::new(0);
    walk(Gathering::default(), action::actions(100), |driver| {
        check::agree(driver);
        most_inside.set(most_inside.get().max(driver.reference.members.len()));
    });
    assert!(most_inside.get() > 5, "the walks get somewhere: {}", most_inside.get());
}

/// A full room with few slots, where most steps are about who is seen.
#[test]
fn seats_go_to_whom_they_should() {
    let contests = Cell::new(0);
    walk(Gathering::default(), action::contests(60), |driver| {
        check::agree(driver);
        contests.set(contests.get() + seats::contests(driver));
    });
    assert!(contests.get() > 20_000, "the walks get somewhere: {}", contests.get());
}

/// News of who comes and goes is gathered over several steps. What is said meanwhile names nobody who was not
/// introduced, which the observer sees; and when it is told everybody knows what is so.
#[test]
fn gathered_news_comes_in_time_and_in_order() {
    let (waited, steps) = (Cell::new(0), Cell::new(0));
    let gathering = Gathering { from: 2, each: Duration::from_millis(60), most: Duration::from_millis(200) };
    walk(gathering, action::actions(140), |driver| {
        steps.set(steps.get() + 1);
        if driver.rooms.counts().untold > 0 {
            waited.set(waited.get() + 1);
            check::agree_but_for_news(driver);
            if steps.get() % 3 > 0 {
                return;
            }
            driver.pass(gathering.most);
        }
        check::agree(driver);
    });
    assert!(waited.get() > 150, "the walks get somewhere: {}", waited.get());
}

/// The same walks every time; `PROPTEST_CASES=10000` walks on.
fn walk(
    gathering: Gathering,
    actions: impl Strategy<Value = Vec<action::Action>>,
    look: impl Fn(&mut action::Driver),
) {
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let outcome = TestRunner::new(config).run(&actions, |actions| {
        let mut driver = action::Driver::new(gathering);
        for action in actions {
            driver.act(&action);
            look(&mut driver);
        }
        driver.end();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
