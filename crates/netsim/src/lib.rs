//! Bad networks to order: seeded one-way links in virtual time, and the same links as a live UDP relay.
//!
//! Depends on none of our crates, so that any of them may use it in its tests. Two ways in:
//!
//! - A [`Link`] is pure. `send(now, …)` puts a packet on, `poll(now)` takes what has arrived off, and
//!   `next_due()` says when to come back. It reads no clock and no random source: the same seed and the
//!   same calls give the same outcome, and an hour of a bad network takes milliseconds. A [`Script`]
//!   changes the link as time goes, so that a scenario reads as a table.
//! - A [`Relay`] stands between a real browser (or bot) and a real server on UDP and passes every datagram
//!   through a pair of those links, in a thread of its own, by the real clock. The program `netsim` is a
//!   relay from the command line.
//!
//! A packet's way over a link, and the file where each step stands:
//!
//! | Step | What decides | File |
//! |---|---|---|
//! | waits for its turn, or is dropped at the tail | [`LinkConfig::rate`], [`LinkConfig::queue`] | `link/bottleneck.rs` |
//! | is lost, doubled, held back | [`Loss`], [`LinkConfig::duplicate`], [`Reorder`] | `link/fate.rs` |
//! | travels | [`LinkConfig::delay`], [`Jitter`] | `link/line.rs` |
//!
//! What is lost has taken its share of the rate before, as on a radio link behind the bottleneck. Several
//! flows may share one link: the payload says whose packet it is.
//!
//! ```
//! use netsim::{Link, LinkConfig, Rate, Time};
//! use std::time::Duration;
//!
//! let slow = LinkConfig { rate: Some(Rate::kbps(500)), delay: Duration::from_millis(30), ..LinkConfig::PERFECT };
//! let mut link = Link::new(slow, 1);
//! link.send(Time::ZERO, 1222, "hello");
//! // 1250 bytes with their headers take 20 ms at 500 kbit/s.
//! assert_eq!(link.poll(Time::from_millis(49)), None);
//! assert_eq!(link.poll(Time::from_millis(50)), Some("hello"));
//! ```

mod config;
mod dice;
mod link;
mod rate;
mod relay;
mod script;
mod share;
mod time;

pub use config::{Jitter, LinkConfig, Loss, Queue, Reorder};
pub use link::{Link, LinkStats, MAX_PACKETS, PACKET_OVERHEAD};
pub use rate::{Rate, RateError};
pub use relay::{MAX_DATAGRAM, MAX_FLOWS, Relay, RelayConfig, RelayStats, SILENT_AFTER};
pub use script::Script;
pub use share::{PerMille, PerMilleError};
pub use time::Time;
