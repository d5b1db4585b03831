//! A bottleneck: rate, drop-tail queue, propagation delay, random loss, jitter. Shared by flows.

use crate::bitrate::Bitrate;
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// Numerical Recipes' linear congruential generator; good enough to lose packets.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// Below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound.max(1)
    }
}

/// Whether and how packets overtake one another for jitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    Kept,
    Lost,
}

#[derive(Debug)]
pub struct Link {
    pub rate: Bitrate,
    /// Most bytes waiting.
    pub limit: u64,
    pub delay: Duration,
    pub loss_permille: u64,
    pub jitter: Duration,
    pub order: Order,
    pub random: Random,
    waiting: VecDeque<(usize, u16, u64)>,
    queued: u64,
    /// When the packet in service has left.
    free: Time,
    last_arrival: Time,
}

/// A packet that came through: its flow, number and arrival.
pub type Arrived = (usize, u16, Time);

impl Link {
    pub fn new(rate: Bitrate, queue: Duration, delay: Duration) -> Self {
        Self {
            rate,
            limit: rate.bytes_in(queue),
            delay,
            loss_permille: 0,
            jitter: Duration::ZERO,
            order: Order::Kept,
            random: Random(1),
            waiting: VecDeque::new(),
            queued: 0,
            free: Time::ZERO,
            last_arrival: Time::ZERO,
        }
    }

    /// A new rate; the queue holds as much time as before.
    pub fn set_rate(&mut self, rate: Bitrate, queue: Duration) {
        self.rate = rate;
        self.limit = rate.bytes_in(queue);
    }

    pub fn send(&mut self, flow: usize, seq: u16, size: u64, now: Time) {
        if self.random.below(1000) < self.loss_permille || self.queued + size > self.limit.max(3000) {
            return;
        }
        self.waiting.push_back((flow, seq, size));
        self.queued += size;
        self.free = if self.waiting.len() == 1 { self.free.max(now) } else { self.free };
    }

    /// What has left the queue until now.
    pub fn take(&mut self, now: Time) -> Vec<Arrived> {
        let mut out = vec![];
        while let Some(&(flow, seq, size)) = self.waiting.front() {
            let done = self.free + self.rate.time_for(size);
            if done > now {
                break;
            }
            self.free = done;
            self.waiting.pop_front();
            self.queued -= size;
            let jitter = self.random.below(u64::try_from(self.jitter.as_micros()).unwrap() + 1);
            let mut arrival = done + self.delay + Duration::from_micros(jitter);
            if self.order == Order::Kept {
                arrival = arrival.max(self.last_arrival);
                self.last_arrival = arrival;
            }
            out.push((flow, seq, arrival));
        }
        out
    }
}
