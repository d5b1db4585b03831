//! By which way a peer is reached: a UDP address, or a TCP stream (ICE-TCP, RFC 6544).
//!
//! A 5-tuple as far as it is not our own end. A stream has a number of its own that never comes again, so that it is
//! confused neither with UDP from the same address and port nor with a later stream from there.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// A TCP stream of one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamId {
    /// Its place in the worker's table.
    pub place: u32,
    /// How many streams the worker had before: tells it from others that had its place.
    pub number: u64,
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Datagrams, from and to this address.
    Udp(SocketAddr),
    /// Frames of a stream, whose other end has this address.
    Tcp(StreamId, SocketAddr),
}

impl Path {
    /// The other end.
    pub fn address(self) -> SocketAddr {
        match self {
            Self::Udp(address) | Self::Tcp(_, address) => address,
        }
    }
}

/// Whose address it is, for limits: of IPv6 everybody has 64 bits to choose from, and on a socket for both an IPv4
/// address is written as one of IPv6.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        ip @ IpAddr::V4(_) => ip,
    }
}
