//! What is let in, and every way that we know of to be let in without.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

const NOW: Duration = Duration::from_secs(1_800_000_001);

fn keys() -> Keys {
    Keys::shared(&[7; MIN_SECRET])
}

/// A pair of keys in files: the private one, and the public one.
fn ed25519() -> (Vec<u8>, Vec<u8>) {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    // RFC 8410 §4: an Ed25519 key's SubjectPublicKeyInfo is this and the key.
    let mut spki = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    spki.extend(pair.public_key().as_ref());
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der)).into_bytes()
    };
    (pem("PRIVATE KEY", pkcs8.as_ref()), pem("PUBLIC KEY", &spki))
}

fn claims() -> Claims {
    Claims {
        room: "tea".to_owned(),
        sub: Some("ada@example.org".to_owned()),
        name: Some("Ada".to_owned()),
        permissions: Permissions { publish: false, ..Permissions::default() },
        exp: NOW.as_secs() + 3600,
        nbf: None,
        jti: None,
    }
}

fn holds(claims: &Claims) -> bool {
    let keys = keys();
    keys.check(&keys.sign(claims).unwrap(), NOW).is_some()
}

fn part(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

#[test]
fn what_is_signed_is_granted() {
    let (private, public) = ed25519();
    let here = Keys::ed25519(&private).unwrap();
    let elsewhere = Keys::ed25519(&public).unwrap();
    assert!(elsewhere.sign(&claims()).is_none(), "a public key signs nothing");
    for (sign, check) in [(&keys(), &keys()), (&here, &here), (&here, &elsewhere)] {
        let invitation = check.check(&sign.sign(&claims()).unwrap(), NOW).unwrap();
        assert_eq!(invitation.grant.room.as_str(), "tea");
        assert_eq!(invitation.grant.name.unwrap().as_str(), "Ada");
        assert_eq!(invitation.grant.identity.as_deref(), Some("ada@example.org"));
        assert!(!invitation.grant.permissions.publish && invitation.grant.permissions.subscribe);
        assert_eq!(invitation.once, None);
    }
}

/// As another program writes one, by RFC 7515's own recipe: what is not named is as it is for anybody.
#[test]
fn an_invitation_of_somebody_elses_making_is_read() {
    use aws_lc_rs::hmac;
    let signed =
        format!("{}.{}", part(r#"{"alg":"HS256"}"#), part(r#"{"room":"Tea","exp":1800000002,"iss":"x"}"#));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; MIN_SECRET]);
    let mac = hmac::sign(&key, signed.as_bytes());
    let token = AccessToken(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac)));
    let invitation = keys().check(&token, NOW).unwrap();
    assert_eq!(invitation.grant.room.as_str(), "tea");
    assert!(invitation.grant.permissions.is_default());
}

#[test]
fn it_holds_from_its_beginning_to_its_end_and_a_clock_may_be_a_little_wrong() {
    let (now, leeway) = (NOW.as_secs(), LEEWAY.as_secs());
    for (exp, nbf, expected) in [
        (now + 1, None, true),
        (now + 1 - leeway, None, true),
        (now - leeway, None, false),
        (0, None, false),
        (u64::MAX, None, true),
        (now + 60, Some(now + leeway), true),
        (now + 60, Some(now + leeway + 1), false),
        (now + 60, Some(u64::MAX), false),
    ] {
        assert_eq!(holds(&Claims { exp, nbf, ..claims() }), expected, "{exp} {nbf:?}");
    }
}

#[test]
fn one_that_says_what_cannot_be_is_none() {
    let long = "x".repeat(MAX_ID + 1);
    for wrong in [
        Claims { room: "../tea".to_owned(), ..claims() },
        Claims { room: String::new(), ..claims() },
        Claims { name: Some(String::new()), ..claims() },
        Claims { name: Some("x".repeat(49)), ..claims() },
        Claims { jti: Some(long.clone()), ..claims() },
        Claims { sub: Some(long), ..claims() },
        Claims { name: Some("x".repeat(signal::limits::MAX_ACCESS_TOKEN)), ..claims() },
    ] {
        assert!(!holds(&wrong), "{wrong:?}");
    }
    assert!(holds(&claims()));
}

/// RFC 8725 §2.1: whoever lets the token say how it is to be checked lets anybody in.
#[test]
fn the_token_does_not_say_how_it_is_checked() {
    let (private, public) = ed25519();
    let (shared, ed) = (keys(), Keys::ed25519(&private).unwrap());
    let body = part(&serde_json::to_string(&claims()).unwrap());
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "EdDSA", "HS512", "RS256", "ES256"] {
        let unsigned = format!("{}.{body}.", part(&format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#)));
        for keys in [&shared, &ed] {
            assert_eq!(keys.check(&AccessToken(unsigned.clone()), NOW), None, "{alg}");
        }
    }
    // Signed with what everybody may know, as if it were a secret: the public key, in each form it has.
    let raw = public_bytes(&public);
    for known in [public.clone(), public.trim_ascii_end().to_vec(), raw] {
        let forged = Keys::shared(&known).sign(&claims()).unwrap();
        assert_eq!(Keys::ed25519(&public).unwrap().check(&forged, NOW), None);
        assert_eq!(ed.check(&forged, NOW), None);
    }
    // And the other way round.
    assert_eq!(shared.check(&ed.sign(&claims()).unwrap(), NOW), None);
    // The same family, another hash, with the right secret.
    let key = EncodingKey::from_secret(&[7; MIN_SECRET]);
    let other = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &claims(), &key).unwrap();
    assert_eq!(shared.check(&AccessToken(other), NOW), None);
}

fn public_bytes(pem: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(pem).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(base64).unwrap().split_off(12)
}

#[test]
fn another_secret_or_none_is_refused() {
    let token = keys().sign(&claims()).unwrap();
    assert_eq!(Keys::shared(&[8; MIN_SECRET]).check(&token, NOW), None);
    assert_eq!(Keys::new(None, None, None).unwrap().check(&token, NOW), None);
}

#[test]
fn what_must_be_understood_and_is_not_is_refused() {
    let header = Header { crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(&[7; MIN_SECRET]);
    let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
    assert_eq!(keys().check(&AccessToken(token), NOW), None);
}

#[test]
fn a_weak_secret_and_a_file_that_holds_no_key_are_refused_at_the_start() {
    let secret = |text: &str| Secret::from(text.to_owned());
    assert!(matches!(Keys::new(Some(&secret("short")), None, None), Err(KeyError::Short { .. })));
    assert!(Keys::new(Some(&secret(&"x".repeat(MIN_SECRET))), None, None).is_ok());
    let missing = Keys::new(None, Some(Path::new("/no/such/file")), None);
    assert!(matches!(missing, Err(KeyError::Unreadable { .. })));
    for pem in ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert!(Keys::ed25519(pem.as_bytes()).is_none(), "{pem}");
    }
    assert!(!format!("{:?}", keys()).contains('7'));
}

proptest! {
    /// One wrong or missing character anywhere, and it is none.
    #[test]
    fn a_token_that_was_touched_is_none(at in any::<prop::sample::Index>(), to: char, cut: bool) {
        let token = keys().sign(&Claims { jti: Some("1".to_owned()), ..claims() }).unwrap();
        let mut chars: Vec<char> = token.0.chars().collect();
        let at = at.index(chars.len());
        if cut { chars.truncate(at) } else { chars[at] = to }
        let touched = AccessToken(chars.into_iter().collect());
        prop_assume!(touched != token);
        prop_assert_eq!(keys().check(&touched, NOW), None);
    }

    #[test]
    fn nonsense_is_none(text: String) {
        prop_assert_eq!(keys().check(&AccessToken(text), NOW), None);
    }
}
