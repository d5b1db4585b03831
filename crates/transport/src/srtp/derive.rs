//! Session keys from a master key (RFC 3711 §4.3, with key derivation rate 0; RFC 7714 §11 for GCM).

use super::{BadKey, MASTER_KEY_LEN, MasterKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

/// What a session key is for: the labels of RFC 3711 §4.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// Derives `N` bytes. A 12-byte GCM salt counts as followed by two zero bytes (RFC 7714 §11).
pub(super) fn derive<const N: usize>(master: &MasterKey, label: Label) -> Result<[u8; N], BadKey> {
    let mut iv = [0u8; 16];
    for (to, from) in iv.iter_mut().take(14).zip(&master.salt) {
        *to = *from;
    }
    if let Some(byte) = iv.get_mut(7) {
        *byte ^= label as u8;
    }
    let mut output = [0u8; N];
    keystream(&master.key, iv, &mut output)?;
    Ok(output)
}

/// XORs AES-128-CTR's keystream into `data`.
fn keystream(key: &[u8; MASTER_KEY_LEN], iv: [u8; 16], data: &mut [u8]) -> Result<(), BadKey> {
    let key = UnboundCipherKey::new(&AES_128, key).and_then(EncryptingKey::ctr).map_err(|_| BadKey)?;
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(data, context).map(|_| ()).map_err(|_| BadKey)
}
