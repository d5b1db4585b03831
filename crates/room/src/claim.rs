//! Who is seen and heard when there are fewer slots than publications: how claims to a receiver's slots
//! rank. Which slot each gets is `seating`'s.
//!
//! The first rank, down to the last:
//!
//! 1. what the receiver prefers, in its order, whatever it is and whether muted or not;
//! 2. a screen, or its sound: it is always looked at;
//! 3. whose owner speaks now, the loudest first;
//! 4. everybody else, who spoke last first;
//! 5. what is muted: it keeps a slot only while nobody else waits for one.
//!
//! Within one class whoever sits comes before whoever waits, so that nobody moves for less than another
//! class; and at last whoever came first. So somebody who begins to speak takes the slot of whoever was
//! silent longest, and keeps it after the last word.

use crate::floor::Voice;
use signal::{ParticipantId, PublicationId, Source};

/// A publication, as far as its place matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    pub(crate) publication: PublicationId,
    pub(crate) owner: ParticipantId,
    pub(crate) source: Source,
}

/// A publication that wants a slot of every other participant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) track: Track,
    pub(crate) muted: bool,
    /// The owner's.
    pub(crate) voice: Voice,
}

/// A claim's place among all to one receiver's slots of one kind; the least is seated first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    class: Class,
    waits: bool,
    voice: Voice,
    publication: PublicationId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Preferred { place: usize },
    Screen,
    Speaker,
    Listener,
    Muted,
}

impl Claim {
    /// With its place among what the receiver prefers, if it has one, and whether it waits for a slot.
    pub(crate) fn rank(&self, preferred: Option<usize>, waits: bool) -> Rank {
        let class = match (preferred, self.voice) {
            (Some(place), _) => Class::Preferred { place },
            (None, _) if self.muted => Class::Muted,
            (None, _) if self.track.is_screen() => Class::Screen,
            (None, Voice::Speaks(_)) => Class::Speaker,
            (None, Voice::Spoke(_) | Voice::Silent) => Class::Listener,
        };
        Rank { class, waits, voice: self.voice, publication: self.track.publication }
    }
}

impl Track {
    /// Whether the two are to be played in sync.
    pub(crate) fn belongs_with(self, other: Self) -> bool {
        self.owner == other.owner && self.is_screen() == other.is_screen()
    }

    fn is_screen(self) -> bool {
        match self.source {
            Source::Microphone | Source::Camera => false,
            Source::Screen | Source::ScreenAudio => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Reverse;

    fn rank(source: Source, muted: bool, voice: Voice, preferred: Option<usize>, waits: bool) -> Rank {
        let track = Track { publication: PublicationId(1), owner: ParticipantId(1), source };
        Claim { track, muted, voice }.rank(preferred, waits)
    }

    #[test]
    fn the_order_is_that_of_the_list() {
        let (spoke, never) = (Voice::Spoke(Reverse(7)), Voice::Silent);
        let ranks = [
            rank(Source::Camera, true, never, Some(0), true),
            rank(Source::Screen, false, Voice::Speaks(0), Some(1), false),
            rank(Source::Screen, false, never, None, false),
            rank(Source::Screen, false, never, None, true),
            rank(Source::Camera, false, Voice::Speaks(1), None, false),
            rank(Source::Camera, false, Voice::Speaks(0), None, true),
            rank(Source::Camera, false, spoke, None, false),
            rank(Source::Camera, false, never, None, false),
            rank(Source::Camera, false, Voice::Spoke(Reverse(8)), None, true),
            rank(Source::Camera, false, spoke, None, true),
            rank(Source::Screen, true, never, None, false),
            rank(Source::Camera, true, Voice::Speaks(0), None, true),
        ];
        assert!(ranks.is_sorted());
    }
}
