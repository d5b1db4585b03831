//! What a link has done. Counts only; nothing is decided here.

use super::bottleneck::PACKET_OVERHEAD;
use std::ops::AddAssign;
use std::time::Duration;

/// What a link has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkStats {
    /// Packets given to the link.
    pub sent: u64,
    /// Packets taken off it by [`poll`](crate::Link::poll), second arrivals included.
    pub delivered: u64,
    /// Of `delivered`, second arrivals, counted when they are put on the way.
    pub duplicated: u64,
    /// Packets dropped because the queue was full.
    pub dropped_by_queue: u64,
    /// Packets lost on the way.
    pub lost: u64,
    /// Bytes of the delivered packets' payloads.
    pub bytes_delivered: u64,
    /// The longest that a packet that has left the queue had waited there for its first bit.
    pub peak_queue_delay: Duration,
}

impl LinkStats {
    /// Bytes of the delivered packets with their [overhead](PACKET_OVERHEAD), which is what the rate counts.
    pub fn wire_bytes_delivered(&self) -> u64 {
        self.bytes_delivered.saturating_add(self.delivered.saturating_mul(PACKET_OVERHEAD))
    }
}

/// Sums up several links; the peak is the highest of theirs.
impl AddAssign for LinkStats {
    fn add_assign(&mut self, other: Self) {
        let Self { sent, delivered, duplicated, dropped_by_queue, lost, bytes_delivered, peak_queue_delay } =
            other;
        self.sent += sent;
        self.delivered += delivered;
        self.duplicated += duplicated;
        self.dropped_by_queue += dropped_by_queue;
        self.lost += lost;
        self.bytes_delivered += bytes_delivered;
        self.peak_queue_delay = self.peak_queue_delay.max(peak_queue_delay);
    }
}
