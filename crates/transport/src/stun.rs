//! STUN (RFC 8489) as far as the worker needs it: to tell whose binding request a datagram is, and
//! whether it may move that peer's media.
//!
//! First stop of a datagram whose first byte is 0 to 3. The answer is written by the ICE agent behind
//! the adapter; nothing here sends. What [`success`] writes is for that agent alone.

use aws_lc_rs::hmac;

const HEADER: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const USE_CANDIDATE: u16 = 0x0025;
/// Bytes of a MESSAGE-INTEGRITY attribute, its header included.
const INTEGRITY_LEN: usize = 24;

/// Why a datagram is no usable STUN message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StunError {
    /// Lengths or cookie are wrong.
    #[error("malformed")]
    Malformed,
    /// A binding request without USERNAME or MESSAGE-INTEGRITY.
    #[error("not authenticated")]
    Unauthenticated,
}

/// A STUN message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stun<'a> {
    /// A connectivity check (RFC 8445 §7.3).
    Check(Check<'a>),
    /// Anything else: a response, an indication.
    Other,
}

/// A connectivity check, not yet verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check<'a> {
    /// The first half of USERNAME: the receiver's ufrag.
    pub local_ufrag: &'a str,
    /// The peer nominates this path.
    pub use_candidate: bool,
    /// The header, but for its length field.
    head: &'a [u8],
    /// From behind the header to before MESSAGE-INTEGRITY.
    body: &'a [u8],
    mac: &'a [u8],
}

impl<'a> Stun<'a> {
    /// Reads a datagram.
    ///
    /// # Errors
    /// See [`StunError`]: the datagram is dropped.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, StunError> {
        let header: &[u8; HEADER] = datagram.first_chunk().ok_or(StunError::Malformed)?;
        let [t0, t1, l0, l1, c0, c1, c2, c3, ..] = *header;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if [c0, c1, c2, c3] != MAGIC_COOKIE || !length.is_multiple_of(4) || HEADER + length != datagram.len()
        {
            return Err(StunError::Malformed);
        }
        if u16::from_be_bytes([t0, t1]) != BINDING_REQUEST {
            return Ok(Self::Other);
        }
        let (_, attributes) = datagram.split_at_checked(HEADER).ok_or(StunError::Malformed)?;
        let (mut username, mut use_candidate) = (None, false);
        let mut rest = attributes;
        while !rest.is_empty() {
            let before = attributes.len() - rest.len();
            let (kind, value, after) = attribute(rest).ok_or(StunError::Malformed)?;
            match kind {
                USERNAME => username = std::str::from_utf8(value).ok(),
                USE_CANDIDATE => use_candidate = true,
                MESSAGE_INTEGRITY => {
                    let username = username.ok_or(StunError::Unauthenticated)?;
                    let (local_ufrag, _) = username.split_once(':').ok_or(StunError::Unauthenticated)?;
                    let body = attributes.get(..before).ok_or(StunError::Malformed)?;
                    return Ok(Self::Check(Check {
                        local_ufrag,
                        use_candidate,
                        head: header,
                        body,
                        mac: value,
                    }));
                }
                _ => {}
            }
            rest = after;
        }
        Err(StunError::Unauthenticated)
    }
}

impl Check<'_> {
    /// The transaction id: random, and never the same for two checks.
    pub fn transaction(&self) -> [u8; 12] {
        self.head.last_chunk().copied().unwrap_or_default()
    }

    /// Whether MESSAGE-INTEGRITY (RFC 8489 §14.5) was made with this key: the receiver's password.
    pub fn verify(&self, key: &hmac::Key) -> bool {
        // The length field counts as if the message ended with MESSAGE-INTEGRITY.
        let Ok(length) = u16::try_from(self.body.len() + INTEGRITY_LEN) else { return false };
        let (Some(kind), Some(rest)) = (self.head.get(..2), self.head.get(4..)) else { return false };
        let mut context = hmac::Context::with_key(key);
        context.update(kind);
        context.update(&length.to_be_bytes());
        context.update(rest);
        context.update(self.body);
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), self.mac).is_ok()
    }
}

/// The key for [`Check::verify`].
pub fn integrity_key(password: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes())
}

/// A success response (RFC 8489 §6.3.3) with nothing in it but MESSAGE-INTEGRITY.
pub fn success(transaction: [u8; 12], key: &hmac::Key) -> Vec<u8> {
    let mut message = Vec::with_capacity(HEADER + INTEGRITY_LEN);
    message.extend(BINDING_SUCCESS.to_be_bytes());
    message.extend([0, 24]);
    message.extend(MAGIC_COOKIE);
    message.extend(transaction);
    let mac = hmac::sign(key, &message);
    message.extend(MESSAGE_INTEGRITY.to_be_bytes());
    message.extend([0, 20]);
    message.extend(mac.as_ref());
    message
}

/// Splits one attribute off: type, value, what follows its padding.
fn attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (&[t0, t1, l0, l1], rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let value = rest.get(..length)?;
    let after = rest.get(length.next_multiple_of(4)..)?;
    Some((u16::from_be_bytes([t0, t1]), value, after))
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "small numbers made here")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap() as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    /// RFC 5769 §2.1: a request with MESSAGE-INTEGRITY under a published password.
    fn published() -> Vec<u8> {
        hex("000100582112a442b7e7a701bc34d686fa87dfae\
             80220010 5354554e207465737420636c69656e74\
             00240004 6e0001ff\
             80290008 932ff9b151263b36\
             00060009 6576746a3a68367659202020\
             00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2\
             80280004 e57a3bcf")
    }

    fn check(datagram: &[u8]) -> Check<'_> {
        match Stun::parse(datagram) {
            Ok(Stun::Check(check)) => check,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_published_request_verifies_under_its_password_only() {
        let datagram = published();
        let check = check(&datagram);
        assert_eq!(check.local_ufrag, "evtj");
        assert!(!check.use_candidate);
        assert!(check.verify(&integrity_key("VOkJxbRl1RmTxUk/WvJxBt")));
        assert!(!check.verify(&integrity_key("VOkJxbRl1RmTxUk/WvJxBu")));
    }

    #[test]
    fn a_changed_request_does_not_verify() {
        let mut datagram = published();
        datagram[25] ^= 1;
        assert!(!check(&datagram).verify(&integrity_key("VOkJxbRl1RmTxUk/WvJxBt")));
    }

    #[test]
    fn a_request_without_integrity_is_refused() {
        let datagram = published();
        let mut bare = datagram[..20 + 20 + 8 + 12 + 16].to_vec();
        let length = (bare.len() - 20) as u16;
        bare[2..4].copy_from_slice(&length.to_be_bytes());
        assert_eq!(Stun::parse(&bare), Err(StunError::Unauthenticated));
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        let mut datagram = published();
        datagram.push(0);
        assert_eq!(Stun::parse(&datagram), Err(StunError::Malformed));
        assert_eq!(Stun::parse(&datagram[..19]), Err(StunError::Malformed));
        assert_eq!(Stun::parse(&[]), Err(StunError::Malformed));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Stun::parse(&bytes);
        }

        #[test]
        fn garbage_behind_a_real_header_never_panics(tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = published()[..20].to_vec();
            bytes.extend(&tail);
            let length = (tail.len() as u16).to_be_bytes();
            bytes[2..4].copy_from_slice(&length);
            if let Ok(Stun::Check(check)) = Stun::parse(&bytes) {
                prop_assert!(!check.verify(&integrity_key("x")));
            }
        }
    }
}
