//! The one task that owns the relay, its sockets and its streams.

use super::stream::OUTBOX;
use crate::front::{AddressRange, Household};
use socket2::SockRef;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use turn::{AllocationId, Authority, Client, Config, Counters, Now, Output, Places, Relay, Way};

/// The largest datagram taken, from clients and from media ports.
const DATAGRAM: usize = 2048;
/// A stream without an allocation is closed after so long: the front door's slow callers and whoever came for nothing.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Streams beside those that may have allocations. One more is closed at once.
const SPARE_STREAMS: usize = 64;
/// Places in a stream's outbox that are kept for answers.
const FOR_ANSWERS: usize = 32;
/// Streams without an allocation from one household: one more is closed at once, so that nobody takes all the places.
const HANDSHAKES_EACH: usize = 32;
/// How often streams are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What comes to the owner.
pub(super) enum Event {
    /// A stream is there.
    Opened { client: Client, outbox: mpsc::Sender<Vec<u8>> },
    /// A message came by a stream.
    FromClient { client: Client, bytes: Vec<u8> },
    /// A stream is closed.
    Closed { client: Client },
    /// A datagram came to an allocation's socket.
    FromPeer { allocation: AllocationId, from: SocketAddr, bytes: Vec<u8> },
    /// Media ports are elsewhere, or told otherwise.
    LeadTo(Places),
    /// What was counted?
    Count(oneshot::Sender<TurnCounts>),
}

/// What was counted since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TurnCounts {
    /// By the relay.
    pub(crate) relay: Counters,
    /// Streams that are open.
    pub(crate) streams: usize,
    /// Streams closed at once, because there were too many.
    pub(crate) streams_refused: u64,
    /// Data that found a stream's outbox full, or a socket's buffer.
    pub(crate) no_room: u64,
    /// What the relay would have sent elsewhere than to a media port: a fault of ours.
    pub(crate) astray: u64,
}

/// A stream's way out.
struct Outlet {
    outbox: mpsc::Sender<Vec<u8>>,
    since: Instant,
}

/// An allocation's socket, and the task that reads it.
struct Socket {
    socket: Arc<UdpSocket>,
    reader: JoinHandle<()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// See the module.
pub(super) struct Owner {
    relay: Relay,
    /// Media ports, as they are reached: looked at once more before anything is sent, and first when anything comes.
    peers: watch::Sender<Vec<SocketAddr>>,
    /// What came to allocations' sockets from elsewhere.
    strangers: Arc<AtomicU64>,
    max_streams: usize,
    listener: UdpSocket,
    sockets: HashMap<AllocationId, Socket>,
    streams: HashMap<Client, Outlet>,
    started: Instant,
    events: mpsc::Sender<Event>,
    inbox: mpsc::Receiver<Event>,
    counts: TurnCounts,
    /// Addresses by which many come: a proxy's, an office's.
    unlimited: Vec<AddressRange>,
}

impl Owner {
    pub(super) fn new(
        config: Config,
        authority: Authority,
        started: Instant,
        (listener, events, inbox): (UdpSocket, mpsc::Sender<Event>, mpsc::Receiver<Event>),
        unlimited: Vec<AddressRange>,
    ) -> Self {
        let peers = watch::Sender::new(reached(&config.places));
        let max_streams = config.max_allocations.saturating_add(SPARE_STREAMS);
        Self {
            relay: Relay::new(config, authority),
            peers,
            strangers: Arc::default(),
            max_streams,
            listener,
            sockets: HashMap::new(),
            streams: HashMap::new(),
            started,
            events,
            inbox,
            unlimited,
            counts: TurnCounts::default(),
        }
    }

    /// Runs until it is aborted.
    pub(super) async fn run(mut self) {
        let mut buffer = vec![0; DATAGRAM];
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                received = self.listener.recv_from(&mut buffer) => {
                    // An error is of something sent before, and nothing to stop for.
                    if let Ok((length, address)) = received {
                        let (client, now) = (Client { address, way: Way::Datagram }, self.now());
                        self.relay.handle_client(client, buffer.get(..length).unwrap_or_default(), now);
                    }
                }
                Some(event) = self.inbox.recv() => self.take(event),
                _ = look.tick() => self.look(),
            }
            self.carry_out();
        }
    }

    fn now(&self) -> Now {
        self.started.elapsed()
    }

    fn take(&mut self, event: Event) {
        let now = self.now();
        match event {
            Event::Opened { client, outbox } => {
                let is_one_of_many = self.unlimited.iter().any(|range| range.holds(client.address.ip()));
                let has_room = is_one_of_many || self.handshakes(client) < HANDSHAKES_EACH;
                if has_room && self.streams.len() < self.max_streams {
                    self.streams.insert(client, Outlet { outbox, since: Instant::now() });
                } else {
                    // Its task ends with the outbox.
                    self.counts.streams_refused = self.counts.streams_refused.saturating_add(1);
                }
            }
            Event::FromClient { client, bytes } => {
                // What comes from a stream that was let go is late.
                if self.streams.contains_key(&client) {
                    self.relay.handle_client(client, &bytes, now);
                }
            }
            Event::Closed { client } => self.let_go(client),
            Event::FromPeer { allocation, from, bytes } => {
                self.relay.handle_peer(allocation, from, &bytes, now);
            }
            Event::LeadTo(places) => {
                self.peers.send_replace(reached(&places));
                self.relay.lead_to(places);
            }
            Event::Count(reply) => {
                let mut relay = self.relay.counters();
                relay.not_permitted = relay.not_permitted.saturating_add(self.strangers.load(Relaxed));
                let counts = TurnCounts { relay, streams: self.streams.len(), ..self.counts.clone() };
                // Whoever asked may have gone.
                let _ = reply.send(counts);
            }
        }
    }

    /// Streams of the same household that have no allocation yet. There are few enough to look at all.
    fn handshakes(&self, client: Client) -> usize {
        let household = |client: &Client| Household::of(client.address.ip());
        let others = self.streams.keys().filter(|other| household(other) == household(&client));
        others.filter(|other| !self.relay.has_allocation(**other)).count()
    }

    /// Once a second: what is over ends.
    fn look(&mut self) {
        self.relay.handle_timeout(self.now());
        let (relay, now) = (&self.relay, Instant::now());
        let idle = |client: &Client, outlet: &Outlet| {
            !relay.has_allocation(*client) && now.saturating_duration_since(outlet.since) > HANDSHAKE
        };
        self.streams.retain(|client, outlet| !idle(client, outlet));
    }

    fn let_go(&mut self, client: Client) {
        if self.streams.remove(&client).is_some() {
            self.relay.client_gone(client);
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.relay.poll_output() {
            match output {
                Output::ToClient { client, bytes, data } => match client.way {
                    Way::Datagram => {
                        if send(&self.listener, &bytes, client.address).is_err() {
                            self.counts.no_room = self.counts.no_room.saturating_add(1);
                        }
                    }
                    Way::Stream(_) => self.pass_to_stream(client, bytes, data),
                },
                Output::ToPeer { allocation, to, bytes } => self.pass_to_peer(allocation, to, &bytes),
                Output::Open { allocation, at } => {
                    let opened = self.open(allocation, at);
                    if let Err(error) = &opened {
                        tracing::debug!(%error, "no socket for a TURN allocation");
                    }
                    self.relay.opened(allocation, opened.ok());
                }
                Output::Close { allocation } => drop(self.sockets.remove(&allocation)),
            }
        }
    }

    fn pass_to_stream(&mut self, client: Client, bytes: Vec<u8>, data: bool) {
        let Some(outlet) = self.streams.get(&client) else { return };
        let kept = if data { FOR_ANSWERS } else { 0 };
        if outlet.outbox.capacity() > kept.min(OUTBOX) && outlet.outbox.try_send(bytes).is_ok() {
            return;
        }
        self.counts.no_room = self.counts.no_room.saturating_add(1);
        if !data {
            self.let_go(client);
        }
    }

    fn pass_to_peer(&mut self, allocation: AllocationId, to: SocketAddr, bytes: &[u8]) {
        // The relay has looked. Nothing else than a media port may be reached even if it was wrong.
        if !self.peers.borrow().contains(&to) {
            tracing::error!("TURN would have sent something elsewhere than to a media port");
            self.counts.astray = self.counts.astray.saturating_add(1);
            return;
        }
        let Some(Socket { socket, .. }) = self.sockets.get(&allocation) else { return };
        if send(socket, bytes, to).is_err() {
            self.counts.no_room = self.counts.no_room.saturating_add(1);
        }
    }

    fn open(&mut self, allocation: AllocationId, at: IpAddr) -> io::Result<SocketAddr> {
        let socket = std::net::UdpSocket::bind(SocketAddr::new(at, 0))?;
        socket.set_nonblocking(true)?;
        let socket = Arc::new(UdpSocket::from_std(socket)?);
        let address = socket.local_addr()?;
        let way_in = WayIn {
            peers: self.peers.subscribe(),
            strangers: self.strangers.clone(),
            events: self.events.clone(),
        };
        let reader = tokio::spawn(way_in.read(allocation, socket.clone()));
        self.sockets.insert(allocation, Socket { socket, reader });
        Ok(address)
    }
}

/// At once or not at all. Not tokio's way: that does not know of a new socket that it can be written to.
fn send(socket: &UdpSocket, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
    SockRef::from(socket).send_to(bytes, &to.into()).map(|_| ())
}

/// What the reader of an allocation's socket needs.
struct WayIn {
    peers: watch::Receiver<Vec<SocketAddr>>,
    strangers: Arc<AtomicU64>,
    events: mpsc::Sender<Event>,
}

impl WayIn {
    /// Anybody can send to such a socket. What is no media port's ends here, and takes nobody's place in the queue.
    async fn read(self, allocation: AllocationId, socket: Arc<UdpSocket>) {
        let mut buffer = vec![0; DATAGRAM];
        loop {
            // An error is of something sent before (a media port that was closed for a moment).
            let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
            if !self.peers.borrow().contains(&from) {
                self.strangers.fetch_add(1, Relaxed);
                continue;
            }
            let bytes = buffer.get(..length).unwrap_or_default().to_vec();
            // Without room it is lost, as in any queue on its way.
            let _ = self.events.try_send(Event::FromPeer { allocation, from, bytes });
        }
    }
}

fn reached(places: &Places) -> Vec<SocketAddr> {
    places.peers.iter().map(|peer| peer.real).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1:0";

    async fn socket() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind(HERE).await.unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    /// An owner that leads to one media port.
    async fn owner(media: SocketAddr) -> Owner {
        let config = Config {
            places: Places {
                peers: vec![turn::Peer { told: media, real: media }],
                relay_v4: Some([127, 0, 0, 1].into()),
                relay_v6: None,
            },
            max_per_person: 1,
            max_allocations: 1,
            bandwidth: 1000,
        };
        let (events, inbox) = mpsc::channel(8);
        let (listener, _) = socket().await;
        Owner::new(config, Authority::new(&[1; 32]), Instant::now(), (listener, events, inbox), Vec::new())
    }

    #[tokio::test]
    async fn even_if_the_relay_is_wrong_nothing_goes_elsewhere() {
        let ((media, media_at), (other, other_at)) = (socket().await, socket().await);
        let mut owner = owner(media_at).await;
        let allocation = AllocationId(7);
        owner.open(allocation, [127, 0, 0, 1].into()).unwrap();
        owner.pass_to_peer(allocation, other_at, b"astray");
        owner.pass_to_peer(allocation, media_at, b"media");
        let mut buffer = [0; 16];
        assert_eq!(media.recv(&mut buffer).await.unwrap(), 5);
        // On loopback what was sent first has arrived.
        assert!(other.try_recv(&mut buffer).is_err());
        assert_eq!(owner.counts.astray, 1);
    }

    #[tokio::test]
    async fn a_strangers_flood_takes_no_place_of_the_media_ports() {
        let ((media, media_at), (stranger, _)) = (socket().await, socket().await);
        let mut owner = owner(media_at).await;
        let allocation = AllocationId(7);
        let relayed = owner.open(allocation, [127, 0, 0, 1].into()).unwrap();
        // More than the queue has room for.
        for _ in 0..100 {
            stranger.send_to(b"flood", relayed).await.unwrap();
        }
        media.send_to(b"media", relayed).await.unwrap();
        match owner.inbox.recv().await.unwrap() {
            Event::FromPeer { from, bytes, .. } => {
                assert_eq!((from, bytes.as_slice()), (media_at, &b"media"[..]));
            }
            _ => panic!("something else"),
        }
        let (reply, counts) = oneshot::channel();
        owner.take(Event::Count(reply));
        assert_eq!(counts.await.unwrap().relay.not_permitted, 100);
    }

    #[tokio::test]
    async fn a_media_port_that_moves_is_followed() {
        let ((before, before_at), (after, after_at)) = (socket().await, socket().await);
        let mut owner = owner(before_at).await;
        let allocation = AllocationId(7);
        let relayed = owner.open(allocation, [127, 0, 0, 1].into()).unwrap();
        let peers = vec![turn::Peer { told: after_at, real: after_at }];
        owner.take(Event::LeadTo(Places { peers, relay_v4: None, relay_v6: None }));
        for (place, socket) in [(before_at, &before), (after_at, &after)] {
            owner.pass_to_peer(allocation, place, b"there");
            socket.send_to(b"back", relayed).await.unwrap();
        }
        assert_eq!(after.recv(&mut [0; 16]).await.unwrap(), 5);
        assert!(before.try_recv(&mut [0; 16]).is_err());
        let Some(Event::FromPeer { from, .. }) = owner.inbox.recv().await else { panic!("something else") };
        assert_eq!(from, after_at);
    }

    #[tokio::test]
    async fn data_that_finds_no_room_is_dropped_and_an_answer_ends_the_stream() {
        let (_, media_at) = socket().await;
        let mut owner = owner(media_at).await;
        let client = Client { address: media_at, way: Way::Stream(1) };
        let (outbox, mut words) = mpsc::channel(OUTBOX);
        owner.take(Event::Opened { client, outbox });
        for _ in 0..OUTBOX {
            owner.pass_to_stream(client, vec![1], true);
        }
        assert_eq!((words.len(), owner.counts.no_room), (OUTBOX - FOR_ANSWERS, 32));
        for _ in 0..FOR_ANSWERS {
            owner.pass_to_stream(client, vec![2], false);
        }
        assert!(owner.streams.contains_key(&client));
        owner.pass_to_stream(client, vec![2], false);
        assert!(!owner.streams.contains_key(&client));
        // What is in it is still written.
        assert_eq!(std::iter::from_fn(|| words.try_recv().ok()).count(), OUTBOX);
    }

    /// How many of so many streams are let in, each from an address that is made of its number.
    async fn let_in(address: impl Fn(u8) -> SocketAddr) -> (usize, u64) {
        let (_, media_at) = socket().await;
        let mut owner = owner(media_at).await;
        for number in 0..100 {
            let (outbox, _words) = mpsc::channel(1);
            let client = Client { address: address(number), way: Way::Stream(number.into()) };
            owner.take(Event::Opened { client, outbox });
        }
        (owner.streams.len(), owner.counts.streams_refused)
    }

    #[tokio::test]
    async fn streams_are_bounded() {
        let all = let_in(|number| SocketAddr::from(([192, 0, 2, number], 5000))).await;
        assert_eq!(all, (1 + SPARE_STREAMS, 35));
    }

    #[tokio::test]
    async fn one_household_has_few_streams_that_are_no_use_yet() {
        let all = let_in(|number| SocketAddr::from(([192, 0, 2, 1], 5000 + u16::from(number)))).await;
        assert_eq!(all, (HANDSHAKES_EACH, 68));
        let of_64 = |number| SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(number)], 5000));
        assert_eq!(let_in(of_64).await, (HANDSHAKES_EACH, 68));
    }
}
