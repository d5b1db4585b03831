//! `Rooms` against a small reference model, driven by random inputs, the hostile among them too. After
//! every step: what the `observer` saw go out must be what the `reference` says.

#![cfg(test)]

mod action;
mod check;
mod observer;
mod reference;
mod seats;
mod watching;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::cell::Cell;

#[test]
fn rooms_agree_with_the_reference() {
    let most_inside = Cell::new(0);
    walk(action::actions(100), |driver| {
        most_inside.set(most_inside.get().max(driver.reference.members.len()));
    });
    assert!(most_inside.get() > 5, "the walks get somewhere: {}", most_inside.get());
}

/// A full room with few slots, where most steps are about who is seen.
#[test]
fn seats_go_to_whom_they_should() {
    let contests = Cell::new(0);
    walk(action::contests(60), |driver| contests.set(contests.get() + seats::contests(driver)));
    assert!(contests.get() > 20_000, "the walks get somewhere: {}", contests.get());
}

/// The same walks every time; `PROPTEST_CASES=10000` walks on.
fn walk(actions: impl Strategy<Value = Vec<action::Action>>, look: impl Fn(&action::Driver)) {
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let outcome = TestRunner::new(config).run(&actions, |actions| {
        let mut driver = action::Driver::new();
        for action in actions {
            driver.act(&action);
            check::agree(&driver);
            look(&driver);
        }
        driver.end();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
