//! The call of a page: what its buttons do, devices by choice, and the listener that writes what happens into
//! [`state`](crate::state).
//!
//! [`call::Call`] is what views have of it. The call itself is `madang_client`, the only code that touches
//! `RTCPeerConnection`. Everything here that is not `Send` stays here; views name a track by
//! [`TrackId`](track::TrackId) only.

pub mod call;
mod choosing;
pub mod data_hook;
pub mod devices;
pub mod level;
mod listening;
mod listing;
pub mod playing;
pub mod speaker;
pub mod tone;

pub use madang_client::{marks, now, stats, track};
