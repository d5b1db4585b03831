//! A certificate that this machine makes for itself, for a local network. Browsers warn of it once, and remember that
//! they were told to go on: so it is kept, and stays the same until it ends or the machine's addresses change.

use super::TlsError;
use super::files::Files;
use crate::front::host::own_names;
use crate::private;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    SerialNumber,
};
use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;
use time::OffsetDateTime;

/// How long it holds: some systems take none that holds longer than 825 days.
const LIFE: Duration = Duration::from_hours(24 * 820);
/// It is made anew when it holds no longer than this.
const RENEW: Duration = Duration::from_hours(24 * 60);

/// The certificate in the state folder, made if there is none that fits.
pub(crate) fn kept(folder: &Path) -> Result<Files, TlsError> {
    let files =
        Files { certificate: folder.join("self-signed.pem"), key: folder.join("self-signed-key.pem") };
    let (names, now) = (names(), OffsetDateTime::now_utc());
    if !fits(&files, &names, now) {
        make(folder, &files, &names, now)?;
        tracing::info!(folder = %folder.display(), "made a certificate for this machine");
    }
    Ok(files)
}

/// What this machine is called, and all its addresses.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::from(["localhost".to_owned()]);
    names.extend(own_names());
    let addresses = if_addrs::get_if_addrs().unwrap_or_default();
    names.extend(
        addresses.iter().map(if_addrs::Interface::ip).filter(|ip| is_lasting(*ip)).map(|ip| ip.to_string()),
    );
    names
}

/// IPv6 addresses of an interface alone need its name in a URL, which no browser takes.
fn is_lasting(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    }
}

/// What stands before the certificate in its file: for whom it is, and until when.
fn head(names: &BTreeSet<String>, end: OffsetDateTime) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("Names: {}\nEnds: {}\n", names.join(" "), end.unix_timestamp())
}

/// Whether there is one for all these names that holds for a while.
fn fits(files: &Files, names: &BTreeSet<String>, now: OffsetDateTime) -> bool {
    let Ok(text) = fs::read_to_string(&files.certificate) else { return false };
    let said = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let known: BTreeSet<&str> = said("Names: ").unwrap_or_default().split(' ').collect();
    let end = said("Ends: ").and_then(|end| end.parse().ok()).unwrap_or(0);
    let lasts = OffsetDateTime::from_unix_timestamp(end).is_ok_and(|end| end > now + RENEW);
    // IPv6 addresses come and go by the day (RFC 8981): one that is missing is no reason to be warned again.
    let mut needed = names.iter().filter(|name| !name.contains(':'));
    lasts
        && needed.all(|name| known.contains(name.as_str()))
        && super::files::Certificate::read(files).is_ok()
}

fn make(folder: &Path, files: &Files, names: &BTreeSet<String>, now: OffsetDateTime) -> Result<(), TlsError> {
    let key = KeyPair::generate()?;
    let mut certificate = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "Madang on this machine");
    certificate.distinguished_name = subject;
    // A clock that is a little behind shall take it, too.
    certificate.not_before = now - Duration::from_hours(24);
    certificate.not_after = now + LIFE;
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Firefox refuses two of one issuer with the same number.
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).map_err(|_| TlsError::Random)?;
    certificate.serial_number = Some(SerialNumber::from_slice(&serial));
    let end = certificate.not_after;
    let signed = certificate.self_signed(&key)?;
    let state = |path: &Path| {
        let path = path.to_owned();
        move |error| TlsError::State { path, error }
    };
    private::folder(folder).map_err(state(folder))?;
    private::write(&files.key, key.serialize_pem().as_bytes()).map_err(state(&files.key))?;
    private::write(&files.certificate, format!("{}{}", head(names, end), signed.pem()).as_bytes())
        .map_err(state(&files.certificate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_the_same_until_it_ends_or_a_name_is_missing() {
        let folder = std::env::temp_dir().join(format!("madang-self-signed-{}", std::process::id()));
        let files = kept(&folder).unwrap();
        let first = fs::read(&files.certificate).unwrap();
        kept(&folder).unwrap();
        assert_eq!(fs::read(&files.certificate).unwrap(), first);
        let now = OffsetDateTime::now_utc();
        assert!(fits(&files, &names(), now));
        assert!(!fits(&files, &names(), now + LIFE - RENEW));
        assert!(!fits(&files, &BTreeSet::from(["192.0.2.77".to_owned()]), now));
        fs::write(&files.key, "no key").unwrap();
        kept(&folder).unwrap();
        assert_ne!(fs::read(&files.certificate).unwrap(), first);
        fs::remove_dir_all(&folder).unwrap();
    }
}
