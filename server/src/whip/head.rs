//! Heads of requests and responses: media types, addresses of resources, entity-tags, other origins.

use super::refusal::Refusal;
use crate::control::{Condition, Generation};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use room::ResourceId;
use signal::{ErrorCode, ErrorInfo};

/// Not among `http`'s own names.
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// RFC 5789 §3.1; not among them either.
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// A media type that is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaType(&'static str);

/// Offers and answers (RFC 8866 §8.1).
pub(super) const SDP: MediaType = MediaType("application/sdp");
/// Candidates and ICE restarts (RFC 8840 §9.2).
pub(super) const FRAGMENT: MediaType = MediaType("application/trickle-ice-sdpfrag");

impl MediaType {
    pub(super) fn value(self) -> HeaderValue {
        HeaderValue::from_static(self.0)
    }

    /// The header that tells it, by the method that takes it.
    pub(super) fn accepted_by(self) -> HeaderName {
        if self == SDP { ACCEPT_POST } else { ACCEPT_PATCH }
    }

    /// Whether that is what a request says it holds; its parameters do not matter.
    fn is_of(self, headers: &HeaderMap) -> bool {
        let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.and_then(|value| value.split(';').next());
        essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(self.0))
    }
}

/// A request's body, if it is of that type.
pub(super) fn text(
    headers: &HeaderMap,
    expected: MediaType,
    body: Result<Bytes, BytesRejection>,
) -> Result<String, Refusal> {
    if !expected.is_of(headers) {
        return Err(Refusal::WrongType { expected });
    }
    let not_text = |_| ErrorInfo::with_message(ErrorCode::Malformed, "The body is not UTF-8.");
    Ok(String::from_utf8(body?.to_vec()).map_err(not_text)?)
}

/// The address of a new resource, below the one that was asked. As a path: what stands before it, the scheme for one,
/// only a proxy in front may know.
pub(super) fn location(uri: &Uri, resource: ResourceId) -> Result<HeaderValue, ErrorInfo> {
    let path = format!("{}/{:032x}", uri.path().trim_end_matches('/'), resource.0);
    HeaderValue::try_from(path).map_err(|_| ErrorInfo::new(ErrorCode::BadRoomName))
}

/// The resource of an address.
pub(super) fn resource(segment: &str) -> Option<ResourceId> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let fine = segment.len() == 32 && segment.bytes().all(is_digit);
    fine.then(|| u128::from_str_radix(segment, 16).ok().map(ResourceId)).flatten()
}

/// The entity-tag of an ICE session; a resource's address makes it unique (RFC 9110 §8.8.3).
pub(super) fn etag(generation: Generation) -> HeaderValue {
    let tag = format!("\"ice-{}\"", generation.0);
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// `If-Match`, if there is one. RFC 9725 means a bare `*`; some clients quote it, as its drafts did.
pub(super) fn condition(headers: &HeaderMap) -> Option<Condition> {
    let values = headers.get_all(header::IF_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim).peekable();
    tags.peek()?;
    // A list is met by any of its tags; all but the newest are stale.
    let mut known = tags.filter_map(|tag| match tag {
        "*" | "\"*\"" => Some(Condition::Any),
        tag => tag.strip_prefix("\"ice-")?.strip_suffix('"')?.parse().ok().map(Generation).map(Condition::Is),
    });
    Some(known.next_back().unwrap_or(Condition::Stale))
}

/// Tells STUN and TURN servers, as `Link` with `rel="ice-server"` (RFC 9725 §4.6).
pub(super) fn tell_ice_servers(headers: &mut HeaderMap, servers: Vec<HeaderValue>) {
    for server in servers {
        headers.append(header::LINK, server);
    }
}

/// `OPTIONS` of an endpoint: what a browser asks before it posts (RFC 9725 §4.2).
pub(super) async fn endpoint_options() -> Response {
    let methods = HeaderValue::from_static("OPTIONS, POST");
    preflight(methods, SDP)
}

/// `OPTIONS` of a resource.
pub(super) async fn resource_options() -> Response {
    let methods = HeaderValue::from_static("DELETE, OPTIONS, PATCH");
    preflight(methods, FRAGMENT)
}

fn preflight(methods: HeaderValue, accepted: MediaType) -> Response {
    let head = [
        (accepted.accepted_by(), accepted.value()),
        (header::ALLOW, methods.clone()),
        (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Authorization, Content-Type, If-Match"),
        ),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
    ];
    (StatusCode::NO_CONTENT, head).into_response()
}

/// Pages of any origin may publish and play: nothing here goes by cookies.
pub(super) async fn open_to_other_origins(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static("Accept-Patch, Accept-Post, ETag, Link, Location, Retry-After");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_found_by_its_address() {
        let id = ResourceId(0xab);
        let location = location(&Uri::from_static("/whip/tea/?name=Ada"), id).unwrap();
        assert_eq!(location, "/whip/tea/000000000000000000000000000000ab");
        assert_eq!(resource("000000000000000000000000000000ab"), Some(id));
        for other in ["", "ab", "000000000000000000000000000000AB", "+00000000000000000000000000000ab"] {
            assert_eq!(resource(other), None, "{other}");
        }
    }

    #[test]
    fn conditions() {
        let is = |generation| Some(Condition::Is(Generation(generation)));
        let table = [
            ("*", Some(Condition::Any)),
            ("\"*\"", Some(Condition::Any)),
            ("\"ice-0\"", is(0)),
            ("\"ice-0\", \"ice-1\"", is(1)),
            ("\"other\", \"ice-1\"", is(1)),
            ("W/\"ice-0\"", Some(Condition::Stale)),
            ("\"ice--1\"", Some(Condition::Stale)),
            ("", Some(Condition::Stale)),
        ];
        for (value, expected) in table {
            let headers = HeaderMap::from_iter([(header::IF_MATCH, value.parse().unwrap())]);
            assert_eq!(condition(&headers), expected, "{value}");
        }
        assert_eq!(condition(&HeaderMap::new()), None);
        let own = HeaderMap::from_iter([(header::IF_MATCH, etag(Generation(7)))]);
        assert_eq!(condition(&own), is(7));
    }

    #[test]
    fn a_body_is_of_its_type_whatever_its_parameters() {
        for (value, expected) in [
            ("application/sdp", true),
            ("Application/SDP; charset=utf-8", true),
            ("application/sdpx", false),
            ("text/plain", false),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]);
            assert_eq!(SDP.is_of(&headers), expected, "{value}");
        }
        assert!(!SDP.is_of(&HeaderMap::new()));
    }
}
