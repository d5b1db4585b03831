//! Our half of ICE (RFC 8445) toward a server with one address: one check, repeated until answered, and
//! then again and again for consent (RFC 7675). Lite or not, the server's agent may check us as well.

use crate::dice::random;
use aws_lc_rs::hmac;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Until the first answer, so often.
const CHECK_EVERY: Duration = Duration::from_millis(50);
/// Afterwards, so often: RFC 7675 §5.1 says 5 s, browsers do it about every 2.5 s.
const CONSENT_EVERY: Duration = Duration::from_secs(2);
/// Silence after which consent has expired (RFC 7675 §5.1).
const CONSENT_EXPIRES: Duration = Duration::from_secs(30);

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLING: u16 = 0x802a;
/// Of a peer-reflexive candidate (RFC 8445 §5.1.2.1): type preference 110.
const OUR_PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

/// A ufrag and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// `a=ice-ufrag`.
    pub ufrag: String,
    /// `a=ice-pwd`.
    pub password: String,
}

impl Credentials {
    /// New ones.
    pub fn random() -> Self {
        Self { ufrag: hex(&random::<4>()), password: hex(&random::<16>()) }
    }
}

/// A check for the agent with `remote`'s credentials.
pub fn binding_request(
    local: &Credentials,
    remote: &Credentials,
    transaction: [u8; 12],
    use_candidate: bool,
) -> Vec<u8> {
    let mut message = header(BINDING_REQUEST, transaction);
    attribute(&mut message, USERNAME, format!("{}:{}", remote.ufrag, local.ufrag).as_bytes());
    attribute(&mut message, ICE_CONTROLLING, &[7; 8]);
    attribute(&mut message, PRIORITY, &OUR_PRIORITY.to_be_bytes());
    if use_candidate {
        attribute(&mut message, USE_CANDIDATE, &[]);
    }
    finish(message, &remote.password)
}

/// The answer to a check from `from`.
fn binding_success(local: &Credentials, transaction: [u8; 12], from: SocketAddr) -> Vec<u8> {
    let mut message = header(BINDING_SUCCESS, transaction);
    let [cookie_high, cookie_low, ..] = MAGIC_COOKIE;
    let [port_high, port_low] = from.port().to_be_bytes();
    // RFC 8489 §14.2: the port and address under the cookie, an IPv6 address under the transaction id too.
    let (family, ip) = match from.ip() {
        IpAddr::V4(ip) => (1, ip.octets().to_vec()),
        IpAddr::V6(ip) => (2, ip.octets().to_vec()),
    };
    let mut value = vec![0, family, port_high ^ cookie_high, port_low ^ cookie_low];
    value.extend(ip.iter().zip(MAGIC_COOKIE.iter().chain(&transaction)).map(|(byte, mask)| byte ^ mask));
    attribute(&mut message, XOR_MAPPED_ADDRESS, &value);
    finish(message, &local.password)
}

fn header(kind: u16, transaction: [u8; 12]) -> Vec<u8> {
    let mut message = Vec::with_capacity(128);
    message.extend(kind.to_be_bytes());
    message.extend([0, 0]);
    message.extend(MAGIC_COOKIE);
    message.extend(transaction);
    message
}

/// Adds MESSAGE-INTEGRITY and FINGERPRINT. The length counts as if the message ended with the attribute
/// being made (RFC 8489 §14.5, §14.7).
fn finish(mut message: Vec<u8>, password: &str) -> Vec<u8> {
    set_length(&mut message, 24);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let integrity = hmac::sign(&key, &message);
    attribute(&mut message, MESSAGE_INTEGRITY, integrity.as_ref());
    set_length(&mut message, 8);
    let mut crc = flate2::Crc::new();
    crc.update(&message);
    attribute(&mut message, FINGERPRINT, &(crc.sum() ^ 0x5354_554e).to_be_bytes());
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

/// Writes the length of the attributes there are and `more` bytes.
fn set_length(message: &mut [u8], more: usize) {
    let length = u16::try_from(message.len() - 20 + more).unwrap_or(u16::MAX);
    if let Some(field) = message.get_mut(2..4) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // `write!` to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a STUN datagram calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The first answer on this path.
    FirstAnswer,
    /// The server checks too: this is to be answered.
    Request(Vec<u8>),
    Nothing,
}

/// The checks of one path.
#[derive(Debug)]
pub(crate) struct Checks {
    local: Credentials,
    remote: Credentials,
    /// The first half of every transaction id of this path.
    path: [u8; 8],
    checked: u32,
    next: Instant,
    answered: Option<Instant>,
}

impl Checks {
    pub(crate) fn new(local: Credentials, remote: Credentials, now: Instant) -> Self {
        Self { local, remote, path: random(), checked: 0, next: now, answered: None }
    }

    /// The path changed: check at once.
    pub(crate) fn start_over(&mut self, now: Instant) {
        (self.path, self.answered, self.next) = (random(), None, now);
    }

    pub(crate) fn poll_timeout(&self) -> Instant {
        self.next
    }

    /// A check, if one is due.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Vec<u8>> {
        if now < self.next {
            return None;
        }
        self.next = now + if self.answered.is_some() { CONSENT_EVERY } else { CHECK_EVERY };
        self.checked = self.checked.wrapping_add(1);
        let [p0, p1, p2, p3, p4, p5, p6, p7] = self.path;
        let [c0, c1, c2, c3] = self.checked.to_be_bytes();
        let transaction = [p0, p1, p2, p3, p4, p5, p6, p7, c0, c1, c2, c3];
        Some(binding_request(&self.local, &self.remote, transaction, true))
    }

    /// Takes a STUN datagram of the server's.
    pub(crate) fn take(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) -> Taken {
        let Some((&[k0, k1, _, _, _, _, _, _], transaction)) = datagram.split_first_chunk::<8>() else {
            return Taken::Nothing;
        };
        match (u16::from_be_bytes([k0, k1]), transaction.first_chunk::<12>()) {
            // Whoever can write our ufrag has read the offer; a test client trusts its server.
            (BINDING_REQUEST, Some(id)) => Taken::Request(binding_success(&self.local, *id, from)),
            (BINDING_SUCCESS, Some(id)) if id.starts_with(&self.path) => {
                self.next = now + CONSENT_EVERY;
                if self.answered.replace(now).is_none() { Taken::FirstAnswer } else { Taken::Nothing }
            }
            _ => Taken::Nothing,
        }
    }

    pub(crate) fn has_expired(&self, now: Instant) -> bool {
        self.answered.is_some_and(|at| now.saturating_duration_since(at) > CONSENT_EXPIRES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use transport::stun::{Stun, integrity_key};

    #[test]
    fn the_server_believes_our_check_under_its_password_only() {
        let (local, remote) = (Credentials::random(), Credentials::random());
        let message = binding_request(&local, &remote, [1; 12], true);
        let Ok(Stun::Check(check)) = Stun::parse(&message) else { panic!("no check") };
        assert_eq!(check.local_ufrag, remote.ufrag);
        assert!(check.use_candidate);
        assert!(check.verify(&integrity_key(&remote.password)));
        assert!(!check.verify(&integrity_key(&local.password)));
    }
}
