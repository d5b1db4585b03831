//! The way out: where `Plane::flush` hands packets to whoever seals and sends them.
//!
//! Owns the contract only.

use crate::ids::{PeerKey, Ssrc};

/// Facts about one RTP packet about to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpOut {
    /// Its SSRC.
    pub ssrc: Ssrc,
    /// SRTP packet index: roll-over counter ‖ sequence number, 48 bits (RFC 3711 §3.3.1). The same index
    /// of the same SSRC always carries the same plaintext, so sealing it twice reuses no GCM nonce for
    /// different bytes.
    pub index: u64,
    /// Bytes of the RTP header, which SRTP authenticates and does not encrypt.
    pub header_len: usize,
    /// Bytes of the whole packet, header included.
    pub len: usize,
}

/// Takes what the plane sends.
pub trait Egress {
    /// One RTP packet for `to`. `fill` writes all `packet.len` bytes, header first, into the front of the
    /// slice it is given; a shorter slice is filled as far as it goes.
    fn rtp(&mut self, to: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8]));

    /// One compound RTCP packet for `to`.
    fn rtcp(&mut self, to: PeerKey, compound: &[u8]);
}
