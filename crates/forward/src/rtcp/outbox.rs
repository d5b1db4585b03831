//! RTCP waiting for one peer's next flush, gathered into valid compounds (RFC 3550 §6.1): each begins
//! with a report and an SDES.
//!
//! Owns the queue and its bound. The packets themselves are written by its siblings.

use super::report;
use crate::ids::Ssrc;
use crate::limits::{MAX_COMPOUND, RTCP_BYTES_PER_PEER};

/// CNAME of our feedback's sender SSRC, which sends no media.
pub(crate) const FEEDBACK_CNAME: &str = "madang";

/// Whole compounds and an open one at the end.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// Where each compound but the open one ends.
    ends: Vec<usize>,
}

/// The bound is reached; the packet is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Outbox {
    /// Adds a feedback packet of at most `len` bytes, after an empty receiver report if it is the first.
    pub fn feedback(
        &mut self,
        sender: Ssrc,
        len: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Full> {
        let head = report::receiver_len(0) + report::cname_len(FEEDBACK_CNAME);
        let opens = self.make_room(head + len)?;
        if opens {
            report::write_receiver(sender, &[], &mut self.bytes);
            report::write_cname(sender, FEEDBACK_CNAME, &mut self.bytes);
        }
        write(&mut self.bytes);
        Ok(())
    }

    /// Adds a report and its SDES, of `len` bytes together.
    pub fn report(&mut self, len: usize, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Full> {
        self.make_room(len)?;
        write(&mut self.bytes);
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Hands over every compound, in order, and is empty after.
    pub fn drain(&mut self, mut send: impl FnMut(&[u8])) {
        self.close();
        let mut start = 0;
        for end in self.ends.drain(..) {
            send(self.bytes.get(start..end).unwrap_or_default());
            start = end;
        }
        self.bytes.clear();
    }

    /// True if the packet opens a compound.
    fn make_room(&mut self, len: usize) -> Result<bool, Full> {
        if self.bytes.len() + len > RTCP_BYTES_PER_PEER {
            return Err(Full);
        }
        if self.open_len() + len > MAX_COMPOUND {
            self.close();
        }
        Ok(self.open_len() == 0)
    }

    fn open_len(&self) -> usize {
        self.bytes.len() - self.ends.last().copied().unwrap_or(0)
    }

    fn close(&mut self) {
        if self.open_len() > 0 {
            self.ends.push(self.bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::reader::packets;
    use crate::rtcp::{RR, write_pli};

    #[test]
    fn compounds_begin_with_a_report_and_stay_small() {
        let mut outbox = Outbox::default();
        let mut taken = 0;
        while outbox.feedback(Ssrc(1), 12, |out| write_pli(Ssrc(1), Ssrc(2), out)).is_ok() {
            taken += 1;
        }
        assert!(taken > 1000, "{taken}");
        let mut plis = 0;
        outbox.drain(|compound| {
            assert!(compound.len() <= MAX_COMPOUND);
            assert_eq!(compound[1], RR);
            plis += packets(compound).map(Result::unwrap).count() - 2;
        });
        assert_eq!(plis, taken);
        assert!(outbox.is_empty());
        outbox.drain(|_| panic!("nothing left"));
    }
}
