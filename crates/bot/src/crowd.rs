//! The media of many bots on one thread: an epoll over their sockets, buffers they share, and their agents'
//! timers in one order.
//!
//! Stands between the sockets and the agents. A wake-up reads all that a socket has, in GRO runs, and costs one
//! system call; nothing is queued, copied or handed to a task per packet, so that a load of thousands of
//! receivers fits beside the server it measures.

use crate::agent::Agent;
use crate::line::{Carrier, Line};
use crate::stats::RunShape;
use crate::wall;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use quinn_udp::{RecvMeta, UdpSocketState};
use std::collections::BTreeSet;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Receive buffers, each for a whole GRO run. Fewer full ones than these mean that the socket is empty.
const BUFFERS: usize = 8;
const BUFFER: usize = 1 << 16;
/// Bytes asked of the kernel: what arrives while a busy machine lets the thread wait.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Events taken from one wait.
const EVENTS: usize = 1024;
const WAKER: Token = Token(usize::MAX);
/// How often a thread without bots looks whether anybody may still bring one.
const LONELY: Duration = Duration::from_secs(1);

/// A thread that carries bots' media. Clones share it; it ends with the last one and the last bot.
#[derive(Clone, Debug)]
pub struct Crowd {
    orders: mpsc::Sender<Order>,
    waker: Arc<Waker>,
    members: Arc<AtomicUsize>,
}

/// What the thread is told.
#[derive(Debug)]
enum Order {
    Add(Box<Member>),
    /// Something was asked of this one.
    Look(usize),
}

/// What a bot's handle and the thread share.
pub(crate) struct Shared {
    agent: Mutex<Agent>,
    local: Mutex<SocketAddr>,
    number: usize,
    crowd: Crowd,
    move_wanted: AtomicBool,
    carrier: Mutex<Carrier>,
    deaf: AtomicBool,
    gone: AtomicBool,
}

impl Shared {
    /// The agent.
    pub(crate) fn agent(&self) -> MutexGuard<'_, Agent> {
        self.agent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was asked of the agent: the thread looks at it now.
    pub(crate) fn wake(&self) {
        self.crowd.tell(Order::Look(self.number));
    }

    /// Moves to a new socket, with another port.
    pub(crate) fn move_away(&self) {
        self.move_wanted.store(true, Relaxed);
        self.wake();
    }

    /// Goes on by something else.
    pub(crate) fn change_carrier(&self, carrier: Carrier) {
        *self.carrier.lock().unwrap_or_else(PoisonError::into_inner) = carrier;
        self.move_away();
    }

    /// Reads nothing, or again.
    pub(crate) fn stop_reading(&self, stop: bool) {
        self.deaf.store(stop, Relaxed);
        self.wake();
    }

    fn carrier(&self) -> Carrier {
        *self.carrier.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the socket without a word.
    pub(crate) fn leave(&self) {
        self.gone.store(true, Relaxed);
        self.wake();
    }

    /// Where the socket is bound now.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        *self.local.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Crowd {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread or no epoll for it.
    pub fn start() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (sender, orders) = mpsc::channel();
        let thread = Thread {
            poll,
            orders,
            members: Vec::new(),
            present: 0,
            due: BTreeSet::new(),
            buffers: vec![vec![0; BUFFER]; BUFFERS],
            metas: [RecvMeta::default(); BUFFERS],
        };
        std::thread::Builder::new().name("crowd".to_owned()).spawn(move || {
            if let Err(error) = thread.run() {
                eprintln!("bot: the media thread failed: {error}");
            }
        })?;
        Ok(Self { orders: sender, waker, members: Arc::default() })
    }

    /// Takes over an agent, with a socket of its own.
    pub(crate) fn add(&self, agent: Agent, carrier: Carrier) -> io::Result<Arc<Shared>> {
        let socket = Socket::open(agent.server(), carrier)?;
        let shared = Arc::new(Shared {
            local: Mutex::new(socket.local_addr()?),
            carrier: Mutex::new(carrier),
            deaf: AtomicBool::new(false),
            agent: Mutex::new(agent),
            number: self.members.fetch_add(1, Relaxed),
            crowd: self.clone(),
            move_wanted: AtomicBool::new(false),
            gone: AtomicBool::new(false),
        });
        let due = Instant::now();
        self.tell(Order::Add(Box::new(Member { shared: shared.clone(), socket, due })));
        Ok(shared)
    }

    fn tell(&self, order: Order) {
        // Without the thread, which said why it ended, nobody needs telling.
        let _ = self.orders.send(order);
        let _ = self.waker.wake();
    }
}

/// A socket bound beside the server, and its batching; or a stream to it.
#[derive(Debug)]
enum Socket {
    Udp { udp: UdpSocket, batch: UdpSocketState },
    Tcp(Line),
}

impl Socket {
    fn open(server: SocketAddr, carrier: Carrier) -> io::Result<Self> {
        match carrier {
            Carrier::Udp => Self::bind(server.ip()),
            Carrier::Tcp => Line::connect(server, false).map(Self::Tcp),
            Carrier::Shredded => Line::connect(server, true).map(Self::Tcp),
        }
    }

    fn bind(near: IpAddr) -> io::Result<Self> {
        let any = match near {
            ip if ip.is_loopback() => ip,
            IpAddr::V4(_) => IpAddr::from([0; 4]),
            IpAddr::V6(_) => IpAddr::from([0; 16]),
        };
        let udp = UdpSocket::bind((any, 0))?;
        udp.set_nonblocking(true)?;
        let batch = UdpSocketState::new((&udp).into())?;
        // Less than asked for is still good.
        let _ = batch.set_recv_buffer_size((&udp).into(), RECEIVE_BUFFER);
        Ok(Self::Udp { udp, batch })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Udp { udp, .. } => udp.local_addr(),
            Self::Tcp(line) => line.tcp.local_addr(),
        }
    }

    fn descriptor(&self) -> RawFd {
        match self {
            Self::Udp { udp, .. } => udp.as_raw_fd(),
            Self::Tcp(line) => line.tcp.as_raw_fd(),
        }
    }
}

/// One bot, as the thread has it.
#[derive(Debug)]
struct Member {
    shared: Arc<Shared>,
    socket: Socket,
    /// Its place in the order of timers.
    due: Instant,
}

impl Member {
    /// The old socket leaves the epoll as it is closed.
    fn change_socket(&mut self) -> io::Result<()> {
        let mut agent = self.shared.agent();
        self.socket = Socket::open(agent.server(), self.shared.carrier())?;
        *self.shared.local.lock().unwrap_or_else(PoisonError::into_inner) = self.socket.local_addr()?;
        agent.path_changed(Instant::now());
        Ok(())
    }
}

struct Thread {
    poll: Poll,
    orders: mpsc::Receiver<Order>,
    /// By number; those who left leave their places empty.
    members: Vec<Option<Box<Member>>>,
    present: usize,
    due: BTreeSet<(Instant, usize)>,
    buffers: Vec<Vec<u8>>,
    metas: [RecvMeta; BUFFERS],
}

impl Thread {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            let due = self.due.first().map(|(at, _)| at.saturating_duration_since(Instant::now()));
            let wait = if self.present == 0 { Some(LONELY) } else { due };
            match self.poll.poll(&mut events, wait) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            for event in &events {
                if event.token() != WAKER {
                    self.receive(event.token().0)?;
                }
            }
            if !self.obey()? {
                return Ok(());
            }
            self.timers();
        }
    }

    /// Does what it is told; false when nobody can tell it anything any more.
    fn obey(&mut self) -> io::Result<bool> {
        loop {
            match self.orders.try_recv() {
                Ok(Order::Add(member)) => self.add(member)?,
                Ok(Order::Look(number)) => self.look(number)?,
                Err(mpsc::TryRecvError::Empty) => return Ok(true),
                Err(mpsc::TryRecvError::Disconnected) => return Ok(false),
            }
        }
    }

    fn add(&mut self, member: Box<Member>) -> io::Result<()> {
        let number = member.shared.number;
        self.register(&member)?;
        self.due.insert((member.due, number));
        if self.members.len() <= number {
            self.members.resize_with(number + 1, || None);
        }
        if let Some(place) = self.members.get_mut(number) {
            *place = Some(member);
            self.present += 1;
        }
        Ok(())
    }

    fn register(&self, member: &Member) -> io::Result<()> {
        let interest = match &member.socket {
            Socket::Udp { .. } => Interest::READABLE,
            Socket::Tcp(_) => Interest::READABLE | Interest::WRITABLE,
        };
        let descriptor = member.socket.descriptor();
        self.poll.registry().register(&mut SourceFd(&descriptor), Token(member.shared.number), interest)
    }

    fn look(&mut self, number: usize) -> io::Result<()> {
        let Some(place) = self.members.get_mut(number) else { return Ok(()) };
        let Some(member) = place else { return Ok(()) };
        if member.shared.gone.load(Relaxed) {
            self.due.remove(&(member.due, number));
            self.present -= 1;
            *place = None;
            return Ok(());
        }
        if member.shared.move_wanted.swap(false, Relaxed) {
            member.change_socket()?;
            if let Some(Some(member)) = self.members.get(number) {
                self.register(member)?;
            }
        }
        // What came while it did not read is not told of again.
        self.receive(number)?;
        self.work(number);
        Ok(())
    }

    fn timers(&mut self) {
        let now = Instant::now();
        while let Some((_, number)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.work(number);
        }
    }

    /// Runs an agent's timers, sends what it has, and notes when to come back.
    fn work(&mut self, number: usize) {
        let Some(Some(member)) = self.members.get_mut(number) else { return };
        let mut agent = member.shared.agent();
        let now = Instant::now();
        if agent.poll_timeout() <= now {
            agent.handle_timeout(now);
        }
        send_all(&mut agent, &mut member.socket);
        // What is due already is done in the next round, after the sockets were read.
        let due = agent.poll_timeout().max(now + Duration::from_nanos(1));
        drop(agent);
        put_off(&mut self.due, member, due);
    }

    fn receive(&mut self, number: usize) -> io::Result<()> {
        let Self { members, due, buffers, metas, .. } = self;
        let Some(Some(member)) = members.get_mut(number) else { return Ok(()) };
        if member.shared.deaf.load(Relaxed) {
            return Ok(());
        }
        let mut agent = member.shared.agent();
        loop {
            let (udp, batch) = match &mut member.socket {
                Socket::Udp { udp, batch } => (udp, batch),
                Socket::Tcp(line) => {
                    let (now, wall_now) = (Instant::now(), wall::now());
                    if let Some(buffer) = buffers.first_mut() {
                        line.receive(buffer, |frame| agent.handle_datagram(frame, wall_now, now));
                    }
                    agent.stats.stream_ended = line.has_ended();
                    break;
                }
            };
            let mut slices: [IoSliceMut<'_>; BUFFERS] = std::array::from_fn(|_| IoSliceMut::new(&mut []));
            for (slice, buffer) in slices.iter_mut().zip(buffers.iter_mut()) {
                *slice = IoSliceMut::new(buffer);
            }
            let count = match batch.recv((&*udp).into(), &mut slices, metas) {
                Ok(count) => count,
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => 0,
                    // ICMP errors of earlier sends show up here.
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused => continue,
                    _ => return Err(error),
                },
            };
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
            if count < BUFFERS {
                break;
            }
        }
        send_all(&mut agent, &mut member.socket);
        let next = agent.poll_timeout();
        drop(agent);
        put_off(due, member, next);
        Ok(())
    }
}

fn send_all(agent: &mut Agent, socket: &mut Socket) {
    let server = agent.server();
    while let Some(datagram) = agent.poll_transmit() {
        match socket {
            // A full socket buffer is a loss like any other.
            Socket::Udp { udp, .. } => _ = udp.send_to(&datagram, server),
            Socket::Tcp(line) => line.send(&datagram),
        }
    }
    if let Socket::Tcp(line) = socket {
        line.flush();
    }
}

fn put_off(order: &mut BTreeSet<(Instant, usize)>, member: &mut Member, due: Instant) {
    if member.due != due {
        order.remove(&(member.due, member.shared.number));
        order.insert((due, member.shared.number));
        member.due = due;
    }
}

fn shape(meta: &RecvMeta) -> RunShape {
    let segment = meta.stride.clamp(1, meta.len.max(1));
    let segments = meta.len.div_ceil(segment).max(1);
    RunShape { segments, segment, last: meta.len.saturating_sub(segment * (segments - 1)) }
}
