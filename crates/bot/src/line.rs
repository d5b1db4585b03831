//! A bot's TCP stream to the server (ICE-TCP, RFC 6544): frames of RFC 4571, put together and taken apart.
//!
//! Beside the UDP socket in the crowd's thread; whoever reads and writes it owns no protocol.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// By what a bot's media goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// Datagrams.
    #[default]
    Udp,
    /// Frames in a stream.
    Tcp,
    /// The same, written in pieces of a few bytes, so that frames are cut anywhere.
    Shredded,
}

/// Bytes that wait for the kernel to take them. Frames past it are lost.
const WAITING: usize = 1 << 20;
/// The longest piece of a shredded stream. The pieces' lengths go round, so that they meet every place of a frame.
const LONGEST_PIECE: usize = 97;

/// See the module.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) tcp: TcpStream,
    incoming: Vec<u8>,
    waiting: Vec<u8>,
    /// The length of the next piece, if it is shredded.
    piece: Option<usize>,
    ended: bool,
}

impl Line {
    pub(crate) fn connect(to: SocketAddr, shredded: bool) -> io::Result<Self> {
        let tcp = TcpStream::connect(to)?;
        tcp.set_nodelay(true)?;
        tcp.set_nonblocking(true)?;
        let piece = shredded.then_some(1);
        Ok(Self { tcp, incoming: Vec::new(), waiting: Vec::new(), piece, ended: false })
    }

    /// Whether the server has ended it.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Reads all there is, and hands each whole frame on.
    pub(crate) fn receive(&mut self, buffer: &mut [u8], mut take: impl FnMut(&mut [u8])) {
        while !self.ended {
            match self.tcp.read(buffer) {
                Ok(0) => self.ended = true,
                Ok(count) => self.incoming.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.ended = true,
            }
            let mut at = 0;
            while let Some([high, low]) = self.incoming.get(at..).and_then(|rest| rest.first_chunk::<2>()) {
                let len = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(frame) = self.incoming.get_mut(at + 2..at + 2 + len) else { break };
                take(frame);
                at += 2 + len;
            }
            self.incoming.drain(..at);
        }
    }

    /// Sends a frame, now or when there is room.
    pub(crate) fn send(&mut self, datagram: &[u8]) {
        if self.waiting.len() + datagram.len() > WAITING {
            return;
        }
        let len = u16::try_from(datagram.len()).unwrap_or(u16::MAX);
        self.waiting.extend(len.to_be_bytes());
        self.waiting.extend_from_slice(datagram);
        self.flush();
    }

    /// Writes what waits.
    pub(crate) fn flush(&mut self) {
        let mut written = 0;
        while let Some(rest) = self.waiting.get(written..).filter(|rest| !rest.is_empty()) {
            let most = self.piece.unwrap_or(rest.len()).min(rest.len());
            match self.tcp.write(rest.get(..most).unwrap_or_default()) {
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Full, or ended, which reading shows.
                Err(_) => break,
            }
            self.piece = self.piece.map(|piece| piece % LONGEST_PIECE + 1);
        }
        self.waiting.drain(..written);
    }
}
