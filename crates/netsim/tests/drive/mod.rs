//! Driving a link through virtual time, for the tests beside this folder.
#![allow(dead_code, reason = "each test binary uses its part")]

use netsim::{Link, Time};
use std::time::Duration;

/// A numbered packet's arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub at: Time,
    pub number: u32,
}

pub const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Sends numbered packets from the start until before `end`, and gives all arrivals, each at its own time.
pub fn stream(link: &mut Link<u32>, every: Duration, end: Time, len: usize) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    let (mut now, mut number) = (Time::ZERO, 0);
    while now < end {
        arrivals.extend(take_until(link, now));
        link.send(now, len, number);
        now += every;
        number += 1;
    }
    arrivals.extend(drain(link));
    arrivals
}

/// Everything that is still to arrive.
pub fn drain(link: &mut Link<u32>) -> Vec<Arrival> {
    take_until(link, Time::NEVER)
}

/// Everything that arrives by then, at the link's own times.
pub fn take_until(link: &mut Link<u32>, until: Time) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    while let Some(at) = link.next_due().filter(|at| *at <= until) {
        while let Some(number) = link.poll(at) {
            arrivals.push(Arrival { at, number });
        }
    }
    arrivals
}
