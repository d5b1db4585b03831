//! A participant's socket is lost and found again. Its media, publications and seat stay meanwhile;
//! see [`Presence`].

use crate::connection::Stage;
use crate::{ConnectionId, Now, Rooms, member::Presence, refused, timers::Timer};
use signal::{ErrorCode, ErrorInfo, LeaveReason, ParticipantId, ResumeToken, ServerMessage};

impl Rooms {
    /// `resume` on a fresh socket. An older socket that still speaks for the participant is replaced:
    /// the client knows better than we do that it is dead.
    pub(crate) fn resume(
        &mut self,
        connection: ConnectionId,
        participant: ParticipantId,
        token: &ResumeToken,
        now: Now,
    ) -> Result<(), ErrorInfo> {
        let Some(room) = self.directory.home(participant) else { return refused(ErrorCode::CannotResume) };
        let Some(member) =
            room.members.get_mut(&participant).filter(|member| member.token.as_ref() == Some(token))
        else {
            return refused(ErrorCode::CannotResume);
        };
        let before = std::mem::replace(&mut member.presence, Presence::Here(connection));
        member.offers.resume();
        let (slots, answered) = (member.seating.fed(), member.offers.answered());
        let participants = room.infos();
        let (chat, hands) = (room.chat.history(now), room.hands.clone());
        match before {
            Presence::Absent { until, .. } => self.timers.cancel(until, Timer::Absence(participant)),
            // It has no token.
            Presence::Resource(_) => {}
            Presence::Here(old) => {
                self.forget(old);
                self.outbox.error(old, ErrorInfo::new(ErrorCode::Replaced));
                self.outbox.close(old);
            }
        }
        self.set_stage(connection, Stage::Member(participant));
        let (ice_servers, relays) = (Vec::new(), Vec::new());
        let resumed =
            ServerMessage::Resumed { participants, slots, answered, chat, hands, ice_servers, relays };
        self.outbox.send(connection, resumed);
        self.repeat(participant, connection);
        Ok(())
    }

    /// A participant's socket is lost; its resume window starts.
    pub(crate) fn lose(&mut self, participant: ParticipantId, now: Now) {
        let Some(room) = self.directory.home(participant) else { return };
        let Some(member) = room.members.get_mut(&participant) else { return };
        let until = now.saturating_add(self.config.patience(member.media_lost));
        member.presence = Presence::Absent { since: now, until };
        self.timers.schedule(until, Timer::Absence(participant));
    }

    /// The path of a participant's media is lost, or found again. Who has neither that nor a socket is waited for less
    /// long: most likely nobody is there.
    pub(crate) fn media_path(&mut self, participant: ParticipantId, up: bool, now: Now) {
        let Some(room) = self.directory.home(participant) else { return };
        let Some(member) = room.members.get_mut(&participant) else { return };
        member.media_lost = !up;
        let Presence::Absent { since, until: before } = member.presence else { return };
        let until = since.saturating_add(self.config.patience(member.media_lost)).max(now);
        member.presence = Presence::Absent { since, until };
        self.timers.cancel(before, Timer::Absence(participant));
        self.timers.schedule(until, Timer::Absence(participant));
    }

    pub(crate) fn resume_window_over(&mut self, participant: ParticipantId) {
        self.remove(participant, LeaveReason::ConnectionLost);
    }
}
