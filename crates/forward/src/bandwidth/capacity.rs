//! What the path carried each time it was full (libwebrtc's `LinkCapacityEstimator`; the average of
//! draft-ietf-rmcat-gcc-02 §5.5).
//!
//! Owns average and spread. Near it the rate grows slowly, away from it fast.

use crate::bitrate::Bitrate;

/// Weight of a new sample.
const WEIGHT: f64 = 0.05;

/// Bounds of the variance, as a part of the average, both in kbit/s.
const VARIANCE: (f64, f64) = (0.4, 2.5);

/// Deviations that are still near.
const NEAR: f64 = 3.0;

#[derive(Clone, Copy, Debug)]
struct Estimate {
    /// kbit/s.
    mean: f64,
    variance: f64,
}

impl Estimate {
    /// How far from the average is near, in kbit/s.
    fn near(self) -> f64 {
        NEAR * (self.variance * self.mean).sqrt()
    }
}

/// The capacity, if the path was ever full.
#[derive(Debug, Default)]
pub(crate) struct Capacity(Option<Estimate>);

/// A rate below so much of the average is far from it.
const FAR: f64 = 0.6;

/// Where a rate lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// Or nothing is known.
    Below,
    Near,
    Above,
}

impl Capacity {
    /// The path was full and delivered this.
    pub fn full_at(&mut self, delivered: Bitrate) {
        let sample = delivered.in_kbit();
        // Another path, or another load on it.
        self.0 = self.0.filter(|estimate| (sample - estimate.mean).abs() <= estimate.near());
        let Some(estimate) = &mut self.0 else {
            self.0 = Some(Estimate { mean: sample, variance: VARIANCE.0 });
            return;
        };
        estimate.mean += WEIGHT * (sample - estimate.mean);
        let error = estimate.mean - sample;
        let variance = (1.0 - WEIGHT) * estimate.variance + WEIGHT * error * error / estimate.mean.max(1.0);
        estimate.variance = variance.clamp(VARIANCE.0, VARIANCE.1);
    }

    /// Where `rate` lies against it.
    pub fn position(&self, rate: Bitrate) -> Position {
        let Some(estimate) = self.0 else { return Position::Below };
        let mean = estimate.mean;
        match rate.in_kbit() {
            rate if rate < mean * FAR => Position::Below,
            rate if rate > mean + estimate.near() => Position::Above,
            _ => Position::Near,
        }
    }

    /// The path carries more than it did.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_a_few_deviations_about_the_mean() {
        let mut capacity = Capacity::default();
        assert_eq!(capacity.position(Bitrate::kbit(9)), Position::Below);
        capacity.full_at(Bitrate::kbit(1000));
        capacity.full_at(Bitrate::kbit(1020));
        for (kbit, position) in
            [(500, Position::Below), (900, Position::Near), (1000, Position::Near), (1100, Position::Above)]
        {
            assert_eq!(capacity.position(Bitrate::kbit(kbit)), position, "{kbit}");
        }
        capacity.full_at(Bitrate::kbit(100));
        assert_eq!(capacity.position(Bitrate::kbit(100)), Position::Near);
    }
}
