//! What is looked at before any request is answered: who asks, which page lets them ask, and how long it takes; and what
//! is said with every answer.

use super::address::Proxies;
use super::gate::{Gate, Place, Refused};
use super::origin::Origins;
use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use signal::{ErrorCode, ErrorInfo};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// How long a browser comes by HTTPS alone once it has seen it (RFC 6797), in seconds: half a year.
const STRICT: HeaderValue = HeaderValue::from_static("max-age=15552000");

/// Seconds after which it is worth another try.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("30");

/// Who asks: for limits by address.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    gate: Gate,
    address: IpAddr,
}

impl Caller {
    /// A place for a WebSocket.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn socket(&self) -> Result<Place, Refused> {
        self.gate.socket(self.address)
    }

    /// Whether there may be another join.
    ///
    /// # Errors
    /// `too_many_from_network`.
    pub(crate) fn join(&self) -> Result<(), ErrorInfo> {
        self.gate
            .join(self.address, Instant::now())
            .map_err(|_| ErrorInfo::new(ErrorCode::TooManyFromNetwork))
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    /// It is there unless a request did not come by the front door.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Not at all.
    Http,
    /// With a certificate that somebody vouches for.
    Https,
    /// With one that nobody vouches for.
    Unvouched,
}

/// What it takes to look.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) gate: Gate,
    pub(super) proxies: Proxies,
    pub(super) origins: Origins,
    pub(super) patience: Duration,
}

/// Every request's way in and every answer's way out.
pub(super) async fn pass(
    State(guard): State<Guard>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let scheme = request.extensions().get().copied().unwrap_or(Scheme::Http);
    if is_upgrade(request.headers()) && !guard.origins.allow(request.headers()) {
        guard.gate.refused(Refused::Origin);
        return (StatusCode::FORBIDDEN, format!("{}\n", Refused::Origin)).into_response();
    }
    let address = guard.proxies.client(peer.ip(), request.headers());
    request.extensions_mut().insert(Caller { gate: guard.gate.clone(), address });
    let answer = tokio::time::timeout(guard.patience, next.run(request)).await;
    let mut answer = answer.unwrap_or_else(|_| {
        guard.gate.refused(Refused::Slow);
        let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
        (StatusCode::REQUEST_TIMEOUT, close, format!("{}\n", Refused::Slow)).into_response()
    });
    let headers = answer.headers_mut();
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    if scheme == Scheme::Https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT);
    }
    answer
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
}

impl IntoResponse for Refused {
    /// 429, with an error as in PROTOCOL.md.
    fn into_response(self) -> Response {
        let info = ErrorInfo::with_message(ErrorCode::TooManyFromNetwork, self.to_string());
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, RETRY_AFTER)], Json(info)).into_response()
    }
}
