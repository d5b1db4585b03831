//! URIs of the RTP header extensions that are negotiated.

/// RFC 9143 §16.2: the m-line a packet belongs to.
pub(crate) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// RFC 8852: the encoding a packet belongs to.
pub(crate) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/// RFC 8852: the encoding a retransmission repairs.
pub(crate) const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// draft-holmer-rmcat-transport-wide-cc-extensions-01.
pub(crate) const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// RFC 6464.
pub(crate) const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// AV1 RTP specification, appendix A: which layer a packet belongs to and what it depends on.
pub(crate) const DEPENDENCY_DESCRIPTOR: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
/// The absolute send time of a packet.
pub(crate) const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
