//! What participants are told of the relay: its URLs, and credentials of their own, made as the message goes out.
//!
//! With every message from which a client goes on to negotiate (`joined`, `resumed`, `answer`), so that it never has
//! to ask: what it was told last is from its last negotiation, which an ICE restart that needs a relay follows within
//! seconds.

use crate::{Config, IceUrl};
use signal::{IceServer, ParticipantId, ServerMessage};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;
use turn::Authority;

/// Where a relay is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reachable {
    /// An address, where it is known. Otherwise the name by which the page came is as good.
    host: Option<String>,
    /// For UDP and TCP.
    port: u16,
    /// For TLS, on the port of HTTPS and by the name that the page came by, which is in the certificate.
    tls: Option<u16>,
    /// Whether the address that a STUN server sees is the relay's too: it is bound where media is, and the operator says
    /// nothing else.
    beside_media: bool,
    /// What is listened at.
    listen: IpAddr,
}

impl Reachable {
    /// By what is listened at, the port of HTTPS if TURN is spoken there too, and the address that the operator says
    /// others know.
    pub(super) fn at(listen: SocketAddr, tls: Option<u16>, config: &Config) -> Self {
        Self::beside(listen, tls, config.udp.ip(), &config.public_address)
    }

    fn beside(listen: SocketAddr, tls: Option<u16>, media: IpAddr, public: &[IpAddr]) -> Self {
        let own = Some(listen.ip().to_canonical()).filter(|ip| !ip.is_unspecified());
        let host = public.first().copied().or(own).map(host);
        let beside_media = public.is_empty() && (own.is_none() || own == Some(media.to_canonical()));
        Self { host, port: listen.port(), tls, beside_media, listen: listen.ip().to_canonical() }
    }

    /// Whether others get here by an address that a STUN server sees. One of IPv6 is told instead of a name only where there is
    /// nothing but IPv6: not everybody has it.
    fn follows(&self, seen: IpAddr) -> bool {
        let fits = match (self.listen, seen) {
            (IpAddr::V4(_), seen) => seen.is_ipv4(),
            (IpAddr::V6(listen), IpAddr::V4(_)) => listen.is_unspecified(),
            (IpAddr::V6(listen), IpAddr::V6(_)) => !listen.is_unspecified(),
        };
        self.beside_media && fits
    }

    /// The URLs for somebody whose page came by a host. None that could not be told to a browser.
    fn urls(&self, page: Option<&str>) -> Vec<String> {
        let page = page.map(without_port);
        let mut urls = Vec::new();
        if let Some(host) = self.host.as_deref().or(page) {
            let port = self.port;
            urls.extend(["udp", "tcp"].map(|way| format!("turn:{host}:{port}?transport={way}")));
        }
        if let (Some(host), Some(port)) = (page, self.tls) {
            urls.push(format!("turns:{host}:{port}?transport=tcp"));
        }
        urls.retain(|url| url.parse::<IceUrl>().is_ok());
        urls
    }
}

/// As a URL has it.
fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// A `Host` header without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// Tells participants of the relay. Clones are the same; there is nothing to tell by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relays(Option<Arc<Told>>);

#[derive(Debug)]
struct Told {
    authority: Authority,
    /// When the relay's clock began.
    started: Instant,
    made: AtomicU64,
    reachable: RwLock<Reachable>,
}

impl Relays {
    pub(super) fn new(authority: Authority, started: Instant, reachable: Reachable) -> Self {
        let reachable = RwLock::new(reachable);
        Self(Some(Arc::new(Told { authority, started, made: AtomicU64::new(0), reachable })))
    }

    /// A STUN server sees media at this address.
    pub(super) fn seen_at(&self, seen: IpAddr) {
        let Some(told) = &self.0 else { return };
        let mut reachable = told.reachable.write().unwrap_or_else(PoisonError::into_inner);
        if reachable.follows(seen) {
            reachable.host = Some(host(seen));
        }
    }

    /// Adds them to a message that is followed by a negotiation, for a participant whose page came by a host.
    pub(crate) fn add_to(&self, message: &mut ServerMessage, to: ParticipantId, page: Option<&str>) {
        if let ServerMessage::Joined { relays, .. }
        | ServerMessage::Resumed { relays, .. }
        | ServerMessage::Answer { relays, .. } = message
        {
            relays.extend(self.tell(to, page));
        }
    }

    fn tell(&self, to: ParticipantId, page: Option<&str>) -> Option<IceServer> {
        let Told { authority, started, made, reachable } = &**self.0.as_ref()?;
        let urls = reachable.read().unwrap_or_else(PoisonError::into_inner).urls(page);
        if urls.is_empty() {
            return None;
        }
        let made = authority.mint(to.0.into(), made.fetch_add(1, Ordering::Relaxed), started.elapsed());
        Some(IceServer { urls, username: Some(made.username), credential: Some(made.password) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reachable(listen: &str, public: &[&str]) -> Reachable {
        let public: Vec<IpAddr> = public.iter().map(|text| text.parse().unwrap()).collect();
        Reachable::beside(listen.parse().unwrap(), None, [0, 0, 0, 0].into(), &public)
    }

    const ADA: ParticipantId = ParticipantId(7);

    /// What somebody is told whose page came by a name.
    fn told(relays: &Relays) -> IceServer {
        let mut message = ServerMessage::Answer { id: signal::OfferId(1), sdp: "v=0".into(), relays: vec![] };
        relays.add_to(&mut message, ADA, Some("meet.example.org"));
        match message {
            ServerMessage::Answer { mut relays, .. } if relays.len() == 1 => relays.remove(0),
            other => panic!("{other:?}"),
        }
    }

    fn relays(reachable: Reachable) -> Relays {
        Relays::new(Authority::new(&[1; 32]), Instant::now(), reachable)
    }

    #[test]
    fn the_address_that_a_stun_server_sees_is_told_where_the_relay_is_beside_media() {
        let bound: IpAddr = [192, 0, 2, 9].into();
        for (listen, media, public, expected) in [
            ("0.0.0.0:3478", [0, 0, 0, 0].into(), &[][..], "203.0.113.9:3478"),
            ("192.0.2.9:3478", bound, &[], "203.0.113.9:3478"),
            ("192.0.2.8:3478", bound, &[], "192.0.2.8:3478"),
            ("0.0.0.0:3478", bound, &["203.0.113.1".parse().unwrap()], "203.0.113.1:3478"),
        ] {
            let relays = relays(Reachable::beside(listen.parse().unwrap(), None, media, public));
            relays.seen_at("203.0.113.9".parse().unwrap());
            assert_eq!(told(&relays).urls[0], format!("turn:{expected}?transport=udp"), "{listen}");
        }
        for (listen, seen, follows) in [
            ("[::]:3478", "203.0.113.9", true),
            ("[::]:3478", "2001:db8::9", false),
            ("0.0.0.0:3478", "2001:db8::9", false),
            ("[2001:db8::1]:3478", "2001:db8::9", true),
            ("[2001:db8::1]:3478", "203.0.113.9", false),
        ] {
            let listen: SocketAddr = listen.parse().unwrap();
            let reachable = Reachable::beside(listen, None, listen.ip(), &[]);
            assert_eq!(reachable.follows(seen.parse().unwrap()), follows, "{listen} {seen}");
        }
    }

    #[test]
    fn the_host_is_the_public_address_or_the_own_one_or_the_pages() {
        let both = |host: &str| ["udp", "tcp"].map(|way| format!("turn:{host}?transport={way}"));
        for (listen, public, page, host) in [
            (
                "0.0.0.0:3478",
                &["203.0.113.7", "203.0.113.8"][..],
                Some("meet.example.org"),
                "203.0.113.7:3478",
            ),
            ("0.0.0.0:3478", &["2001:db8::7"], None, "[2001:db8::7]:3478"),
            ("192.0.2.9:3479", &[], Some("meet.example.org"), "192.0.2.9:3479"),
            ("0.0.0.0:3478", &[], Some("meet.example.org:8080"), "meet.example.org:3478"),
            ("[::]:3478", &[], Some("[2001:db8::9]:443"), "[2001:db8::9]:3478"),
            ("[::]:3478", &[], Some("[2001:db8::9]"), "[2001:db8::9]:3478"),
            ("0.0.0.0:3478", &[], Some("localhost"), "localhost:3478"),
        ] {
            assert_eq!(reachable(listen, public).urls(page), both(host), "{listen} {public:?} {page:?}");
        }
    }

    #[test]
    fn a_host_that_is_none_is_told_to_nobody() {
        let all = reachable("0.0.0.0:3478", &[]);
        for page in
            [None, Some(""), Some("a b"), Some("<script>"), Some("a@b"), Some("a/b"), Some("2001:db8::1")]
        {
            assert_eq!(all.urls(page), Vec::<String>::new(), "{page:?}");
        }
    }

    #[test]
    fn tls_goes_by_the_pages_name() {
        let all = Reachable { tls: Some(443), ..reachable("0.0.0.0:3478", &["203.0.113.7"]) };
        assert_eq!(
            all.urls(Some("meet.example.org")).pop().unwrap(),
            "turns:meet.example.org:443?transport=tcp"
        );
        assert_eq!(all.urls(None).len(), 2);
    }

    #[test]
    fn everybody_gets_credentials_of_their_own_with_each_negotiation() {
        let relays = relays(reachable("127.0.0.1:3478", &[]));
        let (first, second) = (told(&relays), told(&relays));
        assert_eq!(first.urls.len(), 2);
        assert!(first.username.is_some() && first.username != second.username);
        let mut pong = ServerMessage::Pong { nonce: 1 };
        relays.add_to(&mut pong, ADA, None);
        assert_eq!(pong, ServerMessage::Pong { nonce: 1 });
    }
}
