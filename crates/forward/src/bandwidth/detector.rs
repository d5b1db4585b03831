//! Whether the path is used too much: the trend against a threshold that adapts
//! (draft-ietf-rmcat-gcc-02 §5.4).
//!
//! Owns threshold and state. What follows from it is `control`'s.

use super::groups::{difference, millis};
use crate::time::Time;

/// The trend is multiplied by this before it is compared (libwebrtc's `threshold_gain`).
const GAIN: f64 = 4.0;

/// A trend must be above the threshold this long, in ms (`overuse_time_th`), over more than one group.
const OVERUSE_MILLIS: f64 = 10.0;

/// The threshold at the start and its bounds (`del_var_th`), in the unit of the multiplied trend.
const START: f64 = 12.5;
const LEAST: f64 = 6.0;
const MOST: f64 = 600.0;

/// How fast the threshold follows the trend up and down, per ms (`K_u`, `K_d`).
const UP: f64 = 0.0087;
const DOWN: f64 = 0.039;

/// A trend so far above the threshold is a spike, which the threshold does not follow.
const SPIKE: f64 = 15.0;

/// What the delay's trend says of the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Usage {
    #[default]
    Normal,
    /// The queue grows.
    Over,
    /// The queue drains.
    Under,
}

/// The detector's state.
#[derive(Debug)]
pub(crate) struct Detector {
    threshold: f64,
    usage: Usage,
    /// For how long and over how many groups the trend has been above the threshold.
    above: Option<(f64, u32)>,
    trend: f64,
    updated: Option<Time>,
}

impl Detector {
    pub fn new() -> Self {
        Self { threshold: START, usage: Usage::Normal, above: None, trend: 0.0, updated: None }
    }

    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// A new trend, `sent` ms of sending after the last, at `arrival`.
    pub fn update(&mut self, trend: f64, sent: f64, arrival: Time) {
        let trend = trend * GAIN;
        if trend > self.threshold {
            // The queue began to grow somewhere between this group and the one before: half the time.
            let (time, groups) =
                self.above.map_or((sent / 2.0, 1), |(time, groups)| (time + sent, groups + 1));
            self.above = Some((time, groups));
            if time > OVERUSE_MILLIS && groups > 1 && trend >= self.trend {
                self.above = None;
                self.usage = Usage::Over;
            }
        } else {
            self.above = None;
            self.usage = if trend < -self.threshold { Usage::Under } else { Usage::Normal };
        }
        self.trend = trend;
        self.adapt(trend.abs(), arrival);
    }

    fn adapt(&mut self, trend: f64, arrival: Time) {
        let passed =
            self.updated.map_or(0.0, |updated| millis(difference(arrival, updated)).clamp(0.0, 100.0));
        self.updated = Some(arrival);
        if trend > self.threshold + SPIKE {
            return;
        }
        let speed = if trend < self.threshold { DOWN } else { UP };
        self.threshold += speed * (trend - self.threshold) * passed;
        self.threshold = self.threshold.clamp(LEAST, MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(detector: &mut Detector, trends: impl IntoIterator<Item = f64>) -> Vec<Usage> {
        let start = detector.updated.map_or(0, |time| time.0);
        let updates = (1..).zip(trends).map(|(at, trend)| {
            detector.update(trend, 10.0, Time(start + at * 10_000));
            detector.usage()
        });
        updates.collect()
    }

    #[test]
    fn growth_must_last_and_draining_ends_it() {
        let mut detector = Detector::new();
        assert_eq!(run(&mut detector, [0.1, 5.0, 0.1]), [Usage::Normal; 3], "one spike");
        assert_eq!(run(&mut detector, [4.0, 5.0, 6.0])[1..], [Usage::Over; 2]);
        assert_eq!(run(&mut detector, [-5.0, 0.0]), [Usage::Under, Usage::Normal]);
    }

    #[test]
    fn the_threshold_rises_with_a_noisy_path_and_falls_on_a_quiet_one() {
        let mut detector = Detector::new();
        run(&mut detector, (0..200).map(|at| if at % 2 == 0 { 5.0 } else { -5.0 }));
        assert!(detector.threshold > 18.0, "{}", detector.threshold);
        run(&mut detector, [0.0; 200]);
        assert!((detector.threshold - LEAST).abs() < 0.1, "{}", detector.threshold);
    }
}
