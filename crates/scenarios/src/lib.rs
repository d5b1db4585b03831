//! The media plane in whole scenarios: synthetic browsers around a [`forward::Plane`], bad links between them,
//! virtual time. A minute takes milliseconds, and the same seed gives the same bytes.
//!
//! `cargo xtask sim` runs the fixed list and prints the table that docs/quality.md holds.
//!
//! | What | File |
//! |---|---|
//! | what is on the wire, written apart from `forward` | `wire.rs`, `content.rs` |
//! | a browser that publishes | `publisher.rs`, `camera.rs` |
//! | a browser that receives | `receiver.rs`, `screen.rs`, `sound.rs`, `arrivals.rs` |
//! | the loop | `world.rs`, `outside.rs` |
//! | a second flow on a link | `cross.rs` |
//! | what must hold on every run | `oracle.rs`, `load.rs` |
//! | what happens, and what is measured | `scenario.rs`, `scenario/` |
//! | figures and the table | `figure.rs`, `watching.rs`, `table.rs` |

mod arrivals;
mod camera;
mod content;
mod cross;
mod dice;
mod figure;
mod load;
mod oracle;
mod outside;
mod publisher;
mod receiver;
mod scenario;
mod screen;
mod sound;
mod table;
mod watching;
mod wire;
mod world;

pub use figure::{Figure, Outcome, Target};
pub use outside::Violation;
pub use scenario::{ALL, Scenario};
pub use table::{Row, markdown, text};
