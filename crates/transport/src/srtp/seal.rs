//! Egress: plaintext in, SRTP and SRTCP out.

use super::cipher::{Cipher, Place};
use super::{BadKey, MasterKey, Profile, rollover_counter};

/// Highest SRTCP index (31 bits, RFC 3711 §3.4). Past it the peer must be rekeyed; at ten packets a
/// second that takes seven years, so sealing simply refuses.
const MAX_RTCP_INDEX: u32 = 0x7fff_ffff;
/// Bytes of an RTCP packet's header and SSRC, which stay readable.
const RTCP_HEADER: usize = 8;

/// A packet could not be sealed: its lengths make no sense, or the indices are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the packet could not be sealed")]
pub struct SealError;

/// Seals what goes to one peer.
pub struct Sealer {
    profile: Profile,
    rtp: Cipher,
    rtcp: Cipher,
    rtcp_index: u32,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl Sealer {
    /// A sealer that writes with this key.
    ///
    /// # Errors
    /// [`BadKey`] for a key of another length than the profile's.
    pub fn new(profile: Profile, master: &MasterKey) -> Result<Self, BadKey> {
        let (rtp, rtcp) = (Cipher::rtp(profile, master)?, Cipher::rtcp(profile, master)?);
        Ok(Self { profile, rtp, rtcp, rtcp_index: 0 })
    }

    /// What sealing adds.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Seals `packet` in place: a header of `header_len` bytes, the payload, and
    /// [`Profile::rtp_overhead`] spare bytes. `index` is the 48-bit packet index (RFC 3711 §3.3.1). One
    /// index of one SSRC must never seal two different plaintexts.
    ///
    /// # Errors
    /// [`SealError`] for a packet without that header or room.
    pub fn seal_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SealError> {
        let (header, rest) = packet.split_at_mut_checked(header_len).ok_or(SealError)?;
        let text_len = rest.len().checked_sub(self.profile.rtp_overhead()).ok_or(SealError)?;
        let (text, tag) = rest.split_at_mut_checked(text_len).ok_or(SealError)?;
        let rollover = rollover_counter(index);
        self.rtp
            .seal(Place::Rtp { ssrc, index }, header, text, rollover.to_be_bytes(), tag)
            .map_err(|_| SealError)
    }

    /// Seals a compound packet in place: the packet and [`Profile::rtcp_overhead`] spare bytes.
    ///
    /// # Errors
    /// [`SealError`] for a packet without header or room, or when the indices are used up.
    pub fn seal_rtcp(&mut self, packet: &mut [u8]) -> Result<(), SealError> {
        let index = self.rtcp_index;
        if index > MAX_RTCP_INDEX {
            return Err(SealError);
        }
        let (header, rest) = packet.split_at_mut_checked(RTCP_HEADER).ok_or(SealError)?;
        let (_, ssrc) = header.split_first_chunk::<4>().ok_or(SealError)?;
        let ssrc = u32::from_be_bytes(ssrc.try_into().map_err(|_| SealError)?);
        let text_len = rest.len().checked_sub(self.profile.rtcp_overhead()).ok_or(SealError)?;
        let (text, tail) = rest.split_at_mut_checked(text_len).ok_or(SealError)?;
        // The high bit says "encrypted".
        let word = (index | 0x8000_0000).to_be_bytes();
        let tag_len = self.profile.rtp_overhead();
        // GCM: tag, then index (RFC 7714 §9.3). CM: index, then tag (RFC 3711 §3.4).
        let (tag, index_room) = match self.profile {
            Profile::AeadAes128Gcm => tail.split_at_mut_checked(tag_len).ok_or(SealError)?,
            Profile::Aes128CmSha1_80 => {
                let (index_room, tag) = tail.split_at_mut_checked(4).ok_or(SealError)?;
                (tag, index_room)
            }
        };
        index_room.copy_from_slice(&word);
        self.rtcp.seal(Place::Rtcp { ssrc, index }, header, text, word, tag).map_err(|_| SealError)?;
        self.rtcp_index += 1;
        Ok(())
    }
}
