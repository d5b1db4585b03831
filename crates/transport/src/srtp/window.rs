//! Replay window and packet index of one SSRC (RFC 3711 §3.3.1 and §3.3.2).

/// How far back a late packet is still taken. Older ones are dropped: retransmissions come within a
/// second, and 1,000 packets a second make 1,024 enough.
pub(super) const WINDOW: u64 = 1024;
const WORDS: usize = (WINDOW / 64) as usize;

/// The highest index seen, and which of the [`WINDOW`] at and below it have been seen.
#[derive(Clone, Debug)]
pub(super) struct Window {
    highest: u64,
    seen: [u64; WORDS],
}

impl Window {
    /// A window around a first, authenticated packet.
    pub(super) fn starting_at(index: u64) -> Self {
        let mut window = Self { highest: index, seen: [0; WORDS] };
        window.mark(index);
        window
    }

    /// The 48-bit index that a sequence number most likely stands for. `None` for one below zero.
    pub(super) fn estimate(&self, seq: u16) -> Option<u64> {
        // The two's complement difference of 16-bit numbers is the nearest one.
        let ahead = i64::from(seq.wrapping_sub((self.highest & 0xffff) as u16).cast_signed());
        self.highest.checked_add_signed(ahead)
    }

    /// Whether this index is new and not too old.
    pub(super) fn is_fresh(&self, index: u64) -> bool {
        if index > self.highest {
            return true;
        }
        self.highest - index < WINDOW && self.word(index).is_some_and(|word| word & bit(index) == 0)
    }

    /// Remembers an authenticated packet.
    pub(super) fn accept(&mut self, index: u64) {
        if index > self.highest {
            if index - self.highest >= WINDOW {
                self.seen = [0; WORDS];
            } else {
                for skipped in self.highest + 1..=index {
                    self.clear(skipped);
                }
            }
            self.highest = index;
        }
        self.mark(index);
    }

    fn word(&self, index: u64) -> Option<u64> {
        self.seen.get(slot(index)).copied()
    }

    fn mark(&mut self, index: u64) {
        if let Some(word) = self.seen.get_mut(slot(index)) {
            *word |= bit(index);
        }
    }

    fn clear(&mut self, index: u64) {
        if let Some(word) = self.seen.get_mut(slot(index)) {
            *word &= !bit(index);
        }
    }
}

fn slot(index: u64) -> usize {
    ((index / 64) % WORDS as u64) as usize
}

fn bit(index: u64) -> u64 {
    1 << (index % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_index_follows_wraps_both_ways() {
        let window = Window::starting_at(0xfffe);
        assert_eq!(window.estimate(0xffff), Some(0xffff));
        assert_eq!(window.estimate(0), Some(0x1_0000));
        let mut window = window;
        window.accept(0x1_0001);
        assert_eq!(window.estimate(0xffff), Some(0xffff));
        assert_eq!(Window::starting_at(1).estimate(0xffff), None);
    }

    proptest! {
        /// The bitmap agrees with a plain set.
        #[test]
        fn agrees_with_a_set(steps in prop::collection::vec((0u64..3000, any::<bool>()), 1..200)) {
            let mut window = Window::starting_at(1000);
            let mut seen = BTreeSet::from([1000u64]);
            for (index, accept) in steps {
                let highest = *seen.last().unwrap();
                let fresh = index > highest || (highest - index < WINDOW && !seen.contains(&index));
                prop_assert_eq!(window.is_fresh(index), fresh);
                if accept && fresh {
                    window.accept(index);
                    seen.insert(index);
                }
            }
        }
    }
}
