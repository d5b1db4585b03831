//! Figures of one measurement.

/// Packets, and the time on a core that they took.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Packets sent.
    pub packets: u64,
    /// Nanoseconds, user and system together.
    pub on_cpu: u64,
}

impl Figures {
    /// Microseconds on a core for each packet.
    pub fn micros_per_packet(self) -> f64 {
        float(self.on_cpu) / 1000.0 / float(self.packets.max(1))
    }
}

/// A count as a fraction's part.
#[expect(clippy::cast_precision_loss, reason = "counts of one benchmark are far below 2⁵³")]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// The middle one; of an even number the upper.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]).to_bits(), 2.0f64.to_bits());
        assert!(median(vec![]).is_nan());
    }

    #[test]
    fn a_packet_costs_its_share() {
        let figures = Figures { packets: 4, on_cpu: 10_000 };
        assert_eq!(figures.micros_per_packet().to_bits(), 2.5f64.to_bits());
    }
}
