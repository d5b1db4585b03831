//! SRTP and SRTCP (RFC 3711, RFC 7714), opened once per ingress packet and sealed once per subscriber.
//!
//! Stands between demux and the media plane on the way in, and between the media plane and the batch on
//! the way out. It owns keys, replay windows and packet indices of ingress; the indices of egress come
//! from the media plane, which never uses one twice for two different plaintexts. It does no I/O and
//! allocates nothing per packet.

mod cipher;
mod derive;
mod open;
mod seal;
mod window;

#[cfg(test)]
mod tests;

pub use open::{OpenError, Opener};
pub use seal::{SealError, Sealer};

/// What both ends agreed on in the DTLS handshake (RFC 5764 §4.1.2, RFC 7714 §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `SRTP_AEAD_AES_128_GCM`.
    AeadAes128Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80`.
    Aes128CmSha1_80,
}

impl Profile {
    /// Bytes of the master salt.
    pub const fn salt_len(self) -> usize {
        match self {
            Self::AeadAes128Gcm => 12,
            Self::Aes128CmSha1_80 => 14,
        }
    }

    /// Bytes that sealing adds to an RTP packet.
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Self::AeadAes128Gcm => 16,
            Self::Aes128CmSha1_80 => 10,
        }
    }

    /// Bytes that sealing adds to an RTCP packet: the tag and the index word.
    pub const fn rtcp_overhead(self) -> usize {
        self.rtp_overhead() + 4
    }
}

/// Bytes of an AES-128 master key.
pub const MASTER_KEY_LEN: usize = 16;

/// One direction's master key and salt.
#[derive(Clone)]
pub struct MasterKey {
    pub(super) key: [u8; MASTER_KEY_LEN],
    pub(super) salt: Vec<u8>,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Both directions' keys, as the DTLS client and the DTLS server use them to write.
#[derive(Clone, Debug)]
pub struct KeyingMaterial {
    /// The agreed profile.
    pub profile: Profile,
    /// What the DTLS client seals with.
    pub client: MasterKey,
    /// What the DTLS server seals with.
    pub server: MasterKey,
}

impl KeyingMaterial {
    /// Splits the exporter's output: client key, server key, client salt, server salt (RFC 5764 §4.2).
    /// `None` when there are too few bytes.
    pub fn from_exporter(profile: Profile, exported: &[u8]) -> Option<Self> {
        let (client_key, rest) = exported.split_first_chunk::<MASTER_KEY_LEN>()?;
        let (server_key, rest) = rest.split_first_chunk::<MASTER_KEY_LEN>()?;
        let (client_salt, rest) = rest.split_at_checked(profile.salt_len())?;
        let (server_salt, _) = rest.split_at_checked(profile.salt_len())?;
        Some(Self {
            profile,
            client: MasterKey { key: *client_key, salt: client_salt.to_vec() },
            server: MasterKey { key: *server_key, salt: server_salt.to_vec() },
        })
    }

    /// The same with the ends the other way round.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self { profile: self.profile, client: self.server, server: self.client }
    }
}

/// The cipher library refused a key: only possible if a length is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cipher refused the key")]
pub struct BadKey;

/// The upper 32 of a packet index's 48 bits (RFC 3711 §3.3.1).
fn rollover_counter(index: u64) -> u32 {
    u32::try_from((index >> 16) & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}
