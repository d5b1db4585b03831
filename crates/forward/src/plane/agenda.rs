//! Which peer is to be looked at next, and when.
//!
//! Owns a binary heap that knows where each peer is in it: a change costs the logarithm of the number of peers, and
//! looking what is due nothing, however large the room. Nothing is allocated once it has held as many.

use crate::ids::PeerKey;
use crate::time::Time;
use slotmap::SecondaryMap;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// No entry is earlier than the one at half its place.
    heap: Vec<(Time, PeerKey)>,
    /// Each peer's place in the heap.
    places: SecondaryMap<PeerKey, usize>,
}

impl Agenda {
    /// When the first peer is due; [`Time::NEVER`] if none is.
    pub fn next(&self) -> Time {
        self.heap.first().map_or(Time::NEVER, |(at, _)| *at)
    }

    /// The peer is due at this time and at no other; at [`Time::NEVER`] not at all.
    pub fn set(&mut self, peer: PeerKey, at: Time) {
        if at == Time::NEVER {
            return self.remove(peer);
        }
        if let Some(place) = self.places.get(peer).copied() {
            if let Some(entry) = self.heap.get_mut(place) {
                entry.0 = at;
            }
            self.settle(place);
        } else {
            self.places.insert(peer, self.heap.len());
            self.heap.push((at, peer));
            self.settle(self.heap.len() - 1);
        }
    }

    /// The peer is due no later than at this time.
    pub fn bring_forward(&mut self, peer: PeerKey, at: Time) {
        let place = self.places.get(peer);
        let now = place.and_then(|place| self.heap.get(*place)).map_or(Time::NEVER, |(at, _)| *at);
        if at < now {
            self.set(peer, at);
        }
    }

    /// The peer is not due any more.
    pub fn remove(&mut self, peer: PeerKey) {
        let Some(place) = self.places.remove(peer) else { return };
        self.heap.swap_remove(place);
        if let Some((_, moved)) = self.heap.get(place) {
            self.places.insert(*moved, place);
            self.settle(place);
        }
    }

    /// Takes out a peer that is due by `now`.
    pub fn pop(&mut self, now: Time) -> Option<PeerKey> {
        let (at, peer) = *self.heap.first()?;
        if at > now {
            return None;
        }
        self.remove(peer);
        Some(peer)
    }

    /// Moves an entry up or down to where it belongs.
    fn settle(&mut self, mut place: usize) {
        while let Some(above) = place.checked_sub(1).map(|before| before / 2)
            && self.at(place) < self.at(above)
        {
            self.swap(place, above);
            place = above;
        }
        loop {
            let [left, right] = [2 * place + 1, 2 * place + 2];
            let least = if self.at(right) < self.at(left) { right } else { left };
            if self.at(least) >= self.at(place) {
                return;
            }
            self.swap(place, least);
            place = least;
        }
    }

    fn at(&self, place: usize) -> Time {
        self.heap.get(place).map_or(Time::NEVER, |(at, _)| *at)
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.heap.swap(one, other);
        for place in [one, other] {
            if let Some((_, peer)) = self.heap.get(place) {
                self.places.insert(*peer, place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use slotmap::SlotMap;
    use std::collections::BTreeMap;

    proptest! {
        /// Against a map that is searched.
        #[test]
        fn who_is_due_first_comes_first(acts in prop::collection::vec((0..4, 0..20_usize, 0..100_u64), 1..400)) {
            let mut keys = SlotMap::<PeerKey, ()>::with_key();
            let peers: Vec<PeerKey> = (0..20).map(|_| keys.insert(())).collect();
            let (mut agenda, mut model) = (Agenda::default(), BTreeMap::<PeerKey, Time>::new());
            for (act, peer, at) in acts {
                let (peer, at) = (peers[peer], Time(at));
                match act {
                    0 => {
                        agenda.set(peer, at);
                        model.insert(peer, at);
                    }
                    1 => {
                        agenda.bring_forward(peer, at);
                        let due = model.entry(peer).or_insert(at);
                        *due = at.min(*due);
                    }
                    2 => {
                        agenda.set(peer, Time::NEVER);
                        model.remove(&peer);
                    }
                    _ => {
                        let popped = agenda.pop(at);
                        let first = model.values().min().copied().filter(|first| *first <= at);
                        prop_assert_eq!(popped.and_then(|peer| model.remove(&peer)), first);
                    }
                }
                prop_assert_eq!(agenda.next(), model.values().min().copied().unwrap_or(Time::NEVER));
                prop_assert_eq!(agenda.heap.len(), model.len());
            }
        }
    }
}
