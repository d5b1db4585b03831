//! A second flow on a bottleneck: bulk data under TCP's congestion control as RFC 5681 has it, with selective
//! acknowledgement. Sends whenever its window lets it.

use forward::Time;
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of payload of each packet.
pub const PACKET: usize = 1220;
const INITIAL_WINDOW: f64 = 10.0;
/// A packet overtaken by so many is lost.
const OVERTAKEN: u64 = 3;
const TIMEOUT: Duration = Duration::from_secs(1);

/// One bulk flow, both its ends.
#[derive(Debug)]
pub struct Bulk {
    /// When it begins.
    pub from: Time,
    /// Bytes that arrived.
    pub delivered: u64,
    window: f64,
    threshold: f64,
    next: u64,
    flying: BTreeMap<u64, Time>,
    /// Losses before this number were answered already.
    recovered: u64,
    /// Acknowledgements on their way.
    acks: Vec<(Time, u64)>,
    back: Duration,
    progress: Time,
}

impl Bulk {
    /// Begins at `from`; acknowledgements take `back`.
    pub fn new(from: Time, back: Duration) -> Self {
        Self {
            from,
            delivered: 0,
            window: INITIAL_WINDOW,
            threshold: f64::INFINITY,
            next: 0,
            flying: BTreeMap::new(),
            recovered: 0,
            acks: vec![],
            back,
            progress: from,
        }
    }

    /// When it next has something to do.
    pub fn due(&self) -> Time {
        if self.next == 0 {
            return self.from;
        }
        self.acks.first().map_or(Time::NEVER, |(at, _)| *at).min(self.progress + TIMEOUT)
    }

    /// A packet arrived at the other end.
    pub fn arrived(&mut self, number: u64, now: Time) {
        self.delivered += u64::try_from(PACKET).unwrap_or(0);
        self.acks.push((now + self.back, number));
    }

    /// Takes acknowledgements in, and says which packets to send.
    pub fn handle(&mut self, now: Time) -> std::ops::Range<u64> {
        if now < self.from {
            return 0..0;
        }
        let due = self.acks.partition_point(|(at, _)| *at <= now);
        for (_, number) in self.acks.drain(..due).collect::<Vec<_>>() {
            self.acknowledge(number, now);
        }
        if now.since(self.progress) >= TIMEOUT {
            self.progress = now;
            self.threshold = (self.window / 2.0).max(2.0);
            self.window = 1.0;
            self.flying.clear();
            self.recovered = self.next;
        }
        let first = self.next;
        while crate::watching::count(self.flying.len()) < self.window {
            self.flying.insert(self.next, now);
            self.next += 1;
        }
        first..self.next
    }

    fn acknowledge(&mut self, number: u64, now: Time) {
        self.progress = now;
        if self.flying.remove(&number).is_none() {
            return;
        }
        self.window += if self.window < self.threshold { 1.0 } else { 1.0 / self.window };
        let lost: Vec<u64> = self.flying.range(..number.saturating_sub(OVERTAKEN)).map(|(n, _)| *n).collect();
        for number in lost {
            self.flying.remove(&number);
            if number >= self.recovered {
                self.recovered = self.next;
                self.window = (self.window / 2.0).max(2.0);
                self.threshold = self.window;
            }
        }
    }
}
