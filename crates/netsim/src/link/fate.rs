//! The second step of a link: what chance does to a packet that has left the queue.
//!
//! Owns the dice. Each kind of mishap has dice of its own, thrown once for every packet whatever is
//! configured, so that turning one knob leaves what the others do to the n-th packet as it was.

use crate::config::{Jitter, LinkConfig, Loss, Reorder};
use crate::dice::Dice;
use crate::share::PerMille;
use crate::time::{Time, micros};
use std::time::Duration;

/// What becomes of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It never arrives.
    Lost,
    /// It does.
    Arrives {
        /// On top of the delay; others behind it wait too.
        jitter: Duration,
        /// On top of that; others overtake.
        held_back: Duration,
        /// Whether it arrives a second time.
        twice: bool,
    },
}

/// Chance, with what it remembers from packet to packet.
#[derive(Debug)]
pub(super) struct Fates {
    loss: Dice,
    jitter: Dice,
    reorder: Dice,
    duplicate: Dice,
    /// Gilbert's bad state.
    in_burst: bool,
    /// What [`Jitter::Steps`] adds, and until when.
    step: (Duration, Time),
}

impl Fates {
    pub(super) fn new(seed: u64) -> Self {
        let mut seeds = Dice::new(seed);
        Self {
            loss: Dice::new(seeds.throw()),
            jitter: Dice::new(seeds.throw()),
            reorder: Dice::new(seeds.throw()),
            duplicate: Dice::new(seeds.throw()),
            in_burst: false,
            step: (Duration::ZERO, Time::ZERO),
        }
    }

    /// Of a packet that leaves the queue at this time.
    pub(super) fn next(&mut self, config: &LinkConfig, at: Time) -> Fate {
        let lost = self.is_lost(config.loss);
        let jitter = self.extra(config.jitter, at);
        let held_back = falls(&mut self.reorder, config.reorder.share);
        let twice = falls(&mut self.duplicate, config.duplicate);
        if lost {
            return Fate::Lost;
        }
        let Reorder { by, .. } = config.reorder;
        Fate::Arrives { jitter, held_back: if held_back { by } else { Duration::ZERO }, twice }
    }

    /// With one throw.
    fn is_lost(&mut self, loss: Loss) -> bool {
        let Loss::Burst { share, mean_len } = loss else {
            self.in_burst = false;
            let share = if let Loss::Random(share) = loss { share } else { PerMille::NONE };
            return falls(&mut self.loss, share);
        };
        // A burst ends after each packet with 1 / mean_len, so lasts mean_len on average; it begins with
        // what makes `share` of the time bad: share / (1 - share) / mean_len.
        let (share, mean_len) = (u64::from(share.get()), u64::from(mean_len.max(1)));
        let goes_on = self.loss.below(mean_len * 1000);
        self.in_burst = if share == 1000 {
            true
        } else if self.in_burst {
            goes_on >= 1000
        } else {
            // goes_on / (mean_len × 1000) < share / ((1000 - share) × mean_len)
            goes_on * (1000 - share) < share * 1000
        };
        self.in_burst
    }

    /// With one throw.
    fn extra(&mut self, jitter: Jitter, at: Time) -> Duration {
        let at_most = match jitter {
            Jitter::None => Duration::ZERO,
            Jitter::Uniform(at_most) | Jitter::Steps { at_most, .. } => at_most,
        };
        let extra = Duration::from_micros(self.jitter.below(micros(at_most).saturating_add(1)));
        let Jitter::Steps { every, .. } = jitter else { return extra };
        if at >= self.step.1 {
            self.step = (extra, at + every);
        }
        // A smaller `at_most` set meanwhile holds at once.
        self.step.0.min(at_most)
    }
}

fn falls(dice: &mut Dice, share: PerMille) -> bool {
    dice.falls(u64::from(share.get()), 1000)
}
