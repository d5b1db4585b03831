//! Arrivals gathered into the groups they were sent in, and how the delay changes from group to group
//! (draft-ietf-rmcat-gcc-02 §5.2).
//!
//! Owns the pre-filter only; `trendline` smooths what comes out. Arrival times are on the receiver's
//! clock, whose start is unknown, so only differences of them mean anything.

use crate::time::Time;
use std::time::Duration;

/// Packets sent within this are one group (`burst_time`).
const BURST: Duration = Duration::from_millis(5);

/// A run that arrives at once, having waited together, is one group up to this long.
const LONGEST_BURST: Duration = Duration::from_millis(100);

/// Groups arriving before the one sent before them, after which the older ones are not to be trusted.
const REORDERED: u8 = 3;

/// A jump of the receiver's clock against ours past which nothing before it can be compared.
const JUMP_MICROS: i64 = 3_000_000;

/// From one group to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Gradient {
    /// Change of one-way delay, in milliseconds: arrival spacing less send spacing.
    pub delay: f64,
    /// Send spacing, in milliseconds.
    pub sent: f64,
    /// When the later group was complete.
    pub arrival: Time,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: Time,
    last_sent: Time,
    first_arrival: Time,
    last_arrival: Time,
}

impl Group {
    fn of(sent: Time, arrival: Time) -> Self {
        Self { first_sent: sent, last_sent: sent, first_arrival: arrival, last_arrival: arrival }
    }

    /// Whether the packet is of this group: sent with it, or sent later but held up and let go with it
    /// (§5.2's pre-filtering).
    fn holds(&self, sent: Time, arrival: Time) -> bool {
        if sent.since(self.first_sent) <= BURST {
            return true;
        }
        let sent_later = difference(sent, self.last_sent);
        let arrived_later = difference(arrival, self.last_arrival);
        arrived_later < sent_later
            && arrival.since(self.last_arrival) <= BURST
            && arrival.since(self.first_arrival) < LONGEST_BURST
    }
}

/// The group under way and the one before it.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    current: Option<Group>,
    previous: Option<Group>,
    reordered: u8,
}

impl Groups {
    /// A packet that arrived. Gives a gradient when the packet begins a group and two are complete.
    pub fn add(&mut self, sent: Time, arrival: Time) -> Option<Gradient> {
        let Some(current) = &mut self.current else {
            self.current = Some(Group::of(sent, arrival));
            return None;
        };
        if sent < current.first_sent {
            return None; // overtaken: its group is closed
        }
        if current.holds(sent, arrival) {
            current.last_sent = current.last_sent.max(sent);
            current.last_arrival = current.last_arrival.max(arrival);
            return None;
        }
        let complete = *current;
        let previous = self.previous.replace(complete);
        self.current = Some(Group::of(sent, arrival));
        let previous = previous?;
        let sent_spacing = difference(complete.last_sent, previous.last_sent);
        let spacing = difference(complete.last_arrival, previous.last_arrival);
        if (spacing - sent_spacing).abs() >= JUMP_MICROS {
            *self = Self::default();
            return None;
        }
        if spacing < 0 {
            self.reordered += 1;
            if self.reordered >= REORDERED {
                *self = Self::default();
            }
            return None;
        }
        self.reordered = 0;
        Some(Gradient {
            delay: millis(spacing - sent_spacing),
            sent: millis(sent_spacing),
            arrival: complete.last_arrival,
        })
    }
}

/// Microseconds from `earlier` to `later`, negative if it is the other way round.
pub(crate) fn difference(later: Time, earlier: Time) -> i64 {
    later.0.checked_signed_diff(earlier.0).unwrap_or(i64::MAX)
}

/// Microseconds as milliseconds; past half an hour they stay there.
pub(crate) fn millis(micros: i64) -> f64 {
    let bound = i64::from(i32::MAX);
    f64::from(i32::try_from(micros.clamp(-bound, bound)).unwrap_or(0)) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradients(packets: &[(u64, u64)]) -> Vec<(f64, f64)> {
        let mut groups = Groups::default();
        let found = packets.iter().filter_map(|(sent, arrival)| {
            groups
                .add(Time(sent * 1000), Time(arrival * 1000))
                .map(|gradient| (gradient.sent, gradient.delay))
        });
        found.collect()
    }

    #[test]
    fn delay_is_compared_between_bursts() {
        let bursts = [(0, 100), (2, 102), (20, 120), (24, 131), (40, 147), (60, 160), (80, 180)];
        assert_eq!(gradients(&bursts), [(22.0, 7.0), (16.0, 0.0), (20.0, -7.0)]);
    }

    #[test]
    fn what_was_held_up_and_let_go_at_once_is_one_group() {
        let held = [(0, 100), (10, 180), (20, 181), (30, 182), (40, 183), (60, 203), (80, 223)];
        assert_eq!(gradients(&held), [(40.0, 43.0), (20.0, 0.0)]);
    }

    #[test]
    fn overtaken_packets_and_jumps_of_the_clock_are_passed_over() {
        assert_eq!(
            gradients(&[(0, 100), (20, 120), (0, 125), (40, 140), (60, 160)]),
            [(20.0, 0.0), (20.0, 0.0)]
        );
        let jump = [(0, 100), (20, 9_120), (40, 9_140), (60, 9_160), (80, 9_180), (100, 9_200)];
        assert_eq!(gradients(&jump), [(20.0, 0.0)]);
    }
}
