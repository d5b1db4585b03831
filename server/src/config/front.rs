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

    /// The domain that leads to this machine: a certificate for it is got from a certificate authority (ACME), kept, and
    /// renewed before it ends. The authority looks for it at port 443 of the domain. Repeat it, or separate by commas, for
    /// several names of this machine
    #[arg(
        long,
        env = "MADANG_ACME",
        value_name = "DOMAIN",
        value_delimiter = ',',
        value_parser = a_domain,
        conflicts_with_all = ["tls", "lan"]
    )]
    pub acme: Vec<String>,

    /// A mail address that the certificate authority may write to, about trouble with the certificate
    #[arg(long, env = "MADANG_ACME_CONTACT", value_name = "MAIL", requires = "acme")]
    pub acme_contact: Option<String>,

    /// Another certificate authority: the URL of its ACME directory. Those that this machine trusts are trusted
    #[arg(
        long,
        env = "MADANG_ACME_DIRECTORY",
        value_name = "URL",
        default_value = "https://acme-v02.api.letsencrypt.org/directory"
    )]
    pub acme_directory: String,

    /// A file with the certificate and those that vouch for it (PEM, the server's own first). Both files are read again
    /// when they change
    #[arg(
        long,
        env = "MADANG_TLS_CERTIFICATE",
        value_name = "FILE",
        requires = "tls_key",
        conflicts_with_all = ["tls", "lan", "acme"]
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

    /// The folder of what outlives the server: certificates that it got or made, rooms that were made, which invitations
    /// were used, and the secret that signs them. One server's alone. Unset: what systemd names, or `madang` in
    /// `$XDG_STATE_HOME` or `~/.local/state`
    #[arg(long, env = "MADANG_STATE", value_name = "FOLDER")]
    pub state: Option<PathBuf>,
}

/// What the operator decides about who may ask for how much.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct FrontLimits {
    /// A proxy in front of this server, or a network of them, like `127.0.0.1` or `10.0.0.0/8`: whom it names in
    /// X-Forwarded-For is whom limits count, and rooms are closed unless --access says otherwise. Repeat it, or separate
    /// by commas, for several. Unset: nobody is believed
    #[arg(long, env = "MADANG_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',')]
    pub trusted_proxy: Vec<AddressRange>,

    /// Another site whose pages may connect, like `https://example.org`: signaling of all others than our own is
    /// refused. Its name is one that the server answers to (see --access). Nobody needs it to show a room in a frame.
    /// Repeat it, or separate by commas, for several
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

    /// Addresses, or networks, whose connections, sockets and joins are not counted by address; `::`, which nobody has,
    /// for none. Repeat it, or separate by commas, for several
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

/// A name, and no address: an authority vouches for no others. It cannot hold `*`, which TLS-ALPN-01 does not give.
fn a_domain(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let fits = text.contains('.') && text.split('.').all(label) && text.parse::<std::net::IpAddr>().is_err();
    if fits { Ok(text.to_ascii_lowercase()) } else { Err("no domain, like meet.example.org".to_owned()) }
}

#[cfg(test)]
mod tests {
    use crate::Config;
    use clap::Parser;

    fn parsed(arguments: &[&str]) -> Option<Config> {
        Config::try_parse_from(["madang"].iter().chain(arguments)).ok()
    }

    #[test]
    fn a_certificate_comes_from_one_place() {
        let files = ["--tls-certificate", "a", "--tls-key", "b"];
        let (own, acme) = (["--tls", "self-signed"], ["--acme", "meet.example.org"]);
        assert!(
            [&files[..], &own, &acme, &["--lan"], &["--lan", "--tls", "self-signed"]]
                .iter()
                .all(|a| parsed(a).is_some())
        );
        for wrong in [
            &files[..2],
            &files[2..],
            &[&files[..], &own].concat(),
            &[&files[..], &acme].concat(),
            &[&files[..], &["--lan"]].concat(),
            &[&acme[..], &own].concat(),
            &[&acme[..], &["--lan"]].concat(),
            &["--acme-contact", "ada@example.org"],
        ] {
            assert!(parsed(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn domains_are_names() {
        let domains = |text| parsed(&["--acme", text]).map(|config| config.https.acme);
        assert_eq!(domains("Meet.example.org,b.example").unwrap(), ["meet.example.org", "b.example"]);
        for wrong in
            ["", "localhost", "192.0.2.7", "*.example.org", "a..b", "https://a.b", "a.b/c", "a.b:443"]
        {
            assert!(domains(wrong).is_none(), "{wrong}");
        }
    }
}
