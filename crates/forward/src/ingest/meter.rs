//! Measured rates of one ingress stream, by layer: what the allocator divides a receiver's bandwidth by.
//!
//! Owns the counting over a sliding second. Which layers a receiver gets is `allocate`'s business.

use crate::bitrate::Bitrate;
use crate::codec::layer::LayerInfo;
use crate::time::Time;
use std::time::Duration;

/// Spatial layers told apart; higher ones count as the highest.
pub(crate) const SPATIAL_LAYERS: usize = 3;
/// Temporal layers told apart; higher ones count as the highest.
pub(crate) const TEMPORAL_LAYERS: usize = 4;

const CELLS: usize = SPATIAL_LAYERS * TEMPORAL_LAYERS;
const BUCKETS: usize = 4;
const BUCKET: Duration = Duration::from_millis(250);

/// A stream heard for less than this has no rate worth dividing by yet.
const SETTLED: Duration = Duration::from_millis(400);

/// Bytes and frames of each layer in one bucket's time.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// Which quarter of a second.
    number: u64,
    bytes: [u32; CELLS],
    frames: [u16; TEMPORAL_LAYERS],
}

/// A sliding second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    buckets: [Bucket; BUCKETS],
    /// When it was first heard, or again after a silence.
    since: Option<Time>,
    last: Time,
    /// What was measured when it was last heard and settled.
    known: Option<Rates>,
}

/// What a stream takes, by layer: each cell with the layers it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rates {
    bitrates: [Bitrate; CELLS],
    frames: [u16; TEMPORAL_LAYERS],
}

impl Rates {
    /// Bits per second on the wire of a layer and all those below it.
    pub fn bitrate(&self, spatial: u8, temporal: u8) -> Bitrate {
        let (spatial, temporal) = (usize::from(spatial), usize::from(temporal));
        let up_to =
            |(at, _): &(usize, &Bitrate)| at / TEMPORAL_LAYERS <= spatial && at % TEMPORAL_LAYERS <= temporal;
        self.bitrates.iter().enumerate().filter(up_to).map(|(_, rate)| *rate).sum()
    }

    /// The same of everything.
    pub fn total(&self) -> Bitrate {
        self.bitrates.iter().copied().sum()
    }

    /// Frames per second with temporal layers up to this one.
    pub fn frames(&self, temporal: u8) -> u16 {
        self.frames.iter().take(usize::from(temporal) + 1).sum()
    }

    /// The highest temporal layer with anything in it.
    pub fn top_temporal(&self) -> u8 {
        let used = |temporal: &u8| {
            let at = usize::from(*temporal);
            self.bitrates.iter().skip(at).step_by(TEMPORAL_LAYERS).any(|rate| *rate > Bitrate::ZERO)
        };
        (0..4).rev().find(used).unwrap_or(0)
    }

    /// The highest spatial layer with anything in it.
    pub fn top_spatial(&self) -> u8 {
        let used = |spatial: &u8| {
            let at = usize::from(*spatial) * TEMPORAL_LAYERS;
            self.bitrates.iter().skip(at).take(TEMPORAL_LAYERS).any(|rate| *rate > Bitrate::ZERO)
        };
        (0..3).rev().find(used).unwrap_or(0)
    }
}

impl Meter {
    /// Counts a packet of so many bytes on the wire.
    pub fn count(&mut self, layer: LayerInfo, bytes: usize, ends_frame: bool, now: Time) {
        if self.since.is_none() || now.since(self.last) >= SETTLED {
            self.since = Some(now);
        }
        self.last = now;
        let number = number(now);
        let at = usize::try_from(number).unwrap_or(0) % BUCKETS;
        let Some(bucket) = self.buckets.get_mut(at) else { return };
        if bucket.number != number {
            *bucket = Bucket { number, ..Bucket::default() };
        }
        let spatial = usize::from(layer.spatial).min(SPATIAL_LAYERS - 1);
        let temporal = usize::from(layer.temporal).min(TEMPORAL_LAYERS - 1);
        if let Some(cell) = bucket.bytes.get_mut(spatial * TEMPORAL_LAYERS + temporal) {
            *cell = cell.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        }
        if let Some(frames) = bucket.frames.get_mut(temporal).filter(|_| ends_frame) {
            *frames = frames.saturating_add(1);
        }
    }

    /// Rates over the last second, or since it began if that is less.
    pub fn now(&self, now: Time) -> Rates {
        let Some(since) = self.since else { return Rates::default() };
        let newest = number(now);
        let start = micros(newest.saturating_sub(BUCKETS as u64 - 1));
        let span = now.since(since.max(start)).max(BUCKET);
        let mut rates = Rates::default();
        let mut frames = [0u32; TEMPORAL_LAYERS];
        for bucket in self.buckets.iter().filter(|bucket| bucket.number + BUCKETS as u64 > newest) {
            for (rate, bytes) in rates.bitrates.iter_mut().zip(bucket.bytes) {
                *rate += Bitrate::of(u64::from(bytes), span);
            }
            for (sum, frames) in frames.iter_mut().zip(bucket.frames) {
                *sum += u32::from(frames);
            }
        }
        let millis = u32::try_from(span.as_millis()).unwrap_or(u32::MAX).max(1);
        for (rate, sum) in rates.frames.iter_mut().zip(frames) {
            *rate = u16::try_from((sum.saturating_mul(1000) + millis / 2) / millis).unwrap_or(u16::MAX);
        }
        rates
    }

    /// The rates to reckon with: those of now while it sends and has sent for a while, else the last known.
    pub fn reckoned(&mut self, now: Time) -> Option<Rates> {
        let sends = now.since(self.last) < SETTLED;
        if sends && self.since.is_some_and(|since| now.since(since) >= SETTLED) {
            self.known = Some(self.now(now));
        }
        self.known
    }
}

fn number(now: Time) -> u64 {
    now.0 / 250_000
}

fn micros(number: u64) -> Time {
    Time(number * 250_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(temporal: u8) -> LayerInfo {
        LayerInfo { temporal, ..LayerInfo::default() }
    }

    /// 30 frames a second of 1000 bytes, temporal layers 0 2 1 2.
    fn run(meter: &mut Meter, from: u64, to: u64) {
        for (at, frame) in (from..to).step_by(33_333).zip(0usize..) {
            meter.count(layer([0, 2, 1, 2][frame % 4]), 1000, true, Time(at));
        }
    }

    #[test]
    fn rates_add_up_by_layer() {
        let mut meter = Meter::default();
        run(&mut meter, 10_000_000, 13_000_000);
        let rates = meter.now(Time(13_000_000));
        let near = |rate: Bitrate, expect: u64| assert!(rate.0.abs_diff(expect) < expect / 10, "{rate}");
        near(rates.total(), 240_000);
        near(rates.bitrate(0, 0), 60_000);
        near(rates.bitrate(0, 1), 120_000);
        near(rates.bitrate(2, 3), 240_000);
        assert_eq!((rates.top_temporal(), rates.top_spatial()), (2, 0));
        assert!((28..=32).contains(&rates.frames(2)), "{}", rates.frames(2));
        assert!((6..=9).contains(&rates.frames(0)), "{}", rates.frames(0));
    }

    #[test]
    fn a_silent_stream_is_reckoned_with_what_it_took_last() {
        let mut meter = Meter::default();
        assert_eq!(meter.reckoned(Time(0)), None);
        run(&mut meter, 1_000_000, 1_300_000);
        assert_eq!(meter.reckoned(Time(1_300_000)), None, "too soon to tell");
        run(&mut meter, 1_300_000, 3_000_000);
        let known = meter.reckoned(Time(3_000_000)).unwrap();
        assert_eq!(meter.now(Time(9_000_000)).total(), Bitrate::ZERO);
        assert_eq!(meter.reckoned(Time(9_000_000)), Some(known));
    }
}
