//! Which addresses browsers are told to send media to.

pub(crate) mod public;
mod stun;

use std::net::{IpAddr, SocketAddr};

/// Addresses told at most: each costs every browser connectivity checks.
const MOST: usize = 8;

/// The operator's choice if there is one; otherwise the bound address; otherwise, bound to all
/// interfaces, every usable address of this machine, loopback last (Firefox fails ICE when loopback is
/// the only one).
pub(crate) fn advertised(udp: SocketAddr, public: &[IpAddr]) -> Vec<IpAddr> {
    if !public.is_empty() {
        return public.iter().copied().take(MOST).collect();
    }
    if !udp.ip().is_unspecified() {
        return vec![udp.ip()];
    }
    let interfaces = match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.into_iter().map(|interface| interface.ip()).collect(),
        Err(error) => {
            tracing::warn!(%error, "cannot list this machine's addresses; give --public-address");
            Vec::new()
        }
    };
    usable(udp, interfaces)
}

fn usable(udp: SocketAddr, interfaces: Vec<IpAddr>) -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = interfaces
        .into_iter()
        // A socket for all of IPv6 is one for all of IPv4 as well.
        .filter(|ip| ip.is_ipv4() || udp.is_ipv6())
        .filter(|ip| match ip {
            IpAddr::V4(ip) => !ip.is_link_local(),
            IpAddr::V6(ip) => !ip.is_unicast_link_local(),
        })
        .collect();
    found.sort_by_key(IpAddr::is_loopback);
    found.dedup();
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_operators_choice_wins() {
        assert_eq!(advertised("0.0.0.0:1".parse().unwrap(), &[ip("203.0.113.7")]), [ip("203.0.113.7")]);
    }

    #[test]
    fn a_bound_address_is_told_as_it_is() {
        assert_eq!(advertised("192.0.2.1:1".parse().unwrap(), &[]), [ip("192.0.2.1")]);
    }

    #[test]
    fn all_interfaces_means_each_usable_one_with_loopback_last() {
        let found = ["127.0.0.1", "169.254.3.4", "192.0.2.9", "::1", "fe80::1"].map(ip).to_vec();
        assert_eq!(usable("0.0.0.0:1".parse().unwrap(), found.clone()), [ip("192.0.2.9"), ip("127.0.0.1")]);
        let both = ["192.0.2.9", "127.0.0.1", "::1"].map(ip);
        assert_eq!(usable("[::]:1".parse().unwrap(), found), both);
    }
}
