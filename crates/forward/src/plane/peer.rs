//! A peer as the plane sees it: its lines, its SSRCs, and what waits to be sent to it.

use super::downlink::Downlink;
use crate::allocate::View;
use crate::clock::PublisherClock;
use crate::config::{EgressExtensionIds, ExtensionIds};
use crate::ids::{GroupId, Mid, PeerKey, PublicationKey, Seq64, SlotKey, Ssrc, StreamKey};
use crate::ingest::arrivals::Arrivals;
use crate::ingest::demux::Demux;
use crate::limits::EGRESS_SSRCS_PER_PEER;
use crate::rtcp::outbox::{Full, Outbox};
use crate::slot::Slot;
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// What is due but can wait does so for so long, to go out with media: a wake-up and a system call the less, for
/// each report to each receiver.
const PATIENCE: Duration = Duration::from_millis(10);

/// Round trip taken until one was measured.
const ASSUMED_RTT: Duration = Duration::from_millis(100);

/// A packet waiting for the pacer. It gets its number when it goes out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queued {
    pub slot: SlotKey,
    pub stream: StreamKey,
    pub seq: Seq64,
}

/// Whether there is somebody to send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Not yet.
    Expected,
    /// SRTP keys are in place.
    Connected,
    /// It is a peer of another plane: see `plane/relay.rs`.
    Guest,
}

#[derive(Debug)]
pub(super) struct Peer {
    pub group: GroupId,
    pub presence: Presence,
    /// How slots are shown that the next negotiation adds.
    pub new_slots: View,
    pub extensions: ExtensionIds,
    pub egress_extensions: EgressExtensionIds,
    pub transport_cc: bool,
    pub feedback_ssrc: Ssrc,
    pub publications: Vec<PublicationKey>,
    /// Lines of which nothing is to reach anybody.
    pub held: Vec<Mid>,
    /// By egress SSRC, which feedback names.
    pub slots: Vec<(Ssrc, SlotKey)>,
    pub demux: Demux,
    pub arrivals: Arrivals,
    pub clock: PublisherClock,
    pub rtt: Rtt,
    /// Packets of the batch for this peer: the slot, and where in the batch.
    pub pending: Vec<(SlotKey, usize)>,
    /// Packets to send again.
    pub resends: VecDeque<(SlotKey, Seq64)>,
    /// Packets to send a second time without being asked; see `Twice`.
    pub seconds: VecDeque<(SlotKey, Seq64)>,
    /// Video that waits for the pacer.
    pub queue: VecDeque<Queued>,
    /// Streams that a slot takes up anew since the queue was dropped: keyframes to ask for.
    pub restarted: Vec<StreamKey>,
    /// The estimate of the path to it; none where the receiver reports no arrivals.
    pub downlink: Option<Box<Downlink>>,
    /// When its video slots are next allocated anew.
    pub allocation_due: Time,
    /// When the pacer next lets something go.
    pub pacer_due: Time,
    /// Its slots that are paused, as last told.
    pub paused: Vec<SlotKey>,
    pub outbox: Outbox,
    /// Whether it is in the plane's list of ready peers.
    ready: bool,
    /// When one of its timers is due: then all are looked at, if there is something to send anyway.
    pub due: Time,
    /// When they are looked at in any case.
    pub alarm: Time,
    /// It has brought more than it may: it is told how much that is with each report.
    pub is_capped: bool,
    /// When its next receiver report is due.
    pub report_due: Time,
    /// Every egress SSRC it was ever given, sorted; see `EGRESS_SSRCS_PER_PEER`.
    issued: Vec<Ssrc>,
}

impl Peer {
    pub fn new(group: GroupId) -> Self {
        Self {
            group,
            presence: Presence::Expected,
            new_slots: View::Unknown,
            extensions: ExtensionIds::default(),
            egress_extensions: EgressExtensionIds::default(),
            transport_cc: false,
            feedback_ssrc: Ssrc::default(),
            publications: Vec::new(),
            held: Vec::new(),
            slots: Vec::new(),
            demux: Demux::default(),
            arrivals: Arrivals::default(),
            clock: PublisherClock::default(),
            rtt: Rtt::default(),
            pending: Vec::new(),
            resends: VecDeque::new(),
            seconds: VecDeque::new(),
            queue: VecDeque::new(),
            restarted: Vec::new(),
            downlink: None,
            allocation_due: Time::NEVER,
            pacer_due: Time::NEVER,
            paused: Vec::new(),
            outbox: Outbox::default(),
            ready: false,
            due: Time::NEVER,
            alarm: Time::NEVER,
            is_capped: false,
            report_due: Time::NEVER,
            issued: Vec::new(),
        }
    }

    /// Whether what is written to it gets anywhere.
    pub fn is_reachable(&self) -> bool {
        self.presence != Presence::Expected
    }

    /// Has the peer visited by the next flush.
    pub fn make_ready(&mut self, key: PeerKey, list: &mut Vec<PeerKey>) {
        if !self.ready {
            self.ready = true;
            list.push(key);
        }
    }

    /// The flush has come to it.
    pub fn visited(&mut self) {
        self.ready = false;
    }

    /// Has its timers looked at from `at` on, at the next occasion.
    pub fn remind(&mut self, at: Time) {
        self.due = self.due.min(at);
        self.alarm = self.alarm.min(at + PATIENCE);
    }

    /// Adds a feedback packet of at most `len` bytes.
    pub fn feedback(&mut self, len: usize, write: impl FnOnce(Ssrc, &mut Vec<u8>)) -> Result<(), Full> {
        let sender = self.feedback_ssrc;
        self.outbox.feedback(sender, len, |out| write(sender, out))
    }

    /// What a slot sent is not sent again, whatever was asked for until now.
    pub fn forgo_repairs(&mut self, key: SlotKey, slot: &mut Slot) {
        self.seconds.retain(|(of, _)| *of != key);
        self.resends.retain(|(of, seq)| {
            if *of == key {
                slot.sent.forgone(*seq);
            }
            *of != key
        });
    }

    /// Takes an egress SSRC into use; false if it was used before, or too many were.
    pub fn issue(&mut self, ssrc: Ssrc) -> bool {
        match self.issued.binary_search(&ssrc) {
            Err(at) if self.issued.len() < EGRESS_SSRCS_PER_PEER => {
                self.issued.insert(at, ssrc);
                true
            }
            Ok(_) | Err(_) => false,
        }
    }
}

/// Smoothed round trip to a peer, as RFC 6298 §2 smooths it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rtt(Option<Duration>);

impl Rtt {
    pub fn sample(&mut self, rtt: Duration) {
        self.0 = Some(self.0.map_or(rtt, |smoothed| (smoothed * 7 + rtt) / 8));
    }

    pub fn measured(&self) -> Option<Duration> {
        self.0
    }

    pub fn or_assumed(&self) -> Duration {
        self.0.unwrap_or(ASSUMED_RTT)
    }
}
