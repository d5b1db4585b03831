//! What the plane counts.
//!
//! Owns plain numbers: per-packet code adds to them, somebody else exports them.

use crate::ids::{Mid, PeerKey, Ssrc};
use std::time::Duration;

/// Totals since the plane began. Bytes are whole RTP packets, without SRTP tags or UDP headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// RTP packets ingested, dropped ones included.
    pub rtp_packets_in: u64,
    /// Their bytes.
    pub rtp_bytes_in: u64,
    /// RTP packets sent, retransmissions included.
    pub rtp_packets_out: u64,
    /// Their bytes.
    pub rtp_bytes_out: u64,
    /// Compound RTCP packets ingested.
    pub rtcp_packets_in: u64,
    /// Compound RTCP packets sent.
    pub rtcp_packets_out: u64,

    /// Dropped: not RTP, or a header that ends too early.
    pub malformed_rtp: u64,
    /// RTCP packets whose rest could not be walked.
    pub malformed_rtcp: u64,
    /// Dropped: from a peer not inserted or not configured.
    pub unknown_peer: u64,
    /// Dropped: the batch was full, since nobody flushed.
    pub batch_overflow: u64,
    /// Dropped: an SSRC neither declared nor naming a known MID, or one too many.
    pub unknown_ssrc: u64,
    /// Dropped: a payload type not negotiated for the line.
    pub unknown_payload_type: u64,
    /// Dropped: payload larger than a history entry.
    pub oversized: u64,
    /// Dropped: already received.
    pub duplicate: u64,
    /// Dropped: older than the stream's history, or than the slot's source.
    pub too_old: u64,
    /// Dropped: sequence number far from the stream's; a second one in a row is believed.
    pub jumped: u64,
    /// Streams resynchronized after a jump.
    pub resyncs: u64,
    /// Not forwarded to one slot: its receiver negotiated no matching codec.
    pub codec_mismatch: u64,
    /// Not forwarded to one slot: it waits for a keyframe.
    pub awaiting_keyframe: u64,
    /// Not forwarded to one slot: of a layer it is not sent.
    pub left_out: u64,
    /// Sound not forwarded: others in the group are louder.
    pub inaudible: u64,
    /// Publications that began or ceased to be among the loudest.
    pub audible_changes: u64,
    /// Times that more slots of a receiver were paused for want of bandwidth.
    pub pauses: u64,
    /// Packets sent to probe a path.
    pub probe_packets_out: u64,
    /// Packets sent a second time without being asked for, since the path loses many and has room.
    pub sent_twice: u64,
    /// Dropped: what was left of an encoding when the keyframe of a lower one came.
    pub overtaken: u64,
    /// Dropped: a receiver's pacer was too far behind.
    pub queue_overflow: u64,
    /// Transport-wide feedback packets from receivers.
    pub transport_feedback_in: u64,
    /// Not forwarded to one slot: its peer is not connected yet.
    pub not_connected: u64,
    /// `route` calls naming a slot that is not there.
    pub unroutable: u64,
    /// Slots or lines of a configuration not taken: too many, or an SSRC used before.
    pub refused_config: u64,

    /// Packets asked for by receivers' NACKs.
    pub nacked_in: u64,
    /// Of these, no longer or never had, or asked for again too soon.
    pub nacked_in_unanswered: u64,
    /// Packets asked for by our NACKs.
    pub nacked_out: u64,
    /// Missing ingress packets given up.
    pub given_up: u64,
    /// Ingress RTX packets (RFC 4588), whatever came of them.
    pub rtx_in: u64,
    /// Ingress RTX packets that carry padding only.
    pub rtx_probes_in: u64,
    /// Ingress RTX packets for a packet we had already.
    pub rtx_duplicates_in: u64,
    /// Retransmissions sent as RTX.
    pub rtx_out: u64,
    /// Retransmissions sent on the media SSRC, bit-identical.
    pub resent_out: u64,
    /// PLI and FIR from receivers.
    pub keyframe_requests_in: u64,
    /// PLI to publishers.
    pub keyframe_requests_out: u64,
    /// Sources taken up by slots.
    pub source_changes: u64,
    /// Transport-wide feedback packets sent.
    pub transport_feedback_out: u64,
    /// RTCP to a peer dropped because its queue was full.
    pub rtcp_overflow: u64,
    /// Retransmissions dropped because a peer's queue was full.
    pub resend_overflow: u64,
}

impl Counters {
    pub(crate) fn count_out(&mut self, len: usize) {
        self.rtp_packets_out += 1;
        self.rtp_bytes_out += u64::try_from(len).unwrap_or(0);
    }
}

/// How many entries the plane's tables hold, for leak tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sizes {
    /// Peers.
    pub peers: usize,
    /// Send lines.
    pub publications: usize,
    /// Ingress SSRCs with state.
    pub streams: usize,
    /// Receive slots.
    pub slots: usize,
    /// Groups of peers that hear each other.
    pub groups: usize,
    /// Links from publications to the slots they feed.
    pub subscriptions: usize,
    /// Ingress packets not flushed yet.
    pub batch: usize,
    /// Bytes reserved for histories' payloads.
    pub history_bytes: usize,
    /// Missing packets being asked for.
    pub missing: usize,
}

/// One slot's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlotStats {
    /// The publication routed here.
    pub source: Option<(PeerKey, Mid)>,
    /// Whether packets flow; otherwise the slot is idle or waits for its source to start.
    pub forwarding: bool,
    /// Media packets sent, retransmissions excluded.
    pub packets: u64,
    /// Their payload bytes (RFC 3550 §6.4.1).
    pub payload_bytes: u64,
    /// Sources taken up.
    pub source_changes: u64,
    /// Packets resent, either way.
    pub retransmitted: u64,
    /// Latest fraction lost the receiver reported, in 1/256 (RFC 3550 §6.4.1).
    pub fraction_lost: u8,
    /// Packets lost in all as the receiver reported.
    pub cumulative_lost: i32,
    /// Latest interarrival jitter the receiver reported, in RTP clock ticks.
    pub jitter: u32,
    /// Smoothed round trip to the peer.
    pub rtt: Option<Duration>,
}

/// One publication's numbers, of the SSRC that feeds it now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublicationStats {
    /// The SSRC that feeds it now, once known.
    pub ssrc: Option<Ssrc>,
    /// Slots it feeds.
    pub subscribers: usize,
    /// Packets received, retransmissions excluded.
    pub packets: u64,
    /// Their payload bytes.
    pub payload_bytes: u64,
    /// Keyframes begun.
    pub keyframes: u64,
    /// Packets lost in all (RFC 3550 §6.4.1).
    pub cumulative_lost: i32,
    /// Interarrival jitter in RTP clock ticks (RFC 3550 §6.4.1).
    pub jitter: u32,
}
