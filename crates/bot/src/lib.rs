//! A headless participant: what a browser does on the wire, without a browser.
//!
//! A [`Bot`] joins over the real WebSocket, offers as a browser does, and then speaks ICE, DTLS and SRTP
//! with the server's UDP port. It publishes synthetic VP8 and Opus, and checks every packet it
//! receives. A [`Visitor`] does the same over HTTP, by WHIP and WHEP. Tests use it as a library, `cargo xtask bench` as the binary `bot`.
//!
//! Not through a PeerConnection: toward an ICE-lite server a full agent is one connectivity check, and
//! what is left is the DTLS client, so that thousands of bots fit in one process.
//!
//! A message's way: [`signaling`] → [`Bot`]. A packet's way: the crowd's thread → agent → publisher or
//! receiver, which are sans-I/O. Bots may share a [`Crowd`], and then thousands fit in one process.

mod agent;
mod answer;
mod crowd;
mod data;
mod dice;
mod direct;
mod dtls;
mod frames;
mod handle;
pub mod http;
mod ice;
mod line;
mod offer;
mod options;
mod publisher;
mod receiver;
mod reception;
mod roster;
mod rtcp;
mod rtp;
mod secure;
pub mod signaling;
mod stats;
mod visitor;
mod vp8;
mod wall;

pub use agent::Mischief;
pub use answer::{Answer, AnswerError};
pub use crowd::Crowd;
pub use data::{Channel, Data, Protocol};
pub use dice::Dice;
pub use direct::Direct;
pub use dtls::Identity;
pub use handle::{Bot, JoinError, TimedOut};
pub use ice::{Credentials, binding_request};
pub use line::Carrier;
pub use offer::{AUDIO_MID, OfferSpec, SendSsrcs, VIDEO_MID, keep_lines, write_offer};
pub use options::{Options, Video};
pub use roster::Roster;
pub use stats::{Phase, Received, RunShape, Sent, Stats};
pub use visitor::{VisitError, Visitor};
