//! The media task: one UDP socket, read in batches, and the agent's timers.

use crate::agent::Agent;
use crate::stats::RunShape;
use crate::wall;
use quinn_udp::{RecvMeta, UdpSocketState};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::Notify;

/// Receive buffers, each for a whole GRO run.
const BUFFERS: usize = 4;
const BUFFER: usize = 1 << 16;
/// Bytes asked of the kernel: what arrives while a busy machine lets the task wait.
const RECEIVE_BUFFER: usize = 4 << 20;

/// What the handle and the task share.
pub(crate) struct Shared {
    agent: Mutex<Agent>,
    local: Mutex<SocketAddr>,
    wake: Notify,
    move_wanted: AtomicBool,
}

impl Shared {
    /// The agent.
    pub(crate) fn agent(&self) -> MutexGuard<'_, Agent> {
        self.agent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was asked of the agent: the task looks at it now.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Moves to a new socket, with another port.
    pub(crate) fn move_away(&self) {
        self.move_wanted.store(true, Relaxed);
        self.wake();
    }

    /// Where the socket is bound now.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        *self.local.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket bound beside the server, and its batching.
struct Socket {
    tokio: UdpSocket,
    batch: UdpSocketState,
}

impl Socket {
    fn bind(near: IpAddr) -> io::Result<Self> {
        let any = match near {
            ip if ip.is_loopback() => ip,
            IpAddr::V4(_) => IpAddr::from([0; 4]),
            IpAddr::V6(_) => IpAddr::from([0; 16]),
        };
        let socket = std::net::UdpSocket::bind((any, 0))?;
        socket.set_nonblocking(true)?;
        let tokio = UdpSocket::from_std(socket)?;
        let batch = UdpSocketState::new((&tokio).into())?;
        // Less than asked for is still good.
        let _ = batch.set_recv_buffer_size((&tokio).into(), RECEIVE_BUFFER);
        Ok(Self { tokio, batch })
    }
}

/// The task of one bot.
pub(crate) struct Media {
    shared: Arc<Shared>,
    socket: Socket,
    buffers: Vec<Vec<u8>>,
    metas: [RecvMeta; BUFFERS],
}

impl Media {
    pub(crate) fn new(agent: Agent) -> io::Result<(Self, Arc<Shared>)> {
        let socket = Socket::bind(agent.server().ip())?;
        let shared = Arc::new(Shared {
            local: Mutex::new(socket.tokio.local_addr()?),
            agent: Mutex::new(agent),
            wake: Notify::new(),
            move_wanted: AtomicBool::new(false),
        });
        let buffers = vec![vec![0; BUFFER]; BUFFERS];
        let media = Self { shared: shared.clone(), socket, buffers, metas: Default::default() };
        Ok((media, shared))
    }

    /// Runs until aborted, or until the socket fails.
    pub(crate) async fn run(mut self) -> io::Result<()> {
        loop {
            if self.shared.move_wanted.swap(false, Relaxed) {
                self.change_socket()?;
            }
            let deadline = self.work();
            tokio::select! {
                ready = self.socket.tokio.readable() => {
                    ready?;
                    self.receive()?;
                }
                () = tokio::time::sleep_until(deadline.into()) => {}
                () = self.shared.wake.notified() => {}
            }
        }
    }

    /// Runs the agent's timers and sends what it has; when to come back.
    fn work(&self) -> Instant {
        let mut agent = self.shared.agent();
        let now = Instant::now();
        if agent.poll_timeout() <= now {
            agent.handle_timeout(now);
        }
        let server = agent.server();
        while let Some(datagram) = agent.poll_transmit() {
            // A full socket buffer is a loss like any other.
            let _ = self.socket.tokio.try_send_to(&datagram, server);
        }
        agent.poll_timeout()
    }

    fn receive(&mut self) -> io::Result<()> {
        let Self { shared, socket, buffers, metas } = self;
        let mut slices = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect::<Vec<_>>();
        let received = socket
            .tokio
            .try_io(Interest::READABLE, || socket.batch.recv((&socket.tokio).into(), &mut slices, metas));
        let count = match received {
            Ok(count) => count,
            Err(error) => match error.kind() {
                // ICMP errors of earlier sends show up here.
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused => {
                    0
                }
                _ => return Err(error),
            },
        };
        let mut agent = shared.agent();
        let (now, wall_now) = (Instant::now(), wall::now());
        for (buffer, meta) in buffers.iter_mut().zip(metas.iter()).take(count) {
            let at = meta.timestamp.unwrap_or(wall_now);
            let run = buffer.get_mut(..meta.len).unwrap_or_default();
            if matches!(run, [128..=191, ..]) {
                *agent.stats.runs.entry(shape(meta)).or_default() += 1;
            }
            for datagram in run.chunks_mut(meta.stride.max(1)) {
                agent.handle_datagram(datagram, at, now);
            }
        }
        Ok(())
    }

    fn change_socket(&mut self) -> io::Result<()> {
        let mut agent = self.shared.agent();
        self.socket = Socket::bind(agent.server().ip())?;
        *self.shared.local.lock().unwrap_or_else(PoisonError::into_inner) = self.socket.tokio.local_addr()?;
        agent.path_changed(Instant::now());
        Ok(())
    }
}

fn shape(meta: &RecvMeta) -> RunShape {
    let segment = meta.stride.clamp(1, meta.len.max(1));
    let segments = meta.len.div_ceil(segment).max(1);
    RunShape { segments, segment, last: meta.len.saturating_sub(segment * (segments - 1)) }
}
