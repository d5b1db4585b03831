//! The data channels of one bot, sans-I/O: `rtc`'s SCTP over the DTLS association, and no library of channels, so that
//! tests can send what no honest client does.

/// What SCTP says that a message is.
pub use rtc::sctp::PayloadProtocolIdentifier as Protocol;
use rtc::sctp::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    ReliabilityType, StreamEvent, TransportConfig,
};
use rtc::shared::TransportProtocol;
use signal::{RELIABLE_CHANNEL, UNRELIABLE_CHANNEL};
use std::collections::{BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// Bytes that the server may have sent and the bot has not read.
const RECEIVE_WINDOW: u32 = 64 * 1024;
/// Larger than what the server takes.
const MESSAGE: u32 = 256 * 1024;

/// Over which channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Delivers all, in order.
    Reliable,
    /// Delivers what comes at the first attempt.
    Unreliable,
}

impl Channel {
    fn stream(self) -> u16 {
        match self {
            Self::Reliable => RELIABLE_CHANNEL,
            Self::Unreliable => UNRELIABLE_CHANNEL,
        }
    }
}

/// See the module.
pub struct Data {
    endpoint: Endpoint,
    handle: AssociationHandle,
    association: Association,
    remote: SocketAddr,
    open: bool,
    /// Whether what comes is read.
    reads: bool,
    readable: BTreeSet<u16>,
    closed: BTreeSet<u16>,
    received: VecDeque<(u16, Vec<u8>)>,
    outgoing: VecDeque<Vec<u8>>,
    now: Instant,
}

impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Data").field("open", &self.open).field("closed", &self.closed).finish_non_exhaustive()
    }
}

impl Data {
    /// Says the first word of SCTP; `None` when the library refuses.
    pub(crate) fn connect(now: Instant) -> Option<Self> {
        // The address labels the association; it goes where DTLS goes.
        let remote = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let config = Arc::new(EndpointConfig::default());
        let mut endpoint = Endpoint::new(remote, TransportProtocol::UDP, config, None);
        let transport = TransportConfig::default()
            .with_max_receive_buffer_size(RECEIVE_WINDOW)
            .with_max_message_size(MESSAGE);
        let (handle, association) = endpoint.connect(now, ClientConfig::new(transport), remote).ok()?;
        let mut data = Self {
            endpoint,
            handle,
            association,
            remote,
            open: false,
            reads: true,
            readable: BTreeSet::new(),
            closed: BTreeSet::new(),
            received: VecDeque::new(),
            outgoing: VecDeque::new(),
            now,
        };
        data.settle(now);
        Some(data)
    }

    /// Whether messages may be sent.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether the server, or the bot itself, closed a channel.
    pub fn is_closed(&self, channel: Channel) -> bool {
        self.closed.contains(&channel.stream())
    }

    /// Whether the association is gone.
    pub fn is_lost(&self) -> bool {
        self.association.is_closed()
    }

    /// Sends as an honest client does, in a binary message; false when that is not possible.
    pub fn send(&mut self, channel: Channel, message: &[u8]) -> bool {
        self.send_raw(channel.stream(), Protocol::Binary, message)
    }

    /// Sends over any stream, as anything; false when that is not possible.
    pub fn send_raw(&mut self, stream: u16, protocol: Protocol, message: &[u8]) -> bool {
        let now = self.now;
        if self.association.stream(stream).is_err() {
            // Refused only if it is there.
            let _ = self.association.open_stream(stream, protocol);
        }
        let Ok(mut stream) = self.association.stream(stream) else { return false };
        let sent = stream.write_with_ppi(now, message, protocol).is_ok();
        self.settle(now);
        sent
    }

    /// Bytes that wait to be sent or acknowledged.
    pub fn buffered(&mut self, channel: Channel) -> usize {
        self.association.stream(channel.stream()).and_then(|stream| stream.buffered_amount()).unwrap_or(0)
    }

    /// Closes a channel.
    pub fn close(&mut self, channel: Channel) {
        let now = self.now;
        if let Ok(mut stream) = self.association.stream(channel.stream()) {
            // One that is closed is as it should be.
            let _ = stream.close(now);
        }
        self.closed.insert(channel.stream());
        self.settle(now);
    }

    /// Reads on, or no more: then what comes stays in SCTP's window, until that is full.
    pub fn read(&mut self, reads: bool) {
        self.reads = reads;
        self.settle(self.now);
    }

    /// What has come since the last time, of one channel.
    pub fn take(&mut self, channel: Channel) -> Vec<Vec<u8>> {
        let received = std::mem::take(&mut self.received).into_iter();
        let (taken, left): (VecDeque<_>, VecDeque<_>) =
            received.partition(|(stream, _)| *stream == channel.stream());
        self.received = left;
        taken.into_iter().map(|(_, message)| message).collect()
    }

    /// Takes a packet that DTLS opened.
    pub(crate) fn handle(&mut self, packet: Vec<u8>, now: Instant) {
        let taken = self.endpoint.handle(now, self.remote, None, packet.into());
        if let Some((_, DatagramEvent::AssociationEvent(event))) = taken {
            self.association.handle_event(event);
        }
        self.settle(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.association.poll_timeout()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.association.handle_timeout(now);
        self.settle(now);
    }

    /// The next packet for DTLS.
    pub(crate) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    fn settle(&mut self, now: Instant) {
        self.now = now;
        while let Some(event) = self.association.poll() {
            match event {
                Event::Connected => self.opened(),
                Event::Stream(StreamEvent::Readable { id }) => _ = self.readable.insert(id),
                Event::AssociationLost { id, .. } => _ = self.closed.insert(id),
                _ => {}
            }
        }
        if self.reads {
            for stream in std::mem::take(&mut self.readable) {
                self.read_all(stream);
            }
        }
        while let Some(event) = self.association.poll_endpoint_event() {
            self.endpoint.handle_event(self.handle, event);
        }
        while let Some(transmit) = self.association.poll_transmit(now) {
            if let Payload::RawEncode(packets) = transmit.message {
                self.outgoing.extend(packets.iter().map(|packet| packet.to_vec()));
            }
        }
    }

    fn opened(&mut self) {
        let protocol = Protocol::Binary;
        // It is the association's first time: the streams cannot be there already.
        let _ = self.association.open_stream(RELIABLE_CHANNEL, protocol);
        if let Ok(mut stream) = self.association.open_stream(UNRELIABLE_CHANNEL, protocol) {
            let _ = stream.set_reliability_params(true, ReliabilityType::Rexmit, 0);
        }
        self.open = true;
    }

    fn read_all(&mut self, id: u16) {
        let Ok(mut stream) = self.association.stream(id) else { return };
        while let Ok(Some(chunks)) = stream.read_sctp() {
            if let Ok(message) = chunks.to_payload(MESSAGE as usize) {
                self.received.push_back((id, message.to_vec()));
            }
        }
    }
}
