//! The same links between real sockets: a UDP relay in a thread of its own.
//!
//! Owns the handle; `relay/worker.rs` is the thread's loop, `relay/flows.rs` what it knows of its clients.
//! The handle asks by sending the thread a question and waiting for the answer, so what a call changes is
//! in force when it returns. Times here are real: an arrival may be up to a millisecond late, which is as
//! fine as the poll waits.

mod clock;
mod flow;
mod flows;
mod worker;

pub use flows::{MAX_FLOWS, RelayStats, SILENT_AFTER};
pub use worker::MAX_DATAGRAM;

use crate::config::LinkConfig;
use crate::time::Time;
use flows::Flows;
use mio::Waker;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use worker::{Command, Worker};

/// What a relay does at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayConfig {
    /// Where it listens for clients; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The server.
    pub to: SocketAddr,
    /// Each client's link to the server.
    pub up: LinkConfig,
    /// Each client's link from the server.
    pub down: LinkConfig,
    /// Of all links; each gets its own from it, in the order in which clients come.
    pub seed: u64,
}

/// A running relay. Each client address is a *flow*: it has two links of its own, and a socket of its own
/// towards the server, so the server sees each client at another port. Dropping the relay ends it.
///
/// Its thread ends early only when the operating system's poll fails; from then on calls change nothing
/// and say that nothing is there.
#[derive(Debug)]
pub struct Relay {
    local_addr: SocketAddr,
    /// Taken away to end the thread.
    commands: Option<Sender<Command>>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Listens and begins to relay.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or the system has no more sockets or threads.
    pub fn start(config: RelayConfig) -> io::Result<Self> {
        let (commands, asked) = mpsc::channel();
        let (worker, waker) = Worker::new(&config, asked)?;
        let local_addr = worker.local_addr()?;
        let thread = thread::Builder::new().name("netsim".to_owned()).spawn(move || worker.run())?;
        Ok(Self { local_addr, commands: Some(commands), waker, thread: Some(thread) })
    }

    /// Where clients send to.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Changes the link to the server, of all clients and of those to come.
    pub fn set_up(&self, config: LinkConfig) {
        self.ask(move |flows, now| flows.set_up(now, config));
    }

    /// Changes the link from the server, of all clients and of those to come.
    pub fn set_down(&self, config: LinkConfig) {
        self.ask(move |flows, now| flows.set_down(now, config));
    }

    /// Changes one client's link to the server, until the next [`set_up`](Self::set_up). False if there is
    /// no such client.
    pub fn set_up_for(&self, client: SocketAddr, config: LinkConfig) -> bool {
        self.ask(move |flows, now| flows.set_up_for(now, client, config)).unwrap_or(false)
    }

    /// Changes one client's link from the server, until the next [`set_down`](Self::set_down). False if
    /// there is no such client.
    pub fn set_down_for(&self, client: SocketAddr, config: LinkConfig) -> bool {
        self.ask(move |flows, now| flows.set_down_for(now, client, config)).unwrap_or(false)
    }

    /// Gives every flow a new port towards the server, as when a client changes its network or its NAT
    /// forgets it. What the server sends to the old ports is lost; what is on the links is not.
    ///
    /// # Errors
    ///
    /// When the system has no more sockets, or the relay has ended; flows not reached keep their port.
    pub fn rebind(&self) -> io::Result<()> {
        self.ask(|flows, _| flows.rebind()).unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }

    /// Whether to drop everything that comes in on either side, as with the cable pulled. What is on the
    /// links already still arrives.
    pub fn block(&self, blocked: bool) {
        self.ask(move |flows, _| flows.block(blocked));
    }

    /// The clients, in the order in which they came.
    pub fn clients(&self) -> Vec<SocketAddr> {
        self.ask(|flows, _| flows.clients()).unwrap_or_default()
    }

    /// What the relay has done since it was started.
    pub fn stats(&self) -> RelayStats {
        self.ask(Flows::stats).unwrap_or_default()
    }

    /// Has the thread answer. None if it has ended.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Flows, Time) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        let command: Command = Box::new(move |flows, now| {
            // The asker waits for it, so it is taken.
            let _ = answer.send(question(flows, now));
        });
        self.commands.as_ref()?.send(command).ok()?;
        self.waker.wake().ok()?;
        answered.recv().ok()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.commands = None;
        let woken = self.waker.wake();
        if let Some(thread) = self.thread.take().filter(|_| woken.is_ok()) {
            // If it has panicked, that has been printed.
            let _ = thread.join();
        }
    }
}
