//! URLs of STUN and TURN servers (RFC 7064 §3.1, RFC 7065 §3.1), checked before the server starts.

use std::fmt;
use std::net::Ipv6Addr;
use std::num::NonZeroU16;
use std::str::FromStr;

/// Of STUN over UDP, and of TURN.
const STUN_PORT: u16 = 3478;
/// Longest name of a host (RFC 1035 §2.3.4).
const MAX_HOST: usize = 253;

/// `stun:HOST:PORT`, `turn:HOST:PORT?transport=udp` or `turns:HOST:PORT?transport=tcp`; what follows the host may be
/// left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceUrl {
    text: String,
    scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Stun,
    Turn,
    /// TURN over TLS or DTLS.
    Turns,
}

/// Why a text is no such URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IceUrlError {
    /// It begins otherwise.
    #[error("begins with neither stun:, turn: nor turns:")]
    Scheme,
    /// As in web addresses.
    #[error("has // before the host, which these URLs have not")]
    Slashes,
    /// The host is missing or holds what none can.
    #[error("has no good host: a name, an IPv4 address, or an IPv6 address in brackets")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("has no good port")]
    Port,
    /// Something else than `?transport=udp` or `?transport=tcp` follows, or anything after `stun:`.
    #[error("ends in something else than ?transport=udp or ?transport=tcp, which TURN alone may have")]
    Transport,
}

impl IceUrl {
    /// The host, without brackets, and the port: that of STUN if none is named (RFC 8489 §9).
    pub(crate) fn place(&self) -> (&str, u16) {
        let rest = self.text.split_once(':').map_or("", |(_, rest)| rest);
        let place = rest.split_once('?').map_or(rest, |(place, _)| place);
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        (host, port.and_then(|port| port.parse().ok()).unwrap_or(STUN_PORT))
    }

    /// TURN servers want credentials, STUN servers none.
    pub(crate) fn is_turn(&self) -> bool {
        match self.scheme {
            Scheme::Stun => false,
            Scheme::Turn | Scheme::Turns => true,
        }
    }
}

impl FromStr for IceUrl {
    type Err = IceUrlError;

    fn from_str(text: &str) -> Result<Self, IceUrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(IceUrlError::Scheme)?;
        let scheme = match scheme {
            "stun" => Scheme::Stun,
            "turn" => Scheme::Turn,
            "turns" => Scheme::Turns,
            _ => return Err(IceUrlError::Scheme),
        };
        let (place, transport) =
            rest.split_once('?').map_or((rest, None), |(place, rest)| (place, Some(rest)));
        match (scheme, transport) {
            (_, None) | (Scheme::Turn | Scheme::Turns, Some("transport=udp" | "transport=tcp")) => {}
            (Scheme::Stun | Scheme::Turn | Scheme::Turns, Some(_)) => return Err(IceUrlError::Transport),
        }
        check_place(place)?;
        Ok(Self { text: text.to_owned(), scheme })
    }
}

impl fmt::Display for IceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn check_place(place: &str) -> Result<(), IceUrlError> {
    if place.starts_with("//") {
        return Err(IceUrlError::Slashes);
    }
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => {
            host.parse::<Ipv6Addr>().map_err(|_| IceUrlError::Host)?;
            (host, rest)
        }
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    let may_stand = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
    if host.is_empty() || host.len() > MAX_HOST || !host.chars().all(may_stand) {
        return Err(IceUrlError::Host);
    }
    if port.is_empty() {
        return Ok(());
    }
    let digits = port.strip_prefix(':').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let port = digits.and_then(|digits| digits.parse::<NonZeroU16>().ok());
    port.map(|_| ()).ok_or(IceUrlError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use IceUrlError as E;

    #[test]
    fn urls() {
        let turn = |text: &str| text.parse::<IceUrl>().map(|url| (url.to_string() == text, url.is_turn()));
        for (text, is_turn) in [
            ("stun:stun.example.org:3478", false),
            ("stun:192.0.2.1", false),
            ("turn:turn.example.org:3478?transport=udp", true),
            ("turn:turn.example.org?transport=tcp", true),
            ("turns:[2001:db8::1]:443?transport=tcp", true),
            ("turn:[::1]", true),
        ] {
            assert_eq!(turn(text), Ok((true, is_turn)), "{text}");
        }
        for (text, error) in [
            ("", E::Scheme),
            ("turn.example.org:3478", E::Scheme),
            ("https:turn.example.org", E::Scheme),
            ("TURN:turn.example.org", E::Scheme),
            ("stun://stun.example.org", E::Slashes),
            ("stun:", E::Host),
            ("stun::3478", E::Host),
            ("turn:a b", E::Host),
            ("turn:ada@turn.example.org", E::Host),
            ("turn:<x>", E::Host),
            ("turn:[turn.example.org]:3478", E::Host),
            ("turn:[2001:db8::1", E::Host),
            ("turn:x\r\ny", E::Host),
            ("stun:host:", E::Port),
            ("stun:host:0", E::Port),
            ("stun:host:65536", E::Port),
            ("stun:host:+1", E::Port),
            ("turn:2001:db8::1", E::Port),
            ("turn:[::1]3478", E::Port),
            ("stun:host?transport=udp", E::Transport),
            ("turn:host?transport=sctp", E::Transport),
            ("turn:host:1?", E::Transport),
        ] {
            assert_eq!(text.parse::<IceUrl>(), Err(error), "{text}");
        }
        assert_eq!(format!("turn:{}", "x".repeat(MAX_HOST + 1)).parse::<IceUrl>(), Err(E::Host));
    }

    #[test]
    fn a_place_is_a_host_and_a_port() {
        let place = |text: &str| {
            let url: IceUrl = text.parse().unwrap();
            let (host, port) = url.place();
            (host.to_owned(), port)
        };
        assert_eq!(place("stun:stun.example.org:19302"), ("stun.example.org".to_owned(), 19302));
        assert_eq!(place("stun:192.0.2.1"), ("192.0.2.1".to_owned(), 3478));
        assert_eq!(place("stun:[2001:db8::1]:5"), ("2001:db8::1".to_owned(), 5));
        assert_eq!(place("stun:[::1]"), ("::1".to_owned(), 3478));
    }
}
