//! The first step of a link: packets wait for the rate, one behind the other.
//!
//! Owns the queue and how much of its head has been sent. Whether a packet may join is answered here, but
//! the link asks and counts. Sending is reckoned in whole numbers and without rounding from packet to
//! packet, so that it makes no difference how often anybody looks.

use crate::config::Queue;
use crate::rate::Rate;
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// Bytes that IPv4 (20) and UDP (8) put before each packet's payload; they use the rate and the queue too.
pub const PACKET_OVERHEAD: u64 = 28;

/// A packet on a link.
#[derive(Clone, Debug)]
pub(super) struct Packet<P> {
    /// Bytes of its payload.
    pub(super) len: u64,
    pub(super) payload: P,
}

impl<P> Packet<P> {
    fn wire_len(&self) -> u64 {
        self.len.saturating_add(PACKET_OVERHEAD)
    }

    fn work(&self) -> Work {
        Work::of(self.wire_len())
    }
}

/// Sending to be done, in millionths of a bit: what a rate of one bit per second does in a microsecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Work(u64);

impl Work {
    fn of(bytes: u64) -> Self {
        Self(bytes.saturating_mul(8_000_000))
    }

    fn done_by(rate: Rate, time: Duration) -> Self {
        Self(crate::time::micros(time).saturating_mul(rate.as_bps()))
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// In whole microseconds, the last one begun; none if the rate is zero and there is work.
    fn takes(self, rate: Rate) -> Option<Duration> {
        match (self.0, rate.as_bps()) {
            (0, _) => Some(Duration::ZERO),
            (_, 0) => None,
            (work, rate) => Some(Duration::from_micros(work.div_ceil(rate))),
        }
    }
}

/// A packet that has been sent whole.
pub(super) struct Left<P> {
    pub(super) packet: Packet<P>,
    pub(super) at: Time,
    /// From joining the queue to its first bit.
    pub(super) waited: Duration,
}

/// The queue before the rate.
#[derive(Debug)]
pub(super) struct Bottleneck<P> {
    /// With the time of joining; the first one is being sent.
    waiting: VecDeque<(Time, Packet<P>)>,
    /// Of all that wait, the first one whole.
    wire_bytes: u64,
    /// Of the first one, and, when a microsecond was more than enough for the one before, of those behind.
    done: Work,
    /// Up to when `done` is right.
    now: Time,
    /// When the first one became that.
    first_since: Time,
}

impl<P> Bottleneck<P> {
    pub(super) fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            wire_bytes: 0,
            done: Work::default(),
            now: Time::ZERO,
            first_since: Time::ZERO,
        }
    }

    /// How far time has come.
    pub(super) fn now(&self) -> Time {
        self.now
    }

    /// Packets that wait, the one being sent included.
    pub(super) fn packets(&self) -> usize {
        self.waiting.len()
    }

    /// How long a packet that joins now waits for its first bit; none if for ever.
    pub(super) fn wait(&self, rate: Option<Rate>) -> Option<Duration> {
        let Some(rate) = rate else { return Some(Duration::ZERO) };
        Work::of(self.wire_bytes).minus(self.done).takes(rate)
    }

    /// Whether a packet of `len` bytes may join now.
    pub(super) fn has_room(&self, len: u64, queue: Queue, rate: Option<Rate>) -> bool {
        if self.waiting.is_empty() {
            return true;
        }
        match queue {
            Queue::Bytes(most) => self.wire_bytes.saturating_add(len).saturating_add(PACKET_OVERHEAD) <= most,
            Queue::Delay(most) => self.wait(rate).is_some_and(|wait| wait <= most),
        }
    }

    /// The packet joins now, behind the others.
    pub(super) fn join(&mut self, packet: Packet<P>) {
        if self.waiting.is_empty() {
            self.first_since = self.now;
        }
        self.wire_bytes = self.wire_bytes.saturating_add(packet.wire_len());
        self.waiting.push_back((self.now, packet));
    }

    /// When the first one will be sent whole; none if there is none or it stands still.
    pub(super) fn next_leaves(&self, rate: Option<Rate>) -> Option<Time> {
        let (_, first) = self.waiting.front()?;
        let left = first.work().minus(self.done);
        let takes = rate.map_or(Some(Duration::ZERO), |rate| left.takes(rate))?;
        Some(self.now + takes)
    }

    /// Sends at this rate until `until`, or until a packet has been sent whole, and gives that. To be
    /// called until there is none.
    pub(super) fn leave(&mut self, rate: Option<Rate>, until: Time) -> Option<Left<P>> {
        match self.next_leaves(rate) {
            Some(at) if at <= until => {
                self.send(rate, at);
                self.pop_first()
            }
            _ => {
                self.send(rate, until);
                None
            }
        }
    }

    fn send(&mut self, rate: Option<Rate>, until: Time) {
        let until = until.max(self.now);
        if let Some(rate) = rate.filter(|_| !self.waiting.is_empty()) {
            self.done = self.done.plus(Work::done_by(rate, until.since(self.now)));
        }
        self.now = until;
    }

    fn pop_first(&mut self) -> Option<Left<P>> {
        let (joined, packet) = self.waiting.pop_front()?;
        let waited = self.first_since.since(joined);
        self.wire_bytes = self.wire_bytes.saturating_sub(packet.wire_len());
        self.done = self.done.minus(packet.work());
        if self.waiting.is_empty() {
            self.done = Work::default();
        }
        self.first_since = self.now;
        Some(Left { packet, at: self.now, waited })
    }
}
