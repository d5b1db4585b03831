//! The third step of a link: packets travel, each until it is due.
//!
//! Owns what is on its way, and the order of arrival.

use super::bottleneck::Packet;
use crate::time::Time;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is on its way.
#[derive(Debug)]
pub(super) struct Line<P> {
    /// By when it is due, and of those due together, which was put on first.
    travelling: BTreeMap<(Time, u64), Packet<P>>,
    /// When the last one put on was due, had it not been held back.
    latest_due: Time,
    put_on: u64,
}

impl<P> Line<P> {
    pub(super) fn new() -> Self {
        Self { travelling: BTreeMap::new(), latest_due: Time::ZERO, put_on: 0 }
    }

    /// Packets on their way or arrived but not taken.
    pub(super) fn packets(&self) -> usize {
        self.travelling.len()
    }

    /// When the next one arrives.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.travelling.first_key_value().map(|((due, _), _)| *due)
    }

    /// The packet arrives when it is due, but not before those ahead of it; `held_back`, so much later.
    pub(super) fn put(&mut self, due: Time, held_back: Duration, packet: Packet<P>) {
        self.latest_due = self.latest_due.max(due);
        self.travelling.insert((self.latest_due + held_back, self.put_on), packet);
        self.put_on = self.put_on.wrapping_add(1);
    }

    /// The next packet that has arrived.
    pub(super) fn take(&mut self, now: Time) -> Option<Packet<P>> {
        let next = self.travelling.first_entry()?;
        (next.key().0 <= now).then(|| next.remove())
    }
}
