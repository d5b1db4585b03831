//! Receiving: `recvmmsg` into a few large buffers, each holding one datagram or a GRO run of many.

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};

/// Longest datagram taken, in bytes: an Ethernet frame's and some. A longer one arrives cut, and then
/// authenticates as nothing.
const DATAGRAM: usize = 2048;

/// Messages of a narrow batch: each has its price even when it does not come, and mostly one or two are there.
const NARROW: usize = 4;

/// Failures in a row after which the socket is given up. A single one says nothing of the socket: ICMP
/// errors of earlier sends show up here, and memory may be short for a moment.
const MAX_FAILURES: u32 = 1000;

/// The buffers of one batch.
#[derive(Default)]
pub(super) struct Receiver {
    buffers: Vec<Vec<u8>>,
    metas: Vec<RecvMeta>,
    filled: usize,
    failures: u32,
}

/// How many messages are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Width {
    /// A few.
    Narrow,
    /// As many as there is room for.
    Full,
}

/// What there may be after a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// More.
    Likely,
    /// Nothing: what comes now makes the socket ready anew.
    Nothing,
}

impl Receiver {
    /// Buffers for a kernel that joins up to `gro_segments` datagrams.
    pub(super) fn new(gro_segments: usize) -> Self {
        let size = DATAGRAM.saturating_mul(gro_segments.max(1)).min(1 << 16);
        Self {
            buffers: (0..BATCH_SIZE).map(|_| vec![0; size]).collect(),
            metas: vec![RecvMeta::default(); BATCH_SIZE],
            filled: 0,
            failures: 0,
        }
    }

    /// Receives what is there.
    pub(super) fn fill(
        &mut self,
        udp: &UdpSocketState,
        socket: &UdpSocket,
        width: Width,
    ) -> io::Result<Rest> {
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] = std::array::from_fn(|_| IoSliceMut::new(&mut []));
        for (slice, buffer) in slices.iter_mut().zip(&mut self.buffers) {
            *slice = IoSliceMut::new(buffer);
        }
        let width = match width {
            Width::Narrow => NARROW.min(BATCH_SIZE),
            Width::Full => BATCH_SIZE,
        };
        let slices = slices.get_mut(..width).unwrap_or_default();
        self.filled = 0;
        match udp.recv(socket.into(), slices, &mut self.metas) {
            Ok(count) => {
                (self.filled, self.failures) = (count, 0);
                Ok(if count < width { Rest::Nothing } else { Rest::Likely })
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Rest::Nothing),
            Err(error) => {
                self.failures += 1;
                if self.failures > MAX_FAILURES { Err(error) } else { Ok(Rest::Likely) }
            }
        }
    }

    /// The datagrams of the last batch, in order, each with its sender.
    pub(super) fn datagrams(&mut self) -> impl Iterator<Item = (&mut [u8], SocketAddr)> {
        self.buffers.iter_mut().zip(&self.metas).take(self.filled).flat_map(|(buffer, meta)| {
            let (len, stride) = (meta.len.min(buffer.len()), meta.stride.max(1));
            let run = buffer.get_mut(..len).unwrap_or_default();
            run.chunks_mut(stride).map(|datagram| (datagram, meta.addr))
        })
    }
}
