//! What a room tells its listener.

use crate::data::DataEvent;
use crate::slots::Slots;
use ::signal::{ErrorInfo, ParticipantId, Reaction};
use session::Snapshot;
use std::collections::VecDeque;
use std::rc::Rc;

/// Something happened. What came in one step is told in this order: what was only for that moment, then tracks, then
/// the room.
#[derive(Clone, Debug)]
pub enum Event {
    /// The room or one's place in it is no longer as told last: who is in it, who speaks, what was said, how the
    /// connection stands. All of it, as it is now.
    Room(Rc<Snapshot>),
    /// Tracks came or went: see [`Room::track`](crate::Room::track).
    Media(Rc<Slots>),
    /// One's own sources changed: see [`Room::own`](crate::Room::own).
    Own,
    /// Media flowed for another second: [`Snapshot::quality`] says how.
    Second,
    /// Somebody, perhaps oneself, shows something for a moment.
    Reacted {
        /// Who.
        participant: ParticipantId,
        /// What.
        reaction: Reaction,
    },
    /// Something that was said in the chat was not told to anybody.
    ChatRefused {
        /// What, to put back where it was written.
        text: String,
        /// Why not.
        error: ErrorInfo,
    },
    /// The server stops, and the room is to be found at this origin instead: the page should go there, unless that is
    /// where it came from. Until it does the room tries to come back to the same server.
    GoTo(String),
    /// The data channels have something to tell: see [`Room::open_data`](crate::Room::open_data).
    Data(DataEvent),
    /// The browser plays no sound before the person touches the page: call
    /// [`Sound::resume`](crate::Sound::resume) then.
    SoundBlocked,
}

/// What waits to be told, in order. Whoever is told may cause more, which is told after.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    waiting: VecDeque<Event>,
    busy: bool,
}

impl Telling {
    /// Puts an event at the end.
    pub fn push(&mut self, event: Event) {
        self.waiting.push_back(event);
    }

    /// Whether the caller is to tell what waits now, until [`next`](Self::next) has nothing more: another one may be
    /// at it.
    pub fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.busy, true)
    }

    /// What to tell next.
    pub fn next(&mut self) -> Option<Event> {
        let next = self.waiting.pop_front();
        self.busy = next.is_some();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_caused_while_one_is_told_comes_after_it() {
        let mut telling = Telling::default();
        telling.push(Event::Own);
        assert!(telling.begin());
        assert!(matches!(telling.next(), Some(Event::Own)));
        telling.push(Event::Second);
        assert!(!telling.begin(), "one tells already");
        assert!(matches!(telling.next(), Some(Event::Second)));
        assert!(telling.next().is_none());
        assert!(telling.begin(), "nobody tells any more");
    }
}
