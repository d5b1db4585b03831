//! The worker: one thread, one UDP socket and the TCP streams beside it, everybody's media.
//!
//! Runs the life of a packet from socket to socket: receive a batch, demux, open, ingest, then flush the
//! media plane subscriber by subscriber into sealed GSO runs. It owns the tables and the plane; for media no
//! lock is taken, nothing is awaited and, once warm, nothing is allocated per packet. STUN and DTLS go to the
//! peer's PeerConnection. Commands come over a bounded queue, and a waker ends the wait for packets.

mod command;
mod gather;
mod isolation;
mod keeper;
mod load;
mod neighbours;
mod outgoing;
mod receive;
mod relay;
mod strangers;
mod streams;

pub use command::{Command, CommandSender, Report, WorkerGone};
pub(crate) use keeper::keep;
pub(crate) use load::Load;
pub use load::{BUSY, LoadValues};
pub use relay::{Relay, WorkerId};
pub use streams::WayOut;

use crate::adapter::{Inbox, Pushed};
use crate::counters::Counters;
use crate::demux::{Class, Demux, Disbelief};
use crate::path::Path;
use crate::srtp::{KeyingMaterial, OpenError, Opener, Sealer};
use crate::stun::Stun;
use crate::transport::{Config, Event};
use command::CommandReceiver;
use forward::{PeerKey, Plane, PlaneConfig, Time};
use gather::Gathering;
use isolation::{Faults, Work};
use load::{Meter, Shedding};
use mio::{Events, Interest, Poll, Token};
use neighbours::Neighbours;
use outgoing::{Outgoing, RunBuffer, Wire};
use receive::{Receiver, Rest, Width};
use slotmap::{Key, SecondaryMap};
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use strangers::Strangers;
use streams::Streams;
use tokio::sync::mpsc;

const SOCKET: Token = Token(0);
pub(crate) const WAKER: Token = Token(1);
/// Events taken from one wait; what is left over comes with the next.
const EVENTS: usize = 64;
/// Batches received before commands and timers are looked at again, so that a flood starves neither.
const BATCHES_PER_TURN: usize = 16;
/// A path by which neither media nor a report came for so long has been left: everybody reports more often.
const SILENT_PATH: Duration = Duration::from_millis(2500);
/// In how many turns the control side is told how media flows: each peer has one of them, and so its second,
/// and the queue of events need not hold all peers of a large server at once.
const QUALITY_TURNS: u64 = 10;
const QUALITY_TURN: Duration = Duration::from_millis(1000 / QUALITY_TURNS);
/// What the control side had no place for is told again so much later.
const RETELL: Duration = Duration::from_millis(10);
/// Seconds from NTP's epoch (1900) to Unix's (RFC 868).
const NTP_UNIX_OFFSET: u64 = 2_208_988_800;

/// What the worker knows of a peer besides its addresses.
struct Peer {
    inbox: Arc<Inbox>,
    crypto: Option<Crypto>,
    /// When media last came by the selected path; none before the first.
    heard: Option<Time>,
    /// Whether media flowed when the control side was told last.
    flowed: bool,
}

struct Crypto {
    opener: Opener,
    sealer: Sealer,
}

/// The worker's state.
pub struct Worker {
    poll: Poll,
    socket: Arc<UdpSocket>,
    udp: quinn_udp::UdpSocketState,
    streams: Streams,
    strangers: Strangers,
    receiver: Receiver,
    runs: RunBuffer,
    commands: CommandReceiver,
    counters: Arc<Counters>,
    demux: Demux,
    peers: SecondaryMap<PeerKey, Peer>,
    plane: Plane,
    neighbours: Neighbours,
    gathering: Gathering,
    faults: Faults,
    events: mpsc::Sender<Event>,
    quality_due: Time,
    /// Which turn was last.
    quality_turn: u64,
    load: Arc<Load>,
    meter: Meter,
    shedding: Shedding,
    started: Instant,
    /// As it began, to begin so again.
    origin: Origin,
}

/// What a worker is made of anew.
struct Origin {
    plane: PlaneConfig,
    flush_deadline: Duration,
    /// What planes before this one have counted.
    counted: forward::Counters,
}

impl Worker {
    /// A worker on a bound, non-blocking socket, and a listener for streams if there are to be any, not yet running.
    pub fn new(
        (socket, listener): (Arc<UdpSocket>, Option<TcpListener>),
        counters: Arc<Counters>,
        events: mpsc::Sender<Event>,
        config: &Config,
        load: Arc<Load>,
    ) -> io::Result<(Self, CommandSender, WayOut)> {
        let poll = Poll::new()?;
        poll.registry().register(
            &mut mio::unix::SourceFd(&socket.as_raw_fd()),
            SOCKET,
            Interest::READABLE,
        )?;
        let udp = quinn_udp::UdpSocketState::new((&*socket).into())?;
        let (sender, commands) = command::channel(poll.registry(), load.clone())?;
        let (way_out, leaving) = WayOut::new(sender.waker());
        let streams = Streams::new(listener, poll.registry(), leaving)?;
        let receiver = Receiver::new(udp.gro_segments());
        let runs = RunBuffer::new(udp.max_gso_segments());
        let origin = Origin {
            plane: PlaneConfig {
                ntp_at_zero: ntp_now(),
                max_audible: config.max_audible,
                max_bitrate: config.max_bitrate,
            },
            flush_deadline: config.flush_deadline,
            counted: forward::Counters::default(),
        };
        let plane = Plane::new(origin.plane);
        let worker = Self {
            poll,
            socket,
            udp,
            streams,
            strangers: Strangers::default(),
            receiver,
            runs,
            commands,
            counters,
            demux: Demux::default(),
            peers: SecondaryMap::new(),
            plane,
            neighbours: Neighbours::default(),
            gathering: Gathering::new(config.flush_deadline),
            faults: Faults::default(),
            events,
            quality_due: Time::ZERO,
            quality_turn: 0,
            load,
            meter: Meter::default(),
            shedding: Shedding::default(),
            started: Instant::now(),
            origin,
        };
        Ok((worker, sender, way_out))
    }

    /// Runs until every [`CommandSender`] is gone. A panic that is nobody's alone unwinds out of it.
    pub fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        // What came before it began, again, is told to nobody any more.
        let mut begins = true;
        loop {
            let before = self.now();
            let pause = self.gathering.pause(before);
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
            let due = self.due().map(|at| at.since(self.now()));
            let timeout = if std::mem::take(&mut begins) { Some(Duration::ZERO) } else { due };
            let polled = self.poll.poll(&mut events, timeout);
            self.meter.waited(before, self.now());
            match polled {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            for event in events.iter().filter(|event| ![SOCKET, WAKER].contains(&event.token())) {
                self.streams.note(event);
            }
            if !self.run_commands() {
                return Ok(());
            }
            if self.load.was_deaf() {
                return Err(io::Error::other("it hung for so long that commands were lost"));
            }
            // mio reports readiness once, so the socket is read until a batch is not full; a flood is cut
            // into turns, between which commands and timers have their say.
            while self.receive_turn()? {
                if !self.run_commands() {
                    return Ok(());
                }
            }
        }
    }

    fn now(&self) -> Time {
        let micros = Instant::now().saturating_duration_since(self.started).as_micros();
        Time(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// When there is something to do without a packet.
    fn due(&self) -> Option<Time> {
        let occupied = !self.peers.is_empty();
        let quality = occupied.then_some(self.quality_due);
        // A worker without peers is looked at until it is known to be at rest.
        let rests = self.shedding.share().is_whole() && self.load.values().busy == 0;
        let load = (occupied || !rests).then_some(self.meter.due());
        let news = (!self.faults.news.is_empty()).then(|| self.now() + RETELL);
        [self.plane.poll_timeout(), quality, load, news, self.streams.due()].into_iter().flatten().min()
    }

    /// Looks how busy it was, and sheds as much as that asks for. Within a turn too: who has too much to do never
    /// comes to the end of one.
    fn weigh(&mut self, now: Time) {
        let Some(busy) = self.meter.close(now) else { return };
        let before = self.shedding.share();
        let share = self.shedding.update(busy, self.load.limit());
        self.load.publish(busy, share);
        if share == before {
            return;
        }
        self.plane.shed(share);
        let percent = share.permille() / 10;
        match (before.is_whole(), share.is_whole()) {
            (true, false) => tracing::warn!(
                percent,
                "too much to do: no more probing, less video; new rooms are refused if all workers have it so"
            ),
            (false, true) => tracing::info!("the load is borne again: nothing is shed any more"),
            (true, true) | (false, false) => tracing::debug!(percent, "share of the video that is sent"),
        }
    }

    /// Tells the control side what changed, as long as it listens: what it does not take now it is told later, as
    /// it is then. How media flows is told again anyway, so that is left out when nobody listens.
    fn tell(&mut self, now: Time) {
        self.tell_faults();
        let events = self.events.clone();
        while self.wishes_are_told()
            && let Ok(place) = events.try_reserve()
        {
            let Some(event) = self.plane.poll_event() else { break };
            if let Some(event) = self.keep_event(event) {
                place.send(Event::Plane(event));
            }
        }
        if now < self.quality_due {
            return;
        }
        // No turn is late for the one before, and none is made up for.
        self.quality_due = (self.quality_due + QUALITY_TURN).max(now);
        self.quality_turn = (self.quality_turn + 1) % QUALITY_TURNS;
        let turn = self.quality_turn;
        for guest in self.neighbours.guests().filter(|peer| turn_of(*peer) == turn) {
            self.faults.work = Work::Peer(guest);
            let _ = self.plane.quality(guest, now);
        }
        for (key, peer) in self.peers.iter_mut().filter(|(peer, _)| turn_of(*peer) == turn) {
            self.faults.work = Work::Peer(key);
            let Some(quality) = self.plane.quality(key, now) else { continue };
            // Hundreds who wait for somebody to speak are not told so every second; that it ended is told once.
            let flows = !(quality.sending.is_empty() && quality.slots.is_empty());
            if std::mem::replace(&mut peer.flowed, flows) || flows {
                let _ = self.events.try_send(Event::Quality(key, Box::new(quality)));
            }
        }
    }

    /// Receives up to [`BATCHES_PER_TURN`] batches; true if there may be more.
    fn receive_turn(&mut self) -> io::Result<bool> {
        for _ in 0..BATCHES_PER_TURN {
            let mut rest = self.receiver.fill(&self.udp, &self.socket, Width::Narrow)?;
            let now = self.now();
            self.take_batch(now);
            if rest == Rest::Likely {
                // What came together leaves together.
                rest = self.receiver.fill(&self.udp, &self.socket, Width::Full)?;
                self.take_batch(now);
            }
            let more = self.take_streams(now) | self.take_parcels(now) || rest == Rest::Likely;
            if self.plane.poll_timeout().is_some_and(|at| at <= now) {
                self.guard(Work::Plane, |worker| worker.plane.handle_timeout(now));
            }
            self.flush(now);
            self.guard(Work::Everybody, |worker| worker.tell(now));
            self.weigh(now);
            self.neighbours.announce();
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn take_batch(&mut self, now: Time) {
        let mut receiver = std::mem::take(&mut self.receiver);
        for (datagram, from) in receiver.datagrams() {
            self.counters.datagrams_in.fetch_add(1, Relaxed);
            self.guard(Work::Stranger, |worker| worker.take_datagram(datagram, Path::Udp(from), now));
        }
        self.receiver = receiver;
    }

    fn take_datagram(&mut self, datagram: &mut [u8], from: Path, now: Time) {
        match Class::of(datagram) {
            Class::Srtp | Class::Srtcp => self.take_media(datagram, from, now),
            Class::Stun => self.take_stun(datagram, from, now),
            Class::Dtls => self.pass_on(self.demux.peer_at(from), datagram, from),
            Class::Unknown => count(&self.counters.not_multiplexed),
        }
    }

    fn take_media(&mut self, datagram: &mut [u8], from: Path, now: Time) {
        let Some(key) = self.demux.peer_at(from) else { return count(&self.counters.unknown_address) };
        self.faults.work = Work::Peer(key);
        let selected = self.demux.selected(key) == Some(from);
        let Some(peer) = self.peers.get_mut(key) else { return count(&self.counters.no_keys) };
        if selected {
            peer.heard = Some(now);
        }
        let Some(crypto) = peer.crypto.as_mut() else { return count(&self.counters.no_keys) };
        let rtcp = Class::of(datagram) == Class::Srtcp;
        let opened = if rtcp { crypto.opener.open_rtcp(datagram) } else { crypto.opener.open_rtp(datagram) };
        match opened.map(|len| datagram.get(..len)) {
            Ok(Some(packet)) => {
                if rtcp {
                    self.plane.ingest_rtcp(key, packet, now);
                } else {
                    self.plane.ingest_rtp(key, packet, now);
                    self.gathering.heard(key, now);
                }
                self.spread(key, rtcp, packet);
            }
            Ok(None) | Err(OpenError::Malformed | OpenError::TooManySources) => {
                count(&self.counters.bad_srtp);
            }
            Err(OpenError::NotAuthentic) => count(&self.counters.not_authentic),
            Err(OpenError::Replayed) => count(&self.counters.replayed),
        }
    }

    fn take_stun(&mut self, datagram: &[u8], from: Path, now: Time) {
        let peers = &self.peers;
        let is_silent = |key: PeerKey| {
            let heard = peers.get(key).and_then(|peer| peer.heard);
            heard.is_some_and(|heard| now.since(heard) >= SILENT_PATH)
        };
        let peer = match Stun::parse(datagram) {
            Ok(Stun::Check(check)) => {
                if self.demux.peer_at(from).is_none() && self.strangers.is_spent(from, now) {
                    return count(&self.counters.stun_over_budget);
                }
                match self.demux.believe(&check, from, is_silent) {
                    Ok(peer) => Some(peer),
                    Err(disbelief) => {
                        self.strangers.failed(from, now);
                        return count(match disbelief {
                            Disbelief::UnknownUfrag => &self.counters.unknown_ufrag,
                            Disbelief::BadIntegrity => &self.counters.bad_integrity,
                            Disbelief::Replayed => &self.counters.replayed_check,
                        });
                    }
                }
            }
            Ok(Stun::Other) => self.demux.peer_at(from),
            Err(_) => return count(&self.counters.bad_stun),
        };
        self.pass_on(peer, datagram, from);
    }

    /// To the PeerConnection.
    fn pass_on(&self, peer: Option<PeerKey>, datagram: &[u8], from: Path) {
        let Some(peer) = peer.and_then(|key| self.peers.get(key)) else {
            return count(&self.counters.unknown_address);
        };
        match peer.inbox.push(datagram, from) {
            Pushed::Taken => {}
            Pushed::Full => count(&self.counters.inbox_full),
        }
    }

    fn flush(&mut self, now: Time) {
        // Each time that it panics there is one the fewer to be sent to.
        while !self.guard(Work::Plane, |worker| worker.flush_once(now)) {}
    }

    fn flush_once(&mut self, now: Time) {
        let mut outgoing = Outgoing {
            demux: &self.demux,
            peers: &mut self.peers,
            neighbours: &mut self.neighbours,
            wire: Wire {
                runs: &mut self.runs,
                udp: &self.udp,
                socket: &self.socket,
                streams: &mut self.streams,
                counters: &self.counters,
            },
        };
        self.plane.flush(now, &mut outgoing);
        outgoing.wire.finish();
    }

    /// Carries out what is queued; false when nobody can send commands any more.
    fn run_commands(&mut self) -> bool {
        loop {
            match self.commands.next() {
                command::Next::Command(command) => {
                    let work = command.peer().map_or(Work::Everybody, Work::Peer);
                    self.guard(work, |worker| worker.run_command(command));
                }
                command::Next::Empty => return true,
                command::Next::Closed => return false,
            }
        }
    }

    fn run_command(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Insert { peer, group, inbox } => {
                self.peers.insert(peer, Peer { inbox, crypto: None, heard: None, flowed: false });
                self.plane.insert_peer(peer, group);
            }
            Command::Credentials { peer, ufrag, password } => {
                if self.peers.contains_key(peer) {
                    self.demux.add_credentials(peer, ufrag, &password);
                }
            }
            Command::Configure { peer, config } => self.plane.configure(peer, *config),
            Command::Keys { peer, keys } => self.install_keys(peer, &keys, now),
            Command::Route { receiver, slot, source } => self.plane.route(receiver, &slot, source, now),
            Command::Hold { peer, lines } => self.plane.hold(peer, &lines, now),
            Command::View { peer, slots } => {
                for (slot, view) in slots {
                    self.plane.view(peer, &slot, view, now);
                }
            }
            Command::Remove { peer } => {
                self.want_nothing_of(peer);
                self.plane.remove_peer(peer);
                self.forget(peer);
            }
            Command::Link { worker, relay } => self.neighbours.link(worker, relay),
            Command::Span { group } => self.neighbours.span(group, true),
            Command::Unspan { group } => self.neighbours.span(group, false),
            Command::Guest { peer, group, home, config } => self.welcome(peer, group, home, *config),
            Command::Relay { peer, worker, on } => self.relay_to(peer, worker, on, now),
            Command::Apart { addresses } => self.strangers.count_apart(addresses),
            Command::Ping { reply } => {
                // As below.
                let _ = reply.send(());
            }
            #[cfg(feature = "fault-injection")]
            Command::Plant { site, peer } => self.plane.plant(site, peer),
            #[cfg(feature = "fault-injection")]
            Command::Stall(time) => std::thread::sleep(time),
            Command::Report { reply } => {
                // Whoever asked may have gone: then nobody needs the answer.
                let _ = reply.send(self.report());
            }
        }
    }

    fn install_keys(&mut self, key: PeerKey, keys: &KeyingMaterial, now: Time) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        if peer.crypto.is_some() {
            // A second set would restart our indices under the same key.
            return;
        }
        let opener = Opener::new(keys.profile, &keys.client);
        let sealer = Sealer::new(keys.profile, &keys.server);
        match (opener, sealer) {
            (Ok(opener), Ok(sealer)) => {
                peer.crypto = Some(Crypto { opener, sealer });
                self.plane.connected(key, now);
                self.flush(now);
            }
            (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "SRTP keys of the wrong length"),
        }
    }

    fn report(&self) -> Report {
        let (ufrags, addresses) = self.demux.sizes();
        Report {
            peers: self.peers.len(),
            ufrags,
            addresses,
            transport: self.counters.values(),
            forward: self.origin.counted.and(*self.plane.counters()),
            sizes: self.plane.sizes(),
            survey: self.plane.survey(),
        }
    }
}

/// In which turn it is told how a peer's media flows.
fn turn_of(peer: PeerKey) -> u64 {
    // The lower half is the place in the slot map: dense, whatever the version above it.
    (peer.data().as_ffi() & u64::from(u32::MAX)) % QUALITY_TURNS
}

fn count(counter: &std::sync::atomic::AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

/// NTP time now, 32.32 fixed point seconds since 1900 (RFC 5905 §6).
fn ntp_now() -> u64 {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let fraction = (u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000;
    (unix.as_secs().wrapping_add(NTP_UNIX_OFFSET) << 32) | fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use slotmap::SlotMap;

    #[test]
    fn every_turn_has_its_share_of_peers() {
        let mut peers = SlotMap::<PeerKey, ()>::with_key();
        let mut turns = [0; 10];
        for _ in 0..1000 {
            // Some come and go before.
            let gone = peers.insert(());
            peers.remove(gone);
            turns[usize::try_from(turn_of(peers.insert(()))).unwrap()] += 1;
        }
        assert_eq!(turns, [100; 10]);
    }
}
