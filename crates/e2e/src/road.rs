//! The road between browsers and the server: a relay with links as bad as a test wants them.
//!
//! The server listens on the loopback's address, and tells browsers this machine's other one. The relay
//! listens there on the same port, so nobody comes to the server but over it.

use anyhow::{Context, Result};
use netsim::{LinkConfig, Relay, RelayConfig};
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Of all chance on the road.
const SEED: u64 = 20;

/// Each browser's own way to the server and back, at first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Links {
    /// To the server.
    pub up: LinkConfig,
    /// From the server.
    pub down: LinkConfig,
}

/// A relay to the server's media port.
pub(crate) fn start(links: Links, to: SocketAddr) -> Result<Relay> {
    let listen = SocketAddr::new(own_address()?, to.port());
    Relay::start(RelayConfig { listen, to, up: links.up, down: links.down, seed: SEED })
        .with_context(|| format!("a relay on {listen}"))
}

/// This machine's address that is not the loopback's. Nothing is sent to find it.
pub(crate) fn own_address() -> Result<IpAddr> {
    // Any address that is not on this machine (RFC 5737): it only asks for the route.
    address_towards("0.0.0.0:0", "198.51.100.1:9")
}

/// The same of IPv6 (RFC 3849).
pub(crate) fn own_address_6() -> Result<IpAddr> {
    address_towards("[::]:0", "[2001:db8::1]:9")
}

fn address_towards(from: &str, to: &str) -> Result<IpAddr> {
    let socket = UdpSocket::bind(from)?;
    socket.connect(to).context("no network: this machine has no address but the loopback's")?;
    Ok(socket.local_addr()?.ip())
}
