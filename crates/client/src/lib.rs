//! A call in a browser, for who builds a page of their own on it: join a room, publish tracks, show the others.
//!
//! All of it is one [`Room`] and the [`Event`]s that it tells. The room negotiates, reconnects, follows networks that
//! change, goes straight to others where that is better, and paces pictures by the size at which they are shown; the
//! page brings tracks from wherever it likes, and shows what [`Snapshot`](session::Snapshot) says.
//!
//! ```no_run
//! use madang_client::{Event, Options, Room, signal::{DisplayName, RoomName}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let room = Room::new(Options::default(), |room, event| match event {
//!     Event::Room(now) => {
//!         for other in &now.others {
//!             web_sys::console::log_1(&other.name.as_str().into());
//!         }
//!     }
//!     Event::Media(_) | Event::Own | Event::Second | Event::Data(_) => {}
//!     Event::Reacted { .. } | Event::ChatRefused { .. } | Event::SoundBlocked | Event::GoTo(_) => {}
//! });
//! let sound = room.play_sound();
//! room.join(&RoomName::parse("tea")?, &DisplayName::parse("Ada")?, None);
//! # drop(sound);
//! # Ok(())
//! # }
//! ```
//!
//! [`Room::publish`] sends a track, [`Room::attach`] shows somebody's picture in a video element. A whole page, with
//! camera and microphone, is `examples/minimal`.
//!
//! Where to read on: [`room`] is what a page sees; `pump` drives the sans-I/O `session` with what `socket`, `peer` and
//! `directs` (connections straight to others) tell. What is not `Send` stays here; a view can name a track by its
//! [`TrackId`].

mod codecs;
pub mod data;
mod describe;
mod direct;
mod direct_stats;
mod directs;
mod encodings;
mod event;
mod ext;
mod lines;
pub mod local;
pub mod look;
pub mod marks;
mod page;
mod peer;
mod peer_task;
mod playout;
mod pump;
pub mod room;
mod sender;
pub mod slots;
mod socket;
mod sound;
pub mod stats;
mod subscribe;
mod task;
pub mod track;
mod voices;
mod watch;

pub use ::{session, signal};
pub use data::{DataEvent, DataSendError, Delivery};
pub use event::Event;
pub use look::Size;
pub use page::{now, spawn_local};
pub use peer::PeerError;
pub use room::{Options, Room, WeakRoom};
pub use slots::Slots;
pub use sound::Sound;
pub use subscribe::{Attached, Subscription};
pub use track::TrackId;
