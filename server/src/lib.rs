//! Madang's server: HTTP, signaling and the glue between the room and the media plane.
//!
//! A message's way: [`socket`](mod@self) reads it, [`control`](mod@self) feeds it to `room`, carries out
//! what `room` asks for (send, negotiate, route, close), and the socket writes the answer. Media never
//! passes here: `transport` owns it. Those who speak WHIP or WHEP come in by [`whip`](mod@self) instead.

mod addresses;
mod api;
mod app;
mod assets;
mod config;
mod control;
mod embed;
mod frame;
mod ice;
mod metrics;
mod socket;
mod whip;

pub use app::{Running, StartError, start};
pub use config::Config;
pub use control::DataCounts;
pub use embed::{Origin, OriginError};
pub use ice::{IceError, IceUrl, IceUrlError, Secret};
