//! The rate: multiplicative and additive increase, multiplicative decrease
//! (draft-ietf-rmcat-gcc-02 §5.5, libwebrtc's `AimdRateControl`).
//!
//! Owns the rate and how it moves; when it moves is `estimator`'s.

use super::capacity::{Capacity, Position};
use super::{MAX_RATE, MIN_RATE};
use crate::bitrate::Bitrate;
use crate::time::Time;
use std::time::Duration;

/// Of what was delivered, so many thousandths are left after overuse (β).
const DECREASE: u64 = 850;

/// The same where delay jumps about and nearly all that is sent arrives: overuse is often a false alarm.
const NOISY_DECREASE: u64 = 970;

/// The same at least, as long as the queue is short: had the path lost more, it would be long already, and
/// what was delivered says little of a source that has just begun to send more.
const SHORT_DECREASE: u64 = 700;

/// Growth far from the capacity, in thousandths a second (η).
const GROWTH: u64 = 80;

/// Least growth, per second.
const LEAST_GROWTH: Bitrate = Bitrate::kbit(4);

/// Growth near the capacity is a packet of this many bytes per response time, which is the round trip
/// and as much again as detection takes; at a low rate, a frame of this length, which is smaller
/// (`GetNearMaxIncreaseRateBpsPerSecond`).
const PACKET: u64 = 1200;
const FRAME: Duration = Duration::from_micros(33_333);
const DETECTION: Duration = Duration::from_millis(100);

/// A source that sends less than so many thousandths of the rate tests nothing: it is limited by itself.
const APPLICATION_LIMITED: u64 = 800;

/// Between decreases the path needs a round trip, within these, and a feedback interval to show the first.
const ROUND_TRIP: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));
const FEEDBACK: Duration = Duration::from_millis(50);

/// Delivered at so many thousandths of what is sent, all is taken to arrive.
const ARRIVING: u64 = 900;

/// A path found full within this is one whose end is known.
const LATELY: Duration = Duration::from_secs(30);

/// What is known of the flow when the rate moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    /// Delivered of late.
    pub acknowledged: Option<Bitrate>,
    /// Sent of late.
    pub sent: Bitrate,
    pub rtt: Duration,
    /// Delay jumps about.
    pub noisy: bool,
    /// The queue is short.
    pub short: bool,
    /// Answers were overdue of late: if little is sent, that is why.
    pub held_back: bool,
}

impl Flow {
    /// Whether the source, not the path, is what limits it to less than `rate`.
    pub fn is_application_limited(&self, rate: Bitrate) -> bool {
        self.sent < rate.permille(APPLICATION_LIMITED)
    }
}

/// The rate.
#[derive(Debug)]
pub(crate) struct Control {
    rate: Bitrate,
    capacity: Capacity,
    updated: Time,
    decreased: Option<Time>,
    /// When the path was last found full.
    full: Option<Time>,
}

impl Control {
    pub fn new(rate: Bitrate, now: Time) -> Self {
        Self {
            rate: rate.clamp(MIN_RATE, MAX_RATE),
            capacity: Capacity::default(),
            updated: now,
            decreased: None,
            full: None,
        }
    }

    pub fn rate(&self) -> Bitrate {
        self.rate
    }

    /// Whether the path was found full of late.
    pub fn was_full(&self, now: Time) -> bool {
        self.full.is_some_and(|full| now.since(full) < LATELY)
    }

    /// Time since the last decrease.
    pub fn settled(&self, now: Time) -> Duration {
        self.decreased.map_or(Duration::MAX, |decreased| now.since(decreased))
    }

    /// Whether the last decrease has had time to show.
    pub fn may_decrease(&self, flow: &Flow, now: Time) -> bool {
        self.settled(now) >= flow.rtt.clamp(ROUND_TRIP.0, ROUND_TRIP.1) + FEEDBACK
    }

    /// Nothing to be learnt now.
    pub fn hold(&mut self, now: Time) {
        self.updated = now;
    }

    /// The path is full: less than it delivers, so that the queue drains. True if the rate fell.
    pub fn overused(&mut self, flow: &Flow, now: Time) -> bool {
        self.hold(now);
        let delivered = flow.acknowledged.unwrap_or(self.rate);
        let limited = flow.is_application_limited(self.rate) && !flow.held_back;
        let far_off = !limited && delivered < self.rate.permille(500);
        if !far_off && !self.may_decrease(flow, now) {
            return false;
        }
        // All that a limited source sends arrives: the path is at its end for somebody, but not at so
        // little as this source's rate.
        let arriving = delivered >= flow.sent.permille(ARRIVING);
        let passing = arriving && limited;
        let noisy = arriving && flow.noisy;
        let full = if passing || noisy { self.rate } else { delivered.min(self.rate) };
        if !passing && !noisy {
            self.capacity.full_at(delivered);
            self.full = Some(now);
        }
        let to = full.permille(if noisy { NOISY_DECREASE } else { DECREASE });
        let least = if flow.short { self.rate.permille(SHORT_DECREASE) } else { MIN_RATE };
        self.reduce_to(to.max(least), now);
        true
    }

    /// Down to `rate`, for another reason than delay.
    pub fn reduce_to(&mut self, rate: Bitrate, now: Time) {
        self.rate = self.rate.min(rate).max(MIN_RATE);
        self.updated = now;
        self.decreased = Some(now);
    }

    /// A probe has shown that the path carries `rate`.
    pub fn raise_to(&mut self, rate: Bitrate) {
        if rate > self.rate {
            if self.capacity.position(rate) == Position::Above {
                self.capacity.forget();
            }
            self.rate = rate.min(MAX_RATE);
        }
    }

    /// The path is not full, as far as this source tests it.
    pub fn increase(&mut self, flow: &Flow, now: Time) {
        let passed = now.since(self.updated).min(Duration::from_secs(1));
        self.updated = now;
        let Some(delivered) = flow.acknowledged else { return };
        if flow.is_application_limited(self.rate) {
            return;
        }
        if self.capacity.position(delivered) == Position::Above {
            self.capacity.forget();
        }
        let growth = match self.capacity.position(self.rate) {
            Position::Below => self.rate.permille(GROWTH),
            Position::Near | Position::Above => {
                Bitrate::of(PACKET.min(self.rate.bytes_in(FRAME)), flow.rtt + DETECTION)
            }
        };
        let growth = growth.max(LEAST_GROWTH).permille(u64::try_from(passed.as_millis()).unwrap_or(0));
        // §5.5: not far beyond what has been delivered.
        let most = (delivered.permille(1500) + Bitrate::kbit(10)).min(MAX_RATE);
        self.rate = self.rate.max(most.min(self.rate + growth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(100);

    fn flow(sent: u64, acknowledged: u64) -> Flow {
        Flow {
            acknowledged: Some(Bitrate::kbit(acknowledged)),
            sent: Bitrate::kbit(sent),
            rtt: RTT,
            noisy: false,
            held_back: false,
            short: false,
        }
    }

    fn control(kbit: u64) -> Control {
        Control::new(Bitrate::kbit(kbit), Time(0))
    }

    fn after(mut control: Control, seconds: u64, flow: &Flow) -> u64 {
        let start = control.updated.0;
        for step in 1..=seconds * 20 {
            control.increase(flow, Time(start + step * 50_000));
        }
        control.rate().0 / 1000
    }

    #[test]
    fn grows_fast_far_from_the_capacity_and_slowly_near_it() {
        assert_eq!(after(control(1000), 1, &flow(1000, 1000)), 1083);
        let mut near = control(1100);
        near.capacity.full_at(Bitrate::kbit(1100));
        assert_eq!(after(near, 1, &flow(1100, 1100)), 1148);
    }

    #[test]
    fn does_not_grow_without_evidence() {
        assert_eq!(after(control(1000), 9, &flow(700, 700)), 1000, "application-limited");
        assert_eq!(after(control(1000), 9, &flow(1000, 700)), 1060, "one and a half of what arrives");
        assert_eq!(after(control(1000), 9, &Flow { acknowledged: None, ..flow(1000, 0) }), 1000);
    }

    #[test]
    fn overuse_leaves_most_of_what_is_delivered_and_then_waits() {
        let mut control = control(1000);
        assert!(control.overused(&flow(1000, 800), Time(1_000_000)));
        assert_eq!(control.rate(), Bitrate::kbit(680));
        assert!(!control.overused(&flow(1000, 600), Time(1_100_000)));
        assert!(control.overused(&flow(1000, 300), Time(1_100_000)), "far off");
        assert_eq!(control.rate(), Bitrate::kbit(255));
    }

    #[test]
    fn a_limited_source_whose_packets_arrive_does_not_fall_to_its_own_rate() {
        let mut control = control(1000);
        assert!(control.overused(&flow(100, 98), Time(1_000_000)));
        assert_eq!(control.rate(), Bitrate::kbit(850));
        assert!(control.overused(&flow(100, 50), Time(2_000_000)), "unless they do not");
        assert_eq!(control.rate(), Bitrate(42_500));
    }

    #[test]
    fn where_delay_jumps_about_overuse_takes_little_unless_less_arrives() {
        let noisy = |acknowledged| Flow { noisy: true, ..flow(1000, acknowledged) };
        for (acknowledged, expect) in [(950, 970), (800, 680)] {
            let mut control = control(1000);
            assert!(control.overused(&noisy(acknowledged), Time(1_000_000)));
            assert_eq!(control.rate(), Bitrate::kbit(expect));
        }
    }

    #[test]
    fn a_short_queue_takes_no_more_than_a_part() {
        let mut control = control(1000);
        assert!(control.overused(&Flow { short: true, ..flow(1000, 300) }, Time(1_000_000)));
        assert_eq!(control.rate(), Bitrate::kbit(700));
    }

    #[test]
    fn who_is_held_back_is_not_limited_by_itself() {
        let mut control = control(1000);
        assert!(control.overused(&Flow { held_back: true, ..flow(100, 98) }, Time(1_000_000)));
        assert_eq!(control.rate(), Bitrate(83_300));
    }

    #[test]
    fn grows_by_small_frames_at_a_low_rate() {
        let mut low = control(80);
        low.capacity.full_at(Bitrate::kbit(80));
        assert!((80..100).contains(&after(low, 1, &flow(80, 80))));
    }

    #[test]
    fn stays_within_its_bounds() {
        let mut control = control(10);
        assert_eq!(control.rate(), MIN_RATE);
        control.raise_to(Bitrate(u64::MAX));
        assert_eq!(control.rate(), MAX_RATE);
        control.reduce_to(Bitrate::ZERO, Time(0));
        assert_eq!(control.rate(), MIN_RATE);
    }
}
