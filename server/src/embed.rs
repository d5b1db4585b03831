//! Which pages of others may show ours in a frame: told to browsers, which refuse all others, by the
//! Content-Security-Policy (`assets/headers.rs`), and to whoever asks (`GET /api/embed`).

use axum::Json;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use signal::Embedding;
use std::fmt;
use std::iter;
use std::str::FromStr;
use std::sync::Arc;

/// Where a page comes from (RFC 6454 §6.2), as a browser writes it: `https://example.org`, with a port that is not the
/// scheme's own perhaps. None with an IPv6 address: a Content-Security-Policy has no word for one (CSP3 §2.3.1,
/// `host-char`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It begins otherwise.
    #[error("begins with neither https:// nor http://")]
    Scheme,
    /// Something follows the host and the port.
    #[error("has more than a scheme, a host and a port: leave out the path and the last /")]
    Path,
    /// The host is missing or holds what none can.
    #[error("has no good host: a name or an IPv4 address, and perhaps :PORT")]
    Host,
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let schemes = [("https://", 443), ("http://", 80)];
        let known = schemes.iter().find_map(|(scheme, own)| Some((scheme, own, text.strip_prefix(scheme)?)));
        let (scheme, own, host) = known.ok_or(OriginError::Scheme)?;
        if host.contains(['/', '?', '#', '@']) {
            return Err(OriginError::Path);
        }
        let (name, port) = match host.split_once(':') {
            Some((name, port)) => (name, Some(port.parse::<u16>().map_err(|_| OriginError::Host)?)),
            None => (host, None),
        };
        // What stands in a header's list and in the policy's: no space, quote, comma or semicolon, and no wildcard.
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if name.is_empty() || !name.chars().all(fits) || port == Some(0) {
            return Err(OriginError::Host);
        }
        let name = name.to_ascii_lowercase();
        Ok(Self(match port.filter(|port| port != own) {
            Some(port) => format!("{scheme}{name}:{port}"),
            None => format!("{scheme}{name}"),
        }))
    }
}

impl Origin {
    /// Its name or address, without a port.
    pub(crate) fn host(&self) -> &str {
        let host = self.0.split_once("://").map_or(&*self.0, |(_, host)| host);
        host.split_once(':').map_or(host, |(name, _)| name)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All of them. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Embedders {
    policy: HeaderValue,
    told: Arc<Embedding>,
}

impl Embedders {
    /// Those that the operator names, besides this server's own pages.
    pub(crate) fn new(origins: &[Origin]) -> Self {
        let list: Vec<&str> =
            iter::once("'self'").chain(origins.iter().map(|origin| origin.0.as_str())).collect();
        let policy = format!("{}; frame-ancestors {}", crate::assets::POLICY, list.join(" "));
        // An origin holds nothing that a header cannot; without the policy nobody would be kept out.
        let strict = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        let told = Embedding { origins: origins.iter().map(ToString::to_string).collect() };
        Self { policy: HeaderValue::from_str(&policy).unwrap_or(strict), told: Arc::new(told) }
    }

    /// The whole Content-Security-Policy.
    pub(crate) fn policy(&self) -> &HeaderValue {
        &self.policy
    }

    /// `GET /api/embed`.
    pub(crate) fn tell(&self) -> Response {
        let head = [
            (header::CACHE_CONTROL, "no-store"),
            // Clients on other sites look here whether the server is there; their pages may want this said.
            (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        ];
        (head, Json(&*self.told)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_a_scheme_a_host_and_perhaps_a_port() {
        let check = |text: &str, expected: Result<&str, OriginError>| {
            assert_eq!(
                text.parse::<Origin>().map(|origin| origin.0).as_deref(),
                expected.as_ref().copied(),
                "{text}"
            );
        };
        check("https://Example.org", Ok("https://example.org"));
        check("http://localhost:3000", Ok("http://localhost:3000"));
        check("https://example.org:443", Ok("https://example.org"));
        check("http://example.org:80", Ok("http://example.org"));
        check("https://example.org:80", Ok("https://example.org:80"));
        check("https://192.0.2.7:8443", Ok("https://192.0.2.7:8443"));
        check("example.org", Err(OriginError::Scheme));
        check("*", Err(OriginError::Scheme));
        check("https://example.org/", Err(OriginError::Path));
        check("https://example.org/room", Err(OriginError::Path));
        check("https://user@example.org", Err(OriginError::Path));
        for text in [
            "https://",
            "https://*.example.org",
            "https://a b",
            "https://a;b",
            "https://a,b",
            "https://a:0",
            "https://a:b",
            "https://[2001:db8::7]",
            "https://[2001:db8::7]:8443",
        ] {
            check(text, Err(OriginError::Host));
        }
    }

    #[test]
    fn the_policy_names_them_besides_ourselves() {
        let policy = |origins: &[&str]| {
            let origins: Vec<Origin> = origins.iter().map(|text| text.parse().unwrap()).collect();
            Embedders::new(&origins).policy().to_str().unwrap().to_owned()
        };
        assert!(policy(&[]).ends_with("; frame-ancestors 'self'"));
        let two = policy(&["https://a.org", "https://b.org:8443"]);
        assert!(two.ends_with("; frame-ancestors 'self' https://a.org https://b.org:8443"), "{two}");
        assert!(two.starts_with("default-src 'none'; script-src 'self'"));
    }
}
