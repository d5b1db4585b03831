//! Connections that are not HTTP's: STUN and TURN over TLS on the same port (RFC 7443), handed on as they are.

use crate::front::wire::Wire;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;

/// RFC 7443 §4.
pub(crate) const TURN_ALPN: &[u8] = b"stun.turn";

/// Where those go who speak TURN. Full: they are closed, and try again.
pub(crate) type TurnDoor = mpsc::Sender<Handed>;

/// Somebody who speaks TURN.
pub(crate) struct Handed {
    /// What is said inside TLS, from its first byte.
    pub(crate) stream: TlsWire,
    /// Where from.
    pub(crate) from: SocketAddr,
}

/// STUN's first two bits are zero (RFC 8489 §5), which no HTTP request's are; TURN begins with STUN.
pub(crate) fn may_be_stun(first: u8) -> bool {
    first & 0xc0 == 0
}

/// A TLS connection, and the byte of it that was looked at already.
#[derive(Debug)]
pub(crate) struct TlsWire {
    stream: Box<TlsStream<Wire>>,
    first: Option<u8>,
}

impl TlsWire {
    pub(crate) fn new(stream: TlsStream<Wire>, first: Option<u8>) -> Self {
        Self { stream: Box::new(stream), first }
    }
}

impl AsyncRead for TlsWire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buffer.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for TlsWire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
