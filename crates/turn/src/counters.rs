//! What was counted since the start.

use crate::Refusal;
use std::collections::BTreeMap;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Allocations there are now.
    pub allocations: u64,
    /// Allocations made.
    pub allocated: u64,
    /// Requests refused, answered or not.
    pub refused: BTreeMap<Refusal, u64>,
    /// Requests without good credentials that were not answered: too many came from one address, or from all.
    pub unanswered: u64,
    /// Bytes of payload relayed to media ports.
    pub bytes_in: u64,
    /// Bytes of payload relayed to clients.
    pub bytes_out: u64,
    /// What was no message, or came out of turn.
    pub malformed: u64,
    /// Data for or from anybody without a permission.
    pub not_permitted: u64,
    /// Data beyond what a person may relay.
    pub over_bandwidth: u64,
}

impl Counters {
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        add(self.refused.entry(refusal).or_default(), 1);
    }

    pub(crate) fn relayed_in(&mut self, bytes: usize) {
        add(&mut self.bytes_in, bytes);
    }

    pub(crate) fn relayed_out(&mut self, bytes: usize) {
        add(&mut self.bytes_out, bytes);
    }
}

/// One more, or so many.
pub(crate) fn add(count: &mut u64, more: usize) {
    *count = count.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
}
