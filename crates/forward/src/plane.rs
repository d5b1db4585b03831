//! The media plane of one worker. (Skeleton: forwards nothing yet.)
use crate::config::{PeerConfig, PlaneConfig};
use crate::counters::{Counters, PublicationStats, Sizes, SlotStats};
use crate::egress::Egress;
use crate::ids::{Mid, PeerKey};
use crate::time::Time;
/// One worker's media plane.
pub struct Plane { counters: Counters }
#[allow(clippy::unused_self, clippy::needless_pass_by_value, missing_docs, unused_variables)]
impl Plane {
    pub fn new(config: PlaneConfig) -> Self { Self { counters: Counters::default() } }
    pub fn insert_peer(&mut self, peer: PeerKey) {}
    pub fn remove_peer(&mut self, peer: PeerKey) {}
    pub fn configure(&mut self, peer: PeerKey, config: PeerConfig) {}
    pub fn route(&mut self, receiver: PeerKey, slot: &Mid, source: Option<(PeerKey, Mid)>, now: Time) {}
    pub fn connected(&mut self, peer: PeerKey, now: Time) {}
    pub fn ingest_rtp(&mut self, from: PeerKey, packet: &[u8], now: Time) {}
    pub fn ingest_rtcp(&mut self, from: PeerKey, compound: &[u8], now: Time) {}
    pub fn flush(&mut self, now: Time, egress: &mut impl Egress) {}
    pub fn poll_timeout(&self) -> Option<Time> { None }
    pub fn handle_timeout(&mut self, now: Time) {}
    pub fn counters(&self) -> &Counters { &self.counters }
    pub fn sizes(&self) -> Sizes { Sizes::default() }
    pub fn slot_stats(&self, peer: PeerKey, slot: &Mid) -> Option<SlotStats> { None }
    pub fn publication_stats(&self, peer: PeerKey, line: &Mid) -> Option<PublicationStats> { None }
}
