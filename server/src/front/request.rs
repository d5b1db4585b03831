//! What is looked at before any request is answered: by which name, who asks, which page lets them ask, and how long it
//! takes; and what is said with every answer.

use super::address::Proxies;
use super::gate::{Gate, Place, Refused};
use super::host::{Hosts, Misnamed};
use super::origin::Origins;
use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
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
    pub(super) hosts: Hosts,
    pub(super) patience: Duration,
}

impl Guard {
    /// Why it is not answered, whatever it asks for.
    fn refusal(&self, request: &Request) -> Option<Response> {
        let headers = request.headers();
        if let Err(why) = self.hosts.answer(headers) {
            self.gate.refused(Refused::Host);
            return Some(why.into_response());
        }
        // Where rooms are open to whoever is near, a page of elsewhere is not near, though its browser is.
        let does = is_upgrade(headers)
            || !self.hosts.is_any() && !matches!(*request.method(), Method::GET | Method::HEAD);
        if does && !self.origins.allow(headers) {
            self.gate.refused(Refused::Origin);
            return Some((StatusCode::FORBIDDEN, format!("{}\n", Refused::Origin)).into_response());
        }
        None
    }
}

/// Every request's way in and every answer's way out.
pub(super) async fn pass(
    State(guard): State<Guard>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let scheme = request.extensions().get().copied().unwrap_or(Scheme::Http);
    let mut answer = if let Some(refusal) = guard.refusal(&request) {
        refusal
    } else {
        let address = guard.proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(Caller { gate: guard.gate.clone(), address });
        let answer = tokio::time::timeout(guard.patience, next.run(request)).await;
        answer.unwrap_or_else(|_| {
            guard.gate.refused(Refused::Slow);
            let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
            (StatusCode::REQUEST_TIMEOUT, close, format!("{}\n", Refused::Slow)).into_response()
        })
    };
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

impl IntoResponse for Misnamed<'_> {
    /// 403 in words for whoever runs the server: it is they who come by such a name, if anybody means well.
    fn into_response(self) -> Response {
        let (what, name) = match self {
            Self::Unclear => return (StatusCode::BAD_REQUEST, "Host: one name, please.\n").into_response(),
            Self::Brought => {
                ("This server does not answer whom a proxy brings from elsewhere.".to_owned(), None)
            }
            Self::Other(name) => (format!("This server does not answer to the name {name}."), Some(name)),
        };
        let meant = name.map(|name| {
            format!(
                "If {name} leads here for its machine or network alone: --allow-origin http://{name} (or https://).\n"
            )
        });
        let words = format!(
            "{what}\n\n\
             Its rooms are open to whoever is on its machine or network, so it answers to their names and addresses alone: \
             pages of any site could come in by another name that leads here.\n\n\
             Open it by http://localhost or an IP address, with its port.\n\
             If a proxy brings others: --access closed --trusted-proxy ADDRESS, and an --admin-key to make rooms with.\n\
             {}If anybody may come in by any name: --access open.\n",
            meant.unwrap_or_default()
        );
        (StatusCode::FORBIDDEN, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], words)
            .into_response()
    }
}

impl IntoResponse for Refused {
    /// 429, with an error as in PROTOCOL.md.
    fn into_response(self) -> Response {
        let info = ErrorInfo::with_message(ErrorCode::TooManyFromNetwork, self.to_string());
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, RETRY_AFTER)], Json(info)).into_response()
    }
}
