//! The port that knows no more than where HTTPS is: whoever asks anything there is sent to the same path of the same
//! name over HTTPS (308, so that a POST stays one).

use super::host::name;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// To HTTPS on that port.
pub(super) fn router(port: u16) -> Router {
    Router::new().fallback(send).with_state(port)
}

async fn send(State(port): State<u16>, uri: Uri, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).and_then(name);
    let Some(name) = host else { return StatusCode::BAD_REQUEST.into_response() };
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    // `OPTIONS *` has no path.
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("https://{name}{port}{path}"))])
        .into_response()
}
