//! Sending: what the media plane emits is written, sealed and collected into GSO runs, one subscriber's
//! packets after another's.
//!
//! Last stop of a packet. A run is one `sendmsg` with many equal segments, of which only the last may be
//! shorter; it ends when the subscriber changes, a packet is longer than the run's segments, or it is full. What goes to a
//! TCP stream waits there, frame after frame, until the flush ends.

use super::Peer;
use super::neighbours::Neighbours;
use super::relay::Content;
use super::streams::Streams;
use crate::counters::Counters;
use crate::demux::Demux;
use crate::path::Path;
use forward::{Egress, PeerKey, RtpOut};
use quinn_udp::{Transmit, UdpSocketState};
use slotmap::SecondaryMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::Ordering::Relaxed;

/// Bytes of one run: what one UDP GSO send may hold, with room for the headers.
const RUN: usize = 65_000;
/// Longest datagram sent: an Ethernet frame without the headers of IPv6 and UDP. A longer one is lost and
/// counted; within a GSO run the kernel would refuse all of the run.
const DATAGRAM: usize = 1500 - 40 - 8;

/// A run being collected, in a buffer that is made once.
pub(super) struct RunBuffer {
    bytes: Box<[u8]>,
    len: usize,
    segment: usize,
    segments: usize,
    /// A segment shorter than the others was added: nothing may follow it.
    closed: bool,
    to: Option<SocketAddr>,
    max_segments: usize,
}

impl RunBuffer {
    pub(super) fn new(max_segments: usize) -> Self {
        Self {
            bytes: vec![0; RUN].into_boxed_slice(),
            len: 0,
            segment: 0,
            segments: 0,
            closed: false,
            to: None,
            max_segments: max_segments.max(1),
        }
    }

    fn takes(&self, to: SocketAddr, len: usize) -> bool {
        self.segments == 0
            || (self.to == Some(to)
                && !self.closed
                && len <= self.segment
                && self.segments < self.max_segments
                && self.len + len <= RUN)
    }
}

/// The worker's way out during one flush.
pub(super) struct Outgoing<'a> {
    pub(super) demux: &'a Demux,
    pub(super) peers: &'a mut SecondaryMap<PeerKey, Peer>,
    pub(super) neighbours: &'a mut Neighbours,
    pub(super) wire: Wire<'a>,
}

/// The socket, and the run being collected for it; and the streams.
pub(super) struct Wire<'a> {
    pub(super) runs: &'a mut RunBuffer,
    pub(super) udp: &'a UdpSocketState,
    pub(super) socket: &'a UdpSocket,
    pub(super) streams: &'a mut Streams,
    pub(super) counters: &'a Counters,
}

impl Wire<'_> {
    /// Sends what is still collected.
    pub(super) fn finish(mut self) {
        self.send_run();
        self.streams.flush();
    }

    /// Makes room for a datagram, lets `write` fill it, and adds it to the run.
    fn add(&mut self, to: Path, len: usize, write: impl FnOnce(&mut [u8]) -> bool) {
        if len > DATAGRAM {
            count(&self.counters.send_failed, 1);
            return;
        }
        let to = match to {
            Path::Udp(to) => to,
            Path::Tcp(stream, _) => return self.streams.add(stream, len, write, self.counters),
        };
        if !self.runs.takes(to, len) {
            self.send_run();
        }
        let start = self.runs.len;
        let Some(room) = self.runs.bytes.get_mut(start..start + len) else { return };
        if !write(room) {
            count(&self.counters.send_failed, 1);
            return;
        }
        let run = &mut *self.runs;
        if run.segments == 0 {
            (run.segment, run.to, run.closed) = (len, Some(to), false);
        }
        run.closed = len < run.segment;
        run.len += len;
        run.segments += 1;
    }

    fn send_run(&mut self) {
        let run = &mut *self.runs;
        let (segments, segment, to) = (run.segments, run.segment, run.to.take());
        let len = std::mem::take(&mut run.len);
        run.segments = 0;
        let (Some(destination), Some(contents)) = (to, run.bytes.get(..len)) else { return };
        if segments == 0 {
            return;
        }
        let transmit = Transmit {
            destination,
            ecn: None,
            contents,
            segment_size: (segments > 1).then_some(segment),
            src_ip: None,
        };
        count(&self.counters.sends, 1);
        match self.udp.try_send(self.socket.into(), &transmit) {
            Ok(()) => count(&self.counters.datagrams_out, segments),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                count(&self.counters.send_blocked, segments);
            }
            Err(_) if segments > 1 => self.send_singly(destination, len, segment),
            Err(_) => count(&self.counters.send_failed, segments),
        }
    }

    /// For a kernel or a device that refuses GSO: `quinn-udp` notices and lowers its maximum, and this
    /// run goes out datagram by datagram.
    fn send_singly(&mut self, destination: SocketAddr, len: usize, segment: usize) {
        self.runs.max_segments = self.udp.max_gso_segments().max(1);
        let contents = self.runs.bytes.get(..len).unwrap_or_default();
        for contents in contents.chunks(segment.max(1)) {
            let transmit = Transmit { destination, ecn: None, contents, segment_size: None, src_ip: None };
            let sent = self.udp.try_send(self.socket.into(), &transmit).is_ok();
            count(if sent { &self.counters.datagrams_out } else { &self.counters.send_failed }, 1);
        }
    }
}

impl Egress for Outgoing<'_> {
    fn rtp(&mut self, to: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
        let Some(path) = self.demux.selected(to) else { return };
        let Some(crypto) = self.peers.get(to).and_then(|peer| peer.crypto.as_ref()) else { return };
        let total = packet.len + crypto.sealer.profile().rtp_overhead();
        self.wire.add(path, total, |room| {
            fill(room);
            crypto.sealer.seal_rtp(room, packet.header_len, packet.ssrc.0, packet.index).is_ok()
        });
    }

    fn rtcp(&mut self, to: PeerKey, compound: &[u8]) {
        if let Some(home) = self.neighbours.home(to) {
            if !self.neighbours.ask(home, to, Content::Feedback, compound) {
                count(&self.wire.counters.relay_full, 1);
            }
            return;
        }
        let Some(path) = self.demux.selected(to) else { return };
        let Some(crypto) = self.peers.get_mut(to).and_then(|peer| peer.crypto.as_mut()) else { return };
        let total = compound.len() + crypto.sealer.profile().rtcp_overhead();
        self.wire.add(path, total, |room| {
            for (to, from) in room.iter_mut().zip(compound) {
                *to = *from;
            }
            crypto.sealer.seal_rtcp(room).is_ok()
        });
    }
}

fn count(counter: &std::sync::atomic::AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sockets that receive, and one that sends.
    struct House {
        from: UdpSocket,
        udp: UdpSocketState,
        to: [UdpSocket; 2],
        counters: Counters,
        runs: RunBuffer,
        streams: Streams,
    }

    impl House {
        fn new(max_segments: usize) -> Self {
            let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
            let (from, to) = (bind(), [bind(), bind()]);
            for socket in &to {
                socket.set_nonblocking(true).unwrap();
            }
            let udp = UdpSocketState::new((&from).into()).unwrap();
            let poll = mio::Poll::new().unwrap();
            let waker = mio::Waker::new(poll.registry(), super::super::WAKER).unwrap();
            let (_, leaving) = super::super::WayOut::new(std::sync::Arc::new(waker));
            let streams = Streams::new(None, poll.registry(), leaving).unwrap();
            let counters = Counters::default();
            Self { from, udp, to, counters, runs: RunBuffer::new(max_segments), streams }
        }

        fn wire(&mut self) -> Wire<'_> {
            let Self { from, udp, counters, runs, streams, .. } = self;
            Wire { runs, udp, socket: from, streams, counters }
        }

        /// Adds datagrams, each to one of the two and so long.
        fn add(&mut self, datagrams: &[(usize, usize)]) {
            for (number, (to, len)) in datagrams.iter().enumerate() {
                let to = self.to[*to].local_addr().unwrap();
                self.wire().add(Path::Udp(to), *len, |room| {
                    room.fill(u8::try_from(number).unwrap());
                    true
                });
            }
        }

        /// What arrived at one of the two: what each begins with, and its length.
        fn arrived(&self, at: usize) -> Vec<(u8, usize)> {
            let mut buffer = [0; 2048];
            std::iter::from_fn(|| self.to[at].recv(&mut buffer).ok().map(|len| (buffer[0], len))).collect()
        }

        fn sends(&self) -> u64 {
            self.counters.values().sends
        }
    }

    #[test]
    fn a_run_is_one_receivers_and_of_one_length_but_for_its_last() {
        let mut house = House::new(64);
        house.add(&[(0, 900), (0, 900), (0, 300), (0, 300), (1, 300), (1, 301)]);
        house.wire().finish();
        assert_eq!(house.arrived(0), [(0, 900), (1, 900), (2, 300), (3, 300)]);
        assert_eq!(house.arrived(1), [(4, 300), (5, 301)]);
        assert_eq!(house.sends(), 4);
    }

    #[test]
    fn a_kernel_without_gso_gets_each_datagram_by_itself() {
        let mut house = House::new(1);
        house.add(&[(0, 900), (0, 900), (0, 900)]);
        house.wire().finish();
        assert_eq!(house.arrived(0), [(0, 900), (1, 900), (2, 900)]);
        assert_eq!(house.sends(), 3);
    }

    #[test]
    fn a_run_that_is_refused_leaves_datagram_by_datagram() {
        let mut house = House::new(64);
        house.add(&[(0, 900), (0, 900), (0, 7)]);
        let to = house.to[0].local_addr().unwrap();
        house.wire().send_singly(to, 1807, 900);
        assert_eq!(house.arrived(0), [(0, 900), (1, 900), (2, 7)]);
        assert_eq!(house.counters.values().datagrams_out, 3);
    }
}
