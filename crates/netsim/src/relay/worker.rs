//! The relay's thread: waits for datagrams, questions and the links, and serves each in turn.
//!
//! Owns the listening socket and the poll. What a datagram or a question does is in `flows.rs`.

use super::RelayConfig;
use super::clock::Clock;
use super::flows::Flows;
use crate::time::Time;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

/// Bytes of the longest datagram that is relayed; no media packet comes near. A longer one is dropped and
/// counted as [oversized](super::RelayStats::oversized).
pub const MAX_DATAGRAM: usize = 2048;

/// Datagrams read from one socket before the others and the links have their turn.
const BATCH: usize = 64;

/// Events taken from one poll; the rest comes with the next.
const EVENTS: usize = 128;

const WAKER: Token = Token(0);
const LISTENER: Token = Token(1);
const FIRST_FLOW: Token = Token(2);

/// Something to be done by the thread.
pub(super) type Command = Box<dyn FnOnce(&mut Flows, Time) + Send>;

/// What the thread owns.
pub(super) struct Worker {
    clock: Clock,
    poll: Poll,
    listener: UdpSocket,
    commands: Receiver<Command>,
    flows: Flows,
    /// Sockets that may hold datagrams. mio tells of each arrival once.
    readable: BTreeSet<Token>,
    /// One byte longer than what is relayed, to know what is too long.
    buffer: [u8; MAX_DATAGRAM + 1],
}

impl Worker {
    /// And what wakes it up to look for commands.
    pub(super) fn new(config: &RelayConfig, commands: Receiver<Command>) -> io::Result<(Self, Waker)> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let mut listener = UdpSocket::bind(config.listen)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let flows = Flows::new(config, poll.registry().try_clone()?, FIRST_FLOW);
        let (clock, readable, buffer) = (Clock::start(), BTreeSet::new(), [0; MAX_DATAGRAM + 1]);
        Ok((Self { clock, poll, listener, commands, flows, readable, buffer }, waker))
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Until the handle is dropped.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            match self.poll.poll(&mut events, self.timeout()) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    eprintln!("netsim: the relay ends, as its poll fails: {error}");
                    return;
                }
            }
            self.readable.extend(events.iter().map(mio::event::Event::token).filter(|token| *token != WAKER));
            let now = self.clock.now();
            // What came before a question is on the links when it is answered.
            self.read(now);
            if self.obey(now).is_none() {
                return;
            }
            self.flows.deliver(&self.listener, now);
        }
    }

    /// How long there is nothing to do; for ever if none.
    fn timeout(&self) -> Option<Duration> {
        if !self.readable.is_empty() {
            return Some(Duration::ZERO);
        }
        self.flows.next_due().map(|due| due.since(self.clock.now()))
    }

    /// None if the handle has been dropped.
    fn obey(&mut self, now: Time) -> Option<()> {
        loop {
            match self.commands.try_recv() {
                Ok(command) => command(&mut self.flows, now),
                Err(TryRecvError::Empty) => return Some(()),
                Err(TryRecvError::Disconnected) => return None,
            }
        }
    }

    fn read(&mut self, now: Time) {
        let tokens: Vec<Token> = self.readable.iter().copied().collect();
        for token in tokens {
            let drained = (0..BATCH).any(|_| self.read_one(now, token).is_none());
            if drained {
                self.readable.remove(&token);
            }
        }
    }

    /// None if the socket has no more.
    fn read_one(&mut self, now: Time, token: Token) -> Option<()> {
        let received = if token == LISTENER {
            self.listener.recv_from(&mut self.buffer).map(|(len, client)| (len, Some(client)))
        } else {
            self.flows.get(token)?.receive(&mut self.buffer).map(|len| (len, None))
        };
        match received {
            Ok((len, client)) => {
                let datagram = self.buffer.get(..len).filter(|datagram| datagram.len() <= MAX_DATAGRAM);
                match client {
                    Some(client) => self.flows.take_from_client(now, client, datagram),
                    None => self.flows.take_from_server(now, token, datagram),
                }
                Some(())
            }
            // An earlier datagram of ours found no one (ICMP); it is told once, and there may be more to read.
            Err(error) if is_refusal(&error) => Some(()),
            Err(_) => None,
        }
    }
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}
