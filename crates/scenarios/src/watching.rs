//! What a viewer saw between two moments, in figures.

use crate::screen::{Screen, Shown};
use forward::Time;
use std::time::Duration;

/// How far back the average is taken that a freeze is measured by (W3C webrtc-stats, `freezeCount`).
const AVERAGED: usize = 30;

/// How often and how long the picture stood still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freezes {
    pub count: u32,
    pub total: Duration,
    pub longest: Duration,
}

impl Screen {
    fn between(&self, from: Time, to: Time) -> impl Iterator<Item = &Shown> {
        self.shown.iter().filter(move |shown| (from..to).contains(&shown.at))
    }

    /// Frames shown.
    pub fn frames(&self, from: Time, to: Time) -> usize {
        self.between(from, to).count()
    }

    /// Frames a second.
    pub fn frame_rate(&self, from: Time, to: Time) -> f64 {
        count(self.frames(from, to)) / to.since(from).as_secs_f64()
    }

    /// Of the frames that were captured, how many were shown, in percent.
    pub fn decoded(&self, from: Time, to: Time) -> f64 {
        100.0 * self.frame_rate(from, to) / 30.0
    }

    /// The part of the frames that were of one encoding.
    pub fn share_of(&self, encoding: u8, from: Time, to: Time) -> f64 {
        let of = self.between(from, to).filter(|shown| shown.name.encoding == encoding).count();
        count(of) / count(self.frames(from, to).max(1))
    }

    /// When a frame like this was first shown after a moment.
    pub fn first(&self, after: Time, like: impl Fn(&Shown) -> bool) -> Option<Time> {
        self.shown.iter().find(|shown| shown.at >= after && like(shown)).map(|shown| shown.at)
    }

    /// From when on an encoding was shown and nothing else until `to`.
    pub fn settled(&self, encoding: u8, to: Time) -> Option<Time> {
        let before: Vec<&Shown> = self.shown.iter().filter(|shown| shown.at < to).collect();
        let kept = before.iter().rev().take_while(|shown| shown.name.encoding == encoding);
        kept.last().map(|shown| shown.at)
    }

    /// Freezes as W3C webrtc-stats defines them: a frame that comes later than three times the average frame
    /// duration, and than 150 ms more than that. The end counts as a frame.
    pub fn freezes(&self, from: Time, to: Time) -> Freezes {
        let mut freezes = Freezes::default();
        let mut last = from;
        let mut recent: Vec<Duration> = vec![];
        let ends = self.between(from, to).map(|shown| shown.at).chain([to]);
        for at in ends {
            let gap = at.since(last);
            let many = u32::try_from(recent.len()).unwrap_or(1).max(1);
            let average = recent.iter().sum::<Duration>() / many;
            if gap > (average * 3).max(average + Duration::from_millis(150)) {
                freezes.count += 1;
                freezes.total += gap;
                freezes.longest = freezes.longest.max(gap);
            }
            if recent.len() >= AVERAGED {
                recent.remove(0);
            }
            recent.push(gap);
            last = at;
        }
        freezes
    }
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts of a scenario are far below 2⁵³")]
pub fn count(number: usize) -> f64 {
    number as f64
}
