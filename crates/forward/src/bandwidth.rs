//! How much one receiver's path carries, and sending no faster: estimator, prober, pacer.
//!
//! Send-side congestion control after draft-ietf-rmcat-gcc-02, with what libwebrtc has since added to it:
//! a trendline in place of the Kalman filter, probing, and care for sources that send less than they may.
//! One [`Estimator`] and one [`Pacer`] per receiver; neither owns packets.
//!
//! | Step | File |
//! |---|---|
//! | what left, by transport-wide number | `flight.rs` |
//! | arrivals in groups, the gradient of their delay | `groups.rs`, `trendline.rs` |
//! | is the queue growing; how long is it | `detector.rs`, `queueing.rs` |
//! | are answers overdue | `answers.rs` |
//! | what is sent and delivered | `throughput.rs` |
//! | is the queue somebody else's | `rivals.rs` |
//! | what loss says | `loss.rs` |
//! | the rate | `control.rs`, `capacity.rs` |
//! | asking the path for more | `prober.rs`, `cluster.rs` |
//! | all of it in order | `estimator.rs` |
//! | spreading packets | `pacer.rs` |
//!
//! Why not rtc-interceptor's `gcc`: it has no probing and takes a quiet source's silence for a path that
//! is fine, so its estimate grows without evidence, and a path that comes back after a drop is found only
//! at 8 % a second. It decreases by loss without asking what was delivered, down to a fixed 100 kbit/s,
//! and it takes lists of reports with `Instant`s, which this crate does not have. Too little was left.

mod answers;
mod capacity;
mod cluster;
mod control;
mod detector;
mod estimator;
mod flight;
mod groups;
mod loss;
mod pacer;
mod prober;
mod queueing;
mod rivals;
mod throughput;
mod trendline;

#[cfg(test)]
mod tests;

pub(crate) use self::{cluster::Probe, cluster::ProbeId, estimator::Estimator, pacer::Pacer};

use crate::bitrate::Bitrate;

/// No estimate is below this: audio still fits.
pub(crate) const MIN_RATE: Bitrate = Bitrate::kbit(30);

/// No estimate is above this, whatever a receiver reports.
pub(crate) const MAX_RATE: Bitrate = Bitrate::kbit(50_000);
