//! Whether a link is given more than it carries: sliding windows over what the server puts on it.

use forward::Time;
use netsim::Script;
use std::collections::VecDeque;
use std::time::Duration;

/// The window that counts; and how long a sender may take to notice that its link became smaller.
pub const WINDOW: Duration = Duration::from_secs(2);

/// More than so many times what the link carries is too much.
pub const LIMIT: f64 = 1.2;

/// What was put on one link.
#[derive(Debug)]
pub struct Load {
    script: Script,
    /// When its rate changes.
    steps: Vec<Time>,
    recent: VecDeque<(Time, u64)>,
    sum: u64,
    /// The worst window that began later than [`WINDOW`] after the start, and after the link had become smaller, as
    /// a multiple of what the link carries.
    pub worst: f64,
    /// The worst of all.
    pub peak: f64,
}

impl Load {
    /// Of a link that changes at these times.
    pub fn new(script: Script, steps: Vec<Time>) -> Self {
        Self { script, steps, recent: VecDeque::new(), sum: 0, worst: 0.0, peak: 0.0 }
    }

    /// Counts a packet with its overhead.
    pub fn count(&mut self, now: Time, bytes: u64) {
        self.recent.push_back((now, bytes));
        self.sum += bytes;
        let begin = now - WINDOW;
        while self.recent.front().is_some_and(|(at, _)| *at <= begin) {
            self.sum -= self.recent.pop_front().map_or(0, |(_, bytes)| bytes);
        }
        if now < Time::ZERO + WINDOW {
            return;
        }
        let Some(capacity) = self.capacity(begin, now).filter(|capacity| *capacity > 0.0) else { return };
        let load = float(self.sum * 8) / capacity;
        self.peak = self.peak.max(load);
        // At first, too, it has to find out what the link carries.
        if begin >= Time::ZERO + WINDOW && !self.fell_since(begin - WINDOW, now) {
            self.worst = self.worst.max(load);
        }
    }

    /// Whether the link became smaller after a moment.
    fn fell_since(&self, after: Time, now: Time) -> bool {
        let rate = |at: Time| self.script.at(netsim::Time(at.0)).rate;
        let fell =
            |at: &Time| rate(*at).is_some_and(|now| rate(*at - TICK).is_none_or(|before| now < before));
        self.steps.iter().filter(|at| **at > after && **at <= now && **at > Time::ZERO).any(fell)
    }

    /// Bits the link carries between two moments; `None` if it carries any number.
    fn capacity(&self, from: Time, to: Time) -> Option<f64> {
        let inside = self.steps.iter().copied().filter(|at| (from..to).contains(at) && *at > from);
        let mut sum = 0.0;
        let mut last = from;
        for at in inside.chain([to]) {
            let rate = self.script.at(netsim::Time(last.0)).rate?;
            sum += float(rate.as_bps()) * at.since(last).as_secs_f64();
            last = at;
        }
        Some(sum)
    }
}

/// The shortest time.
const TICK: Duration = Duration::from_micros(1);

#[expect(clippy::cast_precision_loss, reason = "bits of two seconds are far below 2⁵³")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use netsim::{LinkConfig, Rate};

    #[test]
    fn more_than_the_link_carries_is_seen() {
        let at = |kbps| LinkConfig { rate: Some(Rate::kbps(kbps)), ..LinkConfig::PERFECT };
        let script = Script::new([(Duration::ZERO, at(1000)), (Duration::from_secs(10), at(500))]);
        let mut load = Load::new(script, vec![Time::ZERO, Time(10_000_000)]);
        // 800 kbit/s: within the first link, 1.6 times the second.
        for millis in (0..11_900).step_by(10) {
            load.count(Time(millis * 1000), 1000);
        }
        assert!((0.79..0.81).contains(&load.worst), "it fell less than two windows ago: {}", load.worst);
        assert!((1.5..1.6).contains(&load.peak), "{}", load.peak);
        for millis in (11_900..14_100).step_by(10) {
            load.count(Time(millis * 1000), 1000);
        }
        assert!((1.58..1.62).contains(&load.worst), "{}", load.worst);
    }
}
