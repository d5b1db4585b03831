//! By which names a server is asked whose rooms are open because only its machine, or its network, reaches it.
//!
//! A browser takes a page for our own that is at the same name, and whoever owns a name may let it lead anywhere, here
//! too, a moment after the page was fetched elsewhere (DNS rebinding). What keeps other sites' pages out everywhere
//! else, an invitation or a password, is not asked for on such a server. So it answers only to names that nobody else
//! can have: addresses, `localhost`, this machine's own, and those that the operator gives.

use super::address::is_brought;
use crate::Config;
use axum::http::{HeaderMap, HeaderName, header};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// What proxies write down the name in that they were asked by.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The names. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Hosts(Option<Arc<[String]>>);

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misnamed<'a> {
    /// No name at all, or several (RFC 9112 §3.2): whoever stands between may take another for it.
    Unclear,
    /// A name that is none of ours.
    Other(&'a str),
    /// A proxy asks for somebody who is neither on this machine nor on its network.
    Brought,
}

impl Hosts {
    /// Any: others come by names that only they know, and show what lets them in.
    pub(crate) fn any() -> Self {
        Self(None)
    }

    /// This machine's alone.
    pub(crate) fn of_this_machine() -> Self {
        Self(Some(own_names().collect()))
    }

    /// This machine's, and those that the settings give: domains that lead here, and sites whose pages may connect.
    pub(crate) fn of(config: &Config) -> Self {
        let sites = config.front.allow_origin.iter().map(|origin| origin.host().to_owned());
        Self(Some(own_names().chain(config.https.acme.iter().cloned()).chain(sites).collect()))
    }

    /// Whether all are answered, whatever they call us.
    pub(super) fn is_any(&self) -> bool {
        self.0.is_none()
    }

    /// Looks at `Host`. Whoever does not say it is no browser.
    pub(super) fn answer<'a>(&self, headers: &'a HeaderMap) -> Result<(), Misnamed<'a>> {
        let mut said = headers.get_all(header::HOST).iter();
        let Some(host) = said.next() else { return Ok(()) };
        let (None, Ok(host)) = (said.next(), host.to_str()) else { return Err(Misnamed::Unclear) };
        let Some(named) = &self.0 else { return Ok(()) };
        is_ours(host, named)?;
        // A proxy that asks by our own name may say by which it was asked, as `trunk serve` does.
        for said in headers.get_all(FORWARDED_HOST) {
            let said = said.to_str().map_err(|_| Misnamed::Unclear)?;
            said.split(',').try_for_each(|host| is_ours(host.trim(), named))?;
        }
        if is_brought(headers) { Err(Misnamed::Brought) } else { Ok(()) }
    }

    /// Whether it is the machine itself that asks by this name: nobody has made it ask by another.
    pub(crate) fn hold(&self, headers: &HeaderMap) -> bool {
        self.answer(headers).is_ok()
    }
}

/// Whether this machine or the operator calls us that.
fn is_ours<'a>(host: &'a str, named: &[String]) -> Result<(), Misnamed<'a>> {
    let name = name(host).ok_or(Misnamed::Unclear)?;
    let ours = address(name).is_some()
        || is_this_machine(name)
        || named.iter().any(|known| known.eq_ignore_ascii_case(rooted(name)));
    if ours { Ok(()) } else { Err(Misnamed::Other(name)) }
}

/// A host without its port, if it is one.
pub(super) fn name(host: &str) -> Option<&str> {
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

/// Whether a browser takes this name for its own machine, whatever anybody says of it: loopback, `localhost` and all
/// below it (RFC 6761 §6.3).
pub(super) fn is_this_machine(name: &str) -> bool {
    let lower = rooted(name).to_ascii_lowercase();
    lower == "localhost"
        || lower.ends_with(".localhost")
        || address(name).is_some_and(|ip| ip.to_canonical().is_loopback())
}

/// What this machine is called: by itself, and by others of its network (RFC 6762).
pub(super) fn own_names() -> impl Iterator<Item = String> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    names_of(&host).into_iter()
}

/// By the name that it was given, by the first part of it, and by what is made of that for the network: letters, digits and
/// hyphens (Avahi drops all else).
fn names_of(host: &str) -> BTreeSet<String> {
    let host = host.trim().to_ascii_lowercase();
    let label = host.split('.').next().unwrap_or_default();
    let told: String = label.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let local = [format!("{host}.local"), format!("{told}.local")];
    let all = [host.clone(), label.to_owned(), told.clone()].into_iter().chain(local);
    let fits = |own: &String| name(own) == Some(&**own) && address(own).is_none() && !own.starts_with('.');
    all.filter(fits).filter(|_| address(&host).is_none()).collect()
}

/// What a page says that is in a place of an address, which cannot be let lead elsewhere.
fn address(name: &str) -> Option<IpAddr> {
    name.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Without the dot of DNS's root.
fn rooted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

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

    fn asked(host: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, host.parse().unwrap())])
    }

    #[test]
    fn only_names_that_nobody_else_can_have_are_answered() {
        let settings =
            ["madang", "--acme=meet.example.org", "--allow-origin=http://Meet.lan:8080,https://b.example"];
        let hosts = Hosts::of(&Config::parse_from(settings));
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.:8080",
            "call.localhost:8080",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:8080",
            "[::ffff:127.0.0.1]:8080",
            "192.168.1.5:8443",
            "meet.example.org",
            "Meet.Example.org:443",
            "meet.lan:8080",
            "b.example.",
        ] {
            assert_eq!(hosts.answer(&asked(host)), Ok(()), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "xlocalhost", "127.0.0.1.evil.example", "x"] {
            let named = format!("{host}:8080");
            assert_eq!(hosts.answer(&asked(&named)), Err(Misnamed::Other(host)), "{host}");
            assert_eq!(Hosts::any().answer(&asked(&named)), Ok(()), "{host}");
        }
        assert_eq!(hosts.answer(&asked("a b")), Err(Misnamed::Unclear));
    }

    #[test]
    fn this_machines_own_name_is_its_own_and_not_a_name_below_or_above_it() {
        let hosts = Hosts(Some(["box".to_owned(), "box.local".to_owned()].into()));
        assert!(hosts.hold(&asked("box:8080")) && hosts.hold(&asked("Box.local")));
        assert!(!hosts.hold(&asked("box.evil.example")) && !hosts.hold(&asked("evil.box")));
        for own in own_names() {
            assert!(Hosts::of_this_machine().hold(&asked(&own)), "{own}");
        }
    }

    #[test]
    fn a_machine_is_called_by_its_name_and_the_first_part_of_it() {
        for (given, expected) in [
            ("Box\n", &["box", "box.local"][..]),
            ("box.example.org", &["box", "box.example.org", "box.example.org.local", "box.local"]),
            ("my_box", &["mybox", "mybox.local"]),
            ("192.0.2.7", &[]),
            ("", &[]),
        ] {
            assert_eq!(names_of(given).iter().collect::<Vec<_>>(), expected, "{given}");
        }
    }

    #[test]
    fn whom_a_proxy_brings_from_elsewhere_is_not_near() {
        let hosts = Hosts::of_this_machine();
        for (name, said, expected) in [
            ("x-forwarded-for", "127.0.0.1", Ok(())),
            ("x-forwarded-for", "192.168.1.7, ::1", Ok(())),
            ("x-forwarded-for", "203.0.113.7", Err(Misnamed::Brought)),
            ("x-forwarded-for", "127.0.0.1, 203.0.113.7", Err(Misnamed::Brought)),
            ("x-forwarded-for", "unknown", Err(Misnamed::Brought)),
            ("x-real-ip", "203.0.113.7", Err(Misnamed::Brought)),
            ("x-real-ip", "10.0.0.7", Ok(())),
            ("forwarded", "for=203.0.113.7;proto=https", Err(Misnamed::Brought)),
            ("forwarded", "proto=http;For=\"[fd00::7]:4711\", for=127.0.0.1", Ok(())),
            ("forwarded", "for=_hidden", Err(Misnamed::Brought)),
        ] {
            let mut headers = asked("localhost:8080");
            headers.insert(HeaderName::from_static(name), said.parse().unwrap());
            assert_eq!(hosts.answer(&headers), expected, "{name}: {said}");
            assert_eq!(Hosts::any().answer(&headers), Ok(()), "{name}: {said}");
        }
    }

    /// `trunk serve` asks by our own address, whatever it was asked by itself.
    #[test]
    fn a_proxy_that_asks_by_our_name_says_by_which_it_was_asked() {
        let hosts = Hosts::of_this_machine();
        for (said, expected) in [
            ("127.0.0.1:8081", Ok(())),
            ("localhost:8081, 192.168.1.5", Ok(())),
            ("evil.example:8081", Err(Misnamed::Other("evil.example"))),
            ("localhost, evil.example", Err(Misnamed::Other("evil.example"))),
            ("", Err(Misnamed::Unclear)),
        ] {
            let mut headers = asked("127.0.0.1");
            headers.append(FORWARDED_HOST, said.parse().unwrap());
            assert_eq!(hosts.answer(&headers), expected, "{said}");
            assert_eq!(Hosts::any().answer(&headers), Ok(()), "{said}");
        }
    }

    #[test]
    fn who_says_no_host_is_no_browser_and_who_says_two_is_not_understood() {
        let mut two = asked("localhost");
        two.append(header::HOST, "evil.example".parse().unwrap());
        for hosts in [Hosts::any(), Hosts::of_this_machine()] {
            assert_eq!(hosts.answer(&HeaderMap::new()), Ok(()));
            assert_eq!(hosts.answer(&two), Err(Misnamed::Unclear));
        }
    }
}
