//! The TURN relay's sockets, for participants whose network lets nothing through to the media ports.
//!
//! A datagram's way: the listener, or a stream cut into messages ([`stream`]), gives it to the one [`owner`] of the
//! sans-I/O `turn::Relay`; what that says goes out by an allocation's own UDP socket to a media port, and what the
//! media plane answers comes back the same way. [`peers`] says which those ports are. Who may use it is told with
//! `joined`, `resumed` and `answer` ([`relays`]). Not here: what TURN is (`crates/turn`), TLS, whose streams are handed
//! over, and TURN servers of others (`ice`).

mod owner;
mod peers;
mod relays;
mod stream;

use crate::Config;
use crate::front::Handed;
use owner::{Event, Owner};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use turn::{Authority, Client, Counters, Places, Way};

pub(crate) use owner::TurnCounts;
use relays::Reachable;
pub(crate) use relays::Relays;

/// Datagrams and messages waiting for the owner. Past it datagrams of media ports are dropped, as a full socket buffer
/// would, and streams are not read.
const QUEUE: usize = 1024;
/// After the kernel could give no connection, for want of file descriptors most likely, it is asked again so much
/// later.
const BREATH: std::time::Duration = std::time::Duration::from_millis(100);

/// Why there is no relay.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Its port could not be had.
    #[error(
        "cannot listen on TCP and UDP {address} for TURN: {error}. Is a TURN server running? Choose a port with --turn"
    )]
    Port {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// No secret could be made.
    #[error("no randomness for TURN's secret: {0}")]
    Random(getrandom::Error),
}

/// A relay that runs. All its tasks end with it.
pub(crate) struct Turn {
    door: RelayDoor,
    address: SocketAddr,
    guide: Guide,
    at: Vec<IpAddr>,
    tasks: JoinSet<()>,
}

/// The way to a relay. Clones are the same.
#[derive(Clone)]
pub(crate) struct RelayDoor {
    events: mpsc::Sender<Event>,
    streams: Arc<AtomicU64>,
}

/// Tells a relay where media is, when that changes. Clones are the same.
#[derive(Clone)]
pub(crate) struct Guide {
    events: mpsc::Sender<Event>,
    /// Their ports, and where they are bound.
    workers: Arc<[SocketAddr]>,
    relays: Relays,
}

impl Guide {
    /// Browsers are told these addresses from now on, and a STUN server sees this one. Where allocations' sockets will be.
    pub(crate) async fn follow(&self, told: &[IpAddr], seen: IpAddr) -> Vec<IpAddr> {
        let places = peers::places(&self.workers, told);
        let at = at(&places);
        self.relays.seen_at(seen);
        // Without an owner there is no relay any more.
        let _ = self.events.send(Event::LeadTo(places)).await;
        at
    }
}

fn at(places: &Places) -> Vec<IpAddr> {
    places.relay_v4.map(IpAddr::V4).into_iter().chain(places.relay_v6.map(IpAddr::V6)).collect()
}

/// Where media is, when a relay starts.
pub(crate) struct Media<'a> {
    /// The workers' ports, and where they are bound.
    pub(crate) workers: &'a [SocketAddr],
    /// What browsers are told.
    pub(crate) told: &'a [IpAddr],
    /// What a STUN server sees.
    pub(crate) seen: Option<IpAddr>,
}

impl Turn {
    /// Listens at an address, on UDP and TCP, and relays to the workers' ports under the addresses that browsers are
    /// told. With a port for TLS people are told of that too: whoever takes connections there gives those that speak
    /// TURN to [`RelayDoor::serve`].
    ///
    /// # Errors
    /// See [`TurnError`]; nothing is left running.
    pub(crate) async fn start(
        config: &Config,
        (listen, tls): (SocketAddr, Option<u16>),
        media: Media<'_>,
    ) -> Result<Self, TurnError> {
        let port = |error| TurnError::Port { address: listen, error };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(TurnError::Random)?;
        let (tcp, udp) = bind(listen).await.map_err(port)?;
        let address = tcp.local_addr().map_err(port)?;
        let places = peers::places(media.workers, media.told);
        let at = at(&places);
        let settings = turn::Config {
            places,
            max_per_person: config.turn.turn_per_person,
            max_allocations: config.turn.turn_allocations,
            // Kilobits to bytes.
            bandwidth: u64::from(config.turn.turn_bandwidth).saturating_mul(125),
        };
        let started = Instant::now();
        let authority = Authority::new(&secret);
        let (events, inbox) = mpsc::channel(QUEUE);
        let unlimited = [&config.front.trusted_proxy[..], &config.front.unlimited_address].concat();
        let owner = Owner::new(settings, authority.clone(), started, (udp, events.clone(), inbox), unlimited);
        let door = RelayDoor { events: events.clone(), streams: Arc::default() };
        let relays = Relays::new(authority, started, Reachable::at(address, tls, config));
        if let Some(seen) = media.seen {
            relays.seen_at(seen);
        }
        let guide = Guide { events, workers: media.workers.into(), relays };
        let mut tasks = JoinSet::new();
        tasks.spawn(owner.run());
        tasks.spawn(accept(tcp, door.clone()));
        Ok(Self { door, address, guide, at, tasks })
    }

    /// Speaks with those, too, whom the front door hands over: what they say came inside TLS.
    pub(crate) fn beside_https(mut self, mut handed: mpsc::Receiver<Handed>) -> Self {
        let door = self.door.clone();
        self.tasks.spawn(async move {
            let mut streams = JoinSet::new();
            loop {
                tokio::select! {
                    Some(Handed { stream, from }) = handed.recv() => {
                        let door = door.clone();
                        streams.spawn(async move { door.serve(stream, from).await });
                    }
                    Some(_) = streams.join_next() => {}
                    else => return,
                }
            }
        });
        self
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What participants are told of it.
    pub(crate) fn relays(&self) -> &Relays {
        &self.guide.relays
    }

    /// Where allocations' sockets are at the start.
    pub(crate) fn at(&self) -> &[IpAddr] {
        &self.at
    }

    /// Whom to tell where media is.
    pub(crate) fn guide(&self) -> &Guide {
        &self.guide
    }

    /// The way in for streams, and for whoever wants figures.
    pub(crate) fn door(&self) -> &RelayDoor {
        &self.door
    }
}

impl RelayDoor {
    /// Speaks TURN on a stream until that ends: TCP, or what is said inside TLS.
    pub(crate) async fn serve<S>(&self, stream: S, from: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let number = self.streams.fetch_add(1, Ordering::Relaxed);
        let client = Client { address: from, way: Way::Stream(number) };
        stream::serve(stream, client, &self.events).await;
    }

    /// What was counted; nothing when the relay has stopped.
    pub(crate) async fn counts(&self) -> TurnCounts {
        let (reply, answer) = oneshot::channel();
        let nothing = TurnCounts { relay: Counters::default(), ..TurnCounts::default() };
        match self.events.send(Event::Count(reply)).await {
            Ok(()) => answer.await.unwrap_or(nothing),
            Err(_) => nothing,
        }
    }
}

/// Both sockets, on the same port. When any will do it may be free for one of them alone: then another is tried.
async fn bind(listen: SocketAddr) -> io::Result<(TcpListener, UdpSocket)> {
    let mut left = if listen.port() == 0 { 16 } else { 0 };
    loop {
        let tcp = TcpListener::bind(listen).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((tcp, udp)),
            Err(error) if left == 0 => return Err(error),
            Err(_) => left -= 1,
        }
    }
}

async fn accept(listener: TcpListener, door: RelayDoor) {
    let mut streams = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                // How many there are the owner decides, who sends away whoever is too many.
                Ok((stream, from)) => {
                    // What is relayed is not to wait for more.
                    let _ = stream.set_nodelay(true);
                    let door = door.clone();
                    streams.spawn(async move { door.serve(stream, from).await });
                }
                Err(error) => {
                    tracing::debug!(%error, "no connection to be had for TURN");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = streams.join_next() => {}
        }
    }
}
