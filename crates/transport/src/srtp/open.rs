//! Ingress: SRTP and SRTCP in, plaintext out, each packet at most once.

use super::cipher::{Cipher, Place};
use super::window::Window;
use super::{BadKey, MasterKey, Profile, rollover_counter};

/// SSRCs of one peer whose packets are remembered. A peer that authenticates more than this loses the
/// new ones: they are refused with [`OpenError::TooManySources`].
pub const MAX_SOURCES: usize = 64;
/// Bytes of an RTCP packet's header and SSRC, which stay readable.
const RTCP_HEADER: usize = 8;

/// Why a packet was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short, or its lengths make no sense.
    #[error("malformed")]
    Malformed,
    /// Wrong key, or changed on the way.
    #[error("not authentic")]
    NotAuthentic,
    /// Seen before, or too old to tell.
    #[error("replayed")]
    Replayed,
    /// More than [`MAX_SOURCES`] SSRCs.
    #[error("too many sources")]
    TooManySources,
}

/// Opens what comes from one peer.
pub struct Opener {
    profile: Profile,
    rtp: Cipher,
    rtcp: Cipher,
    rtp_sources: Vec<(u32, Window)>,
    rtcp_sources: Vec<(u32, Window)>,
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl Opener {
    /// An opener for what this key sealed.
    ///
    /// # Errors
    /// [`BadKey`] for a key of another length than the profile's.
    pub fn new(profile: Profile, master: &MasterKey) -> Result<Self, BadKey> {
        let (rtp, rtcp) = (Cipher::rtp(profile, master)?, Cipher::rtcp(profile, master)?);
        Ok(Self { profile, rtp, rtcp, rtp_sources: Vec::new(), rtcp_sources: Vec::new() })
    }

    /// Opens an RTP packet in place and returns its length without the tag.
    ///
    /// # Errors
    /// See [`OpenError`]; the packet's bytes are then of no use.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        let header_len = rtp_header_len(packet).ok_or(OpenError::Malformed)?;
        let (ssrc, seq) = rtp_ids(packet).ok_or(OpenError::Malformed)?;
        let window = find(&self.rtp_sources, ssrc);
        let index = match window {
            Some(window) => window.estimate(seq).ok_or(OpenError::Replayed)?,
            None => u64::from(seq),
        };
        check(window, index, self.rtp_sources.len())?;
        let (header, rest) = packet.split_at_mut_checked(header_len).ok_or(OpenError::Malformed)?;
        let text_len = rest.len().checked_sub(self.profile.rtp_overhead()).ok_or(OpenError::Malformed)?;
        let (text, tag) = rest.split_at_mut_checked(text_len).ok_or(OpenError::Malformed)?;
        let rollover = rollover_counter(index).to_be_bytes();
        self.rtp
            .open(Place::Rtp { ssrc, index }, header, text, rollover, tag)
            .map_err(|_| OpenError::NotAuthentic)?;
        accept(&mut self.rtp_sources, ssrc, index);
        Ok(header_len + text_len)
    }

    /// Opens an RTCP compound in place and returns its length without tag and index.
    ///
    /// # Errors
    /// See [`OpenError`]; the packet's bytes are then of no use.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        let (header, rest) = packet.split_at_mut_checked(RTCP_HEADER).ok_or(OpenError::Malformed)?;
        let (_, ssrc) = header.split_first_chunk::<4>().ok_or(OpenError::Malformed)?;
        let ssrc = u32::from_be_bytes(ssrc.try_into().map_err(|_| OpenError::Malformed)?);
        let text_len = rest.len().checked_sub(self.profile.rtcp_overhead()).ok_or(OpenError::Malformed)?;
        let (text, tail) = rest.split_at_mut_checked(text_len).ok_or(OpenError::Malformed)?;
        let (tag, word) = match self.profile {
            Profile::AeadAes128Gcm => tail.split_at_checked(tail.len().saturating_sub(4)),
            Profile::Aes128CmSha1_80 => tail.split_at_checked(4).map(|(word, tag)| (tag, word)),
        }
        .ok_or(OpenError::Malformed)?;
        let word: [u8; 4] = word.try_into().map_err(|_| OpenError::Malformed)?;
        let flagged = u32::from_be_bytes(word);
        if flagged & 0x8000_0000 == 0 {
            // Unencrypted SRTCP was never agreed on.
            return Err(OpenError::Malformed);
        }
        let index = flagged & 0x7fff_ffff;
        check(find(&self.rtcp_sources, ssrc), u64::from(index), self.rtcp_sources.len())?;
        self.rtcp
            .open(Place::Rtcp { ssrc, index }, header, text, word, tag)
            .map_err(|_| OpenError::NotAuthentic)?;
        accept(&mut self.rtcp_sources, ssrc, u64::from(index));
        Ok(RTCP_HEADER + text_len)
    }
}

fn check(window: Option<&Window>, index: u64, sources: usize) -> Result<(), OpenError> {
    match window {
        Some(window) if !window.is_fresh(index) => Err(OpenError::Replayed),
        None if sources >= MAX_SOURCES => Err(OpenError::TooManySources),
        _ => Ok(()),
    }
}

/// A peer has a handful of SSRCs: a scan is faster than a hash.
fn find(sources: &[(u32, Window)], ssrc: u32) -> Option<&Window> {
    sources.iter().find(|(known, _)| *known == ssrc).map(|(_, window)| window)
}

fn accept(sources: &mut Vec<(u32, Window)>, ssrc: u32, index: u64) {
    match sources.iter_mut().find(|(known, _)| *known == ssrc) {
        Some((_, window)) => window.accept(index),
        None => sources.push((ssrc, Window::starting_at(index))),
    }
}

fn rtp_ids(packet: &[u8]) -> Option<(u32, u16)> {
    let [_, _, s0, s1, _, _, _, _, c0, c1, c2, c3] = *packet.first_chunk::<12>()?;
    Some((u32::from_be_bytes([c0, c1, c2, c3]), u16::from_be_bytes([s0, s1])))
}

/// Fixed header, CSRCs and extension (RFC 3550 §5.1, §5.3.1): what SRTP leaves readable.
fn rtp_header_len(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    let csrcs = usize::from(first & 0x0f) * 4;
    let fixed = 12 + csrcs;
    if first & 0x10 == 0 {
        return (packet.len() >= fixed).then_some(fixed);
    }
    let (_, extension) = packet.split_at_checked(fixed)?;
    let [_, _, w0, w1] = *extension.first_chunk::<4>()?;
    let len = fixed + 4 + usize::from(u16::from_be_bytes([w0, w1])) * 4;
    (packet.len() >= len).then_some(len)
}
