//! What the media plane says of a peer before its first answer has come back here: which of its encodings are
//! wanted is said as soon as its lines are there, and not again. It is kept until the peer is a participant's.

use std::collections::VecDeque;
use transport::{PeerKey, PlaneEvent};

/// More than many peers have lines in the moment that it takes. What is said of those who are gone is never asked
/// for: it falls out at the other end, and a peer whose news does too makes all its encodings until the next.
const MOST: usize = 256;

/// The oldest first.
#[derive(Debug, Default)]
pub(super) struct Early(VecDeque<(PeerKey, PlaneEvent)>);

impl Early {
    /// This concerns nobody who is known.
    pub(super) fn keep(&mut self, event: PlaneEvent) {
        let peer = match &event {
            PlaneEvent::Wanted { peer, .. } | PlaneEvent::Paused { peer, .. } => *peer,
            PlaneEvent::Speakers { .. } => return,
        };
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((peer, event));
    }

    /// All that was said of a peer, in order.
    pub(super) fn take(&mut self, peer: PeerKey) -> Vec<PlaneEvent> {
        let (taken, left) = std::mem::take(&mut self.0).into_iter().partition(|(whose, _)| *whose == peer);
        self.0 = left;
        let taken: VecDeque<(PeerKey, PlaneEvent)> = taken;
        taken.into_iter().map(|(_, event)| event).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u64) -> PeerKey {
        slotmap::KeyData::from_ffi(1 << 32 | number).into()
    }

    fn wanted(peer: PeerKey, encodings: &[u8]) -> PlaneEvent {
        PlaneEvent::Wanted { peer, mid: "1".into(), encodings: encodings.to_vec() }
    }

    #[test]
    fn each_has_its_own_in_order_and_once() {
        let mut early = Early::default();
        let (ada, bob) = (key(1), key(2));
        for event in [wanted(ada, &[]), wanted(bob, &[1]), wanted(ada, &[0])] {
            early.keep(event);
        }
        assert_eq!(early.take(ada), [wanted(ada, &[]), wanted(ada, &[0])]);
        assert_eq!(early.take(ada), []);
        assert_eq!(early.take(bob), [wanted(bob, &[1])]);
    }

    #[test]
    fn it_does_not_grow() {
        let mut early = Early::default();
        for number in 0..1000 {
            early.keep(wanted(key(number), &[]));
        }
        assert_eq!(early.0.len(), MOST);
    }
}
