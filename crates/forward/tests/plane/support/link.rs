//! One direction of a network path: seeded loss, delay and jitter.

use std::collections::BTreeMap;

/// Xorshift64: small, seeded, good enough to lose packets with.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// What a path does to packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path {
    pub loss_permille: u64,
    pub delay_millis: u64,
    pub jitter_millis: u64,
}

#[derive(Debug)]
pub struct Link {
    path: Path,
    random: Random,
    queue: BTreeMap<(u64, u64), Vec<u8>>,
    sent: u64,
}

impl Link {
    pub fn new(path: Path, seed: u64) -> Self {
        Self { path, random: Random::new(seed), queue: BTreeMap::new(), sent: 0 }
    }

    pub fn send(&mut self, now: u64, packet: Vec<u8>) {
        self.sent += 1;
        if self.random.below(1000) < self.path.loss_permille {
            return;
        }
        let at = now + self.path.delay_millis + self.random.below(self.path.jitter_millis + 1);
        self.queue.insert((at, self.sent), packet);
    }

    pub fn deliver(&mut self, now: u64) -> Vec<Vec<u8>> {
        let later = self.queue.split_off(&(now + 1, 0));
        std::mem::replace(&mut self.queue, later).into_values().collect()
    }
}
