//! The house that browser tests happen in: a server, browsers with made-up cameras, and what a test may
//! do and look at there.
//!
//! A test drives the binary as it ships (`MADANG_BIN`, which `cargo xtask test` sets), in real headless
//! Chromium and Firefox, and believes nobody but the browser: what the page shows, and what its own
//! `getStats` counts. [`House`] owns every process; [`Tab`] is one window of a browser and thus one
//! participant; [`view`] and [`stats`] are what can be seen of it.
//!
//! Conditions are polled with [`until`], whose deadline only keeps a hang from lasting for ever;
//! [`within`] is for the few promises that name a time. Either says what was seen last when it fails.

mod browser;
mod cable;
mod capabilities;
mod figures;
mod fingers;
mod folder;
mod house;
mod keys;
mod narrow;
mod port;
mod program;
mod relayed;
mod road;
mod server;
mod site;
mod tab;
mod wait;
mod watching;
mod wave;
mod weight;

pub mod shot;
pub mod stats;
pub mod view;

pub use browser::Browser;
pub use cable::Cable;
pub use capabilities::{Capture, Devices, INSECURE_HOST, Kind, Sound, Wishes};
pub use figures::Figure;
pub use folder::Folder;
pub use house::{House, in_house};
pub use relayed::Frames;
pub use road::Links;
pub use server::{
    ADMIN_KEY, Front, Modes, Network, Server, Settings, TOKEN_SECRET, TURN_NAME, TURN_PASSWORD,
};
pub use site::Site;
pub use tab::{Tab, is_exactly};
pub use wait::{Seen, until, within};
pub use watching::{Heard, Running, Second};
pub use weight::Weight;
