//! How much of what receivers' paths bear they are sent: all of it, or less while the worker has too much to do.
//!
//! Owns the share and what it does at once. What it does to pictures is `allocate`'s, at each receiver's next regular
//! time. Sound, repairs and everything that is RTCP are never shed.

use super::Plane;
use crate::ids::PeerKey;
use slotmap::Key;

/// The part of the video of all receivers together that is sent, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u16);

impl Share {
    /// All of it: nothing is shed.
    pub const WHOLE: Self = Self(1000);

    /// So many thousandths; more than all is all.
    #[must_use]
    pub fn of_permille(permille: u16) -> Self {
        Self(permille.min(Self::WHOLE.0))
    }

    /// In thousandths, up to 1000.
    #[must_use]
    pub fn permille(self) -> u64 {
        self.0.into()
    }

    /// Whether nothing is shed.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self == Self::WHOLE
    }
}

impl Plane {
    /// Has receivers sent this share of their video from now on. With less than all of it no path is asked for more
    /// than it is sent, at once; then higher layers go, and at last pictures, each receiver at its next allocation, a
    /// quarter of a second away at most.
    pub fn shed(&mut self, share: Share) {
        if self.share.is_whole() && !share.is_whole() {
            for downlink in self.peers.values_mut().filter_map(|peer| peer.downlink.as_mut()) {
                downlink.ask_no_more();
                downlink.end_probe(self.now);
            }
        }
        self.share = share;
    }

    /// Slots that are sent less than their receivers' paths bear, and how many of them are sent nothing.
    pub(super) fn slots_shed(&self) -> (usize, usize) {
        let shed = || self.slots.values().filter(|slot| slot.shed);
        (shed().count(), shed().filter(|slot| slot.is_paused()).count())
    }
}

/// A receiver's number among all, from 1 to 1000: the same for as long as it is there, and receivers' numbers lie
/// evenly, however few there are (a Weyl sequence over their places in the slot map).
pub(super) fn number_of(peer: PeerKey) -> u64 {
    /// 2³² divided by the golden ratio.
    const GOLDEN: u64 = 0x9e37_79b9;
    let place = peer.data().as_ffi() & u64::from(u32::MAX);
    let turned = (place * GOLDEN) & u64::from(u32::MAX);
    1 + ((turned * 1000) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use slotmap::SlotMap;

    #[test]
    fn numbers_lie_evenly() {
        let mut peers = SlotMap::<PeerKey, ()>::with_key();
        for count in [10, 100, 1000] {
            let numbers: Vec<u64> = (0..count).map(|_| number_of(peers.insert(()))).collect();
            assert!(numbers.iter().all(|number| (1..=1000).contains(number)));
            for tenth in 0..10 {
                let within = |number: &&u64| (tenth * 100 + 1..=tenth * 100 + 100).contains(*number);
                let found = numbers.iter().filter(within).count();
                assert!((count / 10 - 1..=count / 10 + 1).contains(&found), "{count}: {tenth} has {found}");
            }
        }
    }

    #[test]
    fn there_is_no_more_than_all() {
        assert!(Share::of_permille(1001).is_whole());
        assert!(!Share::of_permille(999).is_whole());
    }
}
