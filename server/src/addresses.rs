//! Which addresses browsers are told to send media to.

pub(crate) mod public;
mod stun;

use crate::turn::{Guide, Turn};
use std::net::{IpAddr, SocketAddr};
use transport::Transport;

/// Addresses told at most: each costs every browser connectivity checks.
const MOST: usize = 8;

/// Those who have to hear of it when the public address is another one.
#[derive(Clone)]
pub(crate) struct Told {
    transport: Transport,
    relay: Option<Guide>,
    /// This machine's.
    own: Vec<IpAddr>,
}

impl Told {
    pub(crate) async fn new(transport: Transport, relay: Option<&Turn>, own: Vec<IpAddr>) -> Self {
        let told = Self { transport, relay: relay.map(|relay| relay.guide().clone()), own };
        if let Some(relay) = relay {
            told.relay_is_at(relay.at()).await;
        }
        told
    }

    /// Tells the media plane where the relay's sockets are.
    async fn relay_is_at(&self, addresses: &[IpAddr]) {
        if self.transport.relay_at(addresses).await.is_err() {
            tracing::debug!("a worker does not hear of the relay");
        }
    }

    /// A STUN server sees this address: newcomers are told, and the relay leads there.
    pub(crate) async fn seen(&self, seen: IpAddr) {
        let told = public::with(seen, &self.own);
        // Before anybody is told it.
        if let Some(relay) = &self.relay {
            self.relay_is_at(&relay.follow(&told, seen).await).await;
        }
        self.transport.advertise(&told);
    }
}

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
