//! STUN messages (RFC 8489 §5) as TURN has them: reading. The first stop of whatever a client sends that is no
//! `ChannelData`.
//!
//! Borrows the datagram and copies nothing. What stands behind MESSAGE-INTEGRITY is not authenticated and not read.

use aws_lc_rs::hmac;

pub(crate) const HEADER: usize = 20;
pub(crate) const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes of a MESSAGE-INTEGRITY attribute, its header included.
pub(crate) const INTEGRITY_LEN: usize = 24;

/// Methods (RFC 8489 §18.2, RFC 8656 §17).
pub(crate) mod method {
    pub(crate) const BINDING: u16 = 0x001;
    pub(crate) const ALLOCATE: u16 = 0x003;
    pub(crate) const REFRESH: u16 = 0x004;
    pub(crate) const SEND: u16 = 0x006;
    pub(crate) const DATA: u16 = 0x007;
    pub(crate) const CREATE_PERMISSION: u16 = 0x008;
    pub(crate) const CHANNEL_BIND: u16 = 0x009;
}

/// Attributes (RFC 8489 §18.3, RFC 8656 §18).
pub(crate) mod kind {
    pub(crate) const USERNAME: u16 = 0x0006;
    pub(crate) const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub(crate) const ERROR_CODE: u16 = 0x0009;
    pub(crate) const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
    pub(crate) const CHANNEL_NUMBER: u16 = 0x000c;
    pub(crate) const LIFETIME: u16 = 0x000d;
    pub(crate) const XOR_PEER_ADDRESS: u16 = 0x0012;
    pub(crate) const DATA: u16 = 0x0013;
    pub(crate) const REALM: u16 = 0x0014;
    pub(crate) const NONCE: u16 = 0x0015;
    pub(crate) const XOR_RELAYED_ADDRESS: u16 = 0x0016;
    pub(crate) const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
    pub(crate) const REQUESTED_TRANSPORT: u16 = 0x0019;
    pub(crate) const XOR_MAPPED_ADDRESS: u16 = 0x0020;

    /// Those below 0x8000 that a client may send us.
    pub(super) const UNDERSTOOD: [u16; 10] = [
        USERNAME,
        MESSAGE_INTEGRITY,
        CHANNEL_NUMBER,
        LIFETIME,
        XOR_PEER_ADDRESS,
        DATA,
        REALM,
        NONCE,
        REQUESTED_ADDRESS_FAMILY,
        REQUESTED_TRANSPORT,
    ];
}

/// From here on attributes may be passed over by who does not know them (RFC 8489 §14).
const OPTIONAL: u16 = 0x8000;

/// It is no STUN message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed")]
pub(crate) struct Malformed;

/// What a message is to whoever gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Request,
    Indication,
    Success,
    Error,
}

/// A whole message, all its attributes in bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) method: u16,
    pub(crate) class: Class,
    pub(crate) transaction: [u8; 12],
    /// All of it.
    bytes: &'a [u8],
    /// From behind the header to before MESSAGE-INTEGRITY.
    body: &'a [u8],
    mac: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    /// Reads a datagram, or a frame of a stream.
    ///
    /// # Errors
    /// When it is none; it is dropped then.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (header, attributes) = bytes.split_first_chunk::<HEADER>().ok_or(Malformed)?;
        let [t0, t1, l0, l1, c0, c1, c2, c3, transaction @ ..] = *header;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if t0 > 0x3f
            || [c0, c1, c2, c3] != MAGIC_COOKIE
            || !length.is_multiple_of(4)
            || length != attributes.len()
        {
            return Err(Malformed);
        }
        let (mut rest, mut body, mut mac) = (attributes, attributes, None);
        while !rest.is_empty() {
            let before = attributes.len() - rest.len();
            let (kind, value, after) = attribute(rest).ok_or(Malformed)?;
            if kind == kind::MESSAGE_INTEGRITY && mac.is_none() {
                mac = Some(value);
                body = attributes.get(..before).ok_or(Malformed)?;
            }
            rest = after;
        }
        let (method, class) = split_type(u16::from_be_bytes([t0, t1]));
        Ok(Self { method, class, transaction, bytes, body, mac })
    }

    /// Type and value of each attribute, those behind MESSAGE-INTEGRITY left out.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut rest = self.body;
        std::iter::from_fn(move || {
            let (kind, value, after) = attribute(rest)?;
            rest = after;
            Some((kind, value))
        })
    }

    /// The first attribute of a type (RFC 8489 §14: any other of it is passed over).
    pub(crate) fn get(&self, wanted: u16) -> Option<&'a [u8]> {
        self.attributes().find(|(kind, _)| *kind == wanted).map(|(_, value)| value)
    }

    /// The same, as text.
    pub(crate) fn text(&self, wanted: u16) -> Option<&'a str> {
        std::str::from_utf8(self.get(wanted)?).ok()
    }

    pub(crate) fn has_integrity(&self) -> bool {
        self.mac.is_some()
    }

    /// Whether MESSAGE-INTEGRITY (RFC 8489 §14.5) was made with this key.
    pub(crate) fn verify(&self, key: &hmac::Key) -> bool {
        let Some(mac) = self.mac else { return false };
        // The length field counts as if the message ended with MESSAGE-INTEGRITY.
        let Ok(length) = u16::try_from(self.body.len() + INTEGRITY_LEN) else { return false };
        let (Some(kind), Some(rest)) = (self.bytes.get(..2), self.bytes.get(4..HEADER)) else { return false };
        let mut context = hmac::Context::with_key(key);
        context.update(kind);
        context.update(&length.to_be_bytes());
        context.update(rest);
        context.update(self.body);
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), mac).is_ok()
    }

    /// Attributes that have to be understood and are not.
    pub(crate) fn not_understood(&self) -> Vec<u16> {
        let kinds = self.attributes().map(|(kind, _)| kind);
        kinds.filter(|kind| *kind < OPTIONAL && !kind::UNDERSTOOD.contains(kind)).take(MOST_TOLD).collect()
    }
}

/// So many attributes that are not understood are told: an answer stays small.
const MOST_TOLD: usize = 4;

/// Method and class (RFC 8489 §5, figure 3): M11–M7, C1, M6–M4, C0, M3–M0.
fn split_type(bits: u16) -> (u16, Class) {
    let method = bits & 0x000f | (bits & 0x00e0) >> 1 | (bits & 0x3e00) >> 2;
    let class = match (bits & 0x0100 != 0, bits & 0x0010 != 0) {
        (false, false) => Class::Request,
        (false, true) => Class::Indication,
        (true, false) => Class::Success,
        (true, true) => Class::Error,
    };
    (method, class)
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
mod tests {
    use super::*;
    use crate::write::{Writer, integrity_key};
    use proptest::prelude::*;

    #[test]
    fn types_are_split_and_joined_alike() {
        for (bits, method, class) in [
            (0x0001, method::BINDING, Class::Request),
            (0x0101, method::BINDING, Class::Success),
            (0x0003, method::ALLOCATE, Class::Request),
            (0x0113, method::ALLOCATE, Class::Error),
            (0x0016, method::SEND, Class::Indication),
            (0x0109, method::CHANNEL_BIND, Class::Success),
            (0x3eef, 0xfff, Class::Request),
        ] {
            assert_eq!(split_type(bits), (method, class), "{bits:x}");
            let written = Writer::new(method, class, [0; 12]).finish(None);
            assert_eq!(written[..2], u16::to_be_bytes(bits), "{bits:x}");
        }
    }

    #[test]
    fn what_stands_behind_integrity_is_not_read() {
        let key = integrity_key("ada", "here", "secret");
        let mut bytes = Writer::new(method::REFRESH, Class::Request, [7; 12])
            .with(kind::LIFETIME, &[0; 4])
            .finish(Some(&key));
        bytes.extend([0, 0x0c, 0, 4, 0x40, 0, 0, 0]);
        bytes[3] += 8;
        let message = Message::parse(&bytes).unwrap();
        assert!(message.verify(&key));
        assert_eq!(
            (message.get(kind::LIFETIME), message.get(kind::CHANNEL_NUMBER)),
            (Some(&[0; 4][..]), None)
        );
    }

    #[test]
    fn a_changed_message_does_not_verify() {
        let key = integrity_key("ada", "here", "secret");
        let good =
            Writer::new(method::REFRESH, Class::Request, [7; 12]).with(kind::DATA, b"abc").finish(Some(&key));
        assert!(Message::parse(&good).unwrap().verify(&key));
        for place in [1, 9, 24, 26, 40] {
            let mut bad = good.clone();
            bad[place] ^= 1;
            assert!(Message::parse(&bad).is_ok_and(|it| !it.verify(&key)) || place == 1, "{place}");
        }
        assert!(!Message::parse(&good).unwrap().verify(&integrity_key("ada", "here", "secreT")));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Message::parse(&bytes);
        }

        #[test]
        fn garbage_behind_a_real_header_never_panics(tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = Writer::new(method::ALLOCATE, Class::Request, [7; 12]).finish(None);
            bytes.extend(&tail);
            bytes[2..4].copy_from_slice(&u16::try_from(tail.len()).unwrap().to_be_bytes());
            if let Ok(message) = Message::parse(&bytes) {
                prop_assert!(!message.verify(&integrity_key("a", "b", "c")));
                let _ = message.not_understood();
            }
        }
    }
}
