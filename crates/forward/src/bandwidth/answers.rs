//! Whether answers are overdue: feedback on what was sent that comes much later than usual, or tells only of
//! what was sent long ago, says that a queue grows before anything can be measured of it.
//!
//! Owns the usual wait. What need not be sent now then waits, for a moment: the estimate falls when feedback
//! gives reason to. It is what a congestion window does, in time instead of bytes (libwebrtc's
//! `CongestionWindowPushbackController` bounds what is in flight to a round trip and a queue's worth).

use super::queueing::Least;
use crate::time::Time;
use std::time::Duration;

/// The wait before anything is known: one round trip across an ocean is longer, and costs that much once.
const FIRST: Duration = Duration::from_millis(150);

/// So much more than usual is too much. A queue this long in the path is no harm to sound.
const MARGIN: Duration = Duration::from_millis(60);

/// Nothing is held longer than this, which is what the longest queues of usual paths take: then it is the
/// feedback that is lost.
const LONGEST: Duration = Duration::from_millis(400);

/// By how much the usual wait grows with an answer at most: a queue is not usual, and on a path that became
/// longer it is learnt in ten or so.
const LEARN: Duration = Duration::from_millis(20);

/// What is sent is measured over half a second; so long it shows that something waited.
const LATELY: Duration = Duration::from_millis(500);

/// Waits are remembered for so long to twice that.
const REMEMBERED: Duration = Duration::from_secs(4);

/// The longest of late in µs, negated.
#[derive(Debug, Default)]
struct Usual(Option<Least>);

impl Usual {
    fn learn(&mut self, took: Duration, now: Time) {
        let took = took.min(self.get().unwrap_or(FIRST) + LEARN);
        let took = i64::try_from(took.as_micros()).unwrap_or(i64::MAX).saturating_neg();
        self.0.get_or_insert_with(|| Least::new(now, took)).add(now, took, REMEMBERED, 0);
    }

    fn get(&self) -> Option<Duration> {
        self.0.map(|least| Duration::from_micros(least.get().min(0).unsigned_abs()))
    }

    fn bound(&self) -> Duration {
        self.get().map_or(FIRST, |usual| usual + MARGIN)
    }
}

/// The wait for answers.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Since when there has been something without an answer.
    waiting: Option<Time>,
    /// How long there usually is.
    waits: Usual,
    /// How long the newest packet that an answer tells of usually took, there and back.
    trips: Usual,
    /// When an answer came that told of a trip too long, if the last one did.
    late: Option<Time>,
    /// When an answer that came was last overdue.
    overdue: Option<Time>,
}

impl Answers {
    /// A packet leaves.
    pub fn sent(&mut self, now: Time) {
        self.waiting.get_or_insert(now);
    }

    /// Feedback: the newest packet that arrived was sent then; `all` if none was sent since.
    pub fn answered(&mut self, newest: Time, all: bool, now: Time) {
        let Some(waiting) = self.waiting.filter(|waiting| *waiting <= newest) else { return };
        if self.overdue(now).is_some() {
            self.overdue = Some(now);
        }
        let trip = now.since(newest);
        self.late = (trip >= self.trips.bound()).then_some(now);
        self.trips.learn(trip, now);
        self.waits.learn(now.since(waiting), now);
        self.waiting = (!all).then_some(newest);
    }

    /// Whether they were of late, so that little was sent.
    pub fn were_overdue(&self, now: Time) -> bool {
        self.overdue.is_some_and(|at| now.since(at) < LATELY)
    }

    /// Until when to wait, if answers are overdue.
    pub fn overdue(&self, now: Time) -> Option<Time> {
        let from = (self.waiting? + self.waits.bound()).min(self.late.unwrap_or(Time::NEVER));
        let until = from + LONGEST;
        (from..until).contains(&now).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Time {
        Time(ms * 1000)
    }

    /// Something sent every 10 ms, answered 40 ms later and every 50 ms.
    fn usual() -> Answers {
        let mut answers = Answers::default();
        for at in 0..100 {
            answers.sent(ms(at * 10));
            if at % 5 == 4 {
                answers.answered(ms((at - 4) * 10), false, ms(at * 10));
            }
        }
        answers
    }

    #[test]
    fn nothing_is_overdue_as_long_as_answers_come_as_usual() {
        let mut answers = usual();
        assert_eq!(answers.overdue(ms(1000)), None);
        answers.answered(ms(990), true, ms(1030));
        assert_eq!(answers.overdue(ms(9000)), None, "nothing was sent since");
    }

    #[test]
    fn late_answers_are_waited_for_and_not_for_ever() {
        // Waiting since 950; 90 is usual.
        let answers = usual();
        assert_eq!(answers.overdue(ms(950 + 149)), None);
        assert_eq!(answers.overdue(ms(950 + 150)), Some(ms(950 + 550)));
        assert_eq!(answers.overdue(ms(950 + 550)), None);
    }

    #[test]
    fn a_longer_way_is_learnt() {
        let mut answers = usual();
        let mut overdue = 0;
        for at in 100..300 {
            answers.sent(ms(at * 10));
            overdue += u32::from(answers.overdue(ms(at * 10)).is_some());
            if at % 5 == 4 && at > 130 {
                answers.answered(ms((at - 34) * 10), false, ms(at * 10));
            }
        }
        assert!((20..120).contains(&overdue), "{overdue}");
        assert_eq!(answers.overdue(ms(3000)), None);
    }

    #[test]
    fn without_any_answer_little_is_sent() {
        let mut answers = Answers::default();
        answers.sent(ms(1000));
        assert_eq!([1149, 1150].map(|at| answers.overdue(ms(at)).is_some()), [false, true]);
    }
}
