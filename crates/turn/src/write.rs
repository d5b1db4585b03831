//! Writing STUN messages, and `ChannelData` (RFC 8656 §12.4). The last stop before a datagram leaves.

use crate::message::{Class, HEADER, INTEGRITY_LEN, MAGIC_COOKIE, kind};
use aws_lc_rs::hmac;
use md5::{Digest, Md5};

/// A message that is being written.
#[derive(Debug)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(method: u16, class: Class, transaction: [u8; 12]) -> Self {
        let class = match class {
            Class::Request => 0,
            Class::Indication => 0x0010,
            Class::Success => 0x0100,
            Class::Error => 0x0110,
        };
        let bits = method & 0x000f | (method & 0x0070) << 1 | (method & 0x0f80) << 2 | class;
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(bits.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(MAGIC_COOKIE);
        bytes.extend(transaction);
        Self(bytes)
    }

    /// One more attribute. Its value is shorter than 64 KiB: whatever is written here is.
    pub(crate) fn with(mut self, kind: u16, value: &[u8]) -> Self {
        self.0.extend(kind.to_be_bytes());
        self.0.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    /// The message, with MESSAGE-INTEGRITY when there is a key.
    pub(crate) fn finish(mut self, key: Option<&hmac::Key>) -> Vec<u8> {
        let Some(key) = key else {
            self.set_length(0);
            return self.0;
        };
        // As if it ended with MESSAGE-INTEGRITY, which it does (RFC 8489 §14.5).
        self.set_length(INTEGRITY_LEN);
        let mac = hmac::sign(key, &self.0);
        self.with(kind::MESSAGE_INTEGRITY, mac.as_ref()).0
    }

    fn set_length(&mut self, more: usize) {
        let length = self.0.len().saturating_sub(HEADER).saturating_add(more);
        let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        if let Some(field) = self.0.get_mut(2..4) {
            field.copy_from_slice(&length);
        }
    }
}

/// The key of long-term credentials (RFC 8489 §9.2.2): MD5, because no browser has SHA-256. What it is made of here
/// is a random password of 192 bits that is used once, so that the hash protects nothing.
pub(crate) fn integrity_key(username: &str, realm: &str, password: &str) -> hmac::Key {
    let digest = Md5::new().chain_update(username).chain_update(":").chain_update(realm).chain_update(":");
    let digest = digest.chain_update(password).finalize();
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &digest)
}

/// `ChannelData`; padded for a stream, where lengths are multiples of four (RFC 8656 §12.5).
pub(crate) fn channel_data(channel: u16, data: &[u8], padded: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len().saturating_add(8));
    bytes.extend(channel.to_be_bytes());
    bytes.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(data);
    if padded {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Message, method};
    use rtc::stun::attributes::ATTR_USERNAME;
    use rtc::stun::integrity::MessageIntegrity;
    use rtc::stun::message::Message as Theirs;

    /// `rtc-stun` reads and verifies what is written here, and is verified here.
    #[test]
    fn others_agree_on_integrity() {
        let provider = rtc::crypto::default_provider().unwrap();
        let crypto = provider.crypto();
        let key = integrity_key("1735412345:7", "madang", "hush");
        let bytes = Writer::new(method::ALLOCATE, Class::Request, [3; 12])
            .with(kind::USERNAME, b"ada")
            .finish(Some(&key));
        let mut theirs = Theirs::new();
        theirs.unmarshal_binary(&bytes).unwrap();
        assert_eq!(theirs.get(ATTR_USERNAME).unwrap(), b"ada");
        let (name, realm, password) = ("1735412345:7".into(), "madang".into(), "hush".into());
        let raw = MessageIntegrity::long_term_integrity_key(name, realm, password, crypto).unwrap();
        MessageIntegrity::check(&mut theirs, &raw, crypto).unwrap();
        assert!(Message::parse(&theirs.raw).unwrap().verify(&key));
    }

    #[test]
    fn channel_data_is_padded_for_streams_alone() {
        assert_eq!(channel_data(0x4001, b"abcde", false), b"\x40\x01\x00\x05abcde");
        assert_eq!(channel_data(0x4001, b"abcde", true), b"\x40\x01\x00\x05abcde\0\0\0");
    }
}
