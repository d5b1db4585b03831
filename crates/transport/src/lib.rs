//! I/O shell of the media plane: the UDP workers, demux, SRTP, and the one adapter to `webrtc`.
//!
//! [`Transport`] is the control side's handle: it answers offers, routes slots and closes peers. Behind
//! it are worker threads, each with a socket and a sans-I/O media plane of `forward` of its own, and one
//! PeerConnection per peer does ICE, DTLS and data channels. What a room is, this crate does not know.

mod adapter;
mod counters;
mod demux;
mod extension;
mod negotiation;
mod path;
mod peer;
mod pool;
mod probe;
pub mod sdp;
mod sockets;
pub mod srtp;
pub mod stun;
mod transport;
mod watch;
mod worker;

pub use adapter::{AdapterError, DataChannel, DataChannels, DataConfig, DataSendError, Received, keys};
pub use counters::{CounterValues, Counters};
#[cfg(feature = "fault-injection")]
pub use forward::Site;
pub use forward::{
    Bitrate, Counters as PlaneCounters, ESTIMATE_BOUNDS, GroupId, LineQuality, LinkQuality, PeerKey,
    PeerQuality, PlaneEvent, QualityLimit, Survey,
};
pub use peer::{Answered, Line, LineKind, NegotiateError};
pub use pool::SPAN_AT;
pub use probe::{Probe, SocketFacts};
pub use sdp::Sending;
pub use transport::{Config, Event, StartError, Transport};
pub use worker::{BUSY, LoadValues, Report, WorkerGone};
