//! How often addresses brought checks that were not believed: past a budget theirs are not looked at any more.
//!
//! Stands before the HMAC, which is what a check costs, and only in the way of those who have proven nothing: a 5-tuple
//! that is known is never asked. An address is easily forged over UDP, so a budget is of one second and no more: it
//! slows a flood down and locks nobody out for long.

use crate::path::network;
use forward::Time;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

/// Checks that may fail in a second, of one IPv4 address or one IPv6 network of 64 bits. Past it what comes from there
/// by a 5-tuple that is not known is dropped and counted, until the second is over. An office behind one address has
/// that many failures for itself; an honest browser has none.
pub const BUDGET: u32 = 100;
const SECOND: Duration = Duration::from_secs(1);

/// Networks remembered. Of two that fall on one place the later is remembered: then a flood from many addresses is as
/// dear as without a budget, and no dearer.
const PLACES: usize = 1024;

/// See the module.
pub(super) struct Strangers {
    places: Box<[Option<Stranger>]>,
    /// Nobody outside knows who shares a place.
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Stranger {
    network: IpAddr,
    since: Time,
    failed: u32,
}

impl Default for Strangers {
    fn default() -> Self {
        Self { places: vec![None; PLACES].into_boxed_slice(), hasher: RandomState::new() }
    }
}

impl Strangers {
    /// Whether nothing more is taken from there for now.
    pub fn is_spent(&mut self, from: IpAddr, now: Time) -> bool {
        let network = network(from);
        self.place(network).as_ref().is_some_and(|known| {
            known.network == network && now.since(known.since) < SECOND && known.failed >= BUDGET
        })
    }

    /// A check from there failed.
    pub fn failed(&mut self, from: IpAddr, now: Time) {
        let network = network(from);
        let place = self.place(network);
        match place {
            Some(known) if known.network == network && now.since(known.since) < SECOND => known.failed += 1,
            _ => *place = Some(Stranger { network, since: now, failed: 1 }),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is a place")]
    fn place(&mut self, network: IpAddr) -> &mut Option<Stranger> {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let hash = self.hasher.hash_one(network) as usize;
        &mut self.places[hash % PLACES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn at(millis: u64) -> Time {
        Time::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn who_fails_too_often_is_not_listened_to_until_the_second_is_over() {
        let mut strangers = Strangers::default();
        let (mallory, ada) = (ip("192.0.2.1"), ip("198.51.100.7"));
        for number in 0..BUDGET {
            assert!(!strangers.is_spent(mallory, at(10)), "{number}");
            strangers.failed(mallory, at(10));
        }
        assert!(strangers.is_spent(mallory, at(900)));
        assert!(!strangers.is_spent(ada, at(900)));
        assert!(!strangers.is_spent(mallory, at(1010)));
        strangers.failed(mallory, at(1010));
        assert!(!strangers.is_spent(mallory, at(1020)), "a new second has a new budget");
    }

    #[test]
    fn of_ipv6_a_network_has_one_budget() {
        let mut strangers = Strangers::default();
        for number in 0..BUDGET {
            strangers.failed(ip(&format!("2001:db8::{number:x}")), at(1));
        }
        assert!(strangers.is_spent(ip("2001:db8::ffff"), at(2)));
        assert!(!strangers.is_spent(ip("2001:db8:0:1::1"), at(2)));
    }

    #[test]
    fn an_ipv4_address_is_the_same_on_a_socket_for_both() {
        let mut strangers = Strangers::default();
        for _ in 0..BUDGET {
            strangers.failed(ip("::ffff:192.0.2.1"), at(1));
        }
        assert!(strangers.is_spent(ip("192.0.2.1"), at(2)));
    }
}
