//! Unwrapping a stream's sequence numbers, with a restart told from loss and reordering.
//!
//! Follows RFC 3550 A.1: a small forward step is loss, a small backward one reordering, and a large jump
//! counts only when a second packet continues it. Unlike there, numbers never go back: a restart
//! continues in a fresh range, so one `Seq64` never means two packets.

use crate::ids::{Seq16, Seq64};
use crate::limits::MAX_DROPOUT;

/// Room below the first packet, so that one sent before it and arriving after has a number too.
const FIRST: u64 = 1 << 16;

/// Numbers skipped at a restart, so that nothing of the old range is near.
const RESTART_GAP: u64 = 1 << 16;

/// The highest number so far, and a jump under suspicion.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sequence {
    highest: Option<Seq64>,
    /// The number that would confirm a jump.
    suspect: Option<Seq16>,
    ended: bool,
}

/// Where a packet stands in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    /// The stream's first packet, or the first after a restart or BYE: nothing before it continues.
    First(Seq64),
    /// Further than all before; the last highest is given.
    Newest { seq: Seq64, after: Seq64 },
    /// Reordered, resent or a duplicate.
    Late(Seq64),
    /// Far off; dropped unless the next packet follows it.
    Jumped,
}

impl Sequence {
    /// Places a packet. `window`: how far back a late one is still of use.
    pub fn place(&mut self, wire: Seq16, window: u64) -> Placed {
        let Some(highest) = self.highest else {
            return self.begin(Seq64(FIRST + u64::from(wire.0)));
        };
        if self.ended {
            return self.restart(highest, wire);
        }
        let step = wire.since(highest.wire());
        let near = highest.nearest(wire);
        match near {
            Some(seq) if step > 0 && step <= MAX_DROPOUT => {
                self.highest = Some(seq);
                self.suspect = None;
                Placed::Newest { seq, after: highest }
            }
            Some(seq) if step <= 0 && u64::from(step.unsigned_abs()) < window => Placed::Late(seq),
            Some(_) | None if self.suspect == Some(wire) => self.restart(highest, wire),
            Some(_) | None => {
                self.suspect = Some(Seq16(wire.0.wrapping_add(1)));
                Placed::Jumped
            }
        }
    }

    /// The number an RTX packet restores; `None` if it is not behind the highest within `window`.
    pub fn restore(&self, wire: Seq16, window: u64) -> Option<Seq64> {
        let highest = self.highest.filter(|_| !self.ended)?;
        highest.nearest(wire).filter(|seq| *seq <= highest && highest.0 - seq.0 < window)
    }

    /// Ends the range: the next packet begins a fresh one.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The highest number so far.
    pub fn highest(&self) -> Option<Seq64> {
        self.highest
    }

    /// The extended highest sequence number of a reception report (RFC 3550 §6.4.1).
    pub fn extended(&self) -> u32 {
        let counted = self.highest.map_or(0, |highest| highest.0.saturating_sub(FIRST));
        u32::try_from(counted & u64::from(u32::MAX)).unwrap_or(0)
    }

    fn restart(&mut self, highest: Seq64, wire: Seq16) -> Placed {
        let range = (highest.0 & !0xffff).saturating_add(2 * RESTART_GAP);
        self.begin(Seq64(range + u64::from(wire.0)))
    }

    fn begin(&mut self, seq: Seq64) -> Placed {
        *self = Self { highest: Some(seq), suspect: None, ended: false };
        Placed::First(seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(wires: &[u16]) -> Vec<Placed> {
        let mut sequence = Sequence::default();
        wires.iter().map(|wire| sequence.place(Seq16(*wire), 512)).collect()
    }

    #[test]
    fn loss_reordering_and_wrap() {
        let base = FIRST + 65_534;
        let newest = |seq, after| Placed::Newest { seq: Seq64(base + seq), after: Seq64(base + after) };
        assert_eq!(
            placed(&[65_534, 65_535, 1, 0, 65_535, 65_533]),
            [
                Placed::First(Seq64(base)),
                newest(1, 0),
                newest(3, 1),
                Placed::Late(Seq64(base + 2)),
                Placed::Late(Seq64(base + 1)),
                Placed::Late(Seq64(base - 1)),
            ]
        );
    }

    #[test]
    fn a_jump_needs_a_second_packet_and_leaves_a_fresh_range() {
        let found = placed(&[10, 20_000, 11, 40_000, 40_001, 40_002, 12, 13]);
        assert_eq!(found[1], Placed::Jumped);
        assert_eq!(found[2], Placed::Newest { seq: Seq64(FIRST + 11), after: Seq64(FIRST + 10) });
        assert_eq!(found[3], Placed::Jumped);
        let restarted = FIRST + 2 * RESTART_GAP + 40_001;
        assert_eq!(found[4], Placed::First(Seq64(restarted)));
        assert_eq!(found[5], Placed::Newest { seq: Seq64(restarted + 1), after: Seq64(restarted) });
        assert_eq!(found[6], Placed::Jumped);
        assert!(matches!(found[7], Placed::First(seq) if seq > Seq64(restarted + 1)));
    }

    #[test]
    fn rtx_restores_only_what_is_behind() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.restore(Seq16(5), 512), None);
        sequence.place(Seq16(5), 512);
        assert_eq!(sequence.restore(Seq16(4), 512), Some(Seq64(FIRST + 4)));
        assert_eq!(sequence.restore(Seq16(6), 512), None);
        assert_eq!(sequence.extended(), 5);
        sequence.end();
        assert_eq!(sequence.restore(Seq16(4), 512), None);
        assert!(matches!(sequence.place(Seq16(6), 512), Placed::First(seq) if seq.0 > FIRST + 6));
    }
}
