//! The crate's one real clock. Everything else takes its time from here or from a test.

use crate::time::Time;
use std::time::Instant;

/// Time since it was made.
#[derive(Debug)]
pub(super) struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "a live relay's links run by the real clock")]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn now(&self) -> Time {
        Time::ZERO + self.0.elapsed()
    }
}
