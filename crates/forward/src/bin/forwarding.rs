//! `forwarding`: the load whose instructions `cargo xtask instructions` counts: one publisher, fifty receivers, by virtual time.
//!
//! Callgrind collects within [`steady`] only: the plane's own work, once histories stand, paths are estimated and
//! nothing is new. Prints how many packets that forwarded. The same build counts the same on every run.

#![allow(clippy::cast_possible_truncation, reason = "the load's numbers are the wire's")]

#[path = "../../tests/load/mod.rs"]
mod load;

use load::Load;

const RECEIVERS: u32 = 50;
/// Until estimates have found what the path bears, in milliseconds.
const WARM_UP: u64 = 15_000;
/// What is counted, in milliseconds.
const COUNTED: u64 = 10_000;

fn main() {
    let mut load = Load::new(RECEIVERS);
    load.run(WARM_UP);
    let before = load.sink.packets;
    for _ in 0..COUNTED {
        load.prepare();
        steady(&mut load);
    }
    println!("{}", load.sink.packets - before);
}

/// One millisecond of the server. Callgrind finds it by its name.
#[inline(never)]
fn steady(load: &mut Load) {
    load.serve();
}
