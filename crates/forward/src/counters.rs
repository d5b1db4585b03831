//! What the plane counts.
//!
//! Owns plain numbers: per-packet code adds to them, somebody else exports them.

use crate::ids::{Mid, PeerKey, Ssrc};
use std::time::Duration;

macro_rules! totals {
    ($(#[$about:meta])* $total:ident: $type:ty { $($(#[$doc:meta])* $name:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $total {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl $total {
            /// The sums of both.
            #[must_use]
            pub fn and(self, other: Self) -> Self {
                Self { $($name: self.$name + other.$name,)* }
            }
        }
    };
}

totals!(
    /// Totals since the plane began. Bytes are whole RTP packets, without SRTP tags or UDP headers.
    Counters: u64 {
        /// RTP packets ingested, dropped ones included.
        rtp_packets_in,
        /// Their bytes.
        rtp_bytes_in,
        /// RTP packets sent, retransmissions included.
        rtp_packets_out,
        /// Their bytes.
        rtp_bytes_out,
        /// Compound RTCP packets ingested.
        rtcp_packets_in,
        /// Compound RTCP packets sent.
        rtcp_packets_out,

        /// Dropped: not RTP, or a header that ends too early.
        malformed_rtp,
        /// RTCP packets whose rest could not be walked.
        malformed_rtcp,
        /// Dropped: from a peer not inserted or not configured.
        unknown_peer,
        /// Dropped: the batch was full, since nobody flushed.
        batch_overflow,
        /// Dropped: an SSRC neither declared nor naming a known MID, or one too many.
        unknown_ssrc,
        /// Dropped: a payload type not negotiated for the line.
        unknown_payload_type,
        /// Dropped: payload larger than a history entry.
        oversized,
        /// Dropped: more than its publication may bring.
        over_bitrate,
        /// Dropped: already received.
        duplicate,
        /// Dropped: older than the stream's history, or than the slot's source.
        too_old,
        /// Dropped: sequence number far from the stream's; a second one in a row is believed.
        jumped,
        /// Streams resynchronized after a jump.
        resyncs,
        /// Not forwarded to one slot: its receiver negotiated no matching codec.
        codec_mismatch,
        /// Not forwarded to one slot: it waits for a keyframe.
        awaiting_keyframe,
        /// Not forwarded to one slot: of a layer it is not sent.
        left_out,
        /// Sound not forwarded: others in the group are louder.
        inaudible,
        /// Not forwarded: a moderator holds the line.
        held,
        /// Publications that began or ceased to be among the loudest.
        audible_changes,
        /// Times that more slots of a receiver were paused for want of bandwidth.
        pauses,
        /// Packets sent to probe a path.
        probe_packets_out,
        /// Times that a path was not asked for more, though more was wanted, since the worker had too much to do.
        probes_withheld,
        /// Packets sent a second time without being asked for, since the path loses many and has room.
        sent_twice,
        /// Dropped: what was left of an encoding when the keyframe of a lower one came.
        overtaken,
        /// Dropped: a receiver's pacer was too far behind.
        queue_overflow,
        /// Transport-wide feedback packets from receivers.
        transport_feedback_in,
        /// Not forwarded to one slot: its peer is not connected yet.
        not_connected,
        /// `route` calls naming a slot that is not there.
        unroutable,
        /// Slots or lines of a configuration not taken: too many, or an SSRC used before.
        refused_config,

        /// Packets asked for by receivers' NACKs.
        nacked_in,
        /// Of these, no longer or never had, or asked for again too soon.
        nacked_in_unanswered,
        /// Packets asked for by our NACKs.
        nacked_out,
        /// Missing ingress packets given up.
        given_up,
        /// Ingress RTX packets (RFC 4588), whatever came of them.
        rtx_in,
        /// Ingress RTX packets that carry padding only.
        rtx_probes_in,
        /// Ingress RTX packets for a packet we had already.
        rtx_duplicates_in,
        /// Retransmissions sent as RTX.
        rtx_out,
        /// Retransmissions sent on the media SSRC, bit-identical.
        resent_out,
        /// PLI and FIR from receivers.
        keyframe_requests_in,
        /// PLI to publishers.
        keyframe_requests_out,
        /// Sources taken up by slots.
        source_changes,
        /// Transport-wide feedback packets sent.
        transport_feedback_out,
        /// RTCP to a peer dropped because its queue was full.
        rtcp_overflow,
        /// Retransmissions dropped because a peer's queue was full.
        resend_overflow,
    }
);

impl Counters {
    pub(crate) fn count_out(&mut self, len: usize) {
        self.rtp_packets_out += 1;
        self.rtp_bytes_out += u64::try_from(len).unwrap_or(0);
    }
}

totals!(
    /// How many entries the plane's tables hold, for leak tests.
    Sizes: usize {
        /// Peers.
        peers,
        /// Send lines.
        publications,
        /// Ingress SSRCs with state.
        streams,
        /// Receive slots.
        slots,
        /// Groups of peers that hear each other.
        groups,
        /// Links from publications to the slots they feed.
        subscriptions,
        /// Ingress packets not flushed yet.
        batch,
        /// Bytes reserved for histories' payloads.
        history_bytes,
        /// Missing packets being asked for.
        missing,
        /// Slots that are sent less than their receivers' paths bear, since the worker has too much to do.
        slots_shed,
        /// Of these, the ones that are sent nothing.
        slots_shed_whole,
    }
);

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
