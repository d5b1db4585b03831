//! A TCP connection as the front door lends it out: it holds its place among the connections as long as it lives,
//! whoever has it by then (HTTP, a WebSocket, TURN), and breaks when the other side does not take what is sent.

use super::gate::Place;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// Within this the other side takes all of one write, a TLS record (16 KiB) or an answer's rest: it has the kernel's
/// send buffer before that. Past it the connection breaks: somebody reads a byte now and then to keep it.
const STALL: Duration = Duration::from_secs(30);

/// See the module.
#[derive(Debug)]
pub(crate) struct Wire {
    tcp: TcpStream,
    /// Runs while something waits to be sent.
    stalled: Option<Pin<Box<Sleep>>>,
    /// [`STALL`].
    patience: Duration,
    _place: Place,
}

impl Wire {
    pub(crate) fn new(tcp: TcpStream, place: Place) -> Self {
        Self { tcp, stalled: None, patience: STALL, _place: place }
    }

    /// What became of a write of `all` bytes.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        all: usize,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = written
            && count == all
        {
            self.stalled = None;
        }
        if written.is_pending() {
            let patience = self.patience;
            let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
            ready!(stalled.as_mut().poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(context, bytes);
        self.written(context, bytes.len(), written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = parts.iter().map(|part| part.len()).sum();
        let written = Pin::new(&mut self.tcp).poll_write_vectored(context, parts);
        self.written(context, all, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::gate::{Gate, Limits};
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn who_takes_nothing_is_cut_off_and_gives_its_place_back() {
        let limits = Limits {
            connections: 9,
            connections_each: 9,
            sockets_each: 9,
            joins_each: 9,
            unlimited: Vec::new(),
        };
        let gate = Gate::new(limits);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let reader = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (tcp, peer) = listener.accept().await.unwrap();
        let mut wire = Wire::new(tcp, gate.connection(Some(peer.ip())).unwrap());
        wire.patience = Duration::from_millis(100);
        let error = wire.write_all(&vec![0; 64 << 20]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(gate.counts().connections, 1);
        drop(wire);
        assert_eq!(gate.counts().connections, 0);
        drop(reader);
    }
}
