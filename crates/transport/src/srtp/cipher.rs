//! The two transforms, in place, for one direction of one peer.

use super::derive::{Label, derive};
use super::{BadKey, MasterKey, Profile};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use hmac::{Hmac, Mac};
use sha1::Sha1;

/// Packets could not be sealed or opened: wrong tag, or nonsense lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// RTP or RTCP keys of one direction.
#[expect(clippy::large_enum_variant, reason = "two per peer; a box would cost every packet a pointer")]
pub(super) enum Cipher {
    Gcm { key: LessSafeKey, salt: [u8; 12] },
    Cm { key: EncryptingKey, auth: Hmac<Sha1>, salt: [u8; 14] },
}

impl Cipher {
    pub(super) fn rtp(profile: Profile, master: &MasterKey) -> Result<Self, BadKey> {
        Self::new(profile, master, [Label::RtpEncryption, Label::RtpAuthentication, Label::RtpSalt])
    }

    pub(super) fn rtcp(profile: Profile, master: &MasterKey) -> Result<Self, BadKey> {
        Self::new(profile, master, [Label::RtcpEncryption, Label::RtcpAuthentication, Label::RtcpSalt])
    }

    fn new(
        profile: Profile,
        master: &MasterKey,
        [encryption, auth, salt]: [Label; 3],
    ) -> Result<Self, BadKey> {
        let key: [u8; 16] = derive(master, encryption)?;
        match profile {
            Profile::AeadAes128Gcm => {
                let key = UnboundKey::new(&AES_128_GCM, &key).map_err(|_| BadKey)?;
                Ok(Self::Gcm { key: LessSafeKey::new(key), salt: derive(master, salt)? })
            }
            Profile::Aes128CmSha1_80 => {
                let key = UnboundCipherKey::new(&AES_128, &key).map_err(|_| BadKey)?;
                let auth: [u8; 20] = derive(master, auth)?;
                Ok(Self::Cm {
                    key: EncryptingKey::ctr(key).map_err(|_| BadKey)?,
                    auth: Hmac::new_from_slice(&auth).map_err(|_| BadKey)?,
                    salt: derive(master, salt)?,
                })
            }
        }
    }

    /// Seals `text` under `header`; the tag goes to `tag`. For GCM both `header` and `trailer` are
    /// associated data; for CM the tag covers header, sealed text and trailer.
    pub(super) fn seal(
        &self,
        place: Place,
        header: &[u8],
        text: &mut [u8],
        trailer: [u8; 4],
        tag: &mut [u8],
    ) -> Result<(), Refused> {
        match self {
            Self::Gcm { key, salt } => {
                let nonce = gcm_nonce(salt, place);
                let sealed = match place {
                    Place::Rtp { .. } => key.seal_in_place_separate_tag(nonce, Aad::from(header), text),
                    Place::Rtcp { .. } => {
                        let aad = rtcp_aad(header, trailer)?;
                        key.seal_in_place_separate_tag(nonce, Aad::from(aad), text)
                    }
                };
                write_tag(tag, sealed.map_err(|_| Refused)?.as_ref())
            }
            Self::Cm { key, auth, salt } => {
                cm_keystream(key, salt, place, text)?;
                write_tag(tag, &cm_tag(auth, header, text, trailer).finalize().into_bytes())
            }
        }
    }

    /// Checks `tag` and opens `text` in place.
    pub(super) fn open(
        &self,
        place: Place,
        header: &[u8],
        text: &mut [u8],
        trailer: [u8; 4],
        tag: &[u8],
    ) -> Result<(), Refused> {
        match self {
            Self::Gcm { key, salt } => {
                let nonce = gcm_nonce(salt, place);
                match place {
                    Place::Rtp { .. } => key.open_in_place_separate_tag(nonce, Aad::from(header), tag, text),
                    Place::Rtcp { .. } => {
                        let aad = rtcp_aad(header, trailer)?;
                        key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, text)
                    }
                }
                .map(|_| ())
                .map_err(|_| Refused)
            }
            Self::Cm { key, auth, salt } => {
                cm_tag(auth, header, text, trailer).verify_truncated_left(tag).map_err(|_| Refused)?;
                cm_keystream(key, salt, place, text)
            }
        }
    }
}

/// Which packet: what a nonce is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// An RTP packet: 48-bit index, rollover counter and sequence number.
    Rtp { ssrc: u32, index: u64 },
    /// An RTCP packet: 31-bit index.
    Rtcp { ssrc: u32, index: u32 },
}

/// RFC 7714 §8.1 and §9.1.
fn gcm_nonce(salt: &[u8; 12], place: Place) -> Nonce {
    let (ssrc, index) = match place {
        Place::Rtp { ssrc, index } => (ssrc, index),
        Place::Rtcp { ssrc, index } => (ssrc, u64::from(index)),
    };
    let [_, _, i0, i1, i2, i3, i4, i5] = index.to_be_bytes();
    let [s0, s1, s2, s3] = ssrc.to_be_bytes();
    let mut nonce = [0, 0, s0, s1, s2, s3, i0, i1, i2, i3, i4, i5];
    for (byte, salt) in nonce.iter_mut().zip(salt) {
        *byte ^= salt;
    }
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 §9.2: the first eight bytes and the index word.
fn rtcp_aad(header: &[u8], trailer: [u8; 4]) -> Result<[u8; 12], Refused> {
    let [h0, h1, h2, h3, h4, h5, h6, h7] = *header.first_chunk::<8>().ok_or(Refused)?;
    let [t0, t1, t2, t3] = trailer;
    Ok([h0, h1, h2, h3, h4, h5, h6, h7, t0, t1, t2, t3])
}

/// RFC 3711 §4.1.1.
fn cm_keystream(key: &EncryptingKey, salt: &[u8; 14], place: Place, text: &mut [u8]) -> Result<(), Refused> {
    let (ssrc, index) = match place {
        Place::Rtp { ssrc, index } => (ssrc, index),
        Place::Rtcp { ssrc, index } => (ssrc, u64::from(index)),
    };
    let counter = (u128::from(ssrc) << 64) | (u128::from(index) << 16);
    let mut iv = counter.to_be_bytes();
    for (byte, salt) in iv.iter_mut().zip(salt) {
        *byte ^= salt;
    }
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(text, context).map(|_| ()).map_err(|_| Refused)
}

/// RFC 3711 §4.2: the trailer is the rollover counter for RTP, the index word for RTCP. Hashing is most of what such a
/// packet costs, and `sha1` was the quickest of those tried.
fn cm_tag(auth: &Hmac<Sha1>, header: &[u8], text: &[u8], trailer: [u8; 4]) -> Hmac<Sha1> {
    auth.clone().chain_update(header).chain_update(text).chain_update(trailer)
}

/// The tag, cut to the room there is (CM keeps 10 of SHA-1's 20 bytes).
fn write_tag(room: &mut [u8], tag: &[u8]) -> Result<(), Refused> {
    let tag = tag.get(..room.len()).ok_or(Refused)?;
    room.copy_from_slice(tag);
    Ok(())
}
