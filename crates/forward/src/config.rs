//! What a negotiation decided, handed to the plane by `Plane::configure`.
//!
//! Owns plain data with wire meaning only: no wire ids of the signaling protocol, no SDP.

use crate::bitrate::Bitrate;
use crate::codec::{Codec, Kind};
use crate::ids::{Mid, PayloadType, Rid, Ssrc};

/// What is fixed for a plane's whole life.
#[derive(Clone, Copy, Debug)]
pub struct PlaneConfig {
    /// The server's NTP time (RFC 3550 §4, 32.32 fixed point seconds since 1900) at `Time(0)`.
    pub ntp_at_zero: u64,
    /// How many microphones of a group are forwarded at once: the loudest. A group with no more than that
    /// forwards all, always.
    pub max_audible: usize,
    /// What one publication may bring, all its encodings and what is sent again together. None: whatever it likes.
    pub max_bitrate: Option<Bitrate>,
}

impl Default for PlaneConfig {
    fn default() -> Self {
        Self { ntp_at_zero: 0, max_audible: 6, max_bitrate: None }
    }
}

/// One negotiated codec of an m-line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecMap {
    /// What it carries.
    pub codec: Codec,
    /// Under which payload type.
    pub payload_type: PayloadType,
    /// Payload type of its retransmissions (RFC 4588), if negotiated.
    pub rtx: Option<PayloadType>,
    /// Whether generic NACK (RFC 4585 §6.2.1) was negotiated for it.
    pub nack: bool,
}

/// Header extension ids (RFC 8285) of what a peer sends: 1–14 or, two-byte form, up to 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtensionIds {
    /// `urn:ietf:params:rtp-hdrext:sdes:mid`
    pub mid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id`
    pub rid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id`
    pub repaired_rid: Option<u8>,
    /// `http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`
    pub transport_cc: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:ssrc-audio-level`
    pub audio_level: Option<u8>,
    /// `http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time`
    pub abs_send_time: Option<u8>,
    /// `https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension`
    pub dependency_descriptor: Option<u8>,
}

/// Header extension ids of what is sent to a peer, 1–14.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EgressExtensionIds {
    /// As in [`ExtensionIds`]. With it the path to the peer is estimated, and what it cannot bear is not sent.
    pub transport_cc: Option<u8>,
    /// As in [`ExtensionIds`].
    pub dependency_descriptor: Option<u8>,
}

/// An SSRC declared in SDP by `a=ssrc`, with its retransmission SSRC from `a=ssrc-group:FID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredSsrc {
    /// Of the media.
    pub ssrc: Ssrc,
    /// Of its retransmissions.
    pub rtx: Option<Ssrc>,
}

/// A participant's send m-line: our ingress.
#[derive(Clone, Debug)]
pub struct SendLine {
    /// Its name.
    pub mid: Mid,
    /// Audio or video.
    pub kind: Kind,
    /// Payload types the participant may use.
    pub codecs: Vec<CodecMap>,
    /// SSRCs declared in SDP. Others are bound by the MID extension of their packets (RFC 9143 §9.2).
    pub ssrcs: Vec<DeclaredSsrc>,
    /// The encodings of a simulcast line, lowest first (RFC 8853); their SSRCs are bound by the RID extension
    /// of their packets, and none need be declared. Empty: the line has one encoding.
    pub rids: Vec<Rid>,
}

/// A receive slot: an m-line of the participant on which the server sends what it chooses.
///
/// SSRCs and first numbers are random and chosen by the caller. An SSRC must not return with the same
/// SRTP key once its slot has ended; the plane refuses a slot that would do so.
#[derive(Clone, Debug)]
pub struct SlotConfig {
    /// Its name.
    pub mid: Mid,
    /// Audio or video.
    pub kind: Kind,
    /// Egress SSRC of the media; never changes.
    pub ssrc: Ssrc,
    /// Egress SSRC of its retransmissions (RFC 4588).
    pub rtx: Option<Ssrc>,
    /// CNAME in this SSRC's SDES (RFC 3550 §6.5.1); the same for slots that play in sync.
    pub cname: String,
    /// Payload types the participant receives here.
    pub codecs: Vec<CodecMap>,
    /// First egress sequence number, below 2¹⁵ so that an early reordering does not wrap (RFC 3711 §3.3.1).
    pub first_seq: u16,
    /// The same for the retransmission SSRC.
    pub first_rtx_seq: u16,
    /// First egress RTP timestamp.
    pub first_time: u32,
}

/// Everything negotiated with one peer.
#[derive(Clone, Debug, Default)]
pub struct PeerConfig {
    /// Ids on ingress.
    pub extensions: ExtensionIds,
    /// Ids on egress.
    pub egress_extensions: EgressExtensionIds,
    /// Ingress lines.
    pub sends: Vec<SendLine>,
    /// Egress lines.
    pub slots: Vec<SlotConfig>,
    /// Whether to send transport-cc feedback for what arrives.
    pub transport_cc: bool,
    /// Sender SSRC of our feedback to this peer.
    pub feedback_ssrc: Ssrc,
}
