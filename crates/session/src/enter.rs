//! The way in and the ways out. On the way in the socket opens while the browser makes its offer; when
//! both are there, `join` goes out with the offer and the tracks in it.

use crate::stage::{Patience, Stage, Ticket};
use crate::talk::{Talk, Talked};
use crate::{Credentials, EndReason, Me, Now, Output, Roster, Session, View, Wish};
use signal::{
    ClientMessage, OfferId, PROTOCOL_VERSION, ParticipantId, ParticipantInfo, Permissions, ResumeToken,
    RoomMode, Sdp, SlotAssignment,
};

/// What `joined` says.
pub(crate) struct Welcome {
    pub(crate) participant: ParticipantId,
    pub(crate) token: ResumeToken,
    pub(crate) name: String,
    pub(crate) mode: RoomMode,
    pub(crate) permissions: Permissions,
    pub(crate) answer: Sdp,
    pub(crate) participants: Vec<ParticipantInfo>,
    pub(crate) slots: Vec<SlotAssignment>,
    pub(crate) talked: Talked,
}

impl Session {
    /// The person wants in. Passed over unless out of every room.
    pub(crate) fn join(&mut self, wish: Wish, now: Now) {
        match self.stage {
            Stage::Idle | Stage::Ended(_) => {}
            Stage::Joining | Stage::Live(_) | Stage::Lost(_) => return,
        }
        self.wish = wish;
        self.patience = Patience::default();
        self.problem = None;
        self.stage = Stage::Joining;
        self.open_socket(now);
        self.create_first_offer();
    }

    /// Sends `join` as soon as there is a socket to send it on and an offer to send.
    pub(crate) fn enter_if_ready(&mut self, now: Now) {
        if !self.stage.wants_join() || !self.link.is_open() {
            return;
        }
        let Some((_, offer)) = self.offers.take_made() else { return };
        let publish = self.tracks.tell_all();
        let Wish { room, name, mode, direct } = self.wish.clone();
        let Credentials { token, password } = self.credentials.clone();
        let version = PROTOCOL_VERSION;
        let returning = self.returning.clone();
        let join = ClientMessage::Join {
            version,
            room,
            name,
            offer,
            publish,
            mode,
            direct,
            token,
            password,
            returning,
        };
        self.send(join, now);
    }

    /// `joined`: we are in.
    pub(crate) fn joined(&mut self, welcome: Welcome, now: Now) {
        let first = OfferId(0);
        if !self.stage.wants_join() || !self.offers.answered(first) {
            return;
        }
        let Welcome { participant, token, name, mode, permissions, answer, participants, slots, talked } =
            welcome;
        self.patience.seed = participant.0;
        self.returning = Some(token.clone());
        self.permissions = permissions;
        self.forget_moderation();
        self.stage = Stage::Live(Ticket { participant, token, since: now });
        self.talk.joined(talked, self.roster.my_id(), now);
        self.roster.me = Some(Me { id: participant, name, since: now });
        self.roster.replace(participants, slots);
        // Before the answer, with which media would begin to flow to the server.
        self.direct_joined(mode, now);
        self.output(Output::ApplyAnswer { id: first, sdp: answer });
        if !self.relays.is_empty() {
            self.media.awaited(now);
        }
        self.tracks.mids_agreed();
        self.tell_view_afresh(now);
        self.talk_again(now);
        self.publish_changes(now);
    }

    /// The person wants out.
    pub(crate) fn leave(&mut self) {
        match self.stage {
            Stage::Idle | Stage::Ended(_) => {}
            Stage::Joining | Stage::Live(_) | Stage::Lost(_) => {
                self.say_goodbye();
                self.end(EndReason::Left);
            }
        }
    }

    /// Lets the server give our place away at once, if it can hear us.
    pub(crate) fn say_goodbye(&mut self) {
        if self.link.is_open() {
            self.output(Output::Send(ClientMessage::Leave {}));
        }
    }

    pub(crate) fn end(&mut self, reason: EndReason) {
        self.close_socket();
        self.close_peer();
        self.roster = Roster::default();
        self.view = View::default();
        // What was sent before the goodbye arrives before it.
        if reason != EndReason::Left || !self.is_live() {
            self.leave_unsaid();
        }
        self.talk = Talk::default();
        self.returning = None;
        self.forget_moderation();
        self.stage = Stage::Ended(reason);
    }
}
