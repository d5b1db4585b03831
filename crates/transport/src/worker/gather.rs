//! Whether packets wait a moment for those of others, so that they leave together.
//!
//! Stands before the worker's wait for packets. Of one sender, a frame's packets come at once and leave in one run to
//! each receiver. Of several, each sender's would be a run of its own, though another's follow within the flush
//! deadline: when they do so more often than not, the worker looks for packets again only when the deadline is over,
//! counted from when media came last. With one sender, or few, nothing waits.

use forward::{PeerKey, Time};
use std::time::Duration;

/// Over how long it is counted who sends.
const WINDOW: Duration = Duration::from_millis(100);

/// Packets wait from so many changes of sender within two deadlines on, until there are fewer than that within four.
const BEGIN: u32 = 2;
const STAY: u32 = 4;

/// See the module.
#[derive(Debug)]
pub(super) struct Gathering {
    /// How long packets wait at most; zero: they never do.
    deadline: Duration,
    /// Whose media came last, and when.
    last: Option<PeerKey>,
    heard: Time,
    /// How often it was another's since the window began.
    changes: u32,
    window: Time,
    on: bool,
}

impl Gathering {
    pub(super) fn new(deadline: Duration) -> Self {
        Self { deadline, last: None, heard: Time::ZERO, changes: 0, window: Time::ZERO, on: false }
    }

    /// Media of a peer came.
    pub(super) fn heard(&mut self, peer: PeerKey, now: Time) {
        self.heard = now;
        if self.last != Some(peer) {
            self.last = Some(peer);
            self.changes += 1;
        }
    }

    /// How long to wait before packets are looked for again.
    pub(super) fn pause(&mut self, now: Time) -> Duration {
        let passed = now.since(self.window);
        if passed >= WINDOW {
            let deadlines = if self.on { STAY } else { BEGIN };
            self.on = self.deadline * deadlines * self.changes >= passed;
            (self.window, self.changes) = (now, 0);
        }
        if self.on { (self.heard + self.deadline).since(now) } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slotmap::SlotMap;

    const DEADLINE: Duration = Duration::from_millis(1);

    /// The longest pause of the second half second, with so many senders, each with a packet every 5 ms.
    fn pause(gathering: &mut Gathering, from: Time, senders: usize) -> Duration {
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let peers: Vec<PeerKey> = (0..senders).map(|_| keys.insert(())).collect();
        let mut longest = Duration::ZERO;
        for number in 0..200 * senders {
            let now = from + Duration::from_micros(5000 * number as u64 / senders as u64);
            gathering.heard(peers[number % senders], now);
            let pause = gathering.pause(now);
            longest = if now.since(from).as_millis() > 500 { longest.max(pause) } else { longest };
        }
        longest
    }

    #[test]
    fn packets_of_many_wait_for_each_other_and_those_of_few_do_not() {
        let mut gathering = Gathering::new(DEADLINE);
        let at = |second| Time::ZERO + Duration::from_secs(second);
        assert_eq!(pause(&mut gathering, at(1), 1), Duration::ZERO);
        assert_eq!(pause(&mut gathering, at(2), 2), Duration::ZERO);
        assert_eq!(pause(&mut gathering, at(3), 5), DEADLINE);
        assert_eq!(pause(&mut gathering, at(4), 2), DEADLINE, "still");
        assert_eq!(pause(&mut gathering, at(5), 1), Duration::ZERO);
    }

    #[test]
    fn the_wait_is_counted_from_the_last_packet_and_ends() {
        let mut gathering = Gathering::new(DEADLINE);
        assert_eq!(pause(&mut gathering, Time::ZERO, 9), DEADLINE);
        let heard = gathering.heard;
        assert_eq!(gathering.pause(heard + DEADLINE / 4), DEADLINE * 3 / 4);
        assert_eq!(gathering.pause(heard + DEADLINE), Duration::ZERO);
        assert_eq!(gathering.pause(heard + DEADLINE * 90), Duration::ZERO);
    }

    #[test]
    fn without_a_deadline_nothing_waits() {
        assert_eq!(pause(&mut Gathering::new(Duration::ZERO), Time::ZERO, 50), Duration::ZERO);
    }
}
