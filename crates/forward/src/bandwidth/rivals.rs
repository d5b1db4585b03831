//! Whether the queue is somebody else's: a long queue that stays though less is sent than was delivered, so
//! that it would have drained if it were ours.
//!
//! Owns the test and its outcome. A flow that only stops at loss, as most of TCP does, keeps the queue full
//! whatever others do; who gives way to delay beside it is left with next to nothing. While there is such a
//! rival, delay says nothing and loss alone lowers the rate, until the queue was seen empty or for a while.
//! It is what Copa does by other means (Arun and Balakrishnan, "Copa: Practical Delay-Based Congestion Control
//! for the Internet", NSDI 2018, §2.2: a competitive mode while the queue is never nearly empty).

use crate::bitrate::Bitrate;
use crate::time::Time;
use std::time::Duration;

/// How long after a decrease the queue is looked at again: by then what is sent, an average of half a second,
/// shows the decrease, and a tenth of the queue has drained, if less is sent than the path carries.
const LOOK: Duration = Duration::from_millis(600);

/// Less than so many thousandths of what was delivered is sent: a strong test. As much is sent if it cannot be
/// less, as when there is only sound: a weak one, since the queue stays for any flow that fills the path.
const LESS: u64 = 900;
const STRONG: u32 = 2;
const WEAK: u32 = 1;

/// More than so many thousandths of it: none, the decrease was none.
const MORE: u64 = 1050;

/// A queue of so many thousandths of what it was has not drained.
const STAYS: u32 = 900;

/// When tests that the queue has not answered to add up to this, it is a rival's; to the second, if there was
/// one of late.
const TESTS: (u32, u32) = (4, 2);
const LATELY: Duration = Duration::from_secs(30);

/// After so long it is tested anew whether the rival is still there.
const COMPETES: Duration = Duration::from_secs(15);

/// A decrease, and what was then.
#[derive(Clone, Copy, Debug)]
struct Test {
    at: Time,
    queue: Duration,
    delivered: Bitrate,
}

/// What is known of rivals.
#[derive(Debug, Default)]
pub(crate) struct Rivals {
    test: Option<Test>,
    failed: u32,
    /// Until then there is one.
    until: Option<Time>,
}

impl Rivals {
    /// The rate was lowered for a long queue.
    pub fn lowered(&mut self, queue: Duration, delivered: Bitrate, now: Time) {
        self.test.get_or_insert(Test { at: now, queue, delivered });
    }

    /// Looks at the queue, `None` if there is none to speak of, and at what is sent.
    pub fn look(&mut self, queue: Option<Duration>, sent: Bitrate, now: Time) {
        let Some(queue) = queue else {
            self.test = None;
            self.failed = 0;
            self.until = self.until.map(|until| until.min(now));
            return;
        };
        let Some(test) = self.test.take_if(|test| now.since(test.at) >= LOOK) else { return };
        if sent > test.delivered.permille(MORE) {
            return;
        }
        if queue * 1000 < test.queue * STAYS {
            self.failed = 0;
            return;
        }
        self.failed += if sent <= test.delivered.permille(LESS) { STRONG } else { WEAK };
        let before = self.until.is_some_and(|until| now.since(until) < LATELY);
        if self.failed >= if before { TESTS.1 } else { TESTS.0 } {
            self.failed = 0;
            self.until = Some(now + COMPETES);
        }
    }

    /// Whether there is one.
    pub fn present(&self, now: Time) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_millis(200);

    fn at(ms: u64) -> Time {
        Time(ms * 1000)
    }

    /// A decrease at 1 Mbit/s delivered, and a look a second later.
    fn test(rivals: &mut Rivals, from: u64, queue: Duration, sent: u64) -> bool {
        rivals.lowered(LONG, Bitrate::kbit(1000), at(from));
        rivals.look(Some(queue), Bitrate::kbit(sent), at(from + 1000));
        rivals.present(at(from + 1000))
    }

    #[test]
    fn a_queue_that_stays_though_less_is_sent_is_a_rivals() {
        let mut rivals = Rivals::default();
        assert!(!test(&mut rivals, 0, LONG, 800));
        assert!(test(&mut rivals, 1000, LONG, 800));
        assert!(rivals.present(at(16_999)) && !rivals.present(at(17_000)));
        assert!(test(&mut rivals, 18_000, LONG, 800), "at once the second time");
    }

    #[test]
    fn where_no_less_can_be_sent_it_takes_longer() {
        let mut rivals = Rivals::default();
        let found = [0, 1, 2, 3].map(|from| test(&mut rivals, from * 1000, LONG, 950));
        assert_eq!(found, [false, false, false, true]);
    }

    #[test]
    fn one_that_drains_or_is_not_tested_is_ours() {
        let mut rivals = Rivals::default();
        for from in 0..9 {
            assert!(!test(&mut rivals, from * 1000, LONG, 1100), "more is sent");
            assert!(!test(&mut rivals, from * 1000, LONG * 8 / 10, 800), "it drains");
        }
    }

    #[test]
    fn an_empty_queue_ends_it() {
        let mut rivals = Rivals::default();
        test(&mut rivals, 0, LONG, 800);
        assert!(test(&mut rivals, 1000, LONG, 800));
        rivals.look(None, Bitrate::kbit(800), at(3000));
        assert!(!rivals.present(at(3000)));
    }
}
