//! Media plane, sans-I/O: RTP and RTCP, ingest, rewrite, history, feedback.

mod codec;
mod config;
mod counters;
mod egress;
mod ids;
mod plane;
mod time;

pub use codec::{Codec, H264Profile, Kind};
pub use config::{CodecMap, DeclaredSsrc, ExtensionIds, PeerConfig, PlaneConfig, SendLine, SlotConfig};
pub use counters::{Counters, PublicationStats, Sizes, SlotStats};
pub use egress::{Egress, RtpOut};
pub use ids::{Mid, PayloadType, PeerKey, RtpTime, Seq16, Seq64, Ssrc};
pub use plane::Plane;
pub use time::Time;
