//! The only code that touches `RTCPeerConnection`, devices and tracks.
//!
//! [`call::Call`] drives it all: it feeds the sans-I/O `session`, does what that asks for, and writes
//! what views need into [`state`](crate::state). Everything here that is not `Send` stays here; views
//! name a track by [`track::TrackId`] only.

pub mod call;
mod choosing;
mod codecs;
pub mod data;
pub mod data_hook;
pub mod devices;
mod direct;
mod direct_stats;
mod directs;
mod encodings;
mod ext;
pub mod level;
mod lines;
mod listing;
mod local;
pub mod marks;
mod network;
mod peer;
mod peer_task;
mod playout;
mod pump;
mod sender;
pub mod speaker;
pub mod stats;
pub mod tone;
pub mod track;
mod voices;

pub use pump::now;
