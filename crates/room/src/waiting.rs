//! The doorstep: whether somebody who comes is let in at once, waits, or is refused; and what becomes of those who wait.
//! They take no place and are told nothing of the room.

use crate::connection::Stage;
use crate::member::{Joiner, Way};
use crate::{Now, Rooms, refused, room::Room, timers::Timer};
use signal::limits::{HANDSHAKE_TIMEOUT, MAX_WAITING, MAX_WAITING_OFFER, WAITING_TIMEOUT};
use signal::{ErrorCode, ErrorInfo, ParticipantId, ResumeToken, RoomMode, RoomName, Sdp, ServerMessage};

/// Somebody who waits, and all that it takes to let it in.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) joiner: Joiner,
    mode: Option<RoomMode>,
    offer: Sdp,
    until: Now,
}

/// What a room says to somebody who comes.
enum Doorstep {
    Enter,
    Wait,
}

impl Rooms {
    /// Somebody comes: it gets a place and its offer is answered, or it waits. A token says that it was inside.
    pub(crate) fn come(
        &mut self,
        room: RoomName,
        mut joiner: Joiner,
        mode: Option<RoomMode>,
        offer: Sdp,
        returning: Option<&ResumeToken>,
    ) -> Result<ParticipantId, ErrorInfo> {
        match self.doorstep(&room, &mut joiner, returning)? {
            Doorstep::Enter => {
                let connection = joiner.connection();
                let participant = self.ids.participant();
                self.take_place(participant, room, joiner, mode, offer)?;
                if let Some((room, token)) = self.directory.room_of(participant).zip(returning) {
                    room.moderating.returned(token);
                }
                if let Some(connection) = connection {
                    self.set_stage(connection, Stage::Joining(participant));
                }
                Ok(participant)
            }
            Doorstep::Wait => self.wait(room, joiner, mode, offer),
        }
    }

    fn doorstep(
        &self,
        room: &RoomName,
        joiner: &mut Joiner,
        returning: Option<&ResumeToken>,
    ) -> Result<Doorstep, ErrorInfo> {
        let Some(room) = self.directory.room(room) else { return Ok(Doorstep::Enter) };
        let left = returning.and_then(|token| room.moderating.left_by(token));
        // It is who it was, if it shows no invitation any more; and as somebody else it does not return.
        let left = left.filter(|left| left.may_be(joiner.known.identity.as_ref()));
        if let Some(identity) = left.as_ref().and_then(|left| left.identity.clone()) {
            joiner.known.identity = Some(identity);
        }
        if room.moderating.keeps_out(joiner.known.identity.as_ref()) {
            return refused(ErrorCode::Removed);
        }
        let doubtful = left.as_ref().is_some_and(|left| left.doubtful);
        let may_pass = left.is_some() && !doubtful || joiner.permissions.moderate;
        joiner.known.left = left.unwrap_or_default();
        let moderating = &room.moderating;
        match joiner.way {
            _ if may_pass => Ok(Doorstep::Enter),
            _ if moderating.locked && !doubtful => refused(ErrorCode::RoomLocked),
            _ if !moderating.locked && !moderating.waiting_room => Ok(Doorstep::Enter),
            Way::Socket { .. } if moderating.waiting.len() >= MAX_WAITING => refused(ErrorCode::RoomFull),
            Way::Socket { .. } => Ok(Doorstep::Wait),
            // A request cannot wait for a person.
            Way::Resource { .. } => refused(ErrorCode::RoomLocked),
        }
    }

    fn wait(
        &mut self,
        room: RoomName,
        joiner: Joiner,
        mode: Option<RoomMode>,
        offer: Sdp,
    ) -> Result<ParticipantId, ErrorInfo> {
        if offer.0.is_empty() || offer.0.len() > MAX_WAITING_OFFER {
            return refused(ErrorCode::BadOffer);
        }
        let Some(connection) = joiner.connection() else { return refused(ErrorCode::RoomLocked) };
        let participant = self.ids.participant();
        let Some(room) = self.directory.wait_at(participant, room) else {
            return refused(ErrorCode::Internal);
        };
        let until = self.outbox.now().saturating_add(WAITING_TIMEOUT);
        room.moderating.waiting.insert(participant, Waiter { joiner, mode, offer, until });
        self.timers.schedule(until, Timer::Waiting(participant));
        self.set_stage(connection, Stage::Waiting(participant));
        self.outbox.send(connection, ServerMessage::Waiting {});
        Ok(participant)
    }

    /// Lets somebody in who waits at the room of a moderator.
    pub(crate) fn let_in(&mut self, by: ParticipantId, participant: ParticipantId) {
        let Some(name) = self.waits_with(by, participant) else { return };
        let Some(Waiter { joiner, mode, offer, .. }) = self.stop_waiting(participant) else { return };
        let Some(connection) = joiner.connection() else { return };
        match self.take_place(participant, name, joiner, mode, offer) {
            Ok(()) => self.set_stage(connection, Stage::Joining(participant)),
            Err(error) => {
                let deadline = self.outbox.now().saturating_add(HANDSHAKE_TIMEOUT);
                self.set_stage(connection, Stage::Fresh { deadline });
                self.outbox.error(connection, error.in_reply_to("join"));
            }
        }
    }

    /// Lets all in who wait there.
    pub(crate) fn admit_all(&mut self, by: ParticipantId) {
        let room = self.directory.home(by);
        let all: Vec<_> =
            room.map(|room| room.moderating.waiting.keys().copied().collect()).unwrap_or_default();
        for participant in all {
            self.let_in(by, participant);
        }
    }

    /// Sends somebody away who waits at the room of a moderator.
    pub(crate) fn send_away_from(&mut self, by: ParticipantId, participant: ParticipantId) {
        if self.waits_with(by, participant).is_some() {
            self.send_away(participant, ErrorCode::Denied);
        }
    }

    /// Sends somebody away who waits.
    pub(crate) fn send_away(&mut self, participant: ParticipantId, code: ErrorCode) {
        if let Some(connection) = self.stop_waiting(participant).and_then(|waiter| waiter.joiner.connection())
        {
            self.part_with(connection, code);
        }
    }

    /// Somebody waits no longer.
    pub(crate) fn stop_waiting(&mut self, participant: ParticipantId) -> Option<Waiter> {
        let waiter = self.directory.home(participant)?.moderating.waiting.remove(&participant)?;
        self.directory.wait_no_longer(participant);
        self.timers.cancel(waiter.until, Timer::Waiting(participant));
        Some(waiter)
    }

    /// Where nobody is left to let anybody in, nobody waits any more.
    pub(crate) fn clear_doorsteps(&mut self) {
        for participant in self.directory.wait_in_vain() {
            self.send_away(participant, ErrorCode::Denied);
        }
    }

    /// The room, if the two are at the same one.
    fn waits_with(&mut self, by: ParticipantId, participant: ParticipantId) -> Option<RoomName> {
        let room = self.directory.home(by)?;
        room.moderating.waiting.contains_key(&participant).then(|| room.name.clone())
    }
}

impl Room {
    /// Who waits though it is kept out by now.
    pub(crate) fn waiting_in_vain(&self) -> Vec<ParticipantId> {
        let waiting = self.moderating.waiting.iter();
        let kept_out =
            waiting.filter(|(_, waiter)| self.moderating.keeps_out(waiter.joiner.known.identity.as_ref()));
        kept_out.map(|(id, _)| *id).collect()
    }
}
