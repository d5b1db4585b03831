//! Transport-wide feedback for a client written in Rust: the receiving end of what a [`Plane`](crate::Plane)
//! estimates a path by. The plane does the same for publishers in `plane/timers`, from the same parts.

use crate::ids::{Seq16, Ssrc};
use crate::ingest::arrivals::Arrivals;
use crate::rtcp::twcc::{Addressing, Encoder};
use crate::time::Time;

/// Gathers arrivals and writes feedback packets (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
#[derive(Debug, Default)]
pub struct ArrivalReports {
    arrivals: Arrivals,
    encoder: Encoder,
}

impl ArrivalReports {
    /// Notes when a packet arrived, by the number in its transport-cc extension.
    pub fn record(&mut self, number: Seq16, now: Time) {
        self.arrivals.record(number, now);
    }

    /// When feedback is due; [`Time::NEVER`] while there is nothing to report.
    #[must_use]
    pub fn due(&self) -> Time {
        self.arrivals.due()
    }

    /// The feedback packets that are due by `now`: from `sender`, about a path on which `media` is one SSRC.
    pub fn take(&mut self, sender: Ssrc, media: Ssrc, now: Time) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        if self.arrivals.due() > now {
            return packets;
        }
        loop {
            let (base, arrivals) = self.arrivals.unreported();
            let to = Addressing { sender, media, base: base.wire(), count: self.arrivals.feedbacks };
            let (packet, taken) = self.encoder.encode(to, arrivals);
            if taken > 0 {
                packets.push(packet.to_vec());
            }
            if !self.arrivals.reported(taken) {
                return packets;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::reader::{Packet, packets};

    #[test]
    fn feedback_comes_when_it_is_due_and_once() {
        let mut reports = ArrivalReports::default();
        assert_eq!(reports.due(), Time::NEVER);
        reports.record(Seq16(7), Time(1000));
        assert!(reports.take(Ssrc(1), Ssrc(2), Time(2000)).is_empty());
        let due = reports.due();
        let sent = reports.take(Ssrc(1), Ssrc(2), due);
        let [packet] = sent.as_slice() else { panic!("{sent:?}") };
        assert!(matches!(packets(packet).next(), Some(Ok(Packet::TransportFeedback { .. }))));
        assert_eq!(reports.due(), Time::NEVER);
    }
}
