//! What became of messages over data channels.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// Totals since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    relayed: AtomicU64,
    bytes: AtomicU64,
    malformed: AtomicU64,
    unknown: AtomicU64,
    forbidden: AtomicU64,
    too_many: AtomicU64,
    too_slow: AtomicU64,
    stalled: AtomicU64,
}

/// [`Counts`] at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataCounts {
    /// Participants whose channels are open.
    pub members: usize,
    /// Messages given to a receiver; one to five others is five.
    pub relayed: u64,
    /// Their bytes, with their headers.
    pub bytes: u64,
    /// Dropped: no message, too large, or text that is none.
    pub malformed: u64,
    /// Dropped: for somebody who is not there.
    pub unknown: u64,
    /// Dropped: from somebody who may not say anything.
    pub forbidden: u64,
    /// Dropped: unreliable, and past its sender's rate.
    pub too_many: u64,
    /// Dropped: unreliable, and more than its receiver had room for.
    pub too_slow: u64,
    /// Receivers that lost their channels, since they took nothing.
    pub stalled: u64,
}

impl Counts {
    pub(super) fn relayed(&self, bytes: usize) {
        self.relayed.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn malformed(&self) {
        self.malformed.fetch_add(1, Relaxed);
    }

    pub(super) fn unknown(&self) {
        self.unknown.fetch_add(1, Relaxed);
    }

    pub(super) fn forbidden(&self) {
        self.forbidden.fetch_add(1, Relaxed);
    }

    pub(super) fn too_many(&self) {
        self.too_many.fetch_add(1, Relaxed);
    }

    pub(super) fn too_slow(&self) {
        self.too_slow.fetch_add(1, Relaxed);
    }

    pub(super) fn stalled(&self) {
        self.stalled.fetch_add(1, Relaxed);
    }

    /// Reads all of them; not one atomic moment.
    pub(super) fn values(&self, members: usize) -> DataCounts {
        DataCounts {
            members,
            relayed: self.relayed.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            malformed: self.malformed.load(Relaxed),
            unknown: self.unknown.load(Relaxed),
            forbidden: self.forbidden.load(Relaxed),
            too_many: self.too_many.load(Relaxed),
            too_slow: self.too_slow.load(Relaxed),
            stalled: self.stalled.load(Relaxed),
        }
    }
}
