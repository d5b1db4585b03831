//! Moderation: what a moderator does about others, and what everybody is told of it.

use crate::{ParticipantId, Source};
use serde::{Deserialize, Serialize};

/// What of a participant is held: it reaches nobody, whatever is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// All that is heard of it, also the sound of what it shows: which voice is in a track the server cannot know.
    Sound,
    /// Its camera.
    Camera,
    /// What it shows, with the sound.
    Screen,
}

impl Hold {
    /// Whether it holds what comes from there.
    pub fn covers(self, source: Source) -> bool {
        matches!(
            (self, source),
            (Self::Sound, Source::Microphone | Source::ScreenAudio)
                | (Self::Camera, Source::Camera)
                | (Self::Screen, Source::Screen | Source::ScreenAudio)
        )
    }
}

/// Something that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// Whose.
    pub participant: ParticipantId,
    /// What of it.
    pub what: Hold,
}

/// Somebody who waits to be let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its id, which it keeps when it is let in.
    pub participant: ParticipantId,
    /// Its display name.
    pub name: String,
}

/// What a moderator does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ModerateAct {
    /// Hold something of somebody, or let it go: then it stays muted until its owner switches it on.
    Hold {
        /// Whose.
        participant: ParticipantId,
        /// What.
        what: Hold,
        /// It is held from now on.
        on: bool,
    },
    /// Put somebody out, and keep them out as far as they are known.
    Remove {
        /// Whom.
        participant: ParticipantId,
    },
    /// Let nobody in any more, or again.
    Lock {
        /// It is locked from now on.
        on: bool,
    },
    /// Have those who come wait until they are let in, or not: then all who wait come in.
    WaitingRoom {
        /// They wait from now on.
        on: bool,
    },
    /// Let somebody in who waits.
    Admit {
        /// Whom.
        participant: ParticipantId,
    },
    /// Send somebody away who waits.
    Deny {
        /// Whom.
        participant: ParticipantId,
    },
    /// Make somebody else the moderator in one's own place. Whose invitation makes it one stays one.
    HandOver {
        /// Whom.
        participant: ParticipantId,
    },
    /// End the room for everybody.
    End {},
}

/// How a room is moderated: all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moderation {
    /// Who moderates, by ascending id.
    pub moderators: Vec<ParticipantId>,
    /// Nobody is let in.
    pub locked: bool,
    /// Those who come wait until they are let in.
    pub waiting_room: bool,
    /// What is held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
    /// Who waits, who came first first. Told to moderators alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held() {
        for (hold, covered) in [
            (Hold::Sound, [true, false, false, true]),
            (Hold::Camera, [false, true, false, false]),
            (Hold::Screen, [false, false, true, true]),
        ] {
            let sources = [Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio];
            assert_eq!(sources.map(|source| hold.covers(source)), covered, "{hold:?}");
        }
    }
}
