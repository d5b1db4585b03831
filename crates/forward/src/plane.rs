//! The media plane of one worker: who sends what to whom, and everything a packet passes on the way.
//!
//! ```text
//! ingest_rtp ─▶ plane/ingest ─▶ stream's history ─▶ batch
//! flush ──────▶ plane/forward ─▶ slot: admit, number ─▶ packet: build ─▶ Egress
//!                    └─▶ queue ─▶ pacer ─┘
//! ingest_rtcp ▶ plane/feedback      handle_timeout ▶ plane/timers ─▶ plane/allocate, plane/speakers
//! poll_event ◀─ plane/events
//! ```
//!
//! Owns the tables of peers, publications, streams and slots, linked by dense keys, and the batch between
//! ingest and flush. Does no I/O and reads no clock; one owner, no lock, and no allocation per packet once
//! a stream's history stands.

mod agenda;
mod allocate;
mod configure;
mod downlink;
mod events;
mod fault;
mod feedback;
mod forward;
mod hold;
mod ingest;
mod peer;
mod planted;
mod quality;
mod relay;
mod route;
mod share;
mod speakers;
mod stats;
mod survey;
mod timers;

pub use events::PlaneEvent;
#[cfg(feature = "fault-injection")]
pub use planted::Site;
pub use quality::{LineQuality, LinkQuality, PeerQuality, QualityLimit};
pub use relay::SsrcName;
pub use share::Share;
pub use survey::{ESTIMATE_BOUNDS, Survey};

use crate::allocate::Candidate;
use crate::config::PlaneConfig;
use crate::counters::Counters;
use crate::ids::{GroupId, Mid, PeerKey, PublicationKey, Seq64, SlotKey, StreamKey};
use crate::ingest::allowance::Tariff;
use crate::ingest::publication::Publication;
use crate::ingest::stream::Stream;
use crate::rtcp::reader::Block;
use crate::rtcp::twcc;
use crate::slot::Slot;
use crate::speaking::Voice;
use crate::time::Time;
use agenda::Agenda;
use events::Events;
use fault::AtWork;
use peer::Peer;
use planted::Planted;
use slotmap::{SecondaryMap, SlotMap};
use speakers::Group;
use std::collections::BTreeMap;

/// One worker's media plane.
///
/// Feed it with `ingest_*`, then `flush` once per batch. Time is the caller's: come back with
/// `handle_timeout` (and `flush`) when `poll_timeout` says so. Calls naming a peer that is not inserted do
/// nothing.
#[derive(Debug)]
pub struct Plane {
    config: PlaneConfig,
    /// What a publication's bytes cost it.
    tariff: Option<Tariff>,
    peers: SecondaryMap<PeerKey, Peer>,
    publications: SlotMap<PublicationKey, Publication>,
    streams: SlotMap<StreamKey, Stream>,
    slots: SlotMap<SlotKey, Slot>,
    groups: BTreeMap<GroupId, Group>,
    events: Events,
    /// Of the video that paths bear, what is sent.
    share: Share,
    /// Packets ingested since the last flush.
    batch: Vec<(StreamKey, Seq64)>,
    /// Peers with something to send at the next flush.
    ready: Vec<PeerKey>,
    /// The earliest of the groups' timers.
    groups_due: Time,
    /// The peers' timers.
    agenda: Agenda,
    /// The latest time seen, for calls that bring none.
    now: Time,
    at_work: AtWork,
    planted: Planted,
    counters: Counters,
    scratch: Scratch,
}

/// Memory reused from call to call.
#[derive(Debug, Default)]
struct Scratch {
    peers: Vec<PeerKey>,
    missing: Vec<Seq64>,
    blocks: Vec<Block>,
    feedback: twcc::Encoder,
    candidates: Vec<Candidate>,
    groups: Vec<GroupId>,
    speaking: Vec<(PublicationKey, Voice)>,
    speakers: Vec<PublicationKey>,
    order: Vec<speakers::Rank>,
}

impl Plane {
    /// An empty plane.
    #[must_use]
    pub fn new(config: PlaneConfig) -> Self {
        Self {
            tariff: config.max_bitrate.map(Tariff::of),
            config,
            peers: SecondaryMap::new(),
            publications: SlotMap::with_key(),
            streams: SlotMap::with_key(),
            slots: SlotMap::with_key(),
            groups: BTreeMap::new(),
            events: Events::default(),
            share: Share::WHOLE,
            batch: Vec::new(),
            ready: Vec::new(),
            groups_due: Time::NEVER,
            agenda: Agenda::default(),
            now: Time::ZERO,
            at_work: AtWork::default(),
            planted: Planted::default(),
            counters: Counters::default(),
            scratch: Scratch::default(),
        }
    }

    /// Makes room for a peer, not configured and not connected. Inserting it again starts it over.
    pub fn insert_peer(&mut self, peer: PeerKey, group: GroupId) {
        self.remove_peer(peer);
        self.peers.insert(peer, Peer::new(group));
    }

    /// Ends everything a peer sends and receives.
    pub fn remove_peer(&mut self, peer: PeerKey) {
        let Some(removed) = self.peers.remove(peer) else { return };
        self.agenda.remove(peer);
        for (_, slot) in removed.slots {
            self.remove_slot(slot);
        }
        for publication in removed.publications {
            self.end_publication(publication);
        }
        for stream in removed.demux.streams() {
            self.streams.remove(stream);
        }
    }

    /// The earliest time at which [`Plane::handle_timeout`] has something to do; it may have passed.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        Some(self.groups_due.min(self.agenda.next())).filter(|due| *due < Time::NEVER)
    }

    fn tick(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    /// Has a peer's timers looked at no later than `at`.
    fn wake(&mut self, key: PeerKey, at: Time) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.due = peer.due.min(at);
            peer.alarm = peer.alarm.min(at);
            // A peer not connected keeps its timers for later.
            if peer.is_reachable() {
                self.agenda.bring_forward(key, peer.alarm);
            }
        }
    }

    /// Has them looked at from `at` on, at the next occasion.
    fn remind(&mut self, key: PeerKey, at: Time) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.remind(at);
            if peer.is_reachable() {
                self.agenda.bring_forward(key, peer.alarm);
            }
        }
    }

    fn find_publication(&self, peer: PeerKey, mid: &Mid) -> Option<PublicationKey> {
        let keys = &self.peers.get(peer)?.publications;
        keys.iter().copied().find(|key| self.publications.get(*key).is_some_and(|line| line.mid == *mid))
    }

    fn find_slot(&self, peer: PeerKey, mid: &Mid) -> Option<SlotKey> {
        let keys = &self.peers.get(peer)?.slots;
        keys.iter().map(|(_, key)| *key).find(|key| self.slots.get(*key).is_some_and(|slot| slot.mid == *mid))
    }
}
