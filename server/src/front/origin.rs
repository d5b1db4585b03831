//! Which pages may open a WebSocket: our own, and those of origins that the operator names. A browser opens one for
//! any page, and says for which (RFC 6455 §10.2); whoever is no browser says nothing, and is no page. Where rooms are open
//! because only this machine or its network reaches them, the same holds for all that does something.

use super::host::{is_this_machine, name};
use crate::embed::Origin;
use axum::http::{HeaderMap, header};
use std::sync::Arc;

/// The rule. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Origins(Arc<[String]>);

impl Origins {
    /// Besides our own, those.
    pub(crate) fn new(allowed: &[Origin]) -> Self {
        Self(allowed.iter().map(ToString::to_string).collect())
    }

    /// Whether a request with these headers may be a page's.
    pub(crate) fn allow(&self, headers: &HeaderMap) -> bool {
        let mut said = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = said.next() else { return true };
        let (None, Ok(origin)) = (said.next(), origin.to_str()) else { return false };
        let origin = origin.to_ascii_lowercase();
        if self.0.contains(&origin) {
            return true;
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| is_own(&origin, &host.to_ascii_lowercase()))
    }
}

/// Whether the page came from the host that is asked now. A proxy in front may speak HTTPS where we do not, so the
/// scheme says nothing.
fn is_own(origin: &str, host: &str) -> bool {
    let schemes = [("https://", ":443"), ("http://", ":80")];
    let found = schemes.iter().find_map(|(scheme, port)| Some((origin.strip_prefix(scheme)?, port)));
    let Some((page, port)) = found else { return false };
    let bare = |name: &str| name.strip_suffix(port).unwrap_or(name).to_owned();
    // A page under development is served by another program of the same machine, which passes on what it asks.
    let here = [page, host].into_iter().all(|host| name(host).is_some_and(is_this_machine));
    !page.is_empty() && (bare(page) == bare(host) || here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_host_that_is_asked_and_of_those_that_are_named() {
        let named = Origins::new(&["https://Friend.example".parse().unwrap()]);
        for (host, origin, expected) in [
            ("meet.example", "https://meet.example", true),
            ("Meet.example", "https://meet.EXAMPLE", true),
            ("meet.example:443", "https://meet.example", true),
            ("meet.example", "http://meet.example", true),
            ("meet.example:8443", "https://meet.example:8443", true),
            ("[2001:db8::7]:8443", "https://[2001:db8::7]:8443", true),
            ("meet.example", "https://friend.example", true),
            ("meet.example:8443", "https://meet.example", false),
            ("meet.example", "https://meet.example:8443", false),
            ("meet.example", "https://evil.example", false),
            ("meet.example", "https://meet.example.evil.example", false),
            ("meet.example", "https://evil.example/meet.example", false),
            ("meet.example", "null", false),
            ("meet.example", "", false),
            ("meet.example", "https://", false),
            ("", "https://", false),
            ("meet.example", "http://localhost:8081", false),
            ("127.0.0.1:8080", "https://evil.example", false),
            ("127.0.0.1:8080", "http://127.0.0.1:8081", true),
            ("127.0.0.1:8080", "http://localhost:8081", true),
            ("localhost:8080", "http://[::1]:8081", true),
            ("localhost:8080", "http://call.localhost:8081", true),
            ("127.0.0.1", "http://localhost.:8081", true),
            ("127.0.0.1", "http://localhost.evil.example.:8081", false),
            ("localhost:8080", "http://localhost.evil.example", false),
        ] {
            let headers = HeaderMap::from_iter([
                (header::HOST, host.parse().unwrap()),
                (header::ORIGIN, origin.parse().unwrap()),
            ]);
            assert_eq!(named.allow(&headers), expected, "{origin} asks {host}");
        }
    }

    #[test]
    fn who_names_no_page_is_none_and_who_names_two_is_a_liar() {
        let none = Origins::new(&[]);
        assert!(none.allow(&HeaderMap::from_iter([(header::HOST, "a".parse().unwrap())])));
        assert!(!none.allow(&HeaderMap::from_iter([(header::ORIGIN, "https://a".parse().unwrap())])));
        let mut two = HeaderMap::from_iter([
            (header::HOST, "a".parse().unwrap()),
            (header::ORIGIN, "https://a".parse().unwrap()),
        ]);
        two.append(header::ORIGIN, "https://b".parse().unwrap());
        assert!(!none.allow(&two));
    }
}
