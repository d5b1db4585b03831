//! Addresses: ranges of them that the operator names, whom limits take for one, and who is asking when a proxy asks.

use axum::http::{HeaderMap, HeaderName, header};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// What proxies write down whom they ask for in: the newest last.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The same as nginx is often told to say it.
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Bits of an IPv6 address that a provider gives to one household: its other 64 are as many addresses as it likes.
const HOUSEHOLD: u8 = 64;

/// Bits before the IPv4 address in one that is mapped to IPv6 (RFC 4291 §2.5.5.2).
const MAPPED: u8 = 96;

/// All addresses that begin alike: `192.0.2.0/24`, `2001:db8::/32`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    bits: u8,
}

/// Why a text is no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRangeError {
    /// What stands before the `/`.
    #[error("begins with no IP address")]
    Address,
    /// What follows it.
    #[error("has no number of bits after the /, from 0 to 32 with IPv4 and to 128 with IPv6")]
    Bits,
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| AddressRangeError::Address)?;
        let most: u8 = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).ok_or(AddressRangeError::Bits)?,
        };
        // `::ffff:192.0.2.0/120` means IPv4, as which such addresses are compared.
        let (address, bits) = match (address.to_canonical(), bits.checked_sub(MAPPED)) {
            (ip @ IpAddr::V4(_), Some(bits)) if address.is_ipv6() => (ip, bits),
            _ => (address, bits),
        };
        Ok(Self { first: begin(address, bits), bits })
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

impl AddressRange {
    /// Whether it is one of these.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && begin(address, self.bits) == self.first
    }
}

/// The address with all but its first bits zero.
fn begin(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32u32.saturating_sub(bits.into())).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & mask))
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128u32.saturating_sub(bits.into())).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & mask))
        }
    }
}

/// Whom limits take for one: an IPv4 address, or all IPv6 addresses of a household (`/64`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Household(IpAddr);

impl Household {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(ip) => IpAddr::V4(ip),
            ip @ IpAddr::V6(_) => begin(ip, HOUSEHOLD),
        })
    }
}

/// The proxies whose word is taken for whom they ask. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Proxies(Arc<[AddressRange]>);

impl Proxies {
    pub(crate) fn new(ranges: &[AddressRange]) -> Self {
        Self(ranges.into())
    }

    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.holds(address))
    }

    /// Who asks: the newest in `X-Forwarded-For` that is no proxy of ours, if one of ours brings it. What stands before
    /// it anybody may have written.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.holds(client) {
            return client;
        }
        // Byte by byte: what a client wrote before it, whatever it is, takes nothing from what a proxy adds.
        let lists = headers.get_all(FORWARDED_FOR).iter().rev();
        for said in lists.flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b',')) {
            let Some(address) = std::str::from_utf8(said).ok().and_then(node) else { return client };
            client = address.to_canonical();
            if !self.holds(client) {
                break;
            }
        }
        client
    }
}

/// An address as proxies write it: alone, in brackets, or with a port behind it.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse().ok().map(|there: std::net::SocketAddr| there.ip()))
}

/// Whether a proxy says that it asks for somebody who is on no local network, or does not say for whom: in
/// `X-Forwarded-For`, `X-Real-IP` or `Forwarded` (RFC 7239).
pub(crate) fn is_brought(headers: &HeaderMap) -> bool {
    let local = |text: &str| node(text).is_some_and(is_local);
    let all = |name: &HeaderName, local: &dyn Fn(&str) -> bool| {
        headers.get_all(name).iter().all(|said| said.to_str().is_ok_and(|said| said.split(',').all(local)))
    };
    let of_a_hop = |hop: &str| {
        let mut parts = hop.split(';').filter_map(|part| part.trim().split_once('='));
        parts.all(|(name, value)| !name.eq_ignore_ascii_case("for") || local(value.trim_matches('"')))
    };
    !(all(&FORWARDED_FOR, &local) && all(&REAL_IP, &local) && all(&header::FORWARDED, &of_a_hop))
}

/// Whether it is of a network that is not the internet's: this machine's, a home's, an office's (RFC 1918, RFC 3927,
/// RFC 4193).
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ranges() {
        let holds = |range: &str, address: &str| range.parse::<AddressRange>().unwrap().holds(ip(address));
        for (range, address, expected) in [
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("192.0.2.7", "::ffff:192.0.2.7", true),
            ("192.0.2.200/24", "192.0.2.7", true),
            ("192.0.2.0/24", "192.0.3.7", false),
            ("0.0.0.0/0", "192.0.3.7", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::ffff:192.0.2.7", "192.0.2.7", true),
            ("::ffff:192.0.2.7", "192.0.2.8", false),
            ("::ffff:192.0.2.0/120", "::ffff:192.0.2.9", true),
            ("::ffff:192.0.2.0/120", "192.0.3.9", false),
            ("::ffff:0:0/96", "192.0.2.7", true),
            ("::ffff:0:0/96", "2001:db8::1", false),
        ] {
            assert_eq!(holds(range, address), expected, "{range} {address}");
        }
        for (text, error) in [
            ("", AddressRangeError::Address),
            ("localhost", AddressRangeError::Address),
            ("192.0.2.7:80", AddressRangeError::Address),
            ("192.0.2.7/33", AddressRangeError::Bits),
            ("192.0.2.7/", AddressRangeError::Bits),
            ("::/129", AddressRangeError::Bits),
        ] {
            assert_eq!(text.parse::<AddressRange>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_household_is_an_ipv4_address_or_a_64() {
        let same = |a: &str, b: &str| Household::of(ip(a)) == Household::of(ip(b));
        assert!(same("192.0.2.7", "::ffff:192.0.2.7") && !same("192.0.2.7", "192.0.2.8"));
        assert!(same("2001:db8::1", "2001:db8::ffff:1") && !same("2001:db8::1", "2001:db8:0:1::1"));
    }

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        let proxies = Proxies::new(&["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
        let client = |peer: &str, said: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for said in said {
                headers.append(FORWARDED_FOR, axum::http::HeaderValue::from_bytes(said.as_bytes()).unwrap());
            }
            proxies.client(ip(peer), &headers).to_string()
        };
        for (peer, said, expected) in [
            ("192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            ("::1", &["[2001:db8::7]"], "2001:db8::7"),
            // The client wrote the first of them.
            ("10.0.0.1", &["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["127.0.0.1", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["127.0.0.1, 198.51.100.7, 10.9.9.9"], "198.51.100.7"),
            ("10.0.0.1", &["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            ("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1"),
            // With ports, as some write it.
            ("10.0.0.1", &["198.51.100.7:1234"], "198.51.100.7"),
            ("10.0.0.1", &["[2001:db8::7]:1234, [::1]:5"], "2001:db8::7"),
            ("10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            // What the client wrote is no text, and the proxy put the truth behind it.
            ("10.0.0.1", &["\u{e9}\u{fffd}, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["127.0.0.1", "\u{e9}, 198.51.100.7"], "198.51.100.7"),
        ] {
            assert_eq!(client(peer, said), expected, "{peer} {said:?}");
        }
    }

    #[test]
    fn local_networks() {
        for (address, expected) in [
            ("127.0.0.1", true),
            ("192.168.1.5", true),
            ("172.31.0.1", true),
            ("172.32.0.1", false),
            ("169.254.1.1", true),
            ("::ffff:10.0.0.1", true),
            ("fd00::1", true),
            ("fe80::1", true),
            ("2001:db8::1", false),
            ("198.51.100.7", false),
        ] {
            assert_eq!(is_local(ip(address)), expected, "{address}");
        }
    }
}
