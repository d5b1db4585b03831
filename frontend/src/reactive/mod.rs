//! Leptos's signals, with the type of a value put aside while they are kept, tracked and let go.
//!
//! Leptos's own have a copy of all of that for each type of value. Here the value is behind one pointer, so that Leptos's
//! signal, memo and store are compiled for one type; what is left of each of ours is the cast. The names and what they
//! mean are Leptos's. Two things differ: what was read is a snapshot, which may be held while the signal is written,
//! and to write to what is gone does nothing, because the browser may still tell something when a page is left.

mod follow;
mod memo;
mod signal;
mod stored;
#[cfg(test)]
mod tests;
mod untyped;

pub use follow::follow;
pub(crate) use follow::follow_boxed;
pub use memo::memo;
pub use signal::{RwSignal, Signal};
pub use stored::{Callback, StoredValue, keep};
pub(crate) use untyped::{AnySignal, is_same};

/// A value that is there. To read what went with its owner is a mistake in the program, to Leptos too.
#[expect(clippy::expect_used, reason = "whether an owner lives is never input")]
#[cfg_attr(debug_assertions, track_caller)]
fn there<T>(value: Option<T>) -> T {
    value.expect("the owner is gone")
}
