//! How often addresses brought checks that were not believed: past a budget theirs are not looked at any more.
//!
//! Stands before the HMAC, which is what a check costs, and only in the way of those who have proven nothing: a 5-tuple
//! that is known is never asked. An address is easily forged over UDP, so a budget is of one second and no more: it
//! slows a flood down and locks nobody out for long. Over TCP it is not, so what comes by streams is counted apart: who
//! forges datagrams in somebody's name leaves that way open. All who come by our own relay come from one address, each
//! from a port of its own, so there each port is counted apart.

use crate::path::{Path, network};
use forward::Time;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

/// Checks that may fail in a second, of one IPv4 address or one IPv6 network of 64 bits, by datagrams and by streams
/// each; of a relay of ours, of one port. Past it what comes from there by a 5-tuple that is not known is dropped and
/// counted, until the second is over. An office behind one address has that many failures for itself; an honest browser
/// has none.
pub const BUDGET: u32 = 100;
const SECOND: Duration = Duration::from_secs(1);

/// Strangers remembered. Of two that fall on one place the later is remembered: then a flood from many addresses is as
/// dear as without a budget, and no dearer.
const PLACES: usize = 1024;

/// See the module.
pub(super) struct Strangers {
    places: Box<[Option<Stranger>]>,
    /// Nobody outside knows who shares a place.
    hasher: RandomState,
    /// Where each port is somebody else's.
    apart: Vec<IpAddr>,
}

/// Whose checks are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Datagrams(IpAddr),
    Streams(IpAddr),
    /// A relay's port.
    Port(IpAddr, u16),
}

#[derive(Clone, Copy)]
struct Stranger {
    source: Source,
    since: Time,
    failed: u32,
}

impl Default for Strangers {
    fn default() -> Self {
        let places = vec![None; PLACES].into_boxed_slice();
        Self { places, hasher: RandomState::new(), apart: Vec::new() }
    }
}

impl Strangers {
    /// At these addresses each port is counted apart, and at no others.
    pub fn count_apart(&mut self, addresses: Vec<IpAddr>) {
        self.apart = addresses;
    }

    /// Whether nothing more is taken from there for now.
    pub fn is_spent(&mut self, from: Path, now: Time) -> bool {
        let source = self.source(from);
        self.place(source).as_ref().is_some_and(|known| {
            known.source == source && now.since(known.since) < SECOND && known.failed >= BUDGET
        })
    }

    /// A check from there failed.
    pub fn failed(&mut self, from: Path, now: Time) {
        let source = self.source(from);
        let place = self.place(source);
        match place {
            Some(known) if known.source == source && now.since(known.since) < SECOND => known.failed += 1,
            _ => *place = Some(Stranger { source, since: now, failed: 1 }),
        }
    }

    fn source(&self, from: Path) -> Source {
        let network = network(from.address().ip());
        match from {
            Path::Udp(address) if self.apart.contains(&address.ip().to_canonical()) => {
                Source::Port(network, address.port())
            }
            Path::Udp(_) => Source::Datagrams(network),
            Path::Tcp(..) => Source::Streams(network),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is a place")]
    fn place(&mut self, source: Source) -> &mut Option<Stranger> {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let hash = self.hasher.hash_one(source) as usize;
        &mut self.places[hash % PLACES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::StreamId;
    use std::net::SocketAddr;

    fn udp(ip: &str) -> Path {
        Path::Udp(SocketAddr::new(ip.parse().unwrap(), 5000))
    }

    fn at(millis: u64) -> Time {
        Time::ZERO + Duration::from_millis(millis)
    }

    fn fails(strangers: &mut Strangers, from: Path) {
        for _ in 0..BUDGET {
            strangers.failed(from, at(1));
        }
    }

    #[test]
    fn who_fails_too_often_is_not_listened_to_until_the_second_is_over() {
        let mut strangers = Strangers::default();
        let (mallory, ada) = (udp("192.0.2.1"), udp("198.51.100.7"));
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
            strangers.failed(udp(&format!("2001:db8::{number:x}")), at(1));
        }
        assert!(strangers.is_spent(udp("2001:db8::ffff"), at(2)));
        assert!(!strangers.is_spent(udp("2001:db8:0:1::1"), at(2)));
    }

    #[test]
    fn an_ipv4_address_is_the_same_on_a_socket_for_both() {
        let mut strangers = Strangers::default();
        fails(&mut strangers, udp("::ffff:192.0.2.1"));
        assert!(strangers.is_spent(udp("192.0.2.1"), at(2)));
    }

    #[test]
    fn datagrams_in_somebodys_name_leave_its_streams_alone() {
        let mut strangers = Strangers::default();
        let stream = Path::Tcp(StreamId { place: 0, number: 0 }, "192.0.2.1:5000".parse().unwrap());
        fails(&mut strangers, udp("192.0.2.1"));
        assert!(strangers.is_spent(udp("192.0.2.1"), at(2)) && !strangers.is_spent(stream, at(2)));
        fails(&mut strangers, stream);
        assert!(strangers.is_spent(stream, at(2)), "they have a budget, too");
    }

    #[test]
    fn who_comes_by_a_relay_of_ours_has_a_budget_of_its_own() {
        let mut strangers = Strangers::default();
        let relay: [IpAddr; 2] = ["192.0.2.9".parse().unwrap(), "2001:db8::9".parse().unwrap()];
        strangers.count_apart(relay.to_vec());
        for ip in ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8::9"] {
            let port = |port| Path::Udp(SocketAddr::new(ip.parse().unwrap(), port));
            fails(&mut strangers, port(50_000));
            assert!(
                strangers.is_spent(port(50_000), at(2)) && !strangers.is_spent(port(50_001), at(2)),
                "{ip}"
            );
            strangers.count_apart(relay.to_vec());
        }
        // Elsewhere a port is no one's.
        fails(&mut strangers, udp("192.0.2.1"));
        assert!(strangers.is_spent(Path::Udp("192.0.2.1:1".parse().unwrap()), at(2)));
        strangers.count_apart(vec![]);
        assert!(!strangers.is_spent(udp("192.0.2.9"), at(2)));
    }
}
