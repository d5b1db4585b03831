//! Media plane, sans-I/O: who sends what to whom, packet by packet.
//!
//! A [`Plane`] takes decrypted RTP and RTCP from peers and hands decrypted packets for other peers to an
//! [`Egress`]; sockets, SRTP and threads are the transport crate's. Nothing here reads a clock or a random
//! source: the same calls give the same bytes.
//!
//! Where to read first, in a packet's order:
//!
//! | Step | File |
//! |---|---|
//! | RTP header, extensions | `rtp/` |
//! | whose SSRC it is | `ingest/demux.rs`, `plane/ingest.rs` |
//! | unwrap, read, keep | `ingest/stream.rs`, `codec/`, `history.rs` |
//! | to which slots | `ingest/publication.rs`, `plane/route.rs` |
//! | whether and under which number | `slot.rs`, `select.rs`, `rewrite.rs`, `sent.rs` |
//! | how much a path bears, and who gets it | `bandwidth/`, `allocate.rs`, `plane/allocate.rs` |
//! | out | `plane/forward.rs`, `packet.rs`, `egress.rs` |
//! | feedback | `rtcp/`, `plane/feedback.rs`, `plane/timers.rs`, `keyframe.rs`, `clock.rs` |
//!
//! What one peer may send or hold is bounded in `limits.rs`.

mod allocate;
mod arrival_reports;
mod bandwidth;
mod bitrate;
mod clock;
mod codec;
mod config;
mod counters;
mod egress;
mod history;
mod ids;
mod ingest;
mod keyframe;
mod limits;
mod packet;
mod plane;
mod rewrite;
mod rtcp;
mod rtp;
mod select;
mod sent;
mod slot;
mod speaking;
mod time;

pub use allocate::View;
pub use arrival_reports::ArrivalReports;
pub use bitrate::Bitrate;
pub use codec::{Codec, H264Profile, Kind};
pub use config::{
    CodecMap, DeclaredSsrc, EgressExtensionIds, ExtensionIds, PeerConfig, PlaneConfig, SendLine, SlotConfig,
};
pub use counters::{Counters, PublicationStats, Sizes, SlotStats};
pub use egress::{Egress, RtpOut};
pub use ids::{GroupId, Mid, PayloadType, PeerKey, Rid, RtpTime, Seq16, Seq64, Ssrc};
pub use limits::EGRESS_SSRCS_PER_PEER;
#[cfg(feature = "fault-injection")]
pub use plane::Site;
pub use plane::{
    ESTIMATE_BOUNDS, LineQuality, LinkQuality, PeerQuality, Plane, PlaneEvent, QualityLimit, Share, SsrcName,
    Survey,
};
pub use time::Time;
