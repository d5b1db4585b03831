//! Who has the floor: who speaks in a room now, and who spoke last. The media plane listens and says so;
//! here it is kept, for those who come later and for `claim`, which ranks by it. No one who is gone is named.

use signal::ParticipantId;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The voices of a room.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    /// The loudest first.
    speakers: Vec<ParticipantId>,
    /// At which change each of the others fell silent, if they ever spoke.
    spoke: BTreeMap<ParticipantId, u64>,
    changes: u64,
}

/// How lately somebody was heard; whoever was heard last comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Voice {
    /// Speaks now: the place among those who do, from 0, the loudest first.
    Speaks(usize),
    /// Spoke until this change.
    Spoke(Reverse<u64>),
    /// Never spoke.
    Silent,
}

/// What somebody's word about who speaks changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The same as before.
    Nothing,
    /// The same people, in another order of loudness.
    Order,
    /// Other people.
    Speakers,
}

impl Floor {
    /// Takes over who speaks now, each named once; says what of that is news.
    pub(crate) fn take(&mut self, speakers: Vec<ParticipantId>) -> News {
        if speakers == self.speakers {
            return News::Nothing;
        }
        self.changes = self.changes.saturating_add(1);
        let before = std::mem::replace(&mut self.speakers, speakers);
        let stays = |speaker: &ParticipantId| self.speakers.contains(speaker);
        let same = before.len() == self.speakers.len() && before.iter().all(stays);
        for silent in before {
            self.spoke.insert(silent, self.changes);
        }
        if same { News::Order } else { News::Speakers }
    }

    /// Somebody is gone, and is heard no more.
    pub(crate) fn leave(&mut self, participant: ParticipantId) {
        self.speakers.retain(|speaker| *speaker != participant);
        self.spoke.remove(&participant);
    }

    /// The loudest first.
    pub(crate) fn speakers(&self) -> &[ParticipantId] {
        &self.speakers
    }

    pub(crate) fn voice(&self, participant: ParticipantId) -> Voice {
        match self.speakers.iter().position(|speaker| *speaker == participant) {
            Some(place) => Voice::Speaks(place),
            None => match self.spoke.get(&participant) {
                Some(change) => Voice::Spoke(Reverse(*change)),
                None => Voice::Silent,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: ParticipantId = ParticipantId(1);
    const BOB: ParticipantId = ParticipantId(2);
    const EVE: ParticipantId = ParticipantId(3);

    fn order(floor: &Floor) -> Vec<ParticipantId> {
        let mut all = vec![ADA, BOB, EVE];
        all.sort_by_key(|id| floor.voice(*id));
        all
    }

    #[test]
    fn who_speaks_comes_before_who_spoke_and_that_before_who_never_did() {
        let mut floor = Floor::default();
        floor.take(vec![BOB]);
        floor.take(vec![EVE]);
        assert_eq!(order(&floor), [EVE, BOB, ADA]);
        floor.take(vec![]);
        assert_eq!(order(&floor), [EVE, BOB, ADA]);
        floor.take(vec![ADA, EVE]);
        assert_eq!(order(&floor), [ADA, EVE, BOB]);
    }

    #[test]
    fn the_same_speakers_are_no_news() {
        let mut floor = Floor::default();
        assert_eq!(floor.take(vec![]), News::Nothing);
        assert_eq!(floor.take(vec![ADA, BOB]), News::Speakers);
        assert_eq!(floor.take(vec![ADA, BOB]), News::Nothing);
        assert_eq!(floor.take(vec![BOB, ADA]), News::Order);
        assert_eq!(floor.take(vec![BOB, EVE]), News::Speakers);
        assert_eq!(floor.take(vec![BOB]), News::Speakers);
    }

    #[test]
    fn who_left_is_forgotten() {
        let mut floor = Floor::default();
        floor.take(vec![ADA, BOB]);
        floor.leave(ADA);
        assert_eq!(floor.speakers(), [BOB]);
        assert_eq!(floor.voice(ADA), Voice::Silent);
    }
}
