//! All clients of a relay, and what holds for all of them.
//!
//! Owns who is let in and the counts. Sockets are read in `worker.rs`.

use super::RelayConfig;
use super::flow::{Flow, Links};
use crate::config::LinkConfig;
use crate::link::LinkStats;
use crate::time::Time;
use mio::net::UdpSocket;
use mio::{Registry, Token};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Clients that a relay serves at once. A further one takes the place of the one silent longest, if that
/// has been [silent](SILENT_AFTER); else its datagrams are dropped and counted as
/// [refused](RelayStats::refused).
pub const MAX_FLOWS: usize = 64;

/// After so long without a datagram a client may be replaced by another. A living WebRTC connection is
/// never silent that long: it checks consent every 5 s (RFC 7675 §5.1).
pub const SILENT_AFTER: Duration = Duration::from_secs(30);

/// What a relay has done since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelayStats {
    /// Clients now.
    pub flows: usize,
    /// All clients' links to the server, gone ones included.
    pub up: LinkStats,
    /// All clients' links from the server, gone ones included.
    pub down: LinkStats,
    /// How long a datagram to the server would wait now on the fullest link that moves.
    pub up_queue: Duration,
    /// How long a datagram from the server would wait now on the fullest link that moves.
    pub down_queue: Duration,
    /// Datagrams of clients beyond [`MAX_FLOWS`], or for whom the system had no socket.
    pub refused: u64,
    /// Datagrams that came while the relay was blocked.
    pub blocked: u64,
    /// Datagrams longer than [`MAX_DATAGRAM`](super::MAX_DATAGRAM), which are dropped.
    pub oversized: u64,
    /// Datagrams that arrived over a link and that the system would not send.
    pub unsent: u64,
}

/// All clients.
#[derive(Debug)]
pub(super) struct Flows {
    registry: Registry,
    server: SocketAddr,
    seed: u64,
    links: Links,
    blocked: bool,
    /// In the order in which they came.
    by_token: BTreeMap<Token, Flow>,
    next_token: Token,
    /// Of gone clients' links, and of what never came to one.
    past: RelayStats,
}

impl Flows {
    /// Tokens from `first_token` on are theirs.
    pub(super) fn new(config: &RelayConfig, registry: Registry, first_token: Token) -> Self {
        Self {
            registry,
            server: config.to,
            seed: config.seed,
            links: Links { up: config.up, down: config.down },
            blocked: false,
            by_token: BTreeMap::new(),
            next_token: first_token,
            past: RelayStats::default(),
        }
    }

    /// The flow of a socket.
    pub(super) fn get(&self, token: Token) -> Option<&Flow> {
        self.by_token.get(&token)
    }

    /// A datagram from a client; none if it was too long.
    pub(super) fn take_from_client(&mut self, now: Time, client: SocketAddr, datagram: Option<&[u8]>) {
        let Some(datagram) = self.let_through(datagram) else { return };
        let Some(flow) = self.flow_of(now, client) else {
            self.past.refused += 1;
            return;
        };
        flow.heard = now;
        flow.up.send(now, datagram.len(), datagram.to_vec());
    }

    /// A datagram from the server to a flow's socket; none if it was too long.
    pub(super) fn take_from_server(&mut self, now: Time, token: Token, datagram: Option<&[u8]>) {
        let Some(datagram) = self.let_through(datagram) else { return };
        if let Some(flow) = self.by_token.get_mut(&token) {
            flow.down.send(now, datagram.len(), datagram.to_vec());
        }
    }

    /// Passes on what has arrived by now.
    pub(super) fn deliver(&mut self, listener: &UdpSocket, now: Time) {
        for flow in self.by_token.values_mut() {
            self.past.unsent += flow.deliver(listener, now);
        }
    }

    /// When something next happens on any link.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.by_token.values().filter_map(Flow::next_due).min()
    }

    pub(super) fn set_up(&mut self, now: Time, config: LinkConfig) {
        self.links.up = config;
        self.by_token.values_mut().for_each(|flow| flow.up.set(now, config));
    }

    pub(super) fn set_down(&mut self, now: Time, config: LinkConfig) {
        self.links.down = config;
        self.by_token.values_mut().for_each(|flow| flow.down.set(now, config));
    }

    pub(super) fn set_up_for(&mut self, now: Time, client: SocketAddr, config: LinkConfig) -> bool {
        self.known(client).map(|flow| flow.up.set(now, config)).is_some()
    }

    pub(super) fn set_down_for(&mut self, now: Time, client: SocketAddr, config: LinkConfig) -> bool {
        self.known(client).map(|flow| flow.down.set(now, config)).is_some()
    }

    pub(super) fn rebind(&mut self) -> io::Result<()> {
        for (token, flow) in &mut self.by_token {
            flow.rebind(&self.registry, *token, self.server)?;
        }
        Ok(())
    }

    pub(super) fn block(&mut self, blocked: bool) {
        self.blocked = blocked;
    }

    pub(super) fn clients(&self) -> Vec<SocketAddr> {
        self.by_token.values().map(|flow| flow.client).collect()
    }

    pub(super) fn stats(&mut self, now: Time) -> RelayStats {
        let mut stats = RelayStats { flows: self.by_token.len(), ..self.past };
        for flow in self.by_token.values_mut() {
            stats.up_queue = stats.up_queue.max(flow.up.queue_delay(now).unwrap_or_default());
            stats.down_queue = stats.down_queue.max(flow.down.queue_delay(now).unwrap_or_default());
            stats.up += flow.up.stats();
            stats.down += flow.down.stats();
        }
        stats
    }

    /// What may go on, else counts why not.
    fn let_through<'a>(&mut self, datagram: Option<&'a [u8]>) -> Option<&'a [u8]> {
        if self.blocked {
            self.past.blocked += 1;
            return None;
        }
        if datagram.is_none() {
            self.past.oversized += 1;
        }
        datagram
    }

    fn known(&mut self, client: SocketAddr) -> Option<&mut Flow> {
        self.by_token.values_mut().find(|flow| flow.client == client)
    }

    /// The client's flow, a new one if need be and there is room.
    fn flow_of(&mut self, now: Time, client: SocketAddr) -> Option<&mut Flow> {
        let known = self.by_token.iter().find(|(_, flow)| flow.client == client).map(|(token, _)| *token);
        let token = match known {
            Some(token) => token,
            None => self.open(now, client)?,
        };
        self.by_token.get_mut(&token)
    }

    fn open(&mut self, now: Time, client: SocketAddr) -> Option<Token> {
        if self.by_token.len() >= MAX_FLOWS {
            self.close_silent(now)?;
        }
        let token = self.next_token;
        let ends = (client, self.server);
        let flow = Flow::new(&self.registry, token, ends, self.links, (self.seed, now)).ok()?;
        self.next_token = Token(token.0.wrapping_add(1));
        self.by_token.insert(token, flow);
        Some(token)
    }

    /// Closes the flow silent longest; none if all have been heard lately.
    fn close_silent(&mut self, now: Time) -> Option<()> {
        let (token, flow) = self.by_token.iter().min_by_key(|(_, flow)| flow.heard)?;
        if now.since(flow.heard) < SILENT_AFTER {
            return None;
        }
        let token = *token;
        let flow = self.by_token.remove(&token)?;
        self.past.up += flow.up.stats();
        self.past.down += flow.down.stats();
        flow.close(&self.registry).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn client(number: usize) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, u16::try_from(10_000 + number).unwrap()).into()
    }

    #[test]
    fn a_new_client_takes_the_place_of_the_one_silent_longest() {
        let poll = mio::Poll::new().unwrap();
        let link = LinkConfig::PERFECT;
        let config = RelayConfig { listen: client(0), to: client(0), up: link, down: link, seed: 1 };
        let mut flows = Flows::new(&config, poll.registry().try_clone().unwrap(), Token(0));
        for number in 0..MAX_FLOWS {
            flows.take_from_client(Time::ZERO, client(number), Some(b"in"));
        }
        for number in (0..MAX_FLOWS).filter(|number| *number != 5) {
            flows.take_from_client(Time(1), client(number), Some(b"still in"));
        }
        let (late, newcomer) = (Time::ZERO + SILENT_AFTER, client(MAX_FLOWS));

        flows.take_from_client(Time(late.0 - 1), newcomer, Some(b"too early"));
        assert_eq!(flows.stats(late).refused, 1);
        flows.take_from_client(late, newcomer, Some(b"now"));
        let expected: Vec<_> = (0..=MAX_FLOWS).filter(|number| *number != 5).map(client).collect();
        assert_eq!(flows.clients(), expected);
        flows.take_from_client(late, client(5), Some(b"the others were heard since"));
        let stats = flows.stats(late);
        assert_eq!((stats.refused, stats.flows), (2, MAX_FLOWS));
        assert_eq!(stats.up.sent, 2 * 64, "the gone one's are counted too");
    }
}
