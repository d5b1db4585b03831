//! The control side's handle on the media plane.

use crate::adapter::{AdapterError, Identity, Outlet};
use crate::counters::Counters;
use crate::peer::{Answered, NegotiateError, Peer};
use crate::sdp::Offer;
use crate::worker::{Command, CommandSender, Report, Worker, WorkerGone};
use forward::{GroupId, Mid, PeerKey, PeerQuality, PlaneEvent, View};
use slotmap::SlotMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Events waiting for the server. Past it the peers' tasks wait; media does not.
const EVENT_QUEUE: usize = 1024;
/// Bytes asked of the kernel for the socket's buffers, in each direction: 4 MiB hold some 30 ms at
/// 1 Gbit/s. The kernel may give less (`net.core.rmem_max`).
const SOCKET_BUFFER: usize = 4 << 20;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub udp: SocketAddr,
    /// What browsers are told to send to, best first; the port is the socket's. Empty: the address the
    /// socket is bound to.
    pub advertised: Vec<std::net::IpAddr>,
    /// How many microphones of a group are forwarded at once: the loudest.
    pub max_audible: usize,
}

/// Something that happened to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Media flows.
    Connected(PeerKey),
    /// ICE or DTLS gave up, or never got anywhere: the peer should be closed.
    Failed(PeerKey),
    /// Something changed in the media plane.
    Plane(PlaneEvent),
    /// How a peer's media flows; once a second.
    Quality(PeerKey, Box<PeerQuality>),
    /// The worker is gone: there is no media any more, and none will come.
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

struct Inner {
    identity: Identity,
    outlet: Arc<Outlet>,
    commands: CommandSender,
    candidates: Vec<SocketAddr>,
    local: SocketAddr,
    peers: Mutex<SlotMap<PeerKey, Option<Arc<Peer>>>>,
    events: mpsc::Sender<Event>,
}

impl Transport {
    /// Binds the socket and starts the worker. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(config: &Config) -> Result<(Self, mpsc::Receiver<Event>), StartError> {
        let bind = |error| StartError::Bind { address: config.udp, error };
        let socket = Arc::new(bind_udp(config.udp).map_err(bind)?);
        let local = socket.local_addr().map_err(bind)?;
        let identity = Identity::generate()?;
        let counters = Arc::new(Counters::default());
        let (events, receiver) = mpsc::channel(EVENT_QUEUE);
        let (worker, commands) =
            Worker::new(socket.clone(), counters.clone(), events.clone(), config.max_audible)
                .map_err(StartError::Worker)?;
        let obituary = Obituary(events.clone());
        std::thread::Builder::new()
            .name("media-0".to_owned())
            .spawn(move || {
                let _obituary = obituary;
                if let Err(error) = worker.run() {
                    tracing::error!(%error, "the media worker failed");
                }
            })
            .map_err(StartError::Worker)?;
        let candidates = if config.advertised.is_empty() {
            vec![local]
        } else {
            config.advertised.iter().map(|ip| SocketAddr::new(*ip, local.port())).collect()
        };
        let outlet = Arc::new(Outlet { socket, counters });
        let peers = Mutex::new(SlotMap::with_key());
        let inner = Inner { identity, outlet, commands, candidates, local, peers, events };
        Ok((Self { inner: Arc::new(inner) }, receiver))
    }

    /// Where the socket listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.local
    }

    /// Makes a peer and answers its first offer. If that fails no peer is left behind. Peers of one group hear
    /// each other: who speaks is decided among them.
    ///
    /// # Errors
    /// See [`NegotiateError`].
    pub async fn open_peer(
        &self,
        group: GroupId,
        offer: &str,
    ) -> Result<(PeerKey, Answered), NegotiateError> {
        let offer = Offer::parse(offer)?;
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
        let Inner { identity, outlet, commands, candidates, events, .. } = &*self.inner;
        let peer = Peer::open(
            key,
            group,
            identity,
            outlet.clone(),
            commands.clone(),
            candidates.clone(),
            events.clone(),
        )
        .await?;
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
    pub async fn negotiate(&self, key: PeerKey, offer: &str) -> Result<Answered, NegotiateError> {
        let offer = Offer::parse(offer)?;
        let peer = self.peers().get(key).cloned().flatten().ok_or(NegotiateError::NoPeer)?;
        peer.negotiate(&offer).await
    }

    /// Decides what feeds a slot.
    ///
    /// # Errors
    /// [`WorkerGone`]: nothing is forwarded any more.
    pub async fn route(
        &self,
        receiver: PeerKey,
        slot: &str,
        source: Option<(PeerKey, &str)>,
    ) -> Result<(), WorkerGone> {
        let source = source.map(|(peer, mid)| (peer, Mid::from(mid)));
        self.inner.commands.send(Command::Route { receiver, slot: Mid::from(slot), source }).await
    }

    /// How large a peer shows slots, in device pixels; zero by zero is not at all. Unknown slots are passed over.
    ///
    /// # Errors
    /// [`WorkerGone`]: nothing is forwarded any more.
    pub async fn view(&self, peer: PeerKey, slots: &[(&str, u16, u16)]) -> Result<(), WorkerGone> {
        let view = |(mid, width, height): &(&str, u16, u16)| (Mid::from(*mid), View::of(*width, *height));
        let slots = slots.iter().map(view).collect();
        self.inner.commands.send(Command::View { peer, slots }).await
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

    /// How things stand with the worker.
    ///
    /// # Errors
    /// [`WorkerGone`]: it stands no more.
    pub async fn report(&self) -> Result<Report, WorkerGone> {
        self.inner.commands.report().await
    }

    fn peers(&self) -> std::sync::MutexGuard<'_, SlotMap<PeerKey, Option<Arc<Peer>>>> {
        self.inner.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bind_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // Less than asked for still works; what there is is read back and told.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    let (receive, send) = (socket.recv_buffer_size()?, socket.send_buffer_size()?);
    if receive.min(send) < SOCKET_BUFFER {
        tracing::warn!(
            receive,
            send,
            wanted = SOCKET_BUFFER,
            "the kernel gives small UDP buffers, which a large room overruns: raise net.core.rmem_max and net.core.wmem_max"
        );
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
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
