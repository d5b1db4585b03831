//! A one-way link: bottleneck, chance, line, in a packet's order.
//!
//! Owns the three steps and moves packets from one to the next as virtual time comes; reads no clock.

mod bottleneck;
mod fate;
mod line;
mod stats;

pub use bottleneck::PACKET_OVERHEAD;
pub use stats::LinkStats;

use crate::config::LinkConfig;
use crate::script::Script;
use crate::time::Time;
use bottleneck::{Bottleneck, Left, Packet};
use fate::{Fate, Fates};
use line::Line;
use std::collections::VecDeque;
use std::time::Duration;

/// Packets that a link holds at most, waiting, on their way and arrived but not taken. One more is dropped
/// and counted with those [dropped by the queue](LinkStats::dropped_by_queue), so that a forgotten link
/// cannot take all memory; second arrivals may come on top. 800 ms at 1 Gbit/s are so many full packets.
pub const MAX_PACKETS: usize = 1 << 16;

/// A seeded one-way link in virtual time. `P` is what travels; it may say whose packet it is, so that
/// several flows share the link.
///
/// What becomes of each packet depends on the seed and on the calls of [`send`](Self::send) and
/// [`set`](Self::set) with their times, not on how often the link is polled, as long as it holds less than
/// [`MAX_PACKETS`]. Time does not go back: an earlier `now` than the last counts as the last.
#[derive(Debug)]
pub struct Link<P> {
    config: LinkConfig,
    /// Steps to come, of a scripted link.
    steps: VecDeque<(Time, LinkConfig)>,
    bottleneck: Bottleneck<P>,
    fates: Fates,
    line: Line<P>,
    stats: LinkStats,
}

impl<P: Clone> Link<P> {
    /// A link that is like this until [`set`](Self::set) changes it.
    pub fn new(config: LinkConfig, seed: u64) -> Self {
        Self {
            config,
            steps: VecDeque::new(),
            bottleneck: Bottleneck::new(),
            fates: Fates::new(seed),
            line: Line::new(),
            stats: LinkStats::default(),
        }
    }

    /// A link that changes by itself, each step at its time.
    pub fn scripted(script: &Script, seed: u64) -> Self {
        Self { steps: script.steps(), ..Self::new(LinkConfig::PERFECT, seed) }
    }

    /// Puts a packet with `len` bytes of payload on the link. It may be dropped at once, when the queue is
    /// full.
    pub fn send(&mut self, now: Time, len: usize, payload: P) {
        self.advance(now);
        self.stats.sent += 1;
        let len = u64::try_from(len).unwrap_or(u64::MAX);
        let held = self.bottleneck.packets() + self.line.packets();
        if held >= MAX_PACKETS || !self.bottleneck.has_room(len, self.config.queue, self.config.rate) {
            self.stats.dropped_by_queue += 1;
            return;
        }
        self.bottleneck.join(Packet { len, payload });
        // Without a rate it leaves at once.
        self.advance(now);
    }

    /// Takes the next packet that has arrived by now off the link; to be called until there is none.
    pub fn poll(&mut self, now: Time) -> Option<P> {
        self.advance(now);
        let packet = self.line.take(self.bottleneck.now())?;
        self.stats.delivered += 1;
        self.stats.bytes_delivered += packet.len;
        Some(packet.payload)
    }

    /// When something next happens by itself; none if the link is empty or stands still. Nothing arrives
    /// before, but a poll at this time may find nothing: then a packet has only left the queue.
    pub fn next_due(&self) -> Option<Time> {
        let leaves = self.bottleneck.next_leaves(self.config.rate);
        // A step changes when the first one leaves.
        let step = self.steps.front().filter(|_| self.bottleneck.packets() > 0).map(|(at, _)| *at);
        [leaves, step, self.line.next_due()].into_iter().flatten().min()
    }

    /// Changes the link now. What waits leaves at the new rate, the packet half sent with its second half;
    /// what has left the queue keeps its time. Takes the place of the script's step, until its next one.
    pub fn set(&mut self, now: Time, config: LinkConfig) {
        self.advance(now);
        self.config = config;
        // Without a rate, what waits leaves at once.
        self.advance(now);
    }

    /// What the link is like at the time of the last call.
    pub fn config(&self) -> LinkConfig {
        self.config
    }

    /// How long a packet sent now would wait for its first bit; none if for ever.
    pub fn queue_delay(&mut self, now: Time) -> Option<Duration> {
        self.advance(now);
        self.bottleneck.wait(self.config.rate)
    }

    /// What the link has done so far.
    pub fn stats(&self) -> LinkStats {
        self.stats
    }

    fn advance(&mut self, now: Time) {
        while let Some((at, config)) = self.steps.front().copied().filter(|(at, _)| *at <= now) {
            self.run(at);
            self.config = config;
            self.steps.pop_front();
        }
        self.run(now);
    }

    /// Until then, nothing changes.
    fn run(&mut self, until: Time) {
        while let Some(left) = self.bottleneck.leave(self.config.rate, until) {
            self.put_on_line(left);
        }
    }

    fn put_on_line(&mut self, Left { packet, at, waited }: Left<P>) {
        self.stats.peak_queue_delay = self.stats.peak_queue_delay.max(waited);
        match self.fates.next(&self.config, at) {
            Fate::Lost => self.stats.lost += 1,
            Fate::Arrives { jitter, held_back, twice } => {
                let due = at + self.config.delay + jitter;
                if twice {
                    self.stats.duplicated += 1;
                    self.line.put(due, held_back, packet.clone());
                }
                self.line.put(due, held_back, packet);
            }
        }
    }
}
