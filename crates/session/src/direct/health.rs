//! Whether a direct path has become poor, by what comes on it: nothing for a while, or with much loss for longer.

use crate::Now;
use core::time::Duration;

/// Nothing came for so long, though something is sent.
const SILENCE: Duration = Duration::from_secs(1);
/// Of a thousand packets so many are missed.
const LOSSY: u32 = 100;
/// For so long.
const LOSSY_FOR: Duration = Duration::from_secs(4);
/// Of fewer packets nothing is concluded.
const ENOUGH: u32 = 10;

/// What came lately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Health {
    /// When something came last, or was first to be expected.
    heard_at: Now,
    lossy_since: Option<Now>,
}

impl Health {
    pub(crate) fn new(now: Now) -> Self {
        Self { heard_at: now, lossy_since: None }
    }

    /// From now on something is to be expected.
    pub(crate) fn expect_from(&mut self, now: Now) {
        self.heard_at = self.heard_at.max(now);
    }

    /// So much came since this was told last; whether the path is poor.
    pub(crate) fn take(&mut self, packets: u32, lost: u32, is_sent_something: bool, now: Now) -> bool {
        if packets > 0 || !is_sent_something {
            self.heard_at = now;
        }
        let all = packets.saturating_add(lost);
        if all >= ENOUGH {
            let lossy = lost.saturating_mul(1000) >= all.saturating_mul(LOSSY);
            self.lossy_since = lossy.then(|| self.lossy_since.unwrap_or(now));
        }
        let over = |since: Now, limit| now.saturating_sub(since) >= limit;
        over(self.heard_at, SILENCE) || self.lossy_since.is_some_and(|since| over(since, LOSSY_FOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of samples half a second apart, the first that is judged poor.
    fn poor_at(samples: &[(u32, u32, bool)]) -> Option<usize> {
        let mut health = Health::new(Now::ZERO);
        let mut now = Now::ZERO;
        samples.iter().position(|(packets, lost, sent)| {
            now += Duration::from_millis(500);
            health.take(*packets, *lost, *sent, now)
        })
    }

    #[test]
    fn silence_where_something_is_sent_is_poor() {
        assert_eq!(poor_at(&[(50, 0, true), (0, 0, true), (0, 0, true)]), Some(2));
        assert_eq!(poor_at(&[(50, 0, true), (0, 0, true), (1, 0, true), (0, 0, true)]), None);
        assert_eq!(poor_at(&[(50, 0, true), (0, 0, false), (0, 0, false), (0, 0, true)]), None);
    }

    #[test]
    fn loss_is_poor_when_it_lasts() {
        let (lossy, fine, few) = ((90, 10, true), (100, 9, true), (2, 2, true));
        assert_eq!(poor_at(&[lossy; 12]), Some(8));
        assert_eq!(poor_at(&[fine; 40]), None);
        assert_eq!(poor_at(&[few; 40]), None);
        let now_and_then: Vec<_> = [lossy, lossy, lossy, fine].repeat(10);
        assert_eq!(poor_at(&now_and_then), None);
    }
}
