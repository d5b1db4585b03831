//! Settings of the front door: HTTPS, proxies, other sites' pages, and how much of one address is too much.

use crate::{AddressRange, Origin};
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where a certificate comes from that is in no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TlsMode {
    /// This machine signs it itself.
    SelfSigned,
}

/// What the operator decides about HTTPS.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "HTTPS")]
pub struct Https {
    /// Where the same is served over HTTPS (TCP), if there is a certificate to show: --acme, --tls-certificate, --tls or
    /// --lan. Unset: port 443 of every address; with --lan port 8443 of every IPv4 address
    #[arg(long, env = "MADANG_HTTPS", value_name = "IP:PORT")]
    pub https: Option<SocketAddr>,

    /// A file with the certificate and those that vouch for it (PEM, the server's own first). Both files are read again
    /// when they change
    #[arg(
        long,
        env = "MADANG_TLS_CERTIFICATE",
        value_name = "FILE",
        requires = "tls_key",
        conflicts_with_all = ["tls", "lan"]
    )]
    pub tls_certificate: Option<PathBuf>,

    /// A file with its private key (PEM)
    #[arg(long, env = "MADANG_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,

    /// `self-signed`: a certificate that this machine makes for its names and addresses, and keeps. Browsers warn of it
    /// once
    #[arg(long, env = "MADANG_TLS", value_name = "MODE", value_enum)]
    pub tls: Option<TlsMode>,

    /// For phones and machines of the local network, with cameras: a self-signed certificate on port 8443 of every IPv4
    /// address. Whoever comes there from an address of the internet is sent away, so rooms stay open unless --access
    /// says otherwise
    #[arg(long, env = "MADANG_LAN")]
    pub lan: bool,

    /// A port that sends those who come by plain HTTP to HTTPS, usually 0.0.0.0:80
    #[arg(long, env = "MADANG_HTTP_REDIRECT", value_name = "IP:PORT")]
    pub http_redirect: Option<SocketAddr>,

    /// The folder in which certificates are kept. Unset: what systemd names, or `madang` in
    /// `$XDG_STATE_HOME` or `~/.local/state`
    #[arg(long, env = "MADANG_STATE", value_name = "FOLDER")]
    pub state: Option<PathBuf>,
}

/// What the operator decides about who may ask for how much.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct FrontLimits {
    /// A proxy in front of this server, or a network of them, like `127.0.0.1` or `10.0.0.0/8`: whom it names in
    /// X-Forwarded-For is whom limits count. Repeat it, or separate by commas, for several. Unset: nobody is believed
    #[arg(long, env = "MADANG_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',')]
    pub trusted_proxy: Vec<AddressRange>,

    /// Another site whose pages may connect, like `https://example.org`: signaling of all others than our own is
    /// refused. Nobody needs it to show a room in a frame. Repeat it, or separate by commas, for several
    #[arg(long, env = "MADANG_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub allow_origin: Vec<Origin>,

    /// Connections to --http and --https in all. Past it: 503, or closed
    #[arg(
        long,
        env = "MADANG_MAX_CONNECTIONS",
        value_name = "NUMBER",
        default_value = "10000",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub max_connections: u32,

    /// Connections from one address (IPv4), or one network of 2^64 (IPv6). Past it: 429, or closed
    #[arg(
        long,
        env = "MADANG_CONNECTIONS_PER_ADDRESS",
        value_name = "NUMBER",
        default_value = "500",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub connections_per_address: u32,

    /// Signaling sockets from one address: as many people, behind a router. Past it: 429
    #[arg(
        long,
        env = "MADANG_SOCKETS_PER_ADDRESS",
        value_name = "NUMBER",
        default_value = "200",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub sockets_per_address: u32,

    /// Joins from one address in a minute, by pages and by WHIP and WHEP. Past it: `too_many_from_network`, 429
    #[arg(
        long,
        env = "MADANG_JOINS_PER_ADDRESS",
        value_name = "NUMBER",
        default_value = "200",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub joins_per_address: u32,

    /// Addresses, or networks, whose connections, sockets and joins are not counted by address. Repeat it, or
    /// separate by commas, for several
    #[arg(
        long,
        env = "MADANG_UNLIMITED_ADDRESS",
        value_name = "ADDRESS",
        value_delimiter = ',',
        default_value = "127.0.0.0/8,::1"
    )]
    pub unlimited_address: Vec<AddressRange>,

    /// How many seconds a TLS handshake may take. Past it: closed
    #[arg(
        long,
        env = "MADANG_HANDSHAKE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10",
        value_parser = super::steady::seconds::<1, 600>,
    )]
    pub handshake_timeout: Duration,

    /// How many seconds may pass until a request's head is there, from the connection's opening or the last answer on:
    /// so long an idle connection is kept, too. Past it: closed
    #[arg(
        long,
        env = "MADANG_HEAD_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30",
        value_parser = super::steady::seconds::<1, 600>,
    )]
    pub head_timeout: Duration,

    /// How many seconds a request may take from its head to the answer's: its body must have come by then. Past it: 408
    #[arg(
        long,
        env = "MADANG_REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30",
        value_parser = super::steady::seconds::<1, 600>,
    )]
    pub request_timeout: Duration,
}
