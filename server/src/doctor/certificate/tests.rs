//! Certificates made for the purpose, good ones and such as browsers refuse.

use super::super::finding::State;
use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

const NOW: u64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

struct Made {
    own: String,
    chain: String,
    key: String,
}

/// By an authority, for these names, from and until so many days from now.
fn made(names: &[&str], from: i64, until: i64) -> Made {
    let day = |days: i64| time::OffsetDateTime::from_unix_timestamp(NOW.cast_signed() + days * DAY).unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, "an authority");
    let root_key = KeyPair::generate().unwrap();
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    (params.not_before, params.not_after) = (day(from), day(until));
    params.distinguished_name.push(rcgen::DnType::CommonName, "a site");
    let key = KeyPair::generate().unwrap();
    let own = params.signed_by(&key, &Issuer::new(root, root_key)).unwrap().pem();
    Made { chain: own.clone() + &root_pem, own, key: key.serialize_pem() }
}

fn check(chain: &str, key: &str, names: &[&str], state: State, words: &str) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let finding = judge(chain.as_bytes(), key.as_bytes(), &names, now());
    assert_eq!(finding.state, state, "{finding:?}");
    assert!(finding.found.contains(words), "{words:?} is not in {finding:?}");
    assert_eq!(finding.advice.is_some(), state >= State::Warning, "{finding:?}");
}

#[test]
fn a_good_one() {
    let made = made(&["meet.example.org", "*.example.net", "192.0.2.7"], -1, 60);
    check(&made.chain, &made.key, &[], State::Ok, "holds 60 days more");
    let names = ["Meet.Example.ORG", "a.example.net", "192.0.2.7"];
    check(&made.chain, &made.key, &names, State::Ok, "meet.example.org, *.example.net, 192.0.2.7");
}

#[test]
fn names_it_is_not_for() {
    let made = made(&["meet.example.org", "*.example.net"], -1, 60);
    for other in ["example.org", "a.b.example.net", "example.net", ".example.net", "192.0.2.7"] {
        let words = format!("is not for {other}");
        check(&made.chain, &made.key, &["meet.example.org", other], State::Error, &words);
    }
}

#[test]
fn too_early_too_late_and_almost() {
    for (from, until, state, words) in [
        (1, 60, State::Error, "not hold yet"),
        (-60, -1, State::Error, "not hold any more"),
        (-60, 3, State::Warning, "holds 3 days more"),
    ] {
        let made = made(&["a.example"], from, until);
        check(&made.chain, &made.key, &[], state, words);
    }
}

#[test]
fn another_ones_key() {
    let [one, other] = [made(&["a.example"], -1, 60), made(&["a.example"], -1, 60)];
    check(&one.chain, &other.key, &[], State::Error, "not the certificate's");
}

#[test]
fn without_what_stands_between() {
    let made = made(&["a.example"], -1, 60);
    check(&made.own, &made.key, &[], State::Warning, "60 days");
}

#[test]
fn one_of_its_own_making() {
    let mut params = CertificateParams::new(vec!["madang.local".to_owned()]).unwrap();
    params.not_after = time::OffsetDateTime::from_unix_timestamp(NOW.cast_signed() + 100 * DAY).unwrap();
    let key = KeyPair::generate().unwrap();
    let chain = params.self_signed(&key).unwrap().pem();
    check(&chain, &key.serialize_pem(), &["madang.local"], State::Note, "vouches for itself");
}

#[test]
fn what_is_none() {
    let made = made(&["a.example"], -1, 60);
    check("", &made.key, &[], State::Error, "holds none");
    check("no certificate", &made.key, &[], State::Error, "holds none");
    check(&made.key, &made.key, &[], State::Error, "holds none");
    check(&made.chain, &made.chain, &[], State::Error, "key holds none");
    let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    check(odd, &made.key, &[], State::Error, "cannot be read");
}

#[test]
fn a_file_that_is_not_there() {
    let finding = files(Path::new("/nowhere/chain.pem"), Path::new("/nowhere/key.pem"), &[], now());
    assert_eq!(finding.state, State::Error);
    assert!(finding.found.contains("/nowhere/chain.pem"));
}
