//! What the actor counts as it goes: how long joins take, and what is refused. Somebody else shows it.

use crate::metrics::Histogram;
use signal::ErrorCode;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Totals since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct TallyValues {
    /// From a join until its offer was answered.
    pub(crate) answered: Histogram,
    /// From a join until media was connected.
    pub(crate) connected: Histogram,
    /// Errors told.
    pub(crate) errors: HashMap<ErrorCode, u64>,
    /// Participants whose media failed.
    pub(crate) media_failed: u64,
}

/// Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<Mutex<TallyValues>>);

impl Tally {
    pub(super) fn values(&self) -> TallyValues {
        self.lock().clone()
    }

    pub(super) fn answered(&self, after: Duration) {
        self.lock().answered.add(after);
    }

    pub(super) fn connected(&self, after: Duration) {
        self.lock().connected.add(after);
    }

    pub(super) fn media_failed(&self) {
        self.lock().media_failed += 1;
    }

    pub(super) fn told(&self, code: ErrorCode) {
        *self.lock().errors.entry(code).or_default() += 1;
    }

    fn lock(&self) -> MutexGuard<'_, TallyValues> {
        // Numbers are whole whatever happened to who held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
