//! The trend of one-way delay: a line through the last groups' smoothed delays, in place of the Kalman
//! filter of draft-ietf-rmcat-gcc-02 §5.3 (libwebrtc's `TrendlineEstimator`).
//!
//! Owns smoothing and the fit. What trend is too much is `detector`'s.

use super::groups::{Gradient, millis};
use crate::time::Time;

/// Groups the line goes through.
const WINDOW: usize = 20;

/// How much of the smoothed delay is kept at each group.
const SMOOTHING: f64 = 0.9;

/// The trend counts by how many groups it rests on, up to this many.
const MOST_GROUPS: u32 = 60;

#[derive(Clone, Copy, Debug, Default)]
struct Point {
    /// Arrival since the first group's, ms.
    at: f64,
    /// Smoothed delay since the first group, ms.
    delay: f64,
}

/// A ring of points.
#[derive(Debug, Default)]
pub(crate) struct Trendline {
    points: [Point; WINDOW],
    groups: u32,
    first: Option<Time>,
    delay: f64,
    smoothed: f64,
}

impl Trendline {
    /// Takes a group. Gives the slope times how many groups stand behind it, once the window is full.
    pub fn update(&mut self, gradient: Gradient) -> Option<f64> {
        let first = *self.first.get_or_insert(gradient.arrival);
        self.delay += gradient.delay;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        let place = usize::try_from(self.groups).unwrap_or(0) % WINDOW;
        if let Some(point) = self.points.get_mut(place) {
            let at = millis(super::groups::difference(gradient.arrival, first));
            *point = Point { at, delay: self.smoothed };
        }
        self.groups = self.groups.saturating_add(1);
        let full = usize::try_from(self.groups).unwrap_or(usize::MAX) >= WINDOW;
        let trend = full.then(|| self.slope()).flatten()?;
        Some(trend * f64::from(self.groups.min(MOST_GROUPS)))
    }

    /// Least squares: milliseconds of delay per millisecond.
    fn slope(&self) -> Option<f64> {
        let count = f64::from(u32::try_from(WINDOW).ok()?);
        let mean_at = self.points.iter().map(|point| point.at).sum::<f64>() / count;
        let mean_delay = self.points.iter().map(|point| point.delay).sum::<f64>() / count;
        let (mut above, mut below) = (0.0, 0.0);
        for point in &self.points {
            let at = point.at - mean_at;
            above += at * (point.delay - mean_delay);
            below += at * at;
        }
        (below > 0.0).then(|| above / below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(delay: f64) -> f64 {
        let mut trendline = Trendline::default();
        let trends = (1..=100).filter_map(|group| {
            trendline.update(Gradient { delay, sent: 10.0, arrival: Time(group * 10_000) })
        });
        trends.last().unwrap()
    }

    #[test]
    fn a_steady_delay_has_none_and_a_growing_one_has_its_slope() {
        assert!(trend(0.0).abs() < 1e-9);
        assert!((trend(1.0) - 6.0).abs() < 0.1, "{}", trend(1.0));
        assert!((trend(-1.0) + 6.0).abs() < 0.1);
    }

    #[test]
    fn says_nothing_before_the_window_is_full() {
        let mut trendline = Trendline::default();
        for group in 1..20 {
            assert_eq!(
                trendline.update(Gradient { delay: 9.0, sent: 1.0, arrival: Time(group * 9000) }),
                None
            );
        }
    }
}
