//! The library's SCTP, set up as `webrtc` sets it up, reads what somebody sent who has the keys, as far as the guard lets
//! it: a client's packets, changed, repeated and lost, and others that no honest one sends. Nothing panics, work ends,
//! there are no more associations than the guard admits, and no streams but the two.
//!
//! The input is a row of steps: the low four bits of a byte say which, and what each needs follows.

use crate::steps::Steps;
use rtc::sctp::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    PayloadProtocolIdentifier as Protocol, ReliabilityType, ServerConfig, StreamEvent, TransportConfig,
};
use rtc::shared::TransportProtocol;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use transport::keys::Guard;

/// The streams of the two channels.
const STREAMS: [u16; 2] = [1, 2];
/// Bytes of the largest message, and of the window, about as the adapter has them.
const MESSAGE: u32 = 16 * 1024 + 1024;
const WINDOW: u32 = 128 * 1024;
/// Bytes that the server has under way over one channel at most.
const BUFFER: usize = 128 * 1024;
/// Packets on their way from the client at most.
const QUEUE: usize = 64;
/// Packets that one packet, or one timer, has the server send at most: its window.
const MOST_ANSWERS: usize = 4096;
/// What the guard admits of INITs, and one more would be its fault.
const MOST_ASSOCIATIONS: usize = 16;

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// An association was established.
    pub connected: bool,
    /// Messages that an application would have seen.
    pub messages: usize,
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
            2 => world.pass(|packet| {
                steps.change(packet, step >> 4);
                check(packet);
            }),
            3 => world.repeat(),
            4 => _ = world.coming.pop_front(),
            5 => world.make_up(steps.bytes()),
            6 => world.pass(|packet| {
                packet.extend_from_slice(steps.bytes());
                check(packet);
            }),
            7 => world.wait(Duration::from_millis(u64::from(steps.word()))),
            8 => {
                let (stream, length) = (u16::from(step >> 4), usize::from(steps.word()));
                world.say(stream, &vec![steps.byte(); length]);
            }
            9 => {
                let length = usize::from(steps.word());
                world.answer(STREAMS[usize::from(step >> 4 & 1)], &vec![7; length]);
            }
            10 => world.reads = step & 16 == 0,
            11 => world.close(u16::from(step >> 4)),
            _ => world.pass(|_| {}),
        }
        world.holds();
    }
    world.outcome
}

struct World {
    guard: Guard,
    server: Endpoint,
    associations: HashMap<AssociationHandle, Association>,
    readable: BTreeSet<(AssociationHandle, u16)>,
    /// Whether the application takes what comes.
    reads: bool,
    client: Endpoint,
    own: (AssociationHandle, Association),
    /// From the client to the server.
    coming: VecDeque<Vec<u8>>,
    /// Ports and tag of the client's last packet.
    head: [u8; 8],
    now: Instant,
    outcome: Outcome,
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn transport() -> TransportConfig {
    TransportConfig::default().with_max_message_size(MESSAGE).with_max_receive_buffer_size(WINDOW)
}

impl World {
    fn new() -> Self {
        let config = || Arc::new(EndpointConfig::default());
        let accepts = Some(Arc::new(ServerConfig::new(transport())));
        let server = Endpoint::new(address(1), TransportProtocol::UDP, config(), accepts);
        let mut client = Endpoint::new(address(2), TransportProtocol::UDP, config(), None);
        let now = Instant::now();
        let own = client.connect(now, ClientConfig::new(transport()), address(1)).expect("an INIT");
        let mut world = Self {
            guard: Guard::new(STREAMS, Arc::default()),
            server,
            associations: HashMap::new(),
            readable: BTreeSet::new(),
            reads: true,
            client,
            own,
            coming: VecDeque::new(),
            head: [0; 8],
            now,
            outcome: Outcome::default(),
        };
        world.collect();
        world
    }

    /// The server reads a packet, and the client what it says to it.
    fn deliver(&mut self, packet: &[u8]) {
        if !self.guard.admits(packet) {
            return;
        }
        match self.server.handle(self.now, address(2), None, packet.to_vec().into()) {
            Some((handle, DatagramEvent::NewAssociation(association))) => {
                self.associations.insert(handle, association);
            }
            Some((handle, DatagramEvent::AssociationEvent(event))) => {
                if let Some(association) = self.associations.get_mut(&handle) {
                    association.handle_event(event);
                }
            }
            _ => {}
        }
        self.settle();
    }

    /// As `rtc` does after each packet.
    fn settle(&mut self) {
        let (mut answers, mut gone) = (Vec::new(), Vec::new());
        for (handle, association) in &mut self.associations {
            while let Some(event) = association.poll() {
                match event {
                    Event::Connected => {
                        self.outcome.connected = true;
                        for stream in STREAMS {
                            if let Ok(mut stream) = association.open_stream(stream, Protocol::Binary) {
                                let _ = stream.set_reliability_params(true, ReliabilityType::Rexmit, 0);
                            }
                        }
                    }
                    Event::Stream(StreamEvent::Readable { id }) => _ = self.readable.insert((*handle, id)),
                    _ => {}
                }
            }
            while let Some(event) = association.poll_endpoint_event() {
                gone.push((*handle, event));
            }
            while let Some(transmit) = association.poll_transmit(self.now) {
                if let Payload::RawEncode(packets) = transmit.message {
                    for packet in &packets {
                        self.guard.notes(packet);
                    }
                    answers.extend(packets);
                }
                assert!(answers.len() <= MOST_ANSWERS, "one packet has it send {}", answers.len());
            }
        }
        for (handle, event) in gone {
            self.server.handle_event(handle, event);
            self.associations.remove(&handle);
            self.readable.retain(|(of, _)| *of != handle);
        }
        self.read();
        for answer in answers {
            if let Some((_, DatagramEvent::AssociationEvent(event))) =
                self.client.handle(self.now, address(1), None, answer)
            {
                self.own.1.handle_event(event);
            }
        }
        self.collect();
    }

    fn read(&mut self) {
        if !self.reads {
            return;
        }
        for (handle, stream) in std::mem::take(&mut self.readable) {
            let Some(association) = self.associations.get_mut(&handle) else { continue };
            if association.is_handshaking() {
                self.readable.insert((handle, stream));
                continue;
            }
            let Ok(mut stream) = association.stream(stream) else { continue };
            while let Ok(Some(chunks)) = stream.read_sctp() {
                if let Ok(message) = chunks.to_payload(MESSAGE as usize) {
                    assert!(message.len() <= MESSAGE as usize);
                    self.outcome.messages += 1;
                }
            }
        }
    }

    fn holds(&mut self) {
        assert!(self.associations.len() <= MOST_ASSOCIATIONS, "{} associations", self.associations.len());
        for association in self.associations.values_mut() {
            let streams = association.stream_ids();
            assert!(streams.iter().all(|stream| STREAMS.contains(stream)), "{streams:?}");
        }
    }

    fn collect(&mut self) {
        let (handle, association) = &mut self.own;
        while let Some(event) = association.poll() {
            if let Event::Connected = event {
                for stream in STREAMS {
                    let _ = association.open_stream(stream, Protocol::Binary);
                }
            }
        }
        while let Some(event) = association.poll_endpoint_event() {
            self.client.handle_event(*handle, event);
        }
        while let Some(transmit) = association.poll_transmit(self.now) {
            let Payload::RawEncode(packets) = transmit.message else { continue };
            for packet in packets {
                if let Some(head) = packet.first_chunk() {
                    self.head = *head;
                }
                if self.coming.len() < QUEUE {
                    self.coming.push_back(packet.to_vec());
                }
            }
        }
    }

    /// The client's next packet, as it becomes on its way.
    fn pass(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(mut packet) = self.coming.pop_front() {
            change(&mut packet);
            self.deliver(&packet);
        }
    }

    fn repeat(&mut self) {
        if let Some(packet) = self.coming.pop_front() {
            self.deliver(&packet);
            self.deliver(&packet);
        }
    }

    /// Chunks of somebody's in a packet of this association's.
    fn make_up(&mut self, chunks: &[u8]) {
        let mut packet = [&self.head[..], &[0; 4], chunks].concat();
        // An INIT has no tag yet (RFC 9260 §8.5.1).
        if chunks.first() == Some(&1) {
            packet[4..8].fill(0);
        }
        check(&mut packet);
        self.deliver(&packet);
    }

    /// Time passes for both.
    fn wait(&mut self, time: Duration) {
        self.now += time;
        for association in self.associations.values_mut() {
            association.handle_timeout(self.now);
        }
        self.own.1.handle_timeout(self.now);
        self.settle();
    }

    /// The client sends a message, over any stream.
    fn say(&mut self, stream: u16, message: &[u8]) {
        let association = &mut self.own.1;
        if association.stream(stream).is_err() {
            let _ = association.open_stream(stream, Protocol::Binary);
        }
        if let Ok(mut stream) = association.stream(stream)
            && stream.buffered_amount().is_ok_and(|waiting| waiting < BUFFER)
        {
            let _ = stream.write_with_ppi(self.now, message, Protocol::Binary);
        }
        self.collect();
    }

    /// The server sends one.
    fn answer(&mut self, stream: u16, message: &[u8]) {
        for association in self.associations.values_mut() {
            if let Ok(mut stream) = association.stream(stream)
                && stream.buffered_amount().is_ok_and(|waiting| waiting + message.len() <= BUFFER)
            {
                let _ = stream.write_with_ppi(self.now, message, Protocol::Binary);
            }
        }
        self.settle();
    }

    fn close(&mut self, stream: u16) {
        if let Ok(mut stream) = self.own.1.stream(stream) {
            let _ = stream.close(self.now);
        }
        self.collect();
    }
}

/// Writes the right checksum (a CRC of 32 bits, RFC 9260 appendix A).
fn check(packet: &mut [u8]) {
    let Some(place) = packet.get_mut(8..12) else { return };
    place.fill(0);
    let mut sum = u32::MAX;
    for byte in packet.iter() {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 0 { sum >> 1 } else { (sum >> 1) ^ 0x82f6_3b78 };
        }
    }
    packet[8..12].copy_from_slice(&(!sum).to_le_bytes());
}
