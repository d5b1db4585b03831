//! The virtual socket through which one PeerConnection talks over the worker's real one.

use super::ConnectionState;
use super::guard::Guard;
use crate::counters::Counters;
use crate::demux::Class;
use crate::path::Path;
use crate::stun::{self, Stun};
use crate::worker::WayOut;
use aws_lc_rs::hmac;
use futures::FutureExt;
use futures::task::AtomicWaker;
use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, RecvMeta, Runtime,
    TokioRuntime, Transmit,
};

/// Datagrams waiting for one PeerConnection. A handshake has a dozen in flight; past this the newest is
/// dropped, as a full socket buffer would, and STUN and DTLS repeat it.
const INBOX: usize = 128;

/// STUN and DTLS datagrams on their way from the worker to one PeerConnection.
///
/// Whatever address they come from, the PeerConnection sees the first: its ICE agent keeps to the pair it
/// selected first, and 21 s after a browser changed networks it would give up the silent address and with
/// it the peer. A response to a check goes to whoever asked; all else it sends goes where the last
/// datagram came from.
///
/// A lite agent sends no checks: the first one that nominates a path selects it (RFC 8445 §7.3.2). The agent inside
/// `webrtc` checks back first, lite or not, and leaves a nomination unanswered until its own check is, so that a
/// browser had to ask twice. Its checks end here, answered as the browser would, and the nomination comes to it
/// again. Nothing is trusted for that which was not before: only checks that prove to know our password get here.
#[derive(Debug, Default)]
pub struct Inbox {
    state: Mutex<State>,
    waker: AtomicWaker,
}

/// When neither side has sent anything but STUN for so long, nothing that runs by the clock is under way but ICE's
/// watch over silence: no handshake, no data, no repair of data.
const IDLE_AFTER: Duration = Duration::from_secs(5);
/// Then the PeerConnection's timers may be late by so much. It wakes five times a second otherwise, which in a large
/// room is most of what those who only listen cost. A datagram or a call wakes it at once, as ever.
const IDLE_SLEEP: Duration = Duration::from_secs(2);

/// Checks whose askers are remembered. Past it the oldest is forgotten, and answered at the last address.
const ASKED: usize = 32;

#[derive(Debug, Default)]
struct State {
    /// Whether the agent knows the address it receives at.
    open: bool,
    queue: VecDeque<Datagram>,
    ways: Option<Ways>,
    /// STUN transaction ids, oldest first.
    asked: VecDeque<([u8; 12], Path)>,
    /// The last check that nominates and that the agent took, until it is answered or given to the agent again.
    nomination: Option<Vec<u8>>,
    /// Of the browser's password.
    remote: Option<hmac::Key>,
    /// When a datagram that was not STUN last came or left.
    busy: Option<Instant>,
}

#[derive(Debug)]
struct Datagram {
    bytes: Vec<u8>,
    /// It is a check that nominates, for the first time.
    nominates: bool,
}

/// The addresses of one peer, as seen from both sides of the virtual socket.
#[derive(Clone, Copy, Debug)]
struct Ways {
    shown: SocketAddr,
    current: Path,
}

/// What became of a datagram for a PeerConnection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is in the queue.
    Taken,
    /// Dropped: the queue is full.
    Full,
}

impl Inbox {
    /// Hands a datagram over.
    pub fn push(&self, datagram: &[u8], from: Path) -> Pushed {
        let mut state = self.lock();
        state.note(datagram);
        if state.queue.len() >= INBOX {
            return Pushed::Full;
        }
        state.ways.get_or_insert_with(|| Ways { shown: seen(from), current: from }).current = from;
        let mut nominates = false;
        if let Ok(Stun::Check(check)) = Stun::parse(datagram) {
            nominates = check.use_candidate;
            if state.asked.len() >= ASKED {
                state.asked.pop_front();
            }
            state.asked.push_back((check.transaction(), from));
        }
        state.queue.push_back(Datagram { bytes: datagram.to_vec(), nominates });
        drop(state);
        self.waker.wake();
        Pushed::Taken
    }

    /// The agent knows its address. What came before would have been lost: it drops what comes to an address it does
    /// not know, and learns that after it has answered, in a task of its own.
    pub(super) fn open(&self) {
        self.lock().open = true;
        self.waker.wake();
    }

    /// How long the PeerConnection sleeps that wants to sleep for so long.
    pub(super) fn sleep(&self, wanted: Duration, now: Instant) -> Duration {
        let passed = |busy| now.saturating_duration_since(busy);
        let idle = self.lock().busy.is_some_and(|busy| passed(busy) >= IDLE_AFTER);
        if idle { wanted.max(IDLE_SLEEP) } else { wanted }
    }

    /// The password that the agent's own checks are made with from now on.
    pub(super) fn expect(&self, password: &str) {
        self.lock().remote = Some(stun::integrity_key(password));
    }

    /// Answers the agent's own check, and repeats the nomination that it made it for.
    pub(super) fn confirm(&self, transaction: [u8; 12]) {
        let mut state = self.lock();
        let Some(response) = state.remote.as_ref().map(|key| stun::success(transaction, key)) else { return };
        // Once: should it not be convinced, it is the browser's turn again.
        let again = [Some(response), state.nomination.take()].into_iter().flatten();
        state.queue.extend(again.map(|bytes| Datagram { bytes, nominates: false }));
        drop(state);
        self.waker.wake();
    }

    /// The agent answers a check.
    fn answered(&self, transaction: [u8; 12]) {
        let mut state = self.lock();
        if state.nomination.as_deref().and_then(|check| stun_transaction(check, BINDING_REQUEST))
            == Some(transaction)
        {
            state.nomination = None;
        }
    }

    /// Where a datagram of the PeerConnection goes, if the peer has been heard.
    fn destination(&self, datagram: &[u8]) -> Option<Path> {
        let mut state = self.lock();
        state.note(datagram);
        let answered =
            stun_transaction(datagram, BINDING_SUCCESS).or(stun_transaction(datagram, BINDING_ERROR));
        let asker = answered.and_then(|id| state.asked.iter().rev().find(|(asked, _)| *asked == id));
        asker.map(|(_, from)| *from).or(state.ways.map(|ways| ways.current))
    }

    pub(super) fn pop(&self) -> Option<(Vec<u8>, SocketAddr)> {
        let mut state = self.lock();
        let shown = state.ways?.shown;
        let Datagram { bytes, nominates } = state.open.then(|| state.queue.pop_front())??;
        if nominates {
            state.nomination = Some(bytes.clone());
        }
        Some((bytes, shown))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A datagram comes or leaves.
    fn note(&mut self, datagram: &[u8]) {
        if Class::of(datagram) != Class::Stun {
            self.busy = Some(Instant::now());
        }
    }
}

/// The address that the PeerConnection sees, and tells the browser as its own.
fn seen(from: Path) -> SocketAddr {
    let address = from.address();
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// STUN message types (RFC 8489 §5).
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const BINDING_ERROR: [u8; 2] = [0x01, 0x11];

/// The transaction id of a STUN message of this type.
fn stun_transaction(datagram: &[u8], message_type: [u8; 2]) -> Option<[u8; 12]> {
    let rest = datagram.strip_prefix(&message_type)?;
    rest.get(6..)?.first_chunk().copied()
}

/// The way out for STUN and DTLS: the worker's own socket, and its streams.
#[derive(Debug)]
pub struct Outlet {
    /// The worker's socket.
    pub socket: Arc<UdpSocket>,
    /// To its streams, if it has any.
    pub streams: Option<WayOut>,
    /// Where drops are counted.
    pub counters: Arc<Counters>,
}

impl Outlet {
    /// Sends, unless the datagram is SRTP or SRTCP (first byte 128 to 191, RFC 7983 §7): the
    /// PeerConnection has the same keys as our own media plane, and two writers on one GCM key would
    /// repeat nonces.
    pub(super) fn send(&self, datagram: &[u8], to: Path) {
        if datagram.first().is_some_and(|first| (128..192).contains(first)) {
            self.counters.foreign_srtp.fetch_add(1, Relaxed);
            return;
        }
        let sent = match to {
            Path::Udp(to) => self.socket.send_to(datagram, to).is_ok(),
            Path::Tcp(to, _) => self.streams.as_ref().is_some_and(|streams| streams.send(to, datagram)),
        };
        if !sent {
            // STUN and DTLS repeat themselves.
            self.counters.send_failed.fetch_add(1, Relaxed);
        }
    }
}

/// `tokio` for everything but UDP sockets, which are virtual.
#[derive(Debug)]
pub(super) struct VirtualRuntime {
    tokio: TokioRuntime,
    inbox: Arc<Inbox>,
    outlet: Arc<Outlet>,
    guard: Arc<Guard>,
    states: mpsc::Sender<ConnectionState>,
}

impl VirtualRuntime {
    pub(super) fn new(
        inbox: Arc<Inbox>,
        outlet: Arc<Outlet>,
        guard: Arc<Guard>,
        states: mpsc::Sender<ConnectionState>,
    ) -> Self {
        Self { tokio: TokioRuntime, inbox, outlet, guard, states }
    }
}

/// Runs a task of a PeerConnection. If it panics the connection has failed: nobody else would notice.
async fn or_failed(task: impl Future<Output = ()>, states: mpsc::Sender<ConnectionState>) {
    if AssertUnwindSafe(task).catch_unwind().await.is_err() {
        tracing::error!("a panic in a PeerConnection: it has failed");
        // Nobody listens to one that is closed.
        let _ = states.send(ConnectionState::Failed).await;
    }
}

#[derive(Debug)]
struct VirtualSocket {
    local: SocketAddr,
    inbox: Arc<Inbox>,
    outlet: Arc<Outlet>,
    guard: Arc<Guard>,
}

impl VirtualSocket {
    /// The next datagram that the PeerConnection may see.
    fn next(&self) -> Option<(Vec<u8>, SocketAddr)> {
        loop {
            let (datagram, from) = self.inbox.pop()?;
            if Class::of(&datagram) != Class::Dtls || self.guard.admits_datagram(&datagram) {
                return Some((datagram, from));
            }
        }
    }
}

impl AsyncUdpSocket for VirtualSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }

    fn poll_send(&self, _: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let datagram = transmit.contents;
        if let Some(transaction) = stun_transaction(datagram, BINDING_REQUEST) {
            self.inbox.confirm(transaction);
        } else {
            if let Some(transaction) = stun_transaction(datagram, BINDING_SUCCESS) {
                self.inbox.answered(transaction);
            }
            let to = self.inbox.destination(datagram).unwrap_or(Path::Udp(transmit.destination));
            self.outlet.send(datagram, to);
        }
        Poll::Ready(Ok(datagram.len()))
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        metas: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        self.inbox.waker.register(context.waker());
        let (Some(buffer), Some(meta)) = (buffers.first_mut(), metas.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        let Some((datagram, from)) = self.next() else { return Poll::Pending };
        let len = datagram.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(&datagram) {
            *to = *from;
        }
        *meta = RecvMeta::default();
        meta.len = len;
        meta.stride = len.max(1);
        meta.addr = from;
        Poll::Ready(Ok(1))
    }
}

impl Runtime for VirtualRuntime {
    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) -> Box<dyn JoinHandle> {
        self.tokio.spawn(Box::pin(or_failed(future, self.states.clone())))
    }

    /// The socket that `webrtc` bound only lends its address; it is closed at once.
    fn wrap_udp_socket(&self, socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let local = socket.local_addr()?;
        let (inbox, outlet, guard) = (self.inbox.clone(), self.outlet.clone(), self.guard.clone());
        Ok(Arc::new(VirtualSocket { local, inbox, outlet, guard }))
    }

    fn wrap_tcp_listener(&self, listener: TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        self.tokio.wrap_tcp_listener(listener)
    }

    fn connect_tcp<'a>(
        &'a self,
        remote: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = io::Result<Arc<dyn AsyncTcpStream>>> + Send + 'a>> {
        self.tokio.connect_tcp(remote)
    }

    fn resolve_host<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        self.tokio.resolve_host(host)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        self.tokio.sleep(self.inbox.sleep(duration, Instant::now()))
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        self.tokio.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        self.tokio.block_on(future);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_whose_task_panics_has_failed() {
        let (states, mut told) = mpsc::channel(2);
        or_failed(async {}, states.clone()).await;
        or_failed(async { std::panic::resume_unwind(Box::new("planted")) }, states).await;
        assert_eq!((told.recv().await, told.recv().await), (Some(ConnectionState::Failed), None));
    }
}
