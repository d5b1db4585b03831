//! `Rooms` against a small reference model, driven by random inputs, the hostile among them too. After
//! every step: what the `observer` saw go out must be what the `reference` says.

#![cfg(test)]

mod action;
mod check;
mod observer;
mod reference;
mod seats;
mod watching;

use proptest::test_runner::{Config, RngSeed, TestRunner};

/// The same walks every time; `PROPTEST_CASES=10000` walks on.
#[test]
fn rooms_agree_with_the_reference() {
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let most_inside = std::cell::Cell::new(0);
    let outcome = runner.run(&action::actions(100), |actions| {
        let mut driver = action::Driver::new();
        for action in actions {
            driver.act(&action);
            check::agree(&driver);
            most_inside.set(most_inside.get().max(driver.reference.members.len()));
        }
        driver.end();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(most_inside.get() > 5, "the walks get somewhere: {}", most_inside.get());
}
