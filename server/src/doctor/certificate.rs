//! Certificates as browsers will take them: a chain and a key as PEM, and the names that the site is reached by.

use super::finding::Finding;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

const CHECK: &str = "certificate";
/// Sooner than this it should have been renewed: certificates for 90 days are after 60.
const SOON: Duration = Duration::from_hours(24 * 14);
/// How to renew and mend one.
const RENEW: &str = "Renew it: certbot, acme.sh or your certificate authority says how.";

/// Reads both files and judges what is in them.
pub(super) fn files(chain: &Path, key: &Path, names: &[String], now: SystemTime) -> Finding {
    let read = |file: &Path| {
        std::fs::read(file).map_err(|error| {
            Finding::error(CHECK, format!("{} cannot be read: {error}.", file.display()))
                .advise("Name the right file, and let the user read it that the server runs as.")
        })
    };
    match (read(chain), read(key)) {
        (Ok(chain), Ok(key)) => judge(&chain, &key, names, now),
        (Err(finding), _) | (_, Err(finding)) => finding,
    }
}

/// Of a chain, the site's own certificate first, and its key.
pub(super) fn judge(chain: &[u8], key: &[u8], names: &[String], now: SystemTime) -> Finding {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain).flatten().collect();
    let Some(first) = chain.first().cloned() else {
        return Finding::error(CHECK, "The file with the certificate holds none.")
            .advise("It has to be PEM: text that has a line `-----BEGIN CERTIFICATE-----`.");
    };
    let Ok((_, leaf)) = X509Certificate::from_der(&first) else {
        return Finding::error(CHECK, "The first certificate cannot be read.").advise(RENEW);
    };
    let Ok(key) = PrivateKeyDer::from_pem_slice(key) else {
        return Finding::error(CHECK, "The file with the key holds none.").advise(
            "It has to be PEM, without a password: text that has a line `-----BEGIN PRIVATE KEY-----`.",
        );
    };
    let Ok(key) = any_supported_type(&key) else {
        return Finding::error(CHECK, "The key is of a kind that TLS here does not take.")
            .advise("Make one with ECDSA P-256, P-384, Ed25519 or RSA of 2048 bits or more.");
    };
    let certified = CertifiedKey::new(chain.clone(), key);
    if certified.keys_match().is_err() {
        return Finding::error(CHECK, "The key is not the certificate's.")
            .advise("Name the key that the certificate was asked for with; of several certificates the site's own has to be the first.");
    }
    if let Some(missing) = names.iter().find(|name| !is_for(&leaf, name)) {
        return Finding::error(
            CHECK,
            format!("The certificate is not for {missing}, but for {}.", shown(&leaf)),
        )
        .advise("Get one for that name, or reach the site by another.");
    }
    valid(&leaf, chain.len(), now)
}

fn valid(leaf: &X509Certificate<'_>, chain: usize, now: SystemTime) -> Finding {
    let at = |time: i64| UNIX_EPOCH + Duration::from_secs(u64::try_from(time).unwrap_or_default());
    let (from, until) =
        (at(leaf.validity().not_before.timestamp()), at(leaf.validity().not_after.timestamp()));
    if now < from {
        return Finding::error(CHECK, "The certificate does not hold yet.")
            .advise("Look at the clock, or wait.");
    }
    let Ok(left) = until.duration_since(now) else {
        return Finding::error(CHECK, "The certificate does not hold any more.").advise(RENEW);
    };
    let days = left.as_secs() / 86_400;
    let found = format!("It is for {}, and holds {days} days more.", shown(leaf));
    let own = leaf.issuer() == leaf.subject();
    if left < SOON {
        Finding::warning(CHECK, found).advise(RENEW)
    } else if own {
        Finding::note(CHECK, format!("{found} It vouches for itself: browsers warn of it."))
    } else if chain == 1 {
        Finding::warning(CHECK, found).advise(
            "Nothing stands between it and its authority, which some browsers need: take the file with the whole chain (certbot: fullchain.pem).",
        )
    } else {
        Finding::ok(CHECK, found)
    }
}

/// What a certificate is for (RFC 9525: its subject's alternative names, and nothing else).
fn names<'a>(leaf: &'a X509Certificate<'_>) -> Vec<&'a GeneralName<'a>> {
    let found = leaf.subject_alternative_name().ok().flatten();
    found.map(|names| names.value.general_names.iter().collect()).unwrap_or_default()
}

fn is_for(leaf: &X509Certificate<'_>, name: &str) -> bool {
    names(leaf).into_iter().any(|known| match known {
        GeneralName::DNSName(pattern) => matches(pattern, name),
        GeneralName::IPAddress(bytes) => name.parse().is_ok_and(|ip: IpAddr| match ip {
            IpAddr::V4(ip) => ip.octets() == **bytes,
            IpAddr::V6(ip) => ip.octets() == **bytes,
        }),
        _ => false,
    })
}

/// `*` stands for one label, the first (RFC 9525 §6.3).
fn matches(pattern: &str, name: &str) -> bool {
    let same = pattern.eq_ignore_ascii_case(name);
    let wild = pattern.strip_prefix("*.").zip(name.split_once('.'));
    same || wild.is_some_and(|(parent, (label, rest))| !label.is_empty() && parent.eq_ignore_ascii_case(rest))
}

fn shown(leaf: &X509Certificate<'_>) -> String {
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => <[u8; 4]>::try_from(*bytes)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
            .ok()
            .map(|ip| ip.to_string()),
        _ => None,
    };
    let all: Vec<String> = names(leaf).into_iter().filter_map(text).collect();
    if all.is_empty() { "no name".to_owned() } else { all.join(", ") }
}

#[cfg(test)]
mod tests;
