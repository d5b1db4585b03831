//! A TURN relay (RFC 8656) that leads to our own media ports and nowhere else, sans-I/O.
//!
//! For participants whose network lets no UDP through, or not to the media ports: the browser asks for an allocation,
//! over UDP, TCP or TLS, and its ICE checks, DTLS and SRTP take the detour. To the media plane each allocation is one
//! more 5-tuple.
//!
//! Owns allocations, permissions, channels, credentials, nonces and quotas. Knows no socket and no clock: what came is
//! given to [`Relay::handle_client`] and [`Relay::handle_peer`], what is to be done is taken from
//! [`Relay::poll_output`]. Not here: relaying to anybody else, TCP allocations (RFC 6062), reserved ports, and what an
//! allocation's application says.
//!
//! Where to read on: `relay` is the whole; `request` answers requests, `data` relays, `authenticate` says whose a
//! request is. What they act on: `allocation`, `credentials`, `quota`. `message`, `write`, `address` and `frame` are
//! the wire.

mod address;
mod allocation;
mod authenticate;
mod config;
mod counters;
mod credentials;
mod data;
mod frame;
mod message;
mod quota;
mod refusal;
mod relay;
mod request;
#[cfg(test)]
mod tests;
mod write;

pub use config::{Config, Peer, Places};
pub use counters::Counters;
pub use credentials::{Authority, Credentials, LIFE as CREDENTIALS_LIFE};
pub use frame::{Deframer, FrameError, MAX_FRAME};
pub use refusal::Refusal;
pub use relay::{AllocationId, Client, Output, Relay, Way};

/// A moment on the caller's monotonic clock, counted from any fixed start.
pub type Now = core::time::Duration;
