//! The front door: TCP ports, TLS, and everything that is decided of a request before anybody knows what it asks.
//!
//! A connection's way: [`Front::serve`] accepts it, [`gate`] gives it a place or none, [`tls`] shakes hands,
//! [`connection`] speaks HTTP/1.1 with limits on size and time, [`request`] says who asks and whether a page of another
//! site does, and then the router has it. A WebSocket keeps its connection's place for as long as it is open. What is
//! answered is not decided here.

mod address;
mod connection;
mod gate;
mod host;
mod origin;
mod redirect;
mod request;
mod tls;
mod wire;

pub(crate) use address::Household;
pub use address::{AddressRange, AddressRangeError};
pub(crate) use gate::{Gate, GateCounts, Place};
pub(crate) use host::Hosts;
pub(crate) use request::Caller;
pub use tls::TlsError;
pub use tls::files::FileProblem;
pub(crate) use tls::handed::{Handed, TurnDoor};

use crate::config::{FrontLimits, TlsMode};
use crate::{Config, state};
use address::Proxies;
use axum::Router;
use axum::middleware::from_fn_with_state;
use connection::{Port, stopped};
use gate::{Limits, Refused};
use origin::Origins;
use request::Guard;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tls::acme::{Order, Ordered};
use tls::files::{Certificate, Files};
use tls::{Tls, Vouched};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Where HTTPS is unless somebody says otherwise.
const HTTPS_PORT: u16 = 443;
/// The same for a local network, where nobody needs to be root for it.
const LAN_PORT: u16 = 8443;
/// After the kernel could give no connection, for want of file descriptors most likely, it is asked again so much later.
const BREATH: Duration = Duration::from_millis(100);

/// Why the door does not open.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// A port could not be had.
    #[error("cannot listen on TCP {address}: {error}. {}", advice(flag, error))]
    Port {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
        /// The setting that names it.
        flag: &'static str,
    },
    /// HTTPS is asked for, with nothing to show.
    #[error("--https and --http-redirect need a certificate: --acme, --tls-certificate, --tls or --lan")]
    NoCertificate,
    /// The certificate cannot be had.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

fn advice(flag: &str, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::PermissionDenied {
        return format!(
            "Ports below 1024 are root's: grant CAP_NET_BIND_SERVICE, or choose another with {flag}"
        );
    }
    if error.kind() == io::ErrorKind::AddrNotAvailable {
        return format!(
            "No interface of this machine has that address: choose one that has, or 0.0.0.0, with {flag}"
        );
    }
    format!("Is another server running? Choose a port with {flag}")
}

/// Who can come to where pages are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// This machine alone.
    Machine,
    /// The local network: strangers are sent away.
    Lan,
    /// Whoever reaches the address, or a proxy that brings others.
    World,
}

impl Reach {
    pub(crate) fn of(address: SocketAddr) -> Self {
        if address.ip().to_canonical().is_loopback() { Self::Machine } else { Self::World }
    }

    /// Of a server that starts with such settings.
    pub(crate) fn with(config: &Config) -> Self {
        let https = Front::https_address(config);
        let https = https.map(|address| Self::over_https(config, address));
        Self::of(config.http).max(https.unwrap_or(Self::Machine)).max(Self::by_proxies(&config.front))
    }

    /// An authority that gives a certificate comes by that port as anybody does, be it by something that passes it on.
    fn over_https(config: &Config, address: SocketAddr) -> Self {
        match (config.https.lan, config.https.acme.is_empty()) {
            (true, _) => Self::Lan,
            (false, true) => Self::of(address),
            (false, false) => Self::World,
        }
    }

    /// A proxy that is named is there for others, whom nobody has counted.
    fn by_proxies(limits: &FrontLimits) -> Self {
        if limits.trusted_proxy.is_empty() { Self::Machine } else { Self::World }
    }
}

/// The ports, bound and not yet served.
pub(crate) struct Front {
    http: TcpListener,
    https: Option<Secure>,
    redirect: Option<TcpListener>,
    limits: FrontLimits,
    /// By which names it may be asked.
    hosts: Hosts,
    gate: Gate,
    /// What goes on as long as the door is open.
    chores: JoinSet<()>,
}

/// The port with TLS.
struct Secure {
    listener: TcpListener,
    address: SocketAddr,
    tls: Tls,
    reach: Reach,
    names: Vec<String>,
}

/// Where the certificate comes from.
enum Source {
    Files(Files),
    SelfSigned,
    Acme(Order),
}

impl Front {
    /// Binds the ports. Those who speak TURN are handed to `turn`.
    pub(crate) async fn bind(config: &Config, turn: Option<TurnDoor>) -> Result<Self, FrontError> {
        let source = wanted(config)?;
        let http = bind(config.http, "--http").await?;
        let limits = config.front.clone();
        let gate = Gate::new(Limits {
            connections: limits.max_connections,
            connections_each: limits.connections_per_address,
            sockets_each: limits.sockets_per_address,
            joins_each: limits.joins_per_address,
            unlimited: limits.unlimited_address.clone(),
        });
        let mut chores = JoinSet::new();
        let https = match source {
            None => None,
            Some(source) => Some(Secure::bind(config, source, turn, &mut chores).await?),
        };
        let redirect = match config.https.http_redirect {
            Some(address) => Some(bind(address, "--http-redirect").await?),
            None => None,
        };
        let mut front = Self { http, https, redirect, limits, hosts: Hosts::any(), gate, chores };
        if config.access.mode.is_open_by_place(front.reach()) {
            front.hosts = Hosts::of(config);
        }
        Ok(front)
    }

    /// Whether the settings make sense together.
    pub(crate) fn check(config: &Config) -> Result<(), FrontError> {
        wanted(config).map(drop)
    }

    /// Where HTTPS will be, if it is wanted; every address of IPv4 for all of them.
    pub(crate) fn https_address(config: &Config) -> Option<SocketAddr> {
        source(config)?;
        let port = if config.https.lan { LAN_PORT } else { HTTPS_PORT };
        Some(config.https.https.unwrap_or_else(|| (Ipv4Addr::UNSPECIFIED, port).into()))
    }

    /// What is opened from the local network for HTTPS, if it is that which is wanted.
    pub(crate) fn lan_urls(config: &Config) -> Option<Vec<String>> {
        let address = Self::https_address(config).filter(|_| config.https.lan)?;
        Some(urls(&names(address.ip(), true), address.port()))
    }

    /// Where plain HTTP is served.
    pub(crate) fn http(&self) -> Result<SocketAddr, FrontError> {
        bound(&self.http, "--http")
    }

    /// Where HTTPS is.
    pub(crate) fn https(&self) -> Option<SocketAddr> {
        self.https.as_ref().map(|secure| secure.address)
    }

    /// Where HTTP is sent to HTTPS.
    pub(crate) fn redirect(&self) -> Option<SocketAddr> {
        self.redirect.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// What to open in a browser for HTTPS.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.https.as_ref().map_or(Vec::new(), |secure| urls(&secure.names, secure.address.port()))
    }

    /// Whether the certificate is of somebody that browsers may know.
    pub(crate) fn is_vouched_for(&self) -> bool {
        self.https.as_ref().is_some_and(|secure| secure.tls.vouched.now())
    }

    /// Who can come.
    pub(crate) fn reach(&self) -> Reach {
        // An address that cannot be told is no reason to let everybody in.
        let http = self.http().map_or(Reach::World, Reach::of);
        let https = self.https.as_ref().map_or(Reach::Machine, |secure| secure.reach);
        http.max(https).max(Reach::by_proxies(&self.limits))
    }

    pub(crate) fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// Answers by the router until `stop` says otherwise, and then what was asked before.
    pub(crate) async fn serve(self, router: Router, stop: watch::Receiver<bool>) {
        let Self { http, https, redirect, limits, hosts, gate, chores } = self;
        let guard = Guard {
            gate: gate.clone(),
            proxies: Proxies::new(&limits.trusted_proxy),
            origins: Origins::new(&limits.allow_origin),
            hosts,
            patience: limits.request_timeout,
        };
        let proxies = guard.proxies.clone();
        let router = router.layer(from_fn_with_state(guard, request::pass));
        let port = |router, tls| Port {
            router,
            gate: gate.clone(),
            tls,
            patience: limits.head_timeout,
            stop: stop.clone(),
        };
        let to = https.as_ref().map_or(HTTPS_PORT, |secure| secure.address.port());
        let mut doors = JoinSet::new();
        doors.spawn(accept(http, port(router.clone(), None), proxies.clone(), Reach::World));
        if let Some(Secure { listener, tls, reach, address: _, names: _ }) = https {
            doors.spawn(accept(listener, port(router, Some(tls)), proxies.clone(), reach));
        }
        if let Some(listener) = redirect {
            let router = redirect::router(to);
            doors.spawn(accept(listener, port(router, None), proxies, Reach::World));
        }
        while doors.join_next().await.is_some() {}
        drop(chores);
    }
}

impl Secure {
    async fn bind(
        config: &Config,
        source: Source,
        turn: Option<TurnDoor>,
        chores: &mut JoinSet<()>,
    ) -> Result<Self, FrontError> {
        let lan = config.https.lan;
        let listener = match config.https.https {
            Some(address) => bind(address, "--https").await?,
            None if lan => bind((Ipv4Addr::UNSPECIFIED, LAN_PORT).into(), "--https").await?,
            None => bind_everywhere(HTTPS_PORT).await?,
        };
        let address = bound(&listener, "--https")?;
        let tls = match source {
            Source::Files(files) => Secure::from_files(config, files, true, turn, chores)?,
            Source::SelfSigned => {
                let files = tls::self_signed::kept(&state::folder(config))?;
                Secure::from_files(config, files, false, turn, chores)?
            }
            Source::Acme(order) => {
                let ordered = Ordered::new(&order, &state::folder(config).join("acme"))?;
                let (certificate, challenge) = (ordered.certificate.clone(), ordered.challenge.clone());
                chores.spawn(ordered.follow());
                let tls = Tls::new(certificate, Vouched::Always, turn, config.front.handshake_timeout)?;
                tls.with_challenge(challenge)
            }
        };
        let reach = Reach::over_https(config, address);
        let names =
            if config.https.acme.is_empty() { names(address.ip(), lan) } else { config.https.acme.clone() };
        if lan && names.is_empty() {
            tracing::warn!(
                "this machine has no address of a local network: see --https, --tls and --access instead"
            );
        }
        Ok(Self { listener, address, tls, reach, names })
    }

    fn from_files(
        config: &Config,
        files: Files,
        vouched: bool,
        turn: Option<TurnDoor>,
        chores: &mut JoinSet<()>,
    ) -> Result<Tls, TlsError> {
        let certificate = Certificate::read(&files)?;
        let vouched = if vouched { Vouched::File(certificate.clone()) } else { Vouched::Never };
        chores.spawn(certificate.clone().follow(files));
        Tls::new(certificate, vouched, turn, config.front.handshake_timeout)
    }
}

/// Where the certificate comes from, if there is to be one; it has to be there for HTTPS.
fn wanted(config: &Config) -> Result<Option<Source>, FrontError> {
    let source = source(config);
    if source.is_none() && (config.https.https.is_some() || config.https.http_redirect.is_some()) {
        return Err(FrontError::NoCertificate);
    }
    Ok(source)
}

fn source(config: &Config) -> Option<Source> {
    let https = &config.https;
    match (&https.tls_certificate, &https.tls_key) {
        (Some(certificate), Some(key)) => {
            Some(Source::Files(Files { certificate: certificate.clone(), key: key.clone() }))
        }
        _ if !https.acme.is_empty() => Some(Source::Acme(Order {
            domains: https.acme.clone(),
            contact: https.acme_contact.iter().cloned().collect(),
            directory: https.acme_directory.clone(),
        })),
        _ if https.lan || https.tls == Some(TlsMode::SelfSigned) => Some(Source::SelfSigned),
        _ => None,
    }
}

fn urls(names: &[String], port: u16) -> Vec<String> {
    let port = if port == HTTPS_PORT { String::new() } else { format!(":{port}") };
    names.iter().map(|name| format!("https://{name}{port}/")).collect()
}

/// Under what a browser finds it: the address, or all that the machine has; of those the local network's.
fn names(address: IpAddr, lan: bool) -> Vec<String> {
    let addresses = if address.is_unspecified() {
        let found = if_addrs::get_if_addrs().unwrap_or_default();
        found
            .iter()
            .map(if_addrs::Interface::ip)
            .filter(|ip| ip.is_ipv4() && !ip.is_loopback() && (!lan || address::is_local(*ip)))
            .collect()
    } else {
        vec![address]
    };
    let name = |address: &IpAddr| match address {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    addresses.iter().map(name).collect()
}

async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, FrontError> {
    TcpListener::bind(address).await.map_err(|error| FrontError::Port { address, error, flag })
}

/// Where it is; the port may have been left to the kernel.
fn bound(listener: &TcpListener, flag: &'static str) -> Result<SocketAddr, FrontError> {
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    listener.local_addr().map_err(|error| FrontError::Port { address: nowhere, error, flag })
}

/// Every address of both kinds; where there is no IPv6, of the other.
async fn bind_everywhere(port: u16) -> Result<TcpListener, FrontError> {
    match bind((Ipv6Addr::UNSPECIFIED, port).into(), "--https").await {
        Err(FrontError::Port { error, .. })
            if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::AddrNotAvailable) =>
        {
            bind((Ipv4Addr::UNSPECIFIED, port).into(), "--https").await
        }
        bound => bound,
    }
}

/// Takes connections until it is told to stop, and waits for those that are open.
async fn accept(listener: TcpListener, port: Port, proxies: Proxies, reach: Reach) {
    let mut open = JoinSet::new();
    let mut stop = port.stop.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
            Some(_) = open.join_next() => continue,
        };
        let (tcp, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_its_own(&error) => continue,
            Err(error) => {
                tracing::debug!(%error, "cannot accept a connection");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        match admit(&port.gate, &proxies, reach, from) {
            Ok(place) => {
                open.spawn(port.clone().serve(tcp, from, place));
            }
            Err(why) => turn_away(&tcp, why, port.tls.is_some()),
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// Whether it is that connection's alone, which broke before it was accepted: others need not wait for it.
fn is_its_own(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

fn admit(gate: &Gate, proxies: &Proxies, reach: Reach, from: SocketAddr) -> Result<Place, Refused> {
    if reach == Reach::Lan && !address::is_local(from.ip()) {
        gate.refused(Refused::Stranger);
        return Err(Refused::Stranger);
    }
    gate.connection(Some(from.ip()).filter(|ip| !proxies.holds(*ip)))
}

/// Says why, as far as that goes without waiting for anybody; over TLS there is nothing that could be said so soon.
fn turn_away(tcp: &TcpStream, why: Refused, tls: bool) {
    if tls {
        return;
    }
    let status = if why == Refused::Full { "503 Service Unavailable" } else { "429 Too Many Requests" };
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nRetry-After: 30\r\n\
         Connection: close\r\n\r\n{why}\n",
        why.to_string().len() + 1
    );
    // Whoever has a full window already does not hear it.
    let _ = tcp.try_write(text.as_bytes());
}
