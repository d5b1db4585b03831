//! One connection: TLS if its port has it, then HTTP/1.1 until one side has enough.

use super::gate::{Gate, Place, Refused};
use super::request::Scheme;
use super::tls::Tls;
use super::tls::handed::TlsWire;
use super::wire::Wire;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Bytes of a request's head, its URL included. Past it: 431. An invitation in a URL has some hundred.
const MAX_HEAD: usize = 32 * 1024;
/// Headers of a request. Past it: 431.
const MAX_HEADERS: usize = 100;

/// What is the same for all connections of a port.
#[derive(Clone)]
pub(super) struct Port {
    pub(super) router: Router,
    pub(super) gate: Gate,
    pub(super) tls: Option<Tls>,
    /// Until a request's head is there.
    pub(super) patience: Duration,
    /// True from when no more requests are to be answered than have begun.
    pub(super) stop: watch::Receiver<bool>,
}

impl Port {
    pub(super) async fn serve(self, tcp: TcpStream, from: SocketAddr, place: Place) {
        // Signaling is small messages that somebody waits for.
        let _ = tcp.set_nodelay(true);
        let wire = Wire::new(tcp, place);
        match &self.tls {
            None => self.speak(wire, from, Scheme::Http).await,
            Some(tls) => {
                if let Some(stream) = self.shake_hands(tls, wire, from).await {
                    let scheme = if tls.vouched.now() { Scheme::Https } else { Scheme::Unvouched };
                    self.speak(stream, from, scheme).await;
                }
            }
        }
    }

    async fn shake_hands(&self, tls: &Tls, wire: Wire, from: SocketAddr) -> Option<TlsWire> {
        let mut stop = self.stop.clone();
        tokio::select! {
            accepted = tls.accept(wire, from, &self.gate) => accepted,
            () = stopped(&mut stop) => None,
        }
    }

    async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        from: SocketAddr,
        scheme: Scheme,
    ) {
        let service = Answers { router: TowerToHyperService::new(self.router.clone()), from, scheme };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience)
            .max_buf_size(MAX_HEAD)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let mut stop = self.stop.clone();
        let done = tokio::select! {
            done = connection.as_mut() => done,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = done {
            if error.is_timeout() {
                self.gate.refused(Refused::Slow);
            }
            tracing::trace!(%from, %error, "a connection broke");
        }
    }
}

/// Returns when the server stops.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that whoever would say it is gone: stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The router, told who asks.
struct Answers {
    router: TowerToHyperService<Router>,
    from: SocketAddr,
    scheme: Scheme,
}

impl Service<Request<Incoming>> for Answers {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.from));
        request.extensions_mut().insert(self.scheme);
        self.router.call(request)
    }
}
