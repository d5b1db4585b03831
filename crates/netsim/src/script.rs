//! A link over time. Owns the steps; `Link::scripted` follows them.

use crate::config::LinkConfig;
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// What a link is like from when on, so that a scenario reads as a table:
///
/// ```
/// # use netsim::{Link, LinkConfig, Rate, Script};
/// # use std::time::Duration;
/// let at = |kbps| LinkConfig { rate: Some(Rate::kbps(kbps)), ..LinkConfig::PERFECT };
/// let script = Script::new([
///     (Duration::from_secs(0), at(2000)),
///     (Duration::from_secs(10), at(300)),
///     (Duration::from_secs(20), at(2000)),
/// ]);
/// let link: Link<u32> = Link::scripted(&script, 1);
/// # let _ = link;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// In order of time.
    steps: Vec<(Time, LinkConfig)>,
}

impl Script {
    /// Each step holds from its time since the start until the next one. Of two steps at one time, the
    /// later in the list holds. Before the first, the link is [perfect](LinkConfig::PERFECT).
    pub fn new(steps: impl IntoIterator<Item = (Duration, LinkConfig)>) -> Self {
        let mut steps: Vec<_> =
            steps.into_iter().map(|(since_start, config)| (Time::ZERO + since_start, config)).collect();
        steps.sort_by_key(|(at, _)| *at);
        Self { steps }
    }

    /// What holds at this time.
    pub fn at(&self, time: Time) -> LinkConfig {
        let begun = self.steps.iter().take_while(|(at, _)| *at <= time);
        begun.last().map_or(LinkConfig::PERFECT, |(_, config)| *config)
    }

    /// The steps, the first first.
    pub(crate) fn steps(&self) -> VecDeque<(Time, LinkConfig)> {
        self.steps.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::Rate;

    #[test]
    fn a_step_holds_until_the_next() {
        let at = |kbps| LinkConfig { rate: Some(Rate::kbps(kbps)), ..LinkConfig::PERFECT };
        let seconds = Duration::from_secs;
        let script = Script::new([
            (seconds(2), at(200)),
            (seconds(1), at(100)),
            (seconds(3), at(1)),
            (seconds(3), at(300)),
        ]);
        let rates = [0, 1, 2, 3, 9].map(|secs| script.at(Time::from_secs(secs)).rate);
        let kbps = |kbps| Some(Rate::kbps(kbps));
        assert_eq!(rates, [None, kbps(100), kbps(200), kbps(300), kbps(300)]);
    }
}
