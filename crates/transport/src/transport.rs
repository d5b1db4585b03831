//! The control side's handle on the media plane.

use crate::adapter::{AdapterError, DataChannels, DataConfig, Identity, Outlet};
use crate::counters::Counters;
use crate::peer::{Answered, NegotiateError, Peer};
use crate::pool::{Handle, Pool};
use crate::sdp::{Offer, Sending};
use crate::sockets::Sockets;
use crate::watch::watch;
use crate::worker::{Command, Load, LoadValues, Report, Worker, WorkerGone, keep};
use forward::{Bitrate, GroupId, Mid, PeerKey, PeerQuality, PlaneEvent, View};
use slotmap::SlotMap;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::mpsc;

/// Events waiting for the server. Past it the peers' tasks wait; media does not.
const EVENT_QUEUE: usize = 1024;
/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the first worker listens.
    pub udp: SocketAddr,
    /// What browsers are told to send to, best first; the port is the socket's. Empty: the address the
    /// socket is bound to.
    pub advertised: Vec<std::net::IpAddr>,
    /// Whether each worker listens on TCP too, on the port of its UDP socket, for those whom no UDP reaches (ICE-TCP,
    /// RFC 6544).
    pub ice_tcp: bool,
    /// How many microphones of a group are forwarded at once: the loudest.
    pub max_audible: usize,
    /// What one publication may bring. None: whatever it likes.
    pub max_bitrate: Option<Bitrate>,
    /// Threads that forward, each with a port of its own: that of `udp`, and those after it.
    pub workers: NonZeroUsize,
    /// How long packets of several senders may wait for each other, to leave in one run to each receiver. Only where
    /// many send; zero: never.
    pub flush_deadline: Duration,
    /// Peers and fed slots of one worker from which on those who come to a group there may go to another:
    /// [`SPAN_AT`](crate::SPAN_AT), but for tests.
    pub span_at: usize,
    /// A worker that does nothing for so long stands still: see [`LoadValues::still`].
    pub stall_after: Duration,
    /// How data channels are.
    pub data: DataConfig,
}

/// Something that happened to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Media flows, or may again.
    Connected(PeerKey),
    /// Nothing has come by its path for a while. That may be mended: then it is connected again.
    Interrupted(PeerKey),
    /// ICE or DTLS gave up, or never got anywhere: the peer should be closed.
    Failed(PeerKey),
    /// Its data channels are open: see [`Transport::data`].
    Data(PeerKey),
    /// Something changed in the media plane.
    Plane(PlaneEvent),
    /// How a peer's media flows; once a second while it does, and once when it ends.
    Quality(PeerKey, Box<PeerQuality>),
    /// A panic ended it: of its own, or of its worker, which has begun anew. Or its worker stands still. The peer should
    /// be closed.
    Faulted(PeerKey),
    /// A worker is gone, and cannot begin anew.
    WorkerGone,
}

/// Says so when the worker's thread ends, however it ends.
struct Obituary(mpsc::Sender<Event>);

impl Drop for Obituary {
    fn drop(&mut self) {
        // Waits for room in the queue: the worker's thread, which is no runtime's, has nothing else to do.
        // Nobody listens any more when the server is stopping.
        let _ = self.0.blocking_send(Event::WorkerGone);
    }
}

/// Why the transport did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The UDP port could not be had.
    #[error("cannot listen on UDP {address}: {error}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The TCP port for ICE-TCP could not be had.
    #[error("cannot listen on TCP {address}, which is for those whom no UDP reaches: {error}")]
    BindTcp {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// There are not so many ports after the first.
    #[error("there are not {0} UDP ports from there on, one for each worker")]
    NoPorts(usize),
    /// No certificate could be made.
    #[error(transparent)]
    Identity(#[from] AdapterError),
    /// The worker thread could not be started.
    #[error("cannot start the media worker: {0}")]
    Worker(io::Error),
}

/// The handle. Clones share one transport; when the last one is gone the worker ends.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    identity: Identity,
    pub pool: Arc<Pool>,
    local: Vec<SocketAddr>,
    peers: Mutex<SlotMap<PeerKey, Option<Arc<Peer>>>>,
    pub events: mpsc::Sender<Event>,
    data: DataConfig,
}

impl Inner {
    /// Who is on a worker.
    pub fn peers_on(&self, worker: usize) -> Vec<PeerKey> {
        let peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let there = |peer: &Option<Arc<Peer>>| peer.as_ref().is_some_and(|peer| peer.worker() == worker);
        peers.iter().filter(|(_, peer)| there(peer)).map(|(key, _)| key).collect()
    }
}

impl Transport {
    /// Binds the sockets and starts the workers. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(config: &Config) -> Result<(Self, mpsc::Receiver<Event>), StartError> {
        let identity = Identity::generate()?;
        let (events, receiver) = mpsc::channel(EVENT_QUEUE);
        let count = config.workers.get();
        // Fewer workers than cores: then others use some of them too, and the system knows better which are free.
        let cores = core_affinity::get_core_ids().filter(|cores| count > 1 && cores.len() == count);
        let cores = cores.unwrap_or_default();
        let mut workers = Vec::with_capacity(count);
        let mut local = Vec::with_capacity(count);
        for number in 0..count {
            let address = port_of(config.udp, number).ok_or(StartError::NoPorts(count))?;
            let core = cores.get(number).copied();
            let (handle, bound) = start_worker(config, number, address, core, events.clone())?;
            workers.push(handle);
            local.push(bound);
        }
        let pool = Arc::new(Pool::new(workers, config.span_at));
        let peers = Mutex::new(SlotMap::with_key());
        let inner = Arc::new(Inner { identity, pool, local, peers, events, data: config.data });
        for worker in 0..count {
            tokio::spawn(watch(Arc::downgrade(&inner), worker, config.stall_after));
        }
        Ok((Self { inner }, receiver))
    }

    /// Where the workers' sockets listen.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.inner.local
    }

    /// Makes a peer and answers its first offer. If that fails no peer is left behind. Peers of one group hear
    /// each other: who speaks is decided among them. The first of a group is refused while every worker has too much
    /// to do, before a PeerConnection is made.
    ///
    /// # Errors
    /// See [`NegotiateError`].
    pub async fn open_peer(
        &self,
        group: GroupId,
        offer: &str,
        sending: Sending,
    ) -> Result<(PeerKey, Answered), NegotiateError> {
        let offer = Offer::parse(offer)?.with(sending);
        let key = self.peers().insert(None);
        match self.open_with(key, group, &offer).await {
            Ok(answered) => Ok((key, answered)),
            Err(error) => {
                self.close_peer(key).await;
                Err(error)
            }
        }
    }

    async fn open_with(
        &self,
        key: PeerKey,
        group: GroupId,
        offer: &Offer,
    ) -> Result<Answered, NegotiateError> {
        let Inner { identity, pool, events, data, .. } = &*self.inner;
        let worker = pool.place(group, key).await?;
        let peer = match Peer::open(key, group, identity, (pool.clone(), worker), events.clone(), *data).await
        {
            Ok(peer) => peer,
            Err(error) => {
                pool.leave(group, key, worker).await;
                return Err(error);
            }
        };
        let peer = Arc::new(peer);
        if let Some(place) = self.peers().get_mut(key) {
            *place = Some(peer.clone());
        }
        peer.negotiate(offer).await
    }

    /// Answers a further offer.
    ///
    /// # Errors
    /// See [`NegotiateError`]; what was negotiated before still holds.
    pub async fn negotiate(
        &self,
        key: PeerKey,
        offer: &str,
        sending: Sending,
    ) -> Result<Answered, NegotiateError> {
        let offer = Offer::parse(offer)?.with(sending);
        let peer = self.peer(key).ok_or(NegotiateError::NoPeer)?;
        peer.negotiate(&offer).await
    }

    /// Decides what feeds a slot. For a peer that is gone there is nothing to decide.
    ///
    /// # Errors
    /// [`WorkerGone`]: nothing is forwarded any more.
    pub async fn route(
        &self,
        receiver: PeerKey,
        slot: &str,
        source: Option<(PeerKey, &str)>,
    ) -> Result<(), WorkerGone> {
        let Some(peer) = self.peer(receiver) else { return Ok(()) };
        peer.route(Mid::from(slot), source.map(|(peer, mid)| (peer, Mid::from(mid)))).await
    }

    /// Of which of a peer's lines nothing is to reach anybody: these, and no others. Neither do they count as voices.
    pub async fn hold(&self, key: PeerKey, lines: &[&str]) {
        let Some(peer) = self.peer(key) else { return };
        let lines: Vec<Mid> = lines.iter().map(|line| Mid::from(*line)).collect();
        self.inner.pool.hold(peer.group(), key, &lines).await;
    }

    /// How large a peer shows slots, in device pixels; zero by zero is not at all. Unknown slots are passed over.
    ///
    /// # Errors
    /// [`WorkerGone`]: nothing is forwarded any more.
    pub async fn view(&self, peer: PeerKey, slots: &[(&str, u16, u16)]) -> Result<(), WorkerGone> {
        let view = |(mid, width, height): &(&str, u16, u16)| (Mid::from(*mid), View::of(*width, *height));
        let slots = slots.iter().map(view).collect();
        let Some(receiver) = self.peer(peer) else { return Ok(()) };
        receiver.send(Command::View { peer, slots }).await
    }

    /// Tells those who negotiate from now on these addresses.
    pub fn advertise(&self, addresses: &[std::net::IpAddr]) {
        for (worker, local) in self.inner.pool.workers.iter().zip(&self.inner.local) {
            worker.advertise(addresses.iter().map(|ip| SocketAddr::new(*ip, local.port())).collect());
        }
    }

    /// At these addresses a relay of ours has its sockets: whoever fails to prove itself there is its port alone, and not
    /// everybody who comes by the relay. In place of those told before.
    ///
    /// # Errors
    /// [`WorkerGone`]: nothing is forwarded any more.
    pub async fn relay_at(&self, addresses: &[std::net::IpAddr]) -> Result<(), WorkerGone> {
        for worker in &self.inner.pool.workers {
            worker.commands.send(Command::Apart { addresses: addresses.to_vec() }).await?;
        }
        Ok(())
    }

    /// A peer's data channels, if it asked for any.
    pub fn data(&self, peer: PeerKey) -> Option<Arc<DataChannels>> {
        self.peer(peer)?.data()
    }

    /// Whether a peer's worker has it: one that began anew, or stands still, has not.
    pub fn stands(&self, peer: PeerKey) -> bool {
        self.peer(peer).is_some_and(|peer| peer.stands())
    }

    /// Ends a peer. One that is gone already is no error.
    pub async fn close_peer(&self, key: PeerKey) {
        let peer = self.peers().get_mut(key).and_then(Option::take);
        if let Some(peer) = peer {
            peer.close().await;
        }
        // The key is free for another peer only now, when the worker's order to forget this one is queued:
        // the other way round the new one could be entered first, and the old one's entries stay for ever.
        self.peers().remove(key);
    }

    /// How things stand with all workers together.
    ///
    /// # Errors
    /// [`WorkerGone`]: one of them stands no more.
    pub async fn report(&self) -> Result<Report, WorkerGone> {
        self.inner.pool.report().await
    }

    /// How busy each worker is, and what it sheds.
    pub fn loads(&self) -> Vec<LoadValues> {
        self.inner.pool.workers.iter().map(|worker| worker.load.values()).collect()
    }

    /// How many who would have opened a group were refused, since every worker has too much to do.
    pub fn groups_refused(&self) -> u64 {
        self.inner.pool.refused()
    }

    /// Has workers shed from so many thousandths of their time on, rather than from [`BUSY`](crate::BUSY) on. With
    /// zero any load is too much.
    pub fn set_busy_limit(&self, busy: u16) {
        for worker in &self.inner.pool.workers {
            worker.load.set_limit(busy);
        }
    }

    /// Has the worker of a peer panic once, there.
    #[cfg(feature = "fault-injection")]
    pub async fn plant(&self, peer: PeerKey, site: forward::Site) {
        if let Some(there) = self.peer(peer) {
            // Panics in nobody's work are under no peer's name.
            let key = if site == forward::Site::Group { PeerKey::default() } else { peer };
            let _ = there.send(Command::Plant { site, peer: key }).await;
        }
    }

    /// Has a worker do nothing for so long.
    #[cfg(feature = "fault-injection")]
    pub async fn stall(&self, worker: usize, time: Duration) {
        if let Some(worker) = self.inner.pool.workers.get(worker) {
            let _ = worker.commands.send(Command::Stall(time)).await;
        }
    }

    /// Everybody, on each worker.
    #[cfg(feature = "fault-injection")]
    pub fn peers_on(&self, worker: usize) -> Vec<PeerKey> {
        self.inner.peers_on(worker)
    }

    fn peer(&self, key: PeerKey) -> Option<Arc<Peer>> {
        self.peers().get(key).cloned().flatten()
    }

    fn peers(&self) -> std::sync::MutexGuard<'_, SlotMap<PeerKey, Option<Arc<Peer>>>> {
        self.inner.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of a worker: ports go up from the first; 0 has the system choose each.
pub(crate) fn port_of(first: SocketAddr, number: usize) -> Option<SocketAddr> {
    let after = u16::try_from(number).ok()?;
    let port = if first.port() == 0 { 0 } else { first.port().checked_add(after)? };
    Some(SocketAddr::new(first.ip(), port))
}

fn start_worker(
    config: &Config,
    number: usize,
    address: SocketAddr,
    core: Option<core_affinity::CoreId>,
    events: mpsc::Sender<Event>,
) -> Result<(Handle, SocketAddr), StartError> {
    let Sockets { udp, tcp, local } = Sockets::bind(address, config.ice_tcp)?;
    let socket = Arc::new(udp);
    let (counters, load) = (Arc::new(Counters::default()), Arc::new(Load::default()));
    let has_streams = tcp.is_some();
    let (worker, commands, way_out) =
        Worker::new((socket.clone(), tcp), counters.clone(), events.clone(), config, load.clone())
            .map_err(StartError::Worker)?;
    let obituary = Obituary(events);
    std::thread::Builder::new()
        .name(format!("media-{number}"))
        .spawn(move || {
            let _obituary = obituary;
            if let Some(core) = core
                && !core_affinity::set_for_current(core)
            {
                tracing::debug!(number, "the system does not let a worker stay on its core");
            }
            keep(worker, number);
        })
        .map_err(StartError::Worker)?;
    let candidates: Vec<SocketAddr> = if config.advertised.is_empty() {
        vec![local]
    } else {
        config.advertised.iter().map(|ip| SocketAddr::new(*ip, local.port())).collect()
    };
    let outlet = Arc::new(Outlet { socket, streams: has_streams.then_some(way_out), counters });
    let candidates = RwLock::new(candidates);
    Ok((Handle { commands, outlet, candidates, has_streams, fed: AtomicUsize::new(0), load }, local))
}

/// A random number: SSRCs, first sequence numbers and session ids are not secrets, but must not repeat.
pub(crate) fn random_u32() -> u32 {
    let mut bytes = [0u8; 4];
    // aws-lc's generator aborts the process rather than fail.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u32::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_worker_is_told_even_into_a_full_queue() {
        let (events, mut receiver) = mpsc::channel(1);
        events.try_send(Event::Failed(PeerKey::default())).unwrap();
        let obituary = Obituary(events);
        let thread = std::thread::spawn(move || {
            let _obituary = obituary;
            panic!("however it ends");
        });
        assert_eq!(receiver.blocking_recv(), Some(Event::Failed(PeerKey::default())));
        assert_eq!(receiver.blocking_recv(), Some(Event::WorkerGone));
        assert!(thread.join().is_err());
    }

    #[test]
    fn an_end_nobody_waits_for_is_no_trouble() {
        let (events, receiver) = mpsc::channel(1);
        events.try_send(Event::Failed(PeerKey::default())).unwrap();
        drop(receiver);
        drop(Obituary(events));
    }
}
