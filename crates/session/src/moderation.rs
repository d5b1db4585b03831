//! How the room is moderated, as the server says, and what follows from it here: what is held of one's own tracks goes
//! on muted, and no two are connected straight to each other, where the server could hold nothing.

use crate::{Now, Session};
use signal::{ClientMessage, ModerateAct, Moderation, RoomMode};

impl Session {
    /// The server says how the room is moderated now.
    pub(crate) fn moderated(&mut self, moderation: Moderation, now: Now) {
        let me = self.roster.my_id();
        let mine = moderation.held.iter().filter(|held| Some(held.participant) == me);
        self.tracks.held = mine.map(|held| held.what).collect();
        self.moderation = moderation;
        self.tracks.mute_held();
        self.publish_changes(now);
    }

    /// What is so is told behind `joined` and `resumed`.
    pub(crate) fn forget_moderation(&mut self) {
        self.waiting = false;
        self.moderation = Moderation::default();
        self.tracks.held.clear();
    }

    /// The person decides about others.
    pub(crate) fn moderate(&mut self, act: ModerateAct, now: Now) {
        if self.is_live() {
            self.send(ClientMessage::Moderate { act }, now);
        }
    }

    /// Whether nobody may be connected straight to another now.
    pub(crate) fn keeps_to_server(&self) -> bool {
        self.directs.mode() == Some(RoomMode::Auto) && !self.moderation.held.is_empty()
    }
}
