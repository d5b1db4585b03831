//! The plane as a whole, in virtual time, with synthetic publishers and receivers around it.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::similar_names,
    reason = "a test that panics or wraps has found something"
)]

mod allowance;
mod forwarding;
mod hostile;
mod lifecycle;
mod panics;
mod relay;
mod repair;
mod reports;
mod shedding;
mod sound;
mod support;
mod svc;
mod switching;
mod transport_feedback;
