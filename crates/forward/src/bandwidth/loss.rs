//! What loss says of the path, in place of draft-ietf-rmcat-gcc-02 §6.
//!
//! Owns counting and the verdict. The draft decreases by loss above 10 % and holds above 2 % whatever the
//! cause, which starves a path that loses at random. Here loss is congestion when a queue stands as well.
//! Without one it may be a policer or a radio, and these answer differently to sending less: a policer
//! then loses less, a radio does not, and what it loses is set down as the path's own.

use crate::bitrate::Bitrate;
use crate::ids::Seq64;
use crate::time::Time;
use std::time::Duration;

/// Loss beyond the path's own, in thousandths: below the first the rate may grow, above the second it
/// falls (§6's 2 % and 10 %).
const LOW: u32 = 20;
const HIGH: u32 = 100;

/// No path is taken to lose more than this of itself.
const MOST_INHERENT: u32 = 300;

/// How long and over how many packets loss is counted before it is judged: with a standing queue, and
/// without, when a few packets lost at random must not weigh much. After the last, a few must do.
const CONGESTED: (Duration, u32) = (Duration::from_millis(200), 20);
const CLEAR: (Duration, u32) = (Duration::from_millis(600), 40);
const PATIENCE: (Duration, u32) = (Duration::from_secs(2), 5);

const BUCKETS: usize = 8;
const BUCKET: Duration = Duration::from_millis(125);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    lost: u32,
    total: u32,
}

impl Count {
    fn permille(self) -> u32 {
        (u64::from(self.lost) * 1000)
            .checked_div(u64::from(self.total))
            .map_or(0, |permille| u32::try_from(permille).unwrap_or(1000))
    }

    fn add(&mut self, lost: bool) {
        self.total = self.total.saturating_add(1);
        self.lost = self.lost.saturating_add(u32::from(lost));
    }

    /// A packet counted as lost was not.
    fn take_back(&mut self) {
        self.lost = self.lost.saturating_sub(1);
    }
}

/// What to do about loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verdict {
    #[default]
    Fine,
    /// Some: the rate grows only if no queue stands.
    Some,
    /// Much. Said once for each count.
    Heavy,
}

/// What was measured when the rate was last lowered for loss without a queue.
#[derive(Clone, Copy, Debug)]
struct Trial {
    loss: u32,
    sent: Bitrate,
}

/// Loss of the last second, and of the count under way.
#[derive(Debug, Default)]
pub(crate) struct Loss {
    second: [Count; BUCKETS],
    bucket: u64,
    count: Count,
    /// The count's first packet: those sent before the rate was last lowered tell nothing of the new one.
    from: Seq64,
    began: Time,
    verdict: Verdict,
    inherent: u32,
    trial: Option<Trial>,
}

impl Loss {
    pub fn arrived(&mut self, seq: Seq64, now: Time) {
        self.add(seq, false, now);
    }

    pub fn lost(&mut self, seq: Seq64, now: Time) {
        self.add(seq, true, now);
    }

    pub fn arrived_after_all(&mut self) {
        self.count.take_back();
        if let Some(newest) = self.second.get_mut(place(self.bucket)) {
            newest.take_back();
        }
    }

    fn add(&mut self, seq: Seq64, lost: bool, now: Time) {
        let bucket = now.0 / u64::try_from(BUCKET.as_micros()).unwrap_or(1);
        if bucket > self.bucket {
            let passed = (bucket - self.bucket).min(place_count());
            for step in 0..passed {
                if let Some(old) = self.second.get_mut(place(bucket - step)) {
                    *old = Count::default();
                }
            }
            self.bucket = bucket;
        }
        if let Some(newest) = self.second.get_mut(place(self.bucket)) {
            newest.add(lost);
        }
        if seq >= self.from {
            self.count.add(lost);
        }
    }

    /// Of the packets of the last second that were reported, so many thousandths did not arrive.
    pub fn permille(&self) -> u32 {
        let sum = self.second.iter().fold(Count::default(), |sum, count| Count {
            lost: sum.lost.saturating_add(count.lost),
            total: sum.total.saturating_add(count.total),
        });
        sum.permille()
    }

    /// Judges, when enough has been counted; until then the last verdict stands, except
    /// [`Verdict::Heavy`]. `sent` is the rate being sent, `queue` whether a queue stands.
    pub fn judge(&mut self, queue: bool, sent: Bitrate, now: Time) -> Verdict {
        let passed = now.since(self.began);
        let enough = |(time, packets): (Duration, u32)| passed >= time && self.count.total >= packets;
        if !enough(if queue { CONGESTED } else { CLEAR }) && !enough(PATIENCE) {
            return if self.verdict == Verdict::Heavy { Verdict::Some } else { self.verdict };
        }
        let loss = self.count.permille();
        self.count = Count::default();
        self.began = now;
        self.learn(loss, queue, sent);
        self.verdict = match loss.saturating_sub(self.inherent) {
            0..LOW => Verdict::Fine,
            LOW..=HIGH => Verdict::Some,
            _ => Verdict::Heavy,
        };
        if self.verdict == Verdict::Heavy && !queue {
            self.trial = Some(Trial { loss, sent });
        }
        self.verdict
    }

    /// Sets down what the path loses of itself: if less is sent than at the last trial, and loss is
    /// nearer to what it was then than to what a policer would have left of it.
    fn learn(&mut self, loss: u32, queue: bool, sent: Bitrate) {
        self.inherent = self.inherent.min(loss + LOW);
        let Some(trial) = self.trial.filter(|trial| sent <= trial.sent.permille(950)) else { return };
        self.trial = None;
        let carried = trial.sent.permille(u64::from(1000_u32.saturating_sub(trial.loss)));
        let policer = (sent - carried).0.saturating_mul(1000).checked_div(sent.0).unwrap_or(0);
        if !queue && 2 * u64::from(loss) > u64::from(trial.loss) + policer {
            self.inherent = self.inherent.max(loss.min(trial.loss).min(MOST_INHERENT));
        }
    }

    /// The rate was lowered: only packets from `next` on count.
    pub fn restart(&mut self, next: Seq64, now: Time) {
        self.count = Count::default();
        self.from = next;
        self.began = now;
    }
}

fn place_count() -> u64 {
    u64::try_from(BUCKETS).unwrap_or(1)
}

fn place(bucket: u64) -> usize {
    usize::try_from(bucket % place_count()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of a hundred packets, so many of them lost.
    fn second(loss: &mut Loss, second: u64, lost: u64, sent: Bitrate, queue: bool) -> Verdict {
        for at in 0..100 {
            let now = Time(second * 1_000_000 + at * 10_000);
            if at < lost {
                loss.lost(Seq64(0), now);
            } else {
                loss.arrived(Seq64(0), now);
            }
        }
        loss.judge(queue, sent, Time(second * 1_000_000 + 999_999))
    }

    #[test]
    fn verdicts_follow_the_drafts_bounds() {
        let mut loss = Loss::default();
        for (at, (lost, expect)) in (1..).zip([(1, Verdict::Fine), (5, Verdict::Some), (30, Verdict::Heavy)])
        {
            assert_eq!(second(&mut loss, at, lost, Bitrate::kbit(1000), true), expect);
            assert_eq!(u64::from(loss.permille()), lost * 10);
        }
        assert_eq!(loss.judge(true, Bitrate::kbit(1000), Time(4_000_000)), Verdict::Some, "heavy but once");
    }

    #[test]
    fn loss_that_stays_when_less_is_sent_is_the_paths_own() {
        let mut loss = Loss::default();
        assert_eq!(second(&mut loss, 1, 20, Bitrate::kbit(1000), false), Verdict::Heavy);
        assert_eq!(second(&mut loss, 2, 20, Bitrate::kbit(800), false), Verdict::Fine);
        assert_eq!(second(&mut loss, 3, 1, Bitrate::kbit(800), false), Verdict::Fine);
        assert_eq!(second(&mut loss, 4, 20, Bitrate::kbit(800), false), Verdict::Heavy, "forgotten");
    }

    #[test]
    fn a_policer_is_not_taken_for_a_radio() {
        let mut loss = Loss::default();
        for (at, (lost, kbit)) in (1..).zip([(90, 5000), (80, 2500), (60, 1250), (20, 625)]) {
            assert_eq!(second(&mut loss, at, lost, Bitrate::kbit(kbit), false), Verdict::Heavy);
        }
        assert_eq!(second(&mut loss, 5, 0, Bitrate::kbit(500), false), Verdict::Fine);
    }
}
