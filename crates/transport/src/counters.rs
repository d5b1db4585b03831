//! What the transport counts: mostly drops, by cause.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Totals since the start. Written by the worker and by the virtual sockets.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub $name: AtomicU64,)*
        }

        /// [`Counters`] at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct CounterValues {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// Reads all of them; not one atomic moment.
            pub fn values(&self) -> CounterValues {
                CounterValues { $($name: self.$name.load(Relaxed),)* }
            }
        }

        impl CounterValues {
            /// The sums of both.
            #[must_use]
            pub fn and(self, other: Self) -> Self {
                Self { $($name: self.$name + other.$name,)* }
            }
        }
    };
}

counters!(
    /// UDP datagrams received.
    datagrams_in,
    /// Send calls made; a GSO run is one.
    sends,
    /// UDP datagrams sent by the media plane.
    datagrams_out,
    /// Datagrams lost because the socket's buffer was full.
    send_blocked,
    /// Datagrams lost to any other send error.
    send_failed,
    /// Dropped: empty, or a first byte that RFC 7983 §7 leaves unassigned.
    not_multiplexed,
    /// Dropped: malformed STUN, or a check without credentials.
    bad_stun,
    /// Dropped: a check for a ufrag that no peer has.
    unknown_ufrag,
    /// Dropped: a check whose MESSAGE-INTEGRITY is wrong.
    bad_integrity,
    /// Dropped: a check that came from another address before.
    replayed_check,
    /// Dropped: not a check, and from an address that no peer has proved to be its own.
    unknown_address,
    /// Dropped: the peer's PeerConnection had too many datagrams waiting.
    inbox_full,
    /// Dropped: SRTP or SRTCP before the keys were there.
    no_keys,
    /// Dropped: SRTP or SRTCP that does not authenticate.
    not_authentic,
    /// Dropped: SRTP or SRTCP seen before, or too old to tell.
    replayed,
    /// Dropped: SRTP or SRTCP that is malformed or of one SSRC too many.
    bad_srtp,
    /// Dropped: a packet, or what was asked for, that had no place in the queue to another worker.
    relay_full,
    /// Peers that were sent away because their own work, or a packet of theirs, made the worker panic.
    peer_panics,
    /// Dropped: a datagram that made the worker panic before it was known whose it is.
    stranger_panics,
    /// Dropped unread: a check from an address whose checks failed too often this second.
    stun_over_budget,
    /// TCP streams taken in.
    streams_opened,
    /// Of those, streams that are no more.
    streams_closed,
    /// TCP streams not taken in: the worker has as many as it may.
    streams_refused_full,
    /// TCP streams not taken in: their address has as many as it may.
    streams_refused_address,
    /// TCP streams not taken in: the system had no file or memory for them.
    streams_refused_system,
    /// TCP streams closed: no check came in time, or others came while they said nothing.
    streams_silent,
    /// TCP streams closed: what came first was no check that is believed.
    streams_disbelieved,
    /// TCP streams closed: a frame was longer than any that is taken.
    streams_too_long,
    /// Frames received over TCP.
    stream_frames_in,
    /// Frames sent over TCP, by the media plane and by each PeerConnection.
    stream_frames_out,
    /// Frames lost because a TCP stream had no room for them.
    stream_dropped,
    /// SRTP or SRTCP that a PeerConnection tried to send, and was kept from sending.
    foreign_srtp,
    /// Dropped: a record for SCTP that is malformed, or for other channels than the two, or an INIT too many.
    foreign_sctp,
    /// Dropped: a record for DTLS that is malformed, or one too many of a handshake.
    foreign_dtls,
);
