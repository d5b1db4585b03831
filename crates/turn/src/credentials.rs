//! Credentials and nonces: made out of one secret, kept nowhere.
//!
//! A username is `EXPIRY:PERSON:SERIAL`, its password a MAC of it (draft-uberti-behave-turn-rest-00 §2.2, but that the
//! expiry is in seconds of the server's own clock: whoever makes them is whoever checks them, and no wall clock that is
//! set ends them). Who is told new ones with each negotiation has no more with many than with one: quotas are a person's. A nonce is its own expiry and a MAC of that and of the client's address, so that it is no other's.

use crate::{Client, Now, Way};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::IpAddr;
use std::time::Duration;

/// How long credentials let one allocate. What was allocated meanwhile may be refreshed with them for longer.
pub const LIFE: Duration = Duration::from_mins(5);

/// How long a nonce is good for (RFC 8656 §5: an hour at most). A client with an older one is told the next, and asks
/// once more; not all do so at once.
pub(crate) const NONCE_LIFE: Duration = Duration::from_hours(1);

/// Bytes of a password's MAC: 192 bits.
const PASSWORD: usize = 24;
/// Bytes of a nonce's MAC: 64 bits, short because anybody is told one. It is not all that a request needs.
const NONCE_MAC: usize = 8;

/// What a client needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who it says it is.
    pub username: String,
    /// What shows it.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.username)
    }
}

/// Makes credentials, and knows them again. Clones are the same.
#[derive(Clone, Debug)]
pub struct Authority(hmac::Key);

impl Authority {
    /// By a secret that is made at random at every start.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Credentials of a person's that are good for [`LIFE`]. The serial number tells them from that person's others.
    pub fn mint(&self, person: u64, serial: u64, now: Now) -> Credentials {
        let username = format!("{}:{person}:{serial}", now.saturating_add(LIFE).as_secs());
        let password = self.password(&username);
        Credentials { username, password }
    }

    /// The password that goes with a username, whoever made that up.
    pub(crate) fn password(&self, username: &str) -> String {
        let mac = hmac::sign(&self.0, format!("password:{username}").as_bytes());
        URL_SAFE_NO_PAD.encode(mac.as_ref().get(..PASSWORD).unwrap_or_default())
    }

    pub(crate) fn nonce(&self, client: Client, now: Now) -> String {
        let expiry = u32::try_from(now.saturating_add(NONCE_LIFE).as_secs()).unwrap_or(u32::MAX);
        let mut bytes = expiry.to_be_bytes().to_vec();
        bytes.extend(self.nonce_mac(expiry, client));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether a nonce is ours, this client's, and not over.
    pub(crate) fn knows_nonce(&self, nonce: &str, client: Client, now: Now) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else { return false };
        let Some((expiry, mac)) = bytes.split_first_chunk::<4>() else { return false };
        let expiry = u32::from_be_bytes(*expiry);
        u64::from(expiry) > now.as_secs()
            && constant_time::verify_slices_are_equal(&self.nonce_mac(expiry, client), mac).is_ok()
    }

    fn nonce_mac(&self, expiry: u32, client: Client) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"nonce:");
        context.update(&expiry.to_be_bytes());
        match client.address.ip() {
            IpAddr::V4(ip) => context.update(&ip.octets()),
            IpAddr::V6(ip) => context.update(&ip.octets()),
        }
        context.update(&client.address.port().to_be_bytes());
        context.update(match client.way {
            Way::Datagram => b"d",
            Way::Stream(_) => b"s",
        });
        context.sign().as_ref().get(..NONCE_MAC).unwrap_or_default().to_vec()
    }
}

/// What a username says, whoever made that up: until which second it is good, and whose it is.
pub(crate) fn read(username: &str) -> Option<(u64, u64)> {
    let (expiry, person) = username.split_once(':')?;
    let (person, _) = person.split_once(':')?;
    Some((expiry.parse().ok()?, person.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client { address: address.parse().unwrap(), way: Way::Datagram }
    }

    #[test]
    fn credentials_live_five_minutes() {
        let authority = Authority::new(&[1; 32]);
        let made = authority.mint(7, 3, Duration::from_secs(100));
        assert_eq!((made.username.as_str(), made.password.len()), ("400:7:3", 32));
        assert_eq!(authority.password("400:7:3"), made.password);
        assert_ne!(authority.password("401:7:3"), made.password);
        assert_ne!(Authority::new(&[2; 32]).password("400:7:3"), made.password);
        assert_eq!(read("400:7:3"), Some((400, 7)));
        for wrong in ["", ":", "::", "x:7:3", "-1:7:3", "400:x:3", "400:7", "500"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_password_is_shown_to_nobody() {
        let made = Authority::new(&[1; 32]).mint(7, 3, Duration::ZERO);
        assert_eq!(format!("{made:?}"), "Credentials(300:7:3)");
    }

    #[test]
    fn a_nonce_is_one_clients_for_an_hour() {
        let authority = Authority::new(&[1; 32]);
        let (ada, now) = (client("192.0.2.1:5"), Duration::from_secs(100));
        let nonce = authority.nonce(ada, now);
        assert_eq!(nonce.len(), 16);
        assert!(authority.knows_nonce(&nonce, ada, now + NONCE_LIFE.saturating_sub(Duration::from_secs(1))));
        assert!(!authority.knows_nonce(&nonce, ada, now + NONCE_LIFE));
        let stream = Client { way: Way::Stream(0), ..ada };
        for other in [client("192.0.2.1:6"), client("192.0.2.2:5"), client("[2001:db8::1]:5"), stream] {
            assert!(!authority.knows_nonce(&nonce, other, now), "{other:?}");
        }
        for wrong in ["", "AAAA", "AAAAAAAAAAAAAAAA", "????????????????", &nonce[1..]] {
            assert!(!authority.knows_nonce(wrong, ada, now), "{wrong}");
        }
        assert!(!Authority::new(&[2; 32]).knows_nonce(&nonce, ada, now));
    }
}
