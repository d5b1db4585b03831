//! One probe: packets sent at a chosen rate, and at what rate they arrived
//! (libwebrtc's `ProbeBitrateEstimator`).
//!
//! Owns the measurement. `prober` says when there is one and what its outcome means.

use super::flight::Sent;
use crate::bitrate::Bitrate;
use crate::time::Time;
use std::num::NonZeroU16;
use std::time::Duration;

/// Names a probe's packets; wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProbeId(pub NonZeroU16);

/// A probe the plane should send now: at least so many bytes in at least so many packets, media first,
/// then RTX or padding, leaving at `rate`. All packets that leave meanwhile count to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    pub id: ProbeId,
    pub rate: Bitrate,
    /// On the wire.
    pub bytes: u64,
    pub packets: u32,
}

/// How long after its last packet a probe's feedback is waited for; and for the first packet to leave.
const PATIENCE: Duration = Duration::from_secs(1);

/// Of bytes and packets that were asked for, so many thousandths must have arrived.
const LEAST_ARRIVED: u64 = 700;

/// Arriving so much faster than sent, in thousandths, is an artefact (`kMaxValidRatio`).
const MOST_COMPRESSED: u64 = 2000;

/// Arriving slower than so many thousandths of the send rate, the path was full (`kMinRatioForUnsaturatedLink`).
const UNSATURATED: u64 = 900;

/// Of a full path's rate, so many thousandths may be used (`kTargetUtilizationFraction`).
const UTILIZATION: u64 = 950;

/// A result is held to so many thousandths of what was asked for.
const MOST_ASKED: u64 = 1100;

/// First and last of a row of events, and how much of the bytes they enclose.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    ends: Option<(Time, Time)>,
    first_size: u64,
    last_size: u64,
}

impl Span {
    fn add(&mut self, at: Time, size: u64) {
        let (first, last) = *self.ends.get_or_insert((at, at));
        if at <= first {
            self.first_size = size;
        }
        if at >= last {
            self.last_size = size;
        }
        self.ends = Some((first.min(at), last.max(at)));
    }

    fn length(&self) -> Option<Duration> {
        self.ends.map(|(first, last)| last.since(first)).filter(|length| !length.is_zero())
    }
}

/// What a probe has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    /// The path carries this.
    pub rate: Bitrate,
    /// And no more.
    pub full: bool,
}

/// A probe under way.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub probe: Probe,
    /// Given up then.
    pub deadline: Time,
    sent_bytes: u64,
    sent_packets: u32,
    resolved: u32,
    arrived_bytes: u64,
    arrived_packets: u32,
    sent: Span,
    arrived: Span,
}

impl Cluster {
    pub fn new(probe: Probe, now: Time) -> Self {
        Self {
            probe,
            deadline: now + PATIENCE,
            sent_bytes: 0,
            sent_packets: 0,
            resolved: 0,
            arrived_bytes: 0,
            arrived_packets: 0,
            sent: Span::default(),
            arrived: Span::default(),
        }
    }

    /// One of its packets leaves.
    pub fn sent(&mut self, size: u64, now: Time) {
        self.sent_bytes = self.sent_bytes.saturating_add(size);
        self.sent_packets = self.sent_packets.saturating_add(1);
        self.deadline = now + PATIENCE;
    }

    /// Feedback on one of its packets.
    pub fn resolved(&mut self, sent: Sent, arrival: Option<Time>) {
        self.resolved = self.resolved.saturating_add(1);
        let Some(arrival) = arrival else { return };
        let size = u64::from(sent.size);
        self.arrived_bytes = self.arrived_bytes.saturating_add(size);
        self.arrived_packets = self.arrived_packets.saturating_add(1);
        self.sent.add(sent.at, size);
        self.arrived.add(arrival, size);
    }

    /// Whether all was sent and is known of.
    pub fn is_complete(&self) -> bool {
        self.sent_bytes >= self.probe.bytes
            && self.sent_packets >= self.probe.packets
            && self.resolved >= self.sent_packets
    }

    /// The rate the path is seen to carry; `None` if too little arrived, or all at once.
    pub fn measured(&self) -> Option<Measured> {
        let enough = u64::from(self.arrived_packets) * 1000 >= u64::from(self.probe.packets) * LEAST_ARRIVED
            && self.arrived_bytes.saturating_mul(1000) >= self.probe.bytes.saturating_mul(LEAST_ARRIVED);
        if !enough {
            return None;
        }
        // The last packet sent, and the first to arrive, lie outside the time measured.
        let sent = Bitrate::of(self.arrived_bytes - self.sent.last_size, self.sent.length()?);
        let arrived = Bitrate::of(self.arrived_bytes - self.arrived.first_size, self.arrived.length()?);
        if arrived > sent.permille(MOST_COMPRESSED) {
            return None;
        }
        let full = arrived < sent.permille(UNSATURATED);
        let carried = if full { arrived.permille(UTILIZATION) } else { arrived.min(sent) };
        // Leaving faster than it was asked to is the plane's doing and shows no more than a burst does.
        Some(Measured { rate: carried.min(self.probe.rate.permille(MOST_ASKED)), full })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandwidth::flight::{Flight, News};
    use crate::ids::Seq64;

    const PROBE: Probe =
        Probe { id: ProbeId(NonZeroU16::MIN), rate: Bitrate::kbit(2000), bytes: 5000, packets: 5 };

    /// Five packets of 1000 bytes, sent and arriving at these times in ms, `None` for lost.
    fn measured(packets: [(u64, Option<u64>); 5]) -> Option<u64> {
        let (mut cluster, mut flight) = (Cluster::new(PROBE, Time(0)), Flight::new());
        for (at, (sent, _)) in (0..).zip(packets) {
            assert!(!cluster.is_complete(), "{at}");
            flight.push(1000, Some(PROBE.id), Time(sent * 1000));
            cluster.sent(1000, Time(sent * 1000));
        }
        for (seq, (_, arrival)) in (0..).zip(packets) {
            let Some(News::Arrived(sent) | News::Lost(sent)) = flight.resolve(Seq64(seq), arrival.is_some())
            else {
                panic!()
            };
            cluster.resolved(sent, arrival.map(|arrival| Time(arrival * 1000)));
        }
        assert!(cluster.is_complete());
        cluster.measured().map(|measured| measured.rate.0 / 1000)
    }

    #[test]
    fn the_slower_of_sending_and_arriving_counts() {
        for (gap, expect) in [(4, Some(2000)), (3, Some(2000)), (5, Some(1520)), (8, Some(950)), (1, None)] {
            let packets = std::array::from_fn(|at| (4 * at as u64, Some(50 + gap * at as u64)));
            assert_eq!(measured(packets), expect, "{gap}");
        }
    }

    #[test]
    fn one_may_be_lost_and_not_two() {
        let lost = |missing: &[u64]| {
            measured([0, 1, 2, 3, 4].map(|at| (4 * at, (!missing.contains(&at)).then_some(50 + 4 * at))))
        };
        assert_eq!(lost(&[2]), Some(1500));
        assert_eq!(lost(&[1, 2]), None);
    }
}
