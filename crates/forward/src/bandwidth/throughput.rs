//! A rate over the last half second, of what was sent or of what arrived.
//!
//! Owns a ring of buckets. The times are the caller's: our clock for sending, the receiver's for arrivals.

use crate::bitrate::Bitrate;
use crate::time::Time;
use std::time::Duration;

const BUCKETS: usize = 20;
const BUCKET: Duration = Duration::from_millis(25);

/// Nothing is said before this much time has been seen.
const LEAST: Duration = Duration::from_millis(150);

/// Bytes in each bucket of time.
#[derive(Debug, Default)]
pub(crate) struct Throughput {
    bytes: [u64; BUCKETS],
    latest: Time,
    /// The bucket in use, counted from time zero, and the one this began in.
    newest: u64,
    began: Option<u64>,
}

impl Throughput {
    /// Notes bytes. Those older than the window are forgotten.
    pub fn add(&mut self, at: Time, bytes: u64) {
        let bucket = bucket(at);
        if self.began.is_none() || bucket >= self.newest + buckets() {
            // Nothing for a whole window: the time before would only dilute what comes now.
            *self = Self { latest: at, newest: bucket, began: Some(bucket), ..Self::default() };
        }
        while self.newest < bucket {
            self.newest += 1;
            let newest = self.newest;
            self.set(newest, |_| 0);
        }
        self.latest = self.latest.max(at);
        if bucket + buckets() > self.newest {
            self.set(bucket, |held| held.saturating_add(bytes));
        }
    }

    /// The rate of the window that ends with the newest bytes, if there is enough of it.
    pub fn rate(&self) -> Option<Bitrate> {
        let oldest = self.began?.max((self.newest + 1).saturating_sub(buckets()));
        let span = self.latest.since(Time::ZERO + BUCKET * u32::try_from(oldest).ok()?);
        (span >= LEAST).then(|| Bitrate::of(self.bytes.iter().sum(), span))
    }

    /// The rate of the window that ends at `now`; what was not sent counts.
    pub fn rate_until(&mut self, now: Time) -> Bitrate {
        self.add(now, 0);
        self.rate().unwrap_or(Bitrate::of(self.bytes.iter().sum(), LEAST))
    }

    fn set(&mut self, bucket: u64, to: impl FnOnce(u64) -> u64) {
        let place = usize::try_from(bucket % buckets()).unwrap_or(0);
        if let Some(held) = self.bytes.get_mut(place) {
            *held = to(*held);
        }
    }
}

fn bucket(at: Time) -> u64 {
    at.0 / u64::try_from(BUCKET.as_micros()).unwrap_or(1)
}

fn buckets() -> u64 {
    u64::try_from(BUCKETS).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_flow_reads_its_own_rate_and_a_change_shows_within_the_window() {
        let mut throughput = Throughput::default();
        assert_eq!(throughput.rate(), None);
        let mut rates = vec![];
        for millis in 0..2000_u64 {
            throughput.add(Time(millis * 1000), if millis < 1000 { 125 } else { 25 });
            rates.extend(throughput.rate());
        }
        assert_eq!(rates.len(), 2000 - 150);
        assert!(rates[..800].iter().all(|rate| (990_000..=1_010_000).contains(&rate.0)));
        assert!(rates[1400..].iter().all(|rate| (195_000..=205_000).contains(&rate.0)));
    }

    #[test]
    fn silence_starts_over_and_late_bytes_are_forgotten() {
        let mut throughput = Throughput::default();
        for millis in 0..600 {
            throughput.add(Time(millis * 1000), 125);
        }
        let before = throughput.rate();
        throughput.add(Time(1000), 1_000_000);
        assert_eq!(throughput.rate(), before);
        throughput.add(Time(u64::MAX), 125);
        assert_eq!(throughput.rate(), None);
    }
}
