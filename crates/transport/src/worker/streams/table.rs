//! All TCP streams of a worker: who is let in, how many, and who has to go again.

use super::framing::{HEAD, MAX_FRAME};
use super::stream::{Fate, Filled, Stream};
use super::way_out::Leaving;
use crate::counters::Counters;
use crate::path::{StreamId, network};
use forward::Time;
use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Streams of one worker. A further one is closed at once, and counted.
pub const MAX_STREAMS: usize = 2048;
/// Streams from one IPv4 address or one IPv6 network of 64 bits: an office behind one address. A further one is closed
/// at once, and counted.
pub const MAX_STREAMS_OF_ADDRESS: usize = 256;
/// Streams that have not shown yet whose they are. For a further one the oldest of them is closed: whoever means it has
/// proven itself after a round trip.
pub const MAX_UNPROVEN: usize = 256;
/// Until then a stream has to have brought a check that is believed, or it is closed.
pub const PROOF_PATIENCE: Duration = Duration::from_secs(5);
/// Streams taken in at a time, between which everything else has its turn.
const ACCEPTS_PER_TURN: usize = 32;
/// When the system has no file or memory for another stream, it is asked again so much later.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);
/// Bytes read at a time.
pub const SCRATCH: usize = 1 << 16;

pub const LISTENER: Token = Token(2);
const FIRST_STREAM: usize = 3;

/// See the module.
pub struct Streams {
    listener: Option<TcpListener>,
    registry: Registry,
    leaving: Leaving,
    places: Vec<Option<Box<Stream>>>,
    free: Vec<u32>,
    next_number: u64,
    open: usize,
    by_network: HashMap<IpAddr, usize>,
    unproven: usize,
    /// When those who have to prove themselves have to have done so, the oldest first. Some have, or are gone.
    deadlines: VecDeque<(Time, StreamId)>,
    /// There may be somebody to be let in.
    knocks: bool,
    /// When the system is asked again for another stream.
    accept_at: Option<Time>,
    /// To be read.
    ready: VecDeque<StreamId>,
    /// To be written.
    dirty: Vec<StreamId>,
    /// Broken: to be closed.
    pub broken: Vec<StreamId>,
    pub scratch: Vec<u8>,
}

impl Streams {
    /// With no listener there are no streams.
    pub fn new(listener: Option<TcpListener>, registry: &Registry, leaving: Leaving) -> io::Result<Self> {
        if let Some(listener) = &listener {
            registry.register(&mut SourceFd(&listener.as_raw_fd()), LISTENER, Interest::READABLE)?;
        }
        Ok(Self {
            scratch: scratch(listener.is_some()),
            knocks: listener.is_some(),
            listener,
            registry: registry.try_clone()?,
            leaving,
            places: Vec::new(),
            free: Vec::new(),
            next_number: 0,
            open: 0,
            by_network: HashMap::new(),
            unproven: 0,
            deadlines: VecDeque::new(),
            accept_at: None,
            ready: VecDeque::new(),
            dirty: Vec::new(),
            broken: Vec::new(),
        })
    }

    /// Whether there is nothing to do, now or by the clock.
    pub fn is_at_rest(&self) -> bool {
        self.open == 0 && !self.knocks && self.accept_at.is_none()
    }

    /// Closes all of them; the listener stays.
    pub fn begin_anew(&mut self, counters: &Counters) {
        for place in 0..self.places.len() {
            if let Some(id) = self.places.get(place).and_then(Option::as_ref).map(|stream| stream.id) {
                self.close(id, counters);
            }
        }
        self.ready.clear();
        self.dirty.clear();
        self.broken.clear();
        self.deadlines.clear();
        self.knocks = self.listener.is_some();
        self.scratch = scratch(self.listener.is_some());
    }

    /// What the poll says.
    pub fn note(&mut self, event: &Event) {
        if event.token() == LISTENER {
            self.knocks = true;
            return;
        }
        let Some(place) = event.token().0.checked_sub(FIRST_STREAM) else { return };
        let Some(stream) = self.places.get_mut(place).and_then(Option::as_mut) else { return };
        stream.ends |= event.is_read_closed() || event.is_error();
        if event.is_writable() {
            stream.blocked = false;
            if !std::mem::replace(&mut stream.dirty, true) {
                self.dirty.push(stream.id);
            }
        }
        if (event.is_readable() || stream.ends) && !std::mem::replace(&mut stream.ready, true) {
            self.ready.push_back(stream.id);
        }
    }

    pub fn get(&mut self, id: StreamId) -> Option<&mut Stream> {
        let stream = self.places.get_mut(usize::try_from(id.place).ok()?)?.as_mut()?;
        (stream.id == id).then_some(stream)
    }

    /// Lets in who knocks; true if there may be more of them.
    pub fn accept(&mut self, now: Time, counters: &Counters) -> bool {
        if self.accept_at.is_some_and(|at| at <= now) {
            (self.accept_at, self.knocks) = (None, true);
        }
        for _ in 0..ACCEPTS_PER_TURN {
            let Some(listener) = self.listener.as_ref().filter(|_| self.knocks) else { return false };
            match listener.accept() {
                Ok((socket, from)) => self.admit(socket, from, now, counters),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => self.knocks = false,
                    // Gone before they came in.
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted => {}
                    _ => {
                        count(&counters.streams_refused_system);
                        (self.knocks, self.accept_at) = (false, Some(now + ACCEPT_AGAIN));
                    }
                },
            }
        }
        self.knocks
    }

    fn admit(&mut self, socket: TcpStream, from: SocketAddr, now: Time, counters: &Counters) {
        let network = network(from.ip());
        if self.open >= MAX_STREAMS {
            return count(&counters.streams_refused_full);
        }
        if self.by_network.get(&network).is_some_and(|open| *open >= MAX_STREAMS_OF_ADDRESS) {
            return count(&counters.streams_refused_address);
        }
        let place = match self.free.pop() {
            Some(place) => place,
            None => match u32::try_from(self.places.len()) {
                Ok(place) => {
                    self.places.push(None);
                    place
                }
                Err(_) => return count(&counters.streams_refused_full),
            },
        };
        let number = self.next_number;
        self.next_number = self.next_number.wrapping_add(1);
        let id = StreamId { place, number };
        let token = usize::try_from(place).ok().map(|place| Token(FIRST_STREAM + place));
        let registered = token.is_some_and(|token| {
            let interest = Interest::READABLE | Interest::WRITABLE;
            socket.set_nonblocking(true).is_ok()
                // What is due leaves at once.
                && socket.set_nodelay(true).is_ok()
                && self.registry.register(&mut SourceFd(&socket.as_raw_fd()), token, interest).is_ok()
        });
        let place = usize::try_from(place).ok().and_then(|place| self.places.get_mut(place));
        let (true, Some(place)) = (registered, place) else {
            self.free.push(id.place);
            return count(&counters.streams_refused_system);
        };
        *place = Some(Box::new(Stream::new(id, from, socket)));
        self.open += 1;
        *self.by_network.entry(network).or_default() += 1;
        count(&counters.streams_opened);
        self.unproven += 1;
        self.deadlines.push_back((now + PROOF_PATIENCE, id));
        if self.unproven > MAX_UNPROVEN
            && let Some(oldest) = self.next_unproven()
        {
            self.deadlines.pop_front();
            self.close_silent(oldest, counters);
        }
        // No more are kept of those who are gone than of those who are there.
        if self.deadlines.len() > 4 * MAX_UNPROVEN {
            let mut deadlines = std::mem::take(&mut self.deadlines);
            deadlines.retain(|(_, id)| self.get(*id).is_some_and(|stream| !stream.proven));
            self.deadlines = deadlines;
        }
    }

    /// Who has to prove itself first, if anybody has to.
    fn next_unproven(&mut self) -> Option<StreamId> {
        while let Some((_, id)) = self.deadlines.front().copied() {
            if self.get(id).is_some_and(|stream| !stream.proven) {
                return Some(id);
            }
            self.deadlines.pop_front();
        }
        None
    }

    /// Closes those who have said nothing in time.
    pub fn expire(&mut self, now: Time, counters: &Counters) {
        while let Some(id) = self.next_unproven() {
            let due = self.deadlines.front().is_some_and(|(at, _)| *at <= now);
            if !due {
                return;
            }
            self.deadlines.pop_front();
            self.close_silent(id, counters);
        }
    }

    fn close_silent(&mut self, id: StreamId, counters: &Counters) {
        count(&counters.streams_silent);
        self.close(id, counters);
    }

    /// When there is something to do by the clock.
    pub fn due(&self) -> Option<Time> {
        let silent = self.deadlines.front().map(|(at, _)| *at);
        [self.accept_at, silent].into_iter().flatten().min()
    }

    /// A stream has brought a check that was believed.
    pub fn prove(&mut self, id: StreamId) {
        let Some(stream) = self.get(id) else { return };
        if !stream.proven {
            stream.prove();
            self.unproven = self.unproven.saturating_sub(1);
        }
    }

    /// Closes a stream; one that is gone is no trouble. Where it came from.
    pub fn close(&mut self, id: StreamId, counters: &Counters) -> Option<SocketAddr> {
        self.get(id)?;
        let stream = self.places.get_mut(usize::try_from(id.place).ok()?)?.take()?;
        self.free.push(id.place);
        self.open = self.open.saturating_sub(1);
        if !stream.proven {
            self.unproven = self.unproven.saturating_sub(1);
        }
        let network = network(stream.from.ip());
        if let Some(open) = self.by_network.get_mut(&network) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                self.by_network.remove(&network);
            }
        }
        // Closing the socket takes it out of the epoll; saying so is for a socket that somebody else has as well.
        let _ = self.registry.deregister(&mut SourceFd(&stream.socket().as_raw_fd()));
        count(&counters.streams_closed);
        Some(stream.from)
    }

    /// How many are to be read.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// The next to be read.
    pub fn next_ready(&mut self) -> Option<StreamId> {
        let id = self.ready.pop_front()?;
        if let Some(stream) = self.get(id) {
            stream.ready = false;
        }
        Some(id)
    }

    /// It is to be read again.
    pub fn read_again(&mut self, id: StreamId) {
        if let Some(stream) = self.get(id)
            && !std::mem::replace(&mut stream.ready, true)
        {
            self.ready.push_back(id);
        }
    }

    /// Reads a stream.
    pub fn fill(&mut self, id: StreamId, scratch: &mut [u8]) -> Filled {
        self.get(id).map_or(Filled::Nothing, |stream| stream.fill(scratch))
    }

    /// Has a frame wait until [`Self::flush`].
    pub fn add(
        &mut self,
        id: StreamId,
        len: usize,
        write: impl FnOnce(&mut [u8]) -> bool,
        counters: &Counters,
    ) {
        let Some(stream) = self.get(id).filter(|stream| stream.proven) else {
            return count(&counters.send_failed);
        };
        let fate = stream.add(len, write);
        let first = !std::mem::replace(&mut stream.dirty, true);
        if first {
            self.dirty.push(id);
        }
        count(match fate {
            Fate::Taken => &counters.stream_frames_out,
            Fate::NoRoom => &counters.stream_dropped,
            Fate::Failed => &counters.send_failed,
        });
    }

    /// Takes what each PeerConnection sends.
    pub fn take_leaving(&mut self, counters: &Counters) {
        while let Ok((id, message)) = self.leaving.try_recv() {
            self.add(
                id,
                message.len(),
                |room| {
                    room.copy_from_slice(&message);
                    true
                },
                counters,
            );
        }
    }

    /// Writes what waits.
    pub fn flush(&mut self) {
        while let Some(id) = self.dirty.pop() {
            let Some(stream) = self.get(id) else { continue };
            stream.dirty = false;
            if stream.flush().is_err() {
                self.broken.push(id);
            }
        }
    }
}

/// A frame that has not come whole, and as much again as is read at a time.
fn scratch(needed: bool) -> Vec<u8> {
    if needed { vec![0; HEAD + MAX_FRAME + SCRATCH] } else { Vec::new() }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
