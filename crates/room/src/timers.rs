//! What is to happen when: a queue ordered by time. Whoever schedules keeps the moment, to cancel by.

use crate::{ConnectionId, Now};
use signal::ParticipantId;
use std::collections::BTreeSet;

/// What a moment is awaited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// To look whether a connection has kept its deadline. It may have a later one by then.
    Connection(ConnectionId),
    /// A participant's resume window.
    Absence(ParticipantId),
    /// So long somebody waits to be let in.
    Waiting(ParticipantId),
}

/// All that is awaited. Holds one timer per connection and one per absent participant and
/// per one who waits, so it is bounded by those.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Now, Timer)>,
}

impl Timers {
    pub(crate) fn schedule(&mut self, at: Now, timer: Timer) {
        self.queue.insert((at, timer));
    }

    pub(crate) fn cancel(&mut self, at: Now, timer: Timer) {
        self.queue.remove(&(at, timer));
    }

    /// The earliest moment.
    pub(crate) fn next(&self) -> Option<Now> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// The next timer whose moment has come.
    pub(crate) fn pop_due(&mut self, now: Now) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.queue.pop_first().map(|(_, timer)| timer)
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}
