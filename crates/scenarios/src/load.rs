//! Whether a link is given more than it carries: sliding windows over what the server puts on it.

use forward::Time;
use netsim::Script;
use std::collections::VecDeque;
use std::time::Duration;

/// The window that counts.
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
    /// The worst window so far, as a multiple of what the link carries.
    pub worst: f64,
    /// Since when every window has been over the limit.
    over_since: Option<Time>,
    /// The longest time that was so.
    pub longest_over: Duration,
}

impl Load {
    /// Of a link that changes at these times.
    pub fn new(script: Script, steps: Vec<Time>) -> Self {
        Self {
            script,
            steps,
            recent: VecDeque::new(),
            sum: 0,
            worst: 0.0,
            over_since: None,
            longest_over: Duration::ZERO,
        }
    }

    /// Counts a packet with its overhead. Says how many times the link's capacity the window held, once that
    /// is over the limit.
    pub fn count(&mut self, now: Time, bytes: u64) -> Option<f64> {
        self.recent.push_back((now, bytes));
        self.sum += bytes;
        let begin = now - WINDOW;
        while self.recent.front().is_some_and(|(at, _)| *at <= begin) {
            self.sum -= self.recent.pop_front().map_or(0, |(_, bytes)| bytes);
        }
        if now < Time::ZERO + WINDOW {
            return None;
        }
        let capacity = self.capacity(begin, now)?;
        let sent = float(self.sum * 8);
        let load = if capacity > 0.0 { sent / capacity } else { 0.0 };
        self.worst = self.worst.max(load);
        if load <= LIMIT {
            self.over_since = None;
            return None;
        }
        let since = *self.over_since.get_or_insert(now);
        self.longest_over = self.longest_over.max(now.since(since));
        Some(load)
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
        // 800 kbit/s: within the first link, over the second.
        let mut first = None;
        for millis in (0..20_000).step_by(10) {
            if let (Some(_), None) = (load.count(Time(millis * 1000), 1000), first) {
                first = Some(millis);
            }
        }
        let first = first.unwrap();
        // 1600 kbit in a window of which x s are at 500 and the rest at 1000: over from x = 1.33 on.
        assert!((11_300..11_400).contains(&first), "{first}");
        assert!((1.58..1.62).contains(&load.worst), "{}", load.worst);
        assert!(load.longest_over > Duration::from_secs(8));
    }
}
