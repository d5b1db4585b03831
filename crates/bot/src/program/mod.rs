//! What the program `bot` consists of: its arguments, filling a room, and adding up what was seen.

mod arguments;
mod filling;
mod tally;

pub(crate) use arguments::Arguments;
pub(crate) use filling::Filling;
pub(crate) use tally::{Tally, percentiles, report};
