//! Lines that are held: a moderator wants nothing of them to reach anybody. What comes on them is taken in, so that it
//! can be taken up when they are let go, and is forwarded to no slot; nor does it count as a voice, whatever it says of
//! its loudness, so that it takes nobody's place among the loudest.

use super::Plane;
use crate::ids::{Mid, PeerKey, PublicationKey};
use crate::speaking::Voice;
use crate::time::Time;

impl Plane {
    /// Holds these lines of a peer, and no others of its. Those that are not negotiated yet, too.
    pub fn hold(&mut self, peer: PeerKey, lines: &[Mid], now: Time) {
        self.tick(now);
        let Some(state) = self.peers.get_mut(peer) else {
            self.counters.unknown_peer += 1;
            return;
        };
        state.held = lines.to_vec();
        for key in state.publications.clone() {
            self.review_hold(peer, key);
        }
    }

    /// Whether a line is held, by what was said of its peer.
    pub(super) fn review_hold(&mut self, peer: PeerKey, key: PublicationKey) {
        let Some(state) = self.peers.get(peer) else { return };
        let Some(line) = self.publications.get_mut(key) else { return };
        let held = state.held.contains(&line.mid);
        if line.held == held {
            return;
        }
        line.held = held;
        line.voice = Voice::default();
        if let Some(group) = self.groups.get_mut(&state.group) {
            group.look_again(self.now);
            self.groups_due = self.groups_due.min(self.now);
        }
    }
}
