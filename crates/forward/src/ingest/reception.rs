//! Reception statistics of one ingress SSRC, as a receiver report states them (RFC 3550 §6.4.1, A.3, A.8).
//!
//! Owns the counting. RTX packets are another SSRC and are not counted here; a packet restored from one
//! stays lost in these numbers, as the RFC has it.

use crate::ids::{RtpTime, Seq64};
use crate::time::Time;

/// What the report block says besides SSRC, highest number and SR times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loss {
    /// In 1/256, since the previous report.
    pub fraction: u8,
    /// Since the stream began; negative with duplicates. 24 bits.
    pub cumulative: i32,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reception {
    base: u64,
    highest: u64,
    received: u64,
    expected_prior: u64,
    received_prior: u64,
    /// Relative transit time of the last packet, in ticks.
    transit: Option<u32>,
    /// Sixteen times the jitter, in ticks.
    jitter: u32,
}

impl Reception {
    /// Starts over with the stream's first packet.
    pub fn begin(&mut self, seq: Seq64) {
        *self = Self { base: seq.0, highest: seq.0, ..Self::default() };
    }

    /// Counts a packet, late ones and duplicates included.
    pub fn count(&mut self, seq: Seq64, time: RtpTime, clock_rate: u32, now: Time) {
        self.received += 1;
        self.highest = self.highest.max(seq.0);
        let arrival = u128::from(now.0) * u128::from(clock_rate) / 1_000_000;
        let arrival = u32::try_from(arrival & u128::from(u32::MAX)).unwrap_or(0);
        let transit = arrival.wrapping_sub(time.0);
        if let Some(last) = self.transit.replace(transit) {
            let distance = transit.wrapping_sub(last).cast_signed().unsigned_abs();
            // A.8's integer form. A distance past a minute is a clock jump, not jitter.
            if distance < clock_rate.saturating_mul(60) {
                self.jitter = self.jitter.saturating_add(distance) - ((self.jitter.saturating_add(8)) >> 4);
            }
        }
    }

    /// Loss since the last call, which begins the next interval.
    pub fn report(&mut self) -> Loss {
        let expected = self.expected();
        let expected_interval = expected.saturating_sub(self.expected_prior);
        let received_interval = self.received - self.received_prior;
        self.expected_prior = expected;
        self.received_prior = self.received;
        let lost = expected_interval.saturating_sub(received_interval);
        let fraction = (lost << 8).checked_div(expected_interval).unwrap_or(0);
        Loss { fraction: u8::try_from(fraction).unwrap_or(u8::MAX), cumulative: self.cumulative_lost() }
    }

    /// Whether anything came since the last report.
    pub fn heard(&self) -> bool {
        self.received > self.received_prior
    }

    /// Packets lost in all, clamped to 24 bits.
    pub fn cumulative_lost(&self) -> i32 {
        let lost = i64::try_from(self.expected()).unwrap_or(i64::MAX)
            - i64::try_from(self.received).unwrap_or(i64::MAX);
        i32::try_from(lost.clamp(-0x80_0000, 0x7f_ffff)).unwrap_or(0)
    }

    /// Interarrival jitter in ticks.
    pub fn jitter(&self) -> u32 {
        self.jitter >> 4
    }

    /// Packets received.
    pub fn received(&self) -> u64 {
        self.received
    }

    pub fn expected(&self) -> u64 {
        if self.received == 0 { 0 } else { self.highest.saturating_sub(self.base) + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(reception: &mut Reception, seqs: &[u64]) {
        for seq in seqs {
            reception.count(Seq64(*seq), RtpTime(0), 90_000, Time(0));
        }
    }

    #[test]
    fn loss_by_hand() {
        let mut reception = Reception::default();
        reception.begin(Seq64(100));
        // 100..=109 expected, two missing: 2/10 × 256 = 51.2.
        count(&mut reception, &[100, 101, 102, 104, 105, 107, 108, 109]);
        assert_eq!(reception.report(), Loss { fraction: 51, cumulative: 2 });
        // 110..=113 expected, all received, and 103 comes late: five for four.
        count(&mut reception, &[110, 103, 111, 112, 113]);
        assert_eq!(reception.report(), Loss { fraction: 0, cumulative: 1 });
        assert!(!reception.heard());
        // Duplicates make it negative.
        count(&mut reception, &[113, 113, 113]);
        assert_eq!(reception.report(), Loss { fraction: 0, cumulative: -2 });
    }

    #[test]
    fn jitter_by_hand() {
        let mut reception = Reception::default();
        reception.begin(Seq64(1));
        // 8 kHz-like round numbers: 90 ticks a millisecond. Transit: 0, +900, 0, 0 ticks.
        for (seq, rtp, at) in [(1, 0, 0), (2, 900, 20_000), (3, 1800, 20_000), (4, 2700, 30_000)] {
            reception.count(Seq64(seq), RtpTime(rtp), 90_000, Time(at));
        }
        // ×16: 900; 900+900−56=1744; 1744+0−109=1635; 1635 ÷ 16 = 102.
        assert_eq!(reception.jitter(), 102);
    }
}
