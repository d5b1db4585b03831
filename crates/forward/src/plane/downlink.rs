//! The path to one receiver: its estimate, its pacer, and the probe under way.
//!
//! Owns tying the three together. What is sent is `plane/forward`'s, how the estimate is divided
//! `plane/allocate`'s.

use super::Plane;
use super::share::Share;
use crate::allocate::Target;
use crate::bandwidth::{Estimator, Pacer, Probe, ProbeId};
use crate::bitrate::Bitrate;
use crate::ids::{PeerKey, Seq16};
use crate::limits::DATAGRAM_OVERHEAD;
use crate::slot::Slot;
use crate::time::Time;
use std::time::Duration;

/// What a path is taken for before anything is known of it: sound and a small picture. The first probes, each
/// after the one before has succeeded, tell within half a second of more; and a path of 100 kbit/s is not filled
/// for longer than sound bears.
const INITIAL: Bitrate = Bitrate::kbit(300);

/// Packets leave at so many thousandths of the estimate. libwebrtc's 2.5 (`kDefaultPaceMultiplier`) lets a
/// keyframe fill the path's queue where the estimate is what the path carries, and sound waits behind it.
const PACE: u64 = 1500;

/// A probe that lacks so many bytes for each packet it lacks may repeat media; less is padding, in small packets.
const LARGE: u64 = 600;

/// A fall of the estimate by so many thousandths is acted on at once, not at the next regular time.
const URGENT_FALL: u64 = 30;

/// Likewise a rise by so many, while the estimate is a guess and a picture waits for it to begin.
const URGENT_RISE: u64 = 250;

/// How long the first probes may take to tell what the path bears.
const SETTLING: Duration = Duration::from_secs(3);

/// One receiver's path, where it reports arrivals (transport-cc).
#[derive(Debug)]
pub(super) struct Downlink {
    pub estimator: Estimator,
    pub pacer: Pacer,
    probe: Option<Probing>,
    /// The estimate that was divided last.
    pub allocated: Bitrate,
    /// Until then the estimate is a guess, and what it makes small may grow again at once.
    pub settled_at: Time,
    /// Wire bytes sent since somebody last looked, and when that was.
    sent: (u64, Time),
    /// What of each frame is sent twice.
    pub twice: Twice,
    /// Until then the path is taken for one that loses packets.
    lossy_until: Time,
    /// Until then for one that loses them in bursts.
    bursts_until: Time,
}

/// What of each frame is sent a second time, right after it, without being asked for.
///
/// A repair that is asked for comes a round trip late, and for a frame's last packet only the next frame tells that
/// it is missing: later than a picture is shown. On a path that loses packets and has room to spare, the room is
/// better spent on sending frames again at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Twice {
    #[default]
    Nothing,
    /// The packet that ends it.
    Last,
    /// All its packets.
    All,
}

/// From so much loss on, in thousandths, packets are sent twice.
const LOSSY: u32 = 20;

/// Past so much it comes in bursts, which take both copies; the room is better left to repairs then.
const HEAVY: u32 = 120;

/// And until it has been less for so long.
const LOSSY_FOR: Duration = Duration::from_secs(10);

/// What is sent may take so many thousandths of the estimate, its second copies included.
const SPARE: u64 = 900;

/// What is looked for on a path that loses packets, in thousandths of what media needs and a margin: enough for
/// all of it twice within [`SPARE`].
const WITH_COPIES: u64 = 1800;

/// The last packet's share of a frame's bytes, in thousandths, by a generous guess.
const LAST_SHARE: u64 = 300;

/// A probe being sent.
#[derive(Clone, Copy, Debug)]
struct Probing {
    id: ProbeId,
    bytes: u64,
    packets: u32,
}

impl Downlink {
    pub fn new(now: Time) -> Self {
        Self {
            estimator: Estimator::new(INITIAL, now),
            pacer: Pacer::new(INITIAL.permille(PACE), now),
            probe: None,
            allocated: INITIAL,
            settled_at: now + SETTLING,
            sent: (0, now),
            twice: Twice::Nothing,
            lossy_until: Time::ZERO,
            bursts_until: Time::ZERO,
        }
    }

    /// A packet of so many bytes leaves; its transport-wide number.
    pub fn send(&mut self, len: usize, now: Time) -> Seq16 {
        let wire = len + DATAGRAM_OVERHEAD;
        let bytes = u64::try_from(wire).unwrap_or(u64::MAX);
        self.sent.0 += bytes;
        self.pacer.spent(bytes, now);
        if let Some(probing) = &mut self.probe {
            probing.bytes = probing.bytes.saturating_sub(bytes);
            probing.packets = probing.packets.saturating_sub(1);
        }
        self.estimator.sent(wire, self.probe.map(|probing| probing.id), now)
    }

    /// Whether what can wait may leave; if not, when to ask again, unless feedback comes before.
    pub fn ready(&mut self, now: Time) -> Result<(), Time> {
        if let Some(until) = self.estimator.overdue(now) {
            return Err(until);
        }
        if self.pacer.ready(now) { Ok(()) } else { Err(self.pacer.next(now)) }
    }

    /// The path is not asked for more than it is sent.
    pub fn ask_no_more(&mut self) {
        self.estimator.set_wanted(Bitrate::ZERO);
        self.twice = Twice::Nothing;
    }

    /// What lacks of the probe under way is not sent. Its estimator finds it unanswered, and that tells nothing.
    pub fn end_probe(&mut self, now: Time) {
        self.probe = None;
        self.pace(now);
    }

    /// So much of the estimate is spent on media: decides what is sent twice, which nothing is while the worker sheds.
    pub fn spend(&mut self, media: Bitrate, share: Share, now: Time) {
        match self.estimator.loss() {
            0..LOSSY => {}
            LOSSY..HEAVY => self.lossy_until = now + LOSSY_FOR,
            HEAVY.. => self.bursts_until = now + LOSSY_FOR,
        }
        let room = self.estimator.estimate().permille(SPARE);
        self.twice = if !share.is_whole() || !self.loses_some(now) {
            Twice::Nothing
        } else if media.permille(2000) <= room {
            Twice::All
        } else if media.permille(1000 + LAST_SHARE) <= room {
            Twice::Last
        } else {
            Twice::Nothing
        };
    }

    /// What to look for where so much is wanted for media and what it needs beside: on a path that loses packets
    /// there should be room for second copies.
    pub fn with_copies(&self, wanted: Bitrate, now: Time) -> Bitrate {
        if self.loses_some(now) { wanted.permille(WITH_COPIES) } else { wanted }
    }

    /// Whether second copies would help: packets are lost, and one by one.
    fn loses_some(&self, now: Time) -> bool {
        now < self.lossy_until && now >= self.bursts_until
    }

    /// Whether a probe lacks packets still. Ends it when it does not.
    pub fn is_probing(&mut self, now: Time) -> bool {
        if self.probe.is_some_and(|probing| probing.bytes == 0 && probing.packets == 0) {
            self.probe = None;
            self.pace(now);
        }
        self.probe.is_some()
    }

    /// Whether the probe under way is large enough to consist of packets sent before.
    pub fn may_repeat(&self) -> bool {
        self.probe.is_some_and(|probing| probing.bytes >= u64::from(probing.packets) * LARGE)
    }

    /// What is due of the estimator's by the clock.
    pub fn handle_timeout(&mut self, now: Time) {
        if self.estimator.poll_timeout() > now {
            return;
        }
        self.estimator.handle_timeout(now);
        // One that could not be sent, for want of anything to send, gives way to the next.
        if let Some(Probe { id, rate, bytes, packets }) = self.estimator.poll_probe(now) {
            self.probe = Some(Probing { id, bytes, packets });
            self.pacer.set_probe_rate(rate, now);
        }
        self.pace(now);
    }

    /// The receiver reported; true if the estimate fell so that less must be sent at once.
    pub fn feedback(&mut self, fci: &[u8], now: Time) -> bool {
        self.estimator.feedback(fci, now);
        self.pace(now);
        self.estimator.estimate() < self.allocated.permille(1000 - URGENT_FALL)
    }

    /// Whether the estimate was a guess, and turns out so much higher that what did not fit may.
    fn outgrows_guess(&self, now: Time) -> bool {
        now < self.settled_at && self.estimator.estimate() >= self.allocated.permille(1000 + URGENT_RISE)
    }

    /// The rate at which was sent since this was last asked.
    pub fn sent_since_look(&mut self, now: Time) -> Bitrate {
        let (bytes, since) = std::mem::replace(&mut self.sent, (0, now));
        Bitrate::of(bytes, now.since(since).max(Duration::from_millis(1)))
    }

    fn pace(&mut self, now: Time) {
        if self.probe.is_none() {
            self.pacer.set_rate(self.estimator.estimate().permille(PACE), now);
        }
    }
}

impl Plane {
    /// Estimates the path to a peer from now on if it reports arrivals, and no longer if it does not.
    pub(super) fn estimate_downlink(&mut self, key: PeerKey) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(key) else { return };
        match (peer.egress_extensions.transport_cc, &peer.downlink) {
            (Some(_), None) => peer.downlink = Some(Box::new(Downlink::new(now))),
            (None, Some(_)) => peer.downlink = None,
            (Some(_), Some(_)) | (None, None) => {}
        }
        self.allocate_soon(key, now);
    }

    pub(super) fn transport_feedback_arrived(&mut self, from: PeerKey, fci: &[u8], now: Time) {
        let Some(peer) = self.peers.get_mut(from) else { return };
        let Some(downlink) = peer.downlink.as_mut() else { return };
        self.counters.transport_feedback_in += 1;
        let waited = downlink.estimator.overdue(now).is_some();
        let fell = downlink.feedback(fci, now);
        let waits = |slot: &Slot| slot.target == Target::Paused;
        let begins = downlink.outgrows_guess(now)
            && peer.slots.iter().any(|(_, key)| self.slots.get(*key).is_some_and(waits));
        let due = downlink.estimator.poll_timeout();
        if waited {
            peer.pacer_due = now;
        }
        if waited {
            self.wake(from, now);
        } else {
            self.remind(from, due);
        }
        if fell || begins {
            self.allocate_soon(from, now);
        }
    }
}
