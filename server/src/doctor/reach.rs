//! Whether media finds its way here: by the addresses that browsers are told of, as far as that is seen from here.
//!
//! A firewall, or a router, before this machine is not: what this machine sends to an address of its own never gets
//! there.

use super::finding::{Finding, State};
use crate::addresses::public::{self, StunError};
use crate::front::Reach;
use std::net::IpAddr;
use std::time::Duration;
use transport::Probe;

/// How long a datagram to oneself may take: by way of a router at most.
const PATIENCE: Duration = Duration::from_millis(500);

/// What became of datagrams to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    address: IpAddr,
    /// An interface of this machine has it.
    own: bool,
    /// They arrived, at every worker's socket.
    arrived: bool,
}

/// Sends to each address at every worker's port.
pub(super) fn try_all(probes: &[Probe], advertised: &[IpAddr]) -> Vec<Tried> {
    let own = own_addresses();
    let try_one = |address: &IpAddr| Tried {
        address: *address,
        own: own.contains(address),
        // The first that does not arrive is enough.
        arrived: probes.iter().all(|probe| probe.hears(*address, PATIENCE).unwrap_or(false)),
    };
    if probes.is_empty() { Vec::new() } else { advertised.iter().map(try_one).collect() }
}

/// Those of this machine's interfaces.
pub(super) fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.into_iter().map(|interface| interface.ip()).collect()
}

/// Of what was tried, if the ports could be had, and otherwise because a Madang `runs` there or not.
pub(super) fn reached(tried: &[Tried], runs: bool) -> Finding {
    let list = |which: fn(&Tried) -> bool| {
        let some: Vec<String> =
            tried.iter().filter(|tried| which(tried)).map(|tried| tried.address.to_string()).collect();
        (!some.is_empty()).then(|| some.join(", "))
    };
    if tried.is_empty() && runs {
        return Finding::note("reach", "Whether datagrams arrive is not tried while a Madang has the ports.");
    }
    if tried.is_empty() {
        return Finding::note("reach", "Whether datagrams arrive is not tried: the ports cannot be had.");
    }
    if let Some(lost) = list(|tried| tried.own && !tried.arrived) {
        return Finding::error(
            "reach",
            format!("Datagrams to {lost} do not arrive, though this machine has it."),
        )
        .advise("A firewall on this machine stops them: let the media's UDP ports in.");
    }
    if let Some(unseen) = list(|tried| !tried.own && !tried.arrived) {
        let found = format!(
            "{unseen} is none of this machine's addresses, and whether it leads here is not seen from here."
        );
        return Finding::note("reach", found)
            .advise("Behind a router, or a cloud's 1:1 NAT, that is as it should be, if that passes the media's UDP ports on to this machine, with the same numbers.");
    }
    let all = list(|_| true).unwrap_or_default();
    Finding::ok(
        "reach",
        format!("Datagrams to {all} arrive. A firewall before this machine is not seen from here."),
    )
}

/// What browsers are told of, since a STUN server was asked for it, and what it said.
pub(super) fn seen(asked: Result<IpAddr, StunError>, own: Vec<IpAddr>) -> (Vec<IpAddr>, Option<Finding>) {
    match asked {
        Ok(seen) => {
            let found =
                format!("From outside this machine has the address {seen}, as the STUN server sees it.");
            (public::with(seen, &own), Some(Finding::ok("stun", found)))
        }
        Err(error) => {
            let found = format!("The server does not start: the public address is not known: {error}.");
            let advice = "Name it with --public-address, or another server with --stun-address.";
            (own, Some(Finding::error("stun", found).advise(advice)))
        }
    }
}

/// Whether those can send to what they are told of whom the pages `reach`.
pub(super) fn advertised(advertised: &[IpAddr], reach: Reach) -> Finding {
    let list = advertised.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if advertised.iter().any(|ip| scope(*ip) == Scope::World) {
        return Finding::ok("addresses", format!("Browsers are told to send media to {list}."));
    }
    let where_to =
        "--public-address with the address that browsers reach: that of the router, or of the cloud host.";
    if advertised.iter().all(|ip| scope(*ip) == Scope::Machine) {
        let found = format!("Browsers are told to send media to {list}, which is this machine alone.");
        let state = if reach == Reach::Machine { State::Note } else { State::Warning };
        return Finding { state, ..Finding::ok("addresses", found) }
            .advise(format!("For others, --udp 0.0.0.0:7882, and {where_to}"));
    }
    let found = format!("Browsers are told to send media to {list}, which only this network reaches.");
    let state = if reach == Reach::World { State::Warning } else { State::Note };
    Finding { state, ..Finding::ok("addresses", found) }
        .advise(format!("If people come from elsewhere: {where_to}"))
}

/// What is opened from the local network, by whom it is to serve.
pub(super) fn lan(urls: &[String]) -> Finding {
    if urls.is_empty() {
        let found = "This machine has no IPv4 address of a local network, so nobody there finds it.";
        return Finding::warning("lan", found).advise(
            "Connect it, or name an address of a local network with --https; for the internet see --acme.",
        );
    }
    Finding::ok(
        "lan",
        format!("From the local network: {}, once browsers' warning is passed.", urls.join(" or ")),
    )
}

/// Whether those can come who have IPv6 alone.
pub(super) fn ipv6(advertised: &[IpAddr], own: &[IpAddr]) -> Finding {
    let six = |addresses: &[IpAddr]| {
        addresses.iter().copied().find(|ip| ip.is_ipv6() && scope(*ip) == Scope::World)
    };
    match (six(advertised), six(own)) {
        (Some(told), _) => Finding::ok("ipv6", format!("Browsers are told of {told}.")),
        (None, Some(own)) => {
            Finding::note("ipv6", format!("This machine has {own}, and browsers are not told of it."))
                .advise("Only people in networks without IPv4 miss it.")
        }
        (None, None) => Finding::ok("ipv6", "This machine has none that others reach: media comes by IPv4."),
    }
}

/// From where an address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// From this machine.
    Machine,
    /// From the network it is in (RFC 1918, RFC 4193, RFC 6598, link-local).
    Network,
    /// From everywhere.
    World,
}

fn scope(ip: IpAddr) -> Scope {
    let ip = ip.to_canonical();
    let shared = |octets: [u8; 4]| octets[0] == 100 && octets[1] & 0xc0 == 64;
    match ip {
        _ if ip.is_loopback() => Scope::Machine,
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() || shared(ip.octets()) => Scope::Network,
        IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => Scope::Network,
        _ => Scope::World,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn tried(address: &str, own: bool, arrived: bool) -> Tried {
        Tried { address: ip(address), own, arrived }
    }

    #[test]
    fn a_local_network_needs_an_address_there() {
        assert_eq!(lan(&[]).state, State::Warning);
        let found = lan(&["https://192.168.1.5:8443/".to_owned()]);
        assert!(found.state == State::Ok && found.found.contains("https://192.168.1.5:8443/"), "{found:?}");
    }

    #[test]
    fn loopback_is_reached() {
        let probes: Vec<Probe> =
            (0..2).map(|worker| Probe::open("127.0.0.1:0".parse().unwrap(), worker).unwrap()).collect();
        let all = try_all(&probes, &[ip("127.0.0.1")]);
        assert_eq!(all, [tried("127.0.0.1", true, true)]);
        assert_eq!(reached(&all, false).state, State::Ok);
    }

    #[test]
    fn an_address_that_is_not_here_is_not_taken_for_one() {
        let probe = Probe::open("127.0.0.1:0".parse().unwrap(), 0).unwrap();
        let port = probe.local_addr().port();
        // Of documentation (RFC 5737): nobody has it.
        let all = try_all(&[probe], &[ip("192.0.2.1")]);
        assert_eq!(all, [tried("192.0.2.1", false, false)], "port {port}");
        let finding = reached(&all, false);
        assert_eq!(finding.state, State::Note);
        assert!(finding.advice.is_some_and(|advice| advice.contains("1:1 NAT")));
    }

    #[test]
    fn a_firewall_here_is_an_error_and_told_before_all_else() {
        let all = [tried("203.0.113.7", false, false), tried("192.168.1.2", true, false)];
        let finding = reached(&all, false);
        assert_eq!(finding.state, State::Error);
        assert!(finding.found.contains("192.168.1.2") && !finding.found.contains("203.0.113.7"));
        assert_eq!(reached(&[tried("203.0.113.7", false, true)], false).state, State::Ok);
        assert_eq!(reached(&[], true).state, State::Note);
        assert_eq!(reached(&[], false).state, State::Note);
    }

    #[test]
    fn addresses_that_others_do_not_reach_are_told() {
        let check = |addresses: &[&str], reach: Reach, state| {
            let addresses: Vec<IpAddr> = addresses.iter().map(|text| ip(text)).collect();
            assert_eq!(advertised(&addresses, reach).state, state, "{addresses:?} {reach:?}");
        };
        check(&["192.168.1.2", "203.0.113.7"], Reach::World, State::Ok);
        check(&["2001:db8::7"], Reach::World, State::Ok);
        check(&["192.168.1.2", "127.0.0.1"], Reach::World, State::Warning);
        check(&["192.168.1.2", "127.0.0.1"], Reach::Lan, State::Note);
        check(&["192.168.1.2", "127.0.0.1"], Reach::Machine, State::Note);
        check(&["127.0.0.1"], Reach::World, State::Warning);
        check(&["127.0.0.1"], Reach::Lan, State::Warning);
        check(&["::1"], Reach::Machine, State::Note);
    }

    #[test]
    fn what_a_stun_server_sees_is_told_and_one_that_does_not_answer_is_in_the_way() {
        let own = vec![ip("10.0.0.5")];
        let (told, asked) = seen(Ok(ip("203.0.113.7")), own.clone());
        assert_eq!(told, [ip("203.0.113.7"), ip("10.0.0.5")]);
        assert_eq!(asked.map(|finding| finding.state), Some(State::Ok));
        assert_eq!(advertised(&told, Reach::World).state, State::Ok);
        let silent = StunError::Silent("stun:stun.example.org".parse().unwrap());
        let (told, asked) = seen(Err(silent), own.clone());
        let asked = asked.unwrap();
        assert_eq!((told, asked.state), (own, State::Error));
        assert!(asked.found.contains("stun.example.org") && asked.advice.is_some(), "{asked:?}");
    }

    #[test]
    fn scopes() {
        for (address, expected) in [
            ("127.0.0.1", Scope::Machine),
            ("::ffff:127.0.0.1", Scope::Machine),
            ("10.1.2.3", Scope::Network),
            ("100.64.0.1", Scope::Network),
            ("100.128.0.1", Scope::World),
            ("169.254.1.1", Scope::Network),
            ("fd00::1", Scope::Network),
            ("fe80::1", Scope::Network),
            ("2001:4860::1", Scope::World),
            ("203.0.113.7", Scope::World),
        ] {
            assert_eq!(scope(ip(address)), expected, "{address}");
        }
    }

    #[test]
    fn ipv6_that_nobody_is_told_of_is_noted() {
        let (four, six) = (ip("203.0.113.7"), ip("2001:4860::1"));
        assert_eq!(ipv6(&[six, four], &[six]).state, State::Ok);
        assert_eq!(ipv6(&[four], &[four, six]).state, State::Note);
        assert_eq!(ipv6(&[four], &[four, ip("fe80::1"), ip("::1")]).state, State::Ok);
    }
}
