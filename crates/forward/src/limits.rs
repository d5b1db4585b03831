//! Every bound of the media plane on what a peer may send or hold, and what happens past it.

use std::time::Duration;

/// Largest payload kept, in bytes. A larger packet is dropped and counted as `oversized`; browsers stay
/// below 1200. With header, RTX number and SRTP tag it fits an Ethernet frame: kernels refuse GSO segments
/// that do not, and the whole run with them.
pub(crate) const MAX_PAYLOAD: usize = 1400;

/// Bytes that a payload takes on the wire besides itself: IPv4 and UDP headers, RTP header, a transport-wide
/// number's extension, SRTP's tag.
pub(crate) const WIRE_OVERHEAD: usize = 20 + 8 + 12 + 8 + 16;

/// Of these, what is around an RTP packet that has its own headers already.
pub(crate) const DATAGRAM_OVERHEAD: usize = 20 + 8 + 16;

/// Ingress video packets a stream remembers, about two seconds at 2.5 Mbit/s; a power of two. An older
/// packet can no longer be forwarded or resent.
pub(crate) const VIDEO_HISTORY: usize = 512;

/// The same for audio, 1.3 s at 20 ms a packet; a power of two.
pub(crate) const AUDIO_HISTORY: usize = 64;

/// Egress packets a video slot remembers for resending; a power of two. A NACK for an older one goes
/// unanswered.
pub(crate) const SENT_HISTORY: usize = 512;

/// Runs of left-out packets a video slot remembers, some four seconds of every other frame. A packet that comes
/// later than that is left out.
pub(crate) const CUTS_PER_SLOT: usize = 64;

/// Sources a slot remembers, so that a NACK from before a switch can be answered. What was sent from an
/// older source can no longer be resent.
pub(crate) const REMEMBERED_REWRITES: usize = 8;

/// Send lines per peer. Those past it in a configuration are refused and counted.
pub(crate) const SEND_LINES_PER_PEER: usize = 16;

/// Simulcast encodings of a line. Those past it are not received.
pub(crate) const ENCODINGS_PER_LINE: usize = 3;

/// Receive slots per peer. Those past it in a configuration are refused and counted.
pub(crate) const SLOTS_PER_PEER: usize = 256;

/// Codecs per line. Those past it are ignored.
pub(crate) const CODECS_PER_LINE: usize = 32;

/// SSRCs bound per peer, media and RTX. Past it an undeclared stream silent for [`SILENT_STREAM`] makes
/// room; if there is none, the packet is dropped as from an unknown SSRC.
pub(crate) const SSRCS_PER_PEER: usize = 64;

/// See [`SSRCS_PER_PEER`].
pub(crate) const SILENT_STREAM: Duration = Duration::from_secs(5);

/// Egress SSRCs ever used toward one peer. They are remembered because an SSRC that came back would
/// reuse SRTP packet indices; past this many, new slots are refused and counted.
pub const EGRESS_SSRCS_PER_PEER: usize = 4096;

/// Forward jump in sequence numbers taken for loss (RFC 3550 A.1's `MAX_DROPOUT`). A larger one is held
/// for a mistake until a second packet follows it, then for a restart.
pub(crate) const MAX_DROPOUT: i16 = 3000;

/// Missing packets a stream asks for at once. Past it all are given up and a keyframe is asked for.
pub(crate) const MISSING_PER_STREAM: usize = 256;

/// Retransmissions waiting for one peer's next flush. Past it the receiver's NACK is ignored; it will
/// ask again.
pub(crate) const RESENDS_PER_PEER: usize = 512;

/// Video packets waiting for one peer's pacer, about as much as histories keep. Past it, all of them are dropped
/// and the slots begin anew with a keyframe.
pub(crate) const QUEUE_PER_PEER: usize = 1024;

/// How much of its rate a publication may bring at once, where the rate is limited: a keyframe of a large screen. Past
/// it and the rate packets are dropped and counted before they are anywhere, as if lost on the way here, and the
/// publisher is told how much it may send (REMB) with each report from then on.
pub(crate) const ALLOWANCE: Duration = Duration::from_secs(2);

/// Packets of one batch. Past it they are dropped and counted, as if lost on the way here; the shell
/// flushes after every few dozen.
pub(crate) const BATCH: usize = 4096;

/// Bytes of RTCP waiting for one peer's next flush. Past it packets are dropped and counted; each kind
/// is sent again by its own timer or the other side's.
pub(crate) const RTCP_BYTES_PER_PEER: usize = 16 * 1024;

/// Size of one compound RTCP packet, in bytes without SRTCP's tag; the next one begins past it.
pub(crate) const MAX_COMPOUND: usize = 1180;

/// Arrivals remembered for transport-wide feedback; a power of two. A larger jump starts over, and the
/// packets in between are never reported.
pub(crate) const ARRIVALS: usize = 2048;

/// How far behind the highest transport-wide number a late arrival is still reported. A later one is
/// forgotten; the sender has given it up.
pub(crate) const LATE_ARRIVAL: u64 = 512;
