//! The port that knows no more than where HTTPS is: whoever asks anything there is sent to the same path of the same
//! name over HTTPS (308, so that a POST stays one).

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
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("https://{name}{port}{path}"))])
        .into_response()
}

/// A host without its port, if it is one.
fn name(host: &str) -> Option<&str> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let inside = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let fits = match inside {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')),
    };
    (fits && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_their_ports() {
        for (host, expected) in [
            ("meet.example", Some("meet.example")),
            ("meet.example:8080", Some("meet.example")),
            ("192.0.2.7:80", Some("192.0.2.7")),
            ("[2001:db8::7]:80", Some("[2001:db8::7]")),
            ("[2001:db8::7]", Some("[2001:db8::7]")),
            ("[x]", None),
            ("", None),
            (":80", None),
            ("a/b", None),
            ("user@a", None),
            ("a b", None),
        ] {
            assert_eq!(name(host), expected, "{host}");
        }
    }
}
