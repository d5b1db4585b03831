//! What the relay is told at the start.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// One of our own media ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// As browsers are told of it.
    pub told: SocketAddr,
    /// As it is reached from here; another one behind a 1:1 NAT.
    pub real: SocketAddr,
}

/// Where the media ports are, and the relay beside them. It may change: see [`Relay::lead_to`](crate::Relay::lead_to).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Whom anybody may be relayed to. No two have the same address of either sort.
    pub peers: Vec<Peer>,
    /// Where sockets of IPv4 allocations are bound. None are made without.
    pub relay_v4: Option<Ipv4Addr>,
    /// The same for IPv6.
    pub relay_v6: Option<Ipv6Addr>,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Config {
    /// At the start.
    pub places: Places,
    /// Allocations of one person, whatever credentials they are made with: a browser makes one for each of its networks
    /// and each URL. One more is refused with 486.
    pub max_per_person: usize,
    /// Allocations in all, each a socket. One more is refused with 508.
    pub max_allocations: usize,
    /// What one person may relay each way, in bytes per second of payload. What is beyond is dropped.
    pub bandwidth: u64,
}

/// Media ports by both of their addresses.
#[derive(Debug)]
pub(crate) struct Peers {
    now: Vec<Peer>,
    /// As they were told before the last change: calls that know them so go on. What was before that is forgotten.
    before: Vec<Peer>,
}

impl Peers {
    pub(crate) fn new(now: Vec<Peer>) -> Self {
        Self { now, before: Vec::new() }
    }

    /// They are told and reached like that from now on.
    pub(crate) fn change(&mut self, now: Vec<Peer>) {
        let before = std::mem::replace(&mut self.now, now);
        let still = |old: &Peer| self.now.iter().any(|new| new.real == old.real);
        let renamed = |old: &Peer| self.now.iter().all(|new| new.told != old.told);
        self.before = before.into_iter().filter(|old| still(old) && renamed(old)).collect();
    }

    fn all(&self) -> impl Iterator<Item = &Peer> {
        self.now.iter().chain(&self.before)
    }

    /// Whether a media port has this address, as a browser knows it (RFC 8656 §10.2: the port of a permission says
    /// nothing).
    pub(crate) fn has(&self, ip: IpAddr) -> bool {
        self.all().any(|peer| peer.told.ip() == ip)
    }

    /// Where a media port is, if it is one, by the address that a browser knows.
    pub(crate) fn real(&self, told: SocketAddr) -> Option<SocketAddr> {
        self.all().find(|peer| peer.told == told).map(|peer| peer.real)
    }

    /// By which address the one that is there is known to somebody who knows these.
    pub(crate) fn told(&self, real: SocketAddr, known: impl Fn(IpAddr) -> bool) -> Option<SocketAddr> {
        self.all().find(|peer| peer.real == real && known(peer.told.ip())).map(|peer| peer.told)
    }
}
