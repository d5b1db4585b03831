//! A TURN client that others wrote (`rtc-turn`), on a real socket: UDP, TCP, or any stream.

use crate::house::House;
use bot::{Bot, Options};
use rtc::sansio::Protocol;
use rtc::shared::{TransportContext, TransportMessage, TransportProtocol};
use rtc::turn::client::{Client, ClientConfig, Event};
use signal::IceServer;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// No answer takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Any stream.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

enum Carrier {
    Udp(UdpSocket),
    /// So many bytes are written at once.
    Stream(Box<dyn Stream>, turn::Deframer, usize),
}

pub struct Caller {
    client: Client,
    carrier: Carrier,
    local: SocketAddr,
    server: SocketAddr,
    /// Requests that were sent, again ones too, by method.
    said: BTreeMap<u16, u64>,
}

/// A server with a relay.
pub async fn house() -> House {
    house_with(|_| {}).await
}

/// The same, with other settings.
pub async fn house_with(change: impl FnOnce(&mut server::Config)) -> House {
    House::with(|config| {
        config.turn.turn = Some("127.0.0.1:0".parse().unwrap());
        change(config);
    })
    .await
}

/// Somebody in a room whose media has not begun, and the relay that it was told of.
pub async fn wait_outside(house: &House, name: &str) -> (Bot, IceServer) {
    let options = Options { media: false, ..Options::participant(&house.url, "tea", 1).named(name) };
    let bot = Bot::join(options).await.unwrap();
    let relay = bot.roster().relays[0].clone();
    (bot, relay)
}

/// Somebody in a room, and the relay that it was told of.
pub async fn enter(house: &House, name: &str) -> (Bot, IceServer) {
    let bot = house.admit(Options::participant(&house.url, "tea", 1).named(name)).await;
    let relays = bot.roster().relays;
    let [relay] = &relays[..] else { panic!("{relays:?}") };
    let relay = relay.clone();
    (bot, relay)
}

pub fn turn_addr(house: &House) -> SocketAddr {
    house.running.turn_addr().unwrap()
}

impl Caller {
    pub async fn udp(house: &House, relay: &IceServer) -> Self {
        let socket = UdpSocket::bind(SocketAddr::new(turn_addr(house).ip(), 0)).await.unwrap();
        let local = socket.local_addr().unwrap();
        Self::new(Carrier::Udp(socket), local, turn_addr(house), relay)
    }

    pub async fn tcp(house: &House, relay: &IceServer, at_once: usize) -> Self {
        let stream = TcpStream::connect(turn_addr(house)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let local = stream.local_addr().unwrap();
        Self::stream(Box::new(stream), local, house, relay, at_once)
    }

    pub fn stream(
        stream: Box<dyn Stream>,
        local: SocketAddr,
        house: &House,
        relay: &IceServer,
        at_once: usize,
    ) -> Self {
        Self::new(Carrier::Stream(stream, turn::Deframer::default(), at_once), local, turn_addr(house), relay)
    }

    fn new(carrier: Carrier, local: SocketAddr, server: SocketAddr, relay: &IceServer) -> Self {
        let config = ClientConfig {
            stun_serv_addr: String::new(),
            turn_serv_addr: server.to_string(),
            local_addr: local,
            transport_protocol: TransportProtocol::UDP,
            username: relay.username.clone().unwrap(),
            password: relay.credential.clone().unwrap(),
            realm: String::new(),
            software: String::new(),
            rto_in_ms: 0,
            allocation_refresh_interval_cap: None,
        };
        let client = Client::new(config, rtc::crypto::default_provider().unwrap()).unwrap();
        Self { client, carrier, local, server, said: BTreeMap::new() }
    }

    /// What happens next.
    pub async fn next(&mut self) -> Event {
        let next = async {
            loop {
                self.settle().await;
                if let Some(event) = self.client.poll_event() {
                    return event;
                }
                let bytes = tokio::time::timeout(Duration::from_millis(100), self.read()).await;
                match bytes {
                    Ok(bytes) => {
                        let transport = TransportContext {
                            local_addr: self.local,
                            peer_addr: self.server,
                            transport_protocol: TransportProtocol::UDP,
                            ecn: None,
                        };
                        let message = bytes.as_slice().into();
                        let message = TransportMessage { now: Instant::now(), transport, message };
                        self.client.handle_read(message).unwrap();
                    }
                    // What was lost is said again.
                    Err(_) => self.client.handle_timeout(Instant::now()).unwrap(),
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("an answer")
    }

    /// How many requests of a method were sent. Over UDP, one that is not answered soon is sent again, and the relay
    /// counts both.
    pub fn said(&self, method: u16) -> u64 {
        self.said.get(&method).copied().unwrap_or_default()
    }

    /// Sends what is to be sent.
    pub async fn settle(&mut self) {
        while let Some(message) = self.client.poll_write() {
            self.write(&message.message).await;
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        if let Some([high @ 0..=0x3f, low]) = bytes.first_chunk() {
            *self.said.entry(u16::from_be_bytes([*high, *low])).or_default() += 1;
        }
        match &mut self.carrier {
            Carrier::Udp(socket) => drop(socket.send_to(bytes, self.server).await.unwrap()),
            Carrier::Stream(stream, _, at_once) => {
                // RFC 8656 §12.5: ChannelData is padded in a stream.
                let padding = vec![0; bytes.len().next_multiple_of(4) - bytes.len()];
                for piece in [bytes, &padding].concat().chunks(*at_once) {
                    stream.write_all(piece).await.unwrap();
                    stream.flush().await.unwrap();
                }
            }
        }
    }

    /// May be given up at any moment: what was read is kept.
    async fn read(&mut self) -> Vec<u8> {
        let mut buffer = vec![0; 2048];
        match &mut self.carrier {
            Carrier::Udp(socket) => {
                let length = socket.recv(&mut buffer).await.unwrap();
                buffer.truncate(length);
                buffer
            }
            Carrier::Stream(stream, deframer, _) => loop {
                if let Some(frame) = deframer.next_frame().unwrap() {
                    return frame.to_vec();
                }
                let length = stream.read(&mut buffer).await.unwrap();
                assert!(length > 0, "the relay closed the stream");
                deframer.push(&buffer[..length]);
            },
        }
    }

    /// Allocates; where that is, or in words why not.
    pub async fn allocate(&mut self) -> Result<SocketAddr, String> {
        self.client.allocate(Instant::now()).unwrap();
        match self.next().await {
            Event::AllocateResponse(_, relayed) => Ok(relayed),
            Event::AllocateError(_, error) => Err(error.to_string()),
            other => panic!("{other:?}"),
        }
    }

    /// Asks for a permission; whether it got it, or in words why not.
    pub async fn permit(&mut self, relayed: SocketAddr, peer: SocketAddr) -> Result<(), String> {
        self.client.relay(relayed).unwrap().create_permission(Instant::now(), peer).unwrap();
        match self.next().await {
            Event::CreatePermissionResponse(..) => Ok(()),
            Event::CreatePermissionError(_, error) => Err(error.to_string()),
            other => panic!("{other:?}"),
        }
    }

    pub fn send(&mut self, relayed: SocketAddr, peer: SocketAddr, data: &[u8]) {
        self.client.relay(relayed).unwrap().send_to(Instant::now(), data, peer).unwrap();
    }

    /// The next data from a peer.
    pub async fn data(&mut self) -> (SocketAddr, Vec<u8>) {
        match self.next().await {
            Event::DataIndicationOrChannelData(_, from, data) => (from, data.to_vec()),
            other => panic!("{other:?}"),
        }
    }
}
