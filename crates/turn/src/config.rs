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

/// See the module.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whom anybody may be relayed to. No two have the same address of either sort.
    pub peers: Vec<Peer>,
    /// Where sockets of IPv4 allocations are bound. None are made without.
    pub relay_v4: Option<Ipv4Addr>,
    /// The same for IPv6.
    pub relay_v6: Option<Ipv6Addr>,
    /// Allocations with the same credentials: a browser makes one for each of its networks and each URL. One more is
    /// refused with 486.
    pub max_per_credential: usize,
    /// Allocations in all, each a socket. One more is refused with 508.
    pub max_allocations: usize,
    /// What one credential may relay each way, in bytes per second of payload. What is beyond is dropped.
    pub bandwidth: u64,
}

impl Config {
    /// Where a media port is, if it is one, by the address that a browser knows. Port 0 stands for any
    /// (RFC 8656 §10.2: the port of a permission says nothing).
    pub(crate) fn is_peer_ip(&self, ip: IpAddr) -> bool {
        self.peers.iter().any(|peer| peer.told.ip() == ip)
    }

    pub(crate) fn real(&self, told: SocketAddr) -> Option<SocketAddr> {
        self.peers.iter().find(|peer| peer.told == told).map(|peer| peer.real)
    }

    pub(crate) fn told(&self, real: SocketAddr) -> Option<SocketAddr> {
        self.peers.iter().find(|peer| peer.real == real).map(|peer| peer.told)
    }
}
