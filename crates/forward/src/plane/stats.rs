//! Reading the plane's numbers.

use super::Plane;
use crate::counters::{Counters, PublicationStats, Sizes, SlotStats};
use crate::ids::{Mid, PeerKey};
use crate::slot::SlotState;

impl Plane {
    /// Totals since the plane began.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many entries the tables hold. Walks them: not for every packet.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        let (slots_shed, slots_shed_whole) = self.slots_shed();
        Sizes {
            peers: self.peers.len(),
            publications: self.publications.len(),
            streams: self.streams.len(),
            slots: self.slots.len(),
            groups: self.groups.len(),
            subscriptions: self.publications.values().map(|publication| publication.subscribers.len()).sum(),
            batch: self.batch.len(),
            history_bytes: self.streams.values().map(|stream| stream.history.bytes()).sum(),
            missing: self.streams.values().map(|stream| stream.missing.len()).sum(),
            slots_shed,
            slots_shed_whole,
        }
    }

    /// One slot's numbers.
    #[must_use]
    pub fn slot_stats(&self, peer: PeerKey, slot: &Mid) -> Option<SlotStats> {
        let slot = self.slots.get(self.find_slot(peer, slot)?)?;
        Some(SlotStats {
            source: slot.source,
            forwarding: matches!(slot.state, SlotState::Forwarding { .. }),
            packets: slot.packets,
            payload_bytes: slot.payload_bytes,
            source_changes: slot.sent.begun(),
            retransmitted: slot.retransmitted,
            fraction_lost: slot.reception.fraction_lost,
            cumulative_lost: slot.reception.cumulative_lost,
            jitter: slot.reception.jitter,
            rtt: self.peers.get(peer)?.rtt.measured(),
        })
    }

    /// One publication's numbers.
    #[must_use]
    pub fn publication_stats(&self, peer: PeerKey, line: &Mid) -> Option<PublicationStats> {
        let publication = self.publications.get(self.find_publication(peer, line)?)?;
        let stats =
            PublicationStats { subscribers: publication.subscribers.len(), ..PublicationStats::default() };
        let Some(stream) = self.best_stream(publication) else {
            return Some(stats);
        };
        Some(PublicationStats {
            ssrc: Some(stream.ssrc),
            packets: stream.reception.received(),
            payload_bytes: stream.payload_bytes,
            keyframes: stream.keyframes_begun,
            cumulative_lost: stream.reception.cumulative_lost(),
            jitter: stream.reception.jitter(),
            ..stats
        })
    }
}
