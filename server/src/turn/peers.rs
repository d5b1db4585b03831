//! Whom the relay leads to: the workers' ports, by the addresses that browsers are told and by those that they are
//! reached at from here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use turn::{Peer, Places};

/// All of it, by the addresses that this machine has now.
pub(super) fn places(workers: &[SocketAddr], advertised: &[IpAddr]) -> Places {
    let peers = peers(workers, advertised, &own());
    let (relay_v4, relay_v6) = relay_addresses(&peers);
    tracing::debug!(?peers, ?relay_v4, ?relay_v6, "TURN relays to the media ports alone");
    Places { peers, relay_v4, relay_v6 }
}

/// This machine's addresses.
fn own() -> Vec<IpAddr> {
    // Without a list, those that are told are taken for its own.
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    found.into_iter().map(|interface| interface.ip()).collect()
}

/// Each worker's port under each address that is told. One that is not this machine's own (a 1:1 NAT's) is reached at
/// its own first. No address stands in it twice: of two that are told for one place the first counts, since what
/// comes from there has to have one name.
fn peers(workers: &[SocketAddr], advertised: &[IpAddr], own: &[IpAddr]) -> Vec<Peer> {
    let mut peers: Vec<Peer> = Vec::new();
    for worker in workers {
        for told in advertised {
            let Some(ip) = reached_at(worker.ip(), *told, own) else { continue };
            let peer = Peer {
                told: SocketAddr::new(*told, worker.port()),
                real: SocketAddr::new(ip, worker.port()),
            };
            if peers.iter().all(|other| other.told != peer.told && other.real != peer.real) {
                peers.push(peer);
            }
        }
    }
    peers
}

fn reached_at(bound: IpAddr, told: IpAddr, own: &[IpAddr]) -> Option<IpAddr> {
    if !bound.is_unspecified() {
        return (bound.is_ipv4() == told.is_ipv4()).then_some(bound);
    }
    if bound.is_ipv4() && !told.is_ipv4() {
        return None;
    }
    if told.is_loopback() || own.is_empty() || own.contains(&told) {
        return Some(told);
    }
    let fits = |ip: &&IpAddr| ip.is_ipv4() == told.is_ipv4() && !ip.is_loopback() && !is_link_local(**ip);
    let loopback =
        if told.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
    Some(own.iter().find(fits).copied().unwrap_or(loopback))
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// Where the sockets of allocations are bound: at an address that the media ports have, so that none of them can be
/// reached that the media ports cannot.
fn relay_addresses(peers: &[Peer]) -> (Option<Ipv4Addr>, Option<Ipv6Addr>) {
    let reached = || peers.iter().map(|peer| peer.real.ip());
    // Loopback speaks to nothing else.
    let first = |fits: fn(&IpAddr) -> bool| {
        reached().filter(fits).find(|ip| !ip.is_loopback()).or_else(|| reached().find(fits))
    };
    let v4 = match first(IpAddr::is_ipv4) {
        Some(IpAddr::V4(ip)) => Some(ip),
        Some(IpAddr::V6(_)) | None => None,
    };
    let v6 = match first(IpAddr::is_ipv6) {
        Some(IpAddr::V6(ip)) => Some(ip),
        Some(IpAddr::V4(_)) | None => None,
    };
    (v4, v6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn table(workers: &[&str], advertised: &[&str], own: &[&str]) -> Vec<(String, String)> {
        let workers: Vec<SocketAddr> = workers.iter().map(|text| text.parse().unwrap()).collect();
        let found = peers(&workers, &ips(advertised), &ips(own));
        found.iter().map(|peer| (peer.told.to_string(), peer.real.to_string())).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(told, real)| ((*told).to_owned(), (*real).to_owned())).collect()
    }

    #[test]
    fn own_addresses_are_reached_as_they_are() {
        let own = ["127.0.0.1", "192.0.2.9", "::1"];
        assert_eq!(
            table(&["0.0.0.0:7882", "0.0.0.0:7883"], &["192.0.2.9", "127.0.0.1"], &own),
            pairs(&[
                ("192.0.2.9:7882", "192.0.2.9:7882"),
                ("127.0.0.1:7882", "127.0.0.1:7882"),
                ("192.0.2.9:7883", "192.0.2.9:7883"),
                ("127.0.0.1:7883", "127.0.0.1:7883"),
            ])
        );
    }

    #[test]
    fn a_public_address_is_reached_at_this_machines_own() {
        let own = ["127.0.0.1", "169.254.7.7", "10.0.0.5", "fe80::1"];
        let expected = pairs(&[("203.0.113.7:7882", "10.0.0.5:7882")]);
        assert_eq!(table(&["0.0.0.0:7882"], &["203.0.113.7"], &own), expected);
        // A second name for the same place would be none on the way back.
        assert_eq!(table(&["0.0.0.0:7882"], &["203.0.113.7", "203.0.113.8"], &own), expected);
        assert_eq!(table(&["10.0.0.5:7882"], &["203.0.113.7"], &own), expected);
        assert_eq!(
            table(&["0.0.0.0:7882"], &["203.0.113.7"], &["127.0.0.1"]),
            pairs(&[("203.0.113.7:7882", "127.0.0.1:7882")])
        );
    }

    #[test]
    fn kinds_of_addresses_are_not_mixed() {
        assert_eq!(table(&["10.0.0.5:7882"], &["2001:db8::7"], &["10.0.0.5"]), []);
        assert_eq!(table(&["0.0.0.0:7882"], &["2001:db8::7"], &["10.0.0.5", "2001:db8::7"]), []);
    }

    #[test]
    fn sockets_are_bound_where_the_media_ports_are() {
        let addresses = |reals: &[&str]| {
            let peer = |text: &&str| Peer { told: text.parse().unwrap(), real: text.parse().unwrap() };
            relay_addresses(&reals.iter().map(peer).collect::<Vec<_>>())
        };
        let (first, sixth) = ("10.0.0.5".parse().ok(), "2001:db8::7".parse().ok());
        assert_eq!(addresses(&["127.0.0.1:1", "10.0.0.5:1", "[2001:db8::7]:1"]), (first, sixth));
        assert_eq!(addresses(&["127.0.0.1:1"]), (Some(Ipv4Addr::LOCALHOST), None));
        assert_eq!(addresses(&[]), (None, None));
    }
}
