//! `madang doctor`: whether the server can do its work here with these settings, and in words what to do where not.
//!
//! Each check is a function of what it looks at, and gives a [`Finding`] or several; this file has them looked at one
//! after the other. Nothing is changed: ports are opened for a moment, and only as long as no server has them.

mod certificate;
mod clock;
mod finding;
mod kernel;
mod machine;
mod policy;
mod ports;
mod reach;

use crate::Config;
use crate::addresses::{self, public};
use crate::front::{Front, Reach};
use clap::Args;
pub use finding::Report;
use std::path::PathBuf;
use std::time::SystemTime;

/// What to look at besides the settings.
#[derive(Clone, Debug, Args)]
pub struct DoctorOptions {
    /// Print it as JSON, for programs
    #[arg(long)]
    pub json: bool,
    /// A file with a certificate and those that vouch for it (PEM), the TLS proxy's perhaps: to be looked at, too
    #[arg(long, value_name = "FILE", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// The file with its private key (PEM)
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// A name that the certificate has to be for, like `meet.example.org`. Repeat it, or separate by commas, for several
    #[arg(long, value_name = "HOST", value_delimiter = ',', requires = "certificate")]
    pub name: Vec<String>,
}

/// Looks at everything. Must be called within a tokio runtime.
pub async fn examine(config: &Config, options: &DoctorOptions) -> Report {
    let mut findings = vec![policy::settings(config)];
    let page = ports::http(config.http).await;
    let runs = page.runs;
    findings.push(page.finding);
    let more = [
        ("https", Front::https_address(config), "--https"),
        ("redirect", config.https.http_redirect, "--http-redirect"),
    ];
    for (name, address, flag) in more {
        findings.extend(address.map(|address| ports::tcp(name, address, flag, runs)));
    }
    findings.extend(config.turn.turn.map(|address| ports::turn(address, runs)));

    let own = addresses::advertised(config.udp, &config.public_address);
    let (advertised, asked) = match &config.stun_address {
        Some(server) => reach::seen(public::ask_first(server, (config.udp.ip(), 0).into()).await, own),
        None => (own, None),
    };
    findings.extend(asked);
    let sockets = ports::udp(config.udp, config.workers.get(), runs);
    findings.push(sockets.finding);
    if !config.no_ice_tcp && config.udp.port() != 0 {
        findings.push(ports::ice_tcp(config.udp, config.workers.get(), runs));
    }
    findings.push(reach::reached(&reach::try_all(&sockets.probes, &advertised), runs));
    findings.push(reach::advertised(&advertised, Reach::with(config)));
    findings.push(reach::ipv6(&advertised, &reach::own_addresses()));
    let facts = sockets.probes.first().map(transport::Probe::facts).or_else(ports::facts);
    drop(sockets.probes);

    findings.extend(Front::lan_urls(config).map(|urls| reach::lan(&urls)));
    findings.extend(policy::access(&config.access, Reach::with(config)));
    findings.extend(policy::kept(config, Reach::with(config)));
    let theirs = options.certificate.as_ref().zip(options.key.as_ref());
    let own = config.https.tls_certificate.as_ref().zip(config.https.tls_key.as_ref());
    if let Some((certificate, key)) = theirs.or(own) {
        findings.push(certificate::files(certificate, key, &options.name, SystemTime::now()));
    }
    findings.push(clock::judge(SystemTime::now(), clock::built(), clock::synchronised()));
    if let Some(facts) = facts {
        findings.push(kernel::segments(&facts));
        findings.push(kernel::buffers(&facts));
    }
    findings.extend(kernel::conntrack());
    findings.extend(machine::all(config.workers));
    Report(findings)
}
