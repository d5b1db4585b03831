//! One client of a relay: its address, its socket towards the server, its two links.
//!
//! Owns the upstream socket and passes on what the links deliver. Who the clients are is in `flows.rs`.

use crate::config::LinkConfig;
use crate::link::Link;
use crate::time::Time;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// One datagram's bytes.
pub(super) type Datagram = Vec<u8>;

/// One client address.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) client: SocketAddr,
    pub(super) up: Link<Datagram>,
    pub(super) down: Link<Datagram>,
    /// When the client last sent.
    pub(super) heard: Time,
    /// Connected to the server, so nothing else is received.
    socket: UdpSocket,
}

/// Both directions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    pub(super) up: LinkConfig,
    pub(super) down: LinkConfig,
}

impl Flow {
    /// Its socket's events come under the token.
    pub(super) fn new(
        registry: &Registry,
        token: Token,
        (client, server): (SocketAddr, SocketAddr),
        links: Links,
        (seed, now): (u64, Time),
    ) -> io::Result<Self> {
        let number = u64::try_from(token.0).unwrap_or(u64::MAX);
        let seed = seed.wrapping_add(number.wrapping_mul(2));
        Ok(Self {
            client,
            up: Link::new(links.up, seed),
            down: Link::new(links.down, seed.wrapping_add(1)),
            heard: now,
            socket: upstream(registry, token, server)?,
        })
    }

    /// Takes another port towards the server.
    pub(super) fn rebind(&mut self, registry: &Registry, token: Token, server: SocketAddr) -> io::Result<()> {
        // The old socket is open until the new one has its port, so the ports differ.
        let mut old = std::mem::replace(&mut self.socket, upstream(registry, token, server)?);
        registry.deregister(&mut old)
    }

    /// Ends its socket's events.
    pub(super) fn close(mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.socket)
    }

    /// The server's next datagram.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.recv(buffer)
    }

    /// Passes on what has arrived by now, to the server and through `listener` to the client. Gives how
    /// many datagrams the system would not send.
    pub(super) fn deliver(&mut self, listener: &UdpSocket, now: Time) -> u64 {
        let mut unsent = 0;
        while let Some(datagram) = self.up.poll(now) {
            unsent += u64::from(self.socket.send(&datagram).is_err());
        }
        while let Some(datagram) = self.down.poll(now) {
            unsent += u64::from(listener.send_to(&datagram, self.client).is_err());
        }
        unsent
    }

    /// When something next happens on either link.
    pub(super) fn next_due(&self) -> Option<Time> {
        [self.up.next_due(), self.down.next_due()].into_iter().flatten().min()
    }
}

/// A new socket that talks with the server only.
fn upstream(registry: &Registry, token: Token, server: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let mut socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    socket.connect(server)?;
    registry.register(&mut socket, token, Interest::READABLE)?;
    Ok(socket)
}
