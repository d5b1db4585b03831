//! The library's DTLS, set up as the adapter sets it up and behind the same guard, hears a client whose datagrams are
//! lost, repeated, cut and changed on their way, and others that nobody honest sends. Nothing panics, no datagram has it
//! send many, and nothing comes out for SCTP that the guard would not let pass.
//!
//! The input is a row of steps: the low four bits of a byte say which, and what each needs follows.

use crate::steps::Steps;
use rtc::crypto::RTCCryptoProvider;
use rtc::dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use transport::keys::{Guard, KeyTap, watched};

/// The streams of the two channels.
const STREAMS: [u16; 2] = [1, 2];
/// Datagrams on their way from the client at most.
const QUEUE: usize = 64;
/// Datagrams that one datagram, or one timer, has the server send at most: a flight, of which each may be cut in two.
const MOST_ANSWERS: usize = 32;

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The server's handshake is done.
    pub connected: bool,
    /// Packets that SCTP would have seen.
    pub packets: usize,
}

/// Checks one input.
pub fn run(data: &[u8]) {
    play(data);
}

/// Plays one input.
pub fn play(data: &[u8]) -> Outcome {
    let mut world = World::new();
    let mut steps = Steps(data);
    while let Some(step) = steps.next() {
        match step & 15 {
            0 => world.deliver(steps.bytes()),
            1 => world.pass(|_| {}),
            2 => world.pass(|datagram| steps.change(datagram, step >> 4)),
            3 => world.repeat(),
            4 => _ = world.coming.pop_front(),
            5 => world.pass(|datagram| datagram.truncate(steps.place(datagram.len()))),
            6 => world.pass(|datagram| {
                let at = steps.place(datagram.len());
                datagram.splice(at..at, steps.bytes().iter().copied());
            }),
            7 => world.wait(Duration::from_millis(u64::from(steps.word()))),
            8 => world.say(steps.bytes()),
            9 => world.cut(usize::from(steps.byte()).max(1)),
            10 => {
                let (kind, epoch, number) = (20 + (step >> 4) % 6, steps.byte() % 3, steps.word());
                world.deliver(&record(kind, epoch.into(), number, steps.bytes()));
            }
            11 => {
                let (length, number, offset) = (steps.word(), steps.byte(), steps.word());
                let body = fragment(steps.byte(), length.into(), number.into(), offset.into(), steps.bytes());
                let number = world.next();
                world.deliver(&record(22, 0, number, &body));
            }
            _ => world.pass(|_| {}),
        }
    }
    world.outcome
}

/// A key that nobody needs to trust, made once.
fn identity() -> &'static (Arc<dyn RTCCryptoProvider>, Certificate) {
    static MADE: OnceLock<(Arc<dyn RTCCryptoProvider>, Certificate)> = OnceLock::new();
    MADE.get_or_init(|| {
        let provider = rtc::crypto::default_provider().expect("there is one");
        let made = Certificate::generate_self_signed(vec!["fuzz".to_owned()], provider.crypto());
        (provider, made.expect("a certificate"))
    })
}

struct World {
    guard: Arc<Guard>,
    server: Endpoint,
    client: Endpoint,
    /// From the client to the server.
    coming: VecDeque<Vec<u8>>,
    /// Of the last record that was made up.
    number: u16,
    now: Instant,
    outcome: Outcome,
}

fn server_addr() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

fn client_addr() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 2))
}

impl World {
    fn new() -> Self {
        let (provider, certificate) = identity();
        let guard = Arc::new(Guard::new(STREAMS, Arc::default()));
        let config = |provider: Arc<dyn RTCCryptoProvider>, is_client: bool| {
            let config = ConfigBuilder::default()
                .with_crypto_provider(provider)
                .with_certificates(vec![certificate.clone()])
                .with_srtp_protection_profiles(vec![
                    SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                    SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
                ])
                .with_client_auth(ClientAuthType::RequireAnyClientCert)
                .with_insecure_skip_verify(true)
                .with_extended_master_secret(ExtendedMasterSecretType::Require)
                .build(is_client, is_client.then(server_addr));
            Arc::new(config.expect("a good configuration"))
        };
        let ours = watched(provider.clone(), Arc::new(KeyTap::default()), Some(guard.clone()));
        let server = Endpoint::new(server_addr(), TransportProtocol::UDP, Some(config(ours, false)));
        let mut client = Endpoint::new(client_addr(), TransportProtocol::UDP, None);
        let now = Instant::now();
        client.connect(now, server_addr(), config(provider.clone(), true), None).expect("a hello");
        let mut world = Self {
            guard,
            server,
            client,
            coming: VecDeque::new(),
            number: 30,
            now,
            outcome: Outcome::default(),
        };
        world.collect();
        world
    }

    /// The number of a record that is made up: not so far on that the client's own would be too old.
    fn next(&mut self) -> u16 {
        self.number = self.number.wrapping_add(1);
        self.number
    }

    /// The server hears a datagram, and the client what it says to it.
    fn deliver(&mut self, datagram: &[u8]) {
        if !matches!(datagram.first(), Some(20..=63)) || !self.guard.admits_datagram(datagram) {
            return;
        }
        // An error ends nothing: `rtc` goes on with what comes next.
        let events = self.server.read(self.now, client_addr(), None, datagram.into()).unwrap_or_default();
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => self.outcome.connected = true,
                EndpointEvent::ApplicationData(packet) => {
                    assert!(of_our_channels(&packet), "SCTP would see {packet:?}");
                    self.outcome.packets += 1;
                }
                _ => {}
            }
        }
        self.answers();
    }

    fn answers(&mut self) {
        for count in 1.. {
            let Some(answer) = self.server.poll_transmit() else { break };
            assert!(count <= MOST_ANSWERS, "one datagram has it send {count}");
            let _ = self.client.read(self.now, server_addr(), None, answer.message);
        }
        self.collect();
    }

    fn collect(&mut self) {
        while let Some(sent) = self.client.poll_transmit() {
            if self.coming.len() < QUEUE {
                self.coming.push_back(sent.message.to_vec());
            }
        }
    }

    /// The client's next datagram, as it becomes on its way.
    fn pass(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(mut datagram) = self.coming.pop_front() {
            change(&mut datagram);
            self.deliver(&datagram);
        }
    }

    fn repeat(&mut self) {
        if let Some(datagram) = self.coming.pop_front() {
            self.deliver(&datagram);
            self.deliver(&datagram);
        }
    }

    /// Time passes for both.
    fn wait(&mut self, time: Duration) {
        self.now += time;
        // One that has given up says so again and again.
        let _ = self.server.handle_timeout(client_addr(), self.now);
        let _ = self.client.handle_timeout(server_addr(), self.now);
        self.answers();
    }

    /// The client seals something for SCTP, if its handshake is done.
    fn say(&mut self, packet: &[u8]) {
        let _ = self.client.write(self.now, server_addr(), packet);
        self.collect();
    }

    /// The client's next message comes in fragments of this length, if it is not sealed.
    fn cut(&mut self, size: usize) {
        let Some(datagram) = self.coming.pop_front() else { return };
        let message = match datagram.get(..25) {
            Some(head) if head[0] == 22 && head[3..5] == [0, 0] => &datagram[25..],
            _ => return self.deliver(&datagram),
        };
        let (kind, sequence) = (datagram[13], u16::from_be_bytes([datagram[17], datagram[18]]));
        let length = u32::from_be_bytes([0, datagram[14], datagram[15], datagram[16]]);
        let whole = message.get(..length as usize).unwrap_or(message).to_vec();
        for (number, part) in whole.chunks(size).enumerate() {
            let (number, offset) = (self.next(), short(number * size));
            let body = fragment(kind, length, sequence, offset, part);
            self.deliver(&record(22, 0, number, &body));
        }
    }
}

/// Whether a packet has no DATA (RFC 9260 §3.3.1) but that of the two channels.
fn of_our_channels(packet: &[u8]) -> bool {
    let Some(mut rest) = packet.get(12..) else { return false };
    while let [kind, _, high, low, ..] = *rest {
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(chunk) = rest.get(..length).filter(|chunk| chunk.len() >= 4) else { return false };
        if kind == 0
            && !chunk.get(8..10).is_some_and(|id| STREAMS.map(u16::to_be_bytes).iter().any(|own| own == id))
        {
            return false;
        }
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    rest.is_empty()
}

fn record(kind: u8, epoch: u16, number: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or_default().to_be_bytes();
    [&[kind, 254, 253][..], &epoch.to_be_bytes(), &[0; 4], &number.to_be_bytes(), &length, body].concat()
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn fragment(kind: u8, length: u32, sequence: u16, offset: u32, part: &[u8]) -> Vec<u8> {
    let three = |number: u32| number.to_be_bytes()[1..].to_vec();
    let own = three(short(part.len()));
    [&[kind][..], &three(length), &sequence.to_be_bytes(), &three(offset), &own, part].concat()
}
