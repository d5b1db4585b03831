//! The ways out: a goodbye, a lost or closed socket, failed media, the server's end.

use crate::member::{Joiner, Member, Presence, Way};
use crate::{ConnectionId, Now, RoomEventKind, Rooms, Service, connection::Stage, timers::Timer};
use signal::{ErrorCode, ErrorInfo, LeaveReason, ParticipantId};

impl Rooms {
    /// The client says goodbye.
    pub(crate) fn leave(&mut self, id: ConnectionId) {
        let Some(stage) = self.forget(id) else { return };
        self.outbox.close(id);
        match stage {
            Stage::Fresh { .. } => {}
            Stage::Waiting(participant) => drop(self.stop_waiting(participant)),
            Stage::Joining(participant) | Stage::Member(participant) => {
                self.remove(participant, LeaveReason::Left);
            }
        }
    }

    /// The socket is gone.
    pub(crate) fn closed(&mut self, id: ConnectionId, now: Now) {
        match self.forget(id) {
            None | Some(Stage::Fresh { .. }) => {}
            Some(Stage::Waiting(participant)) => drop(self.stop_waiting(participant)),
            // It was never told its token, so it cannot resume.
            Some(Stage::Joining(participant)) => self.remove(participant, LeaveReason::ConnectionLost),
            Some(Stage::Member(participant)) => self.lose(participant, now),
        }
    }

    /// We close the socket, and say why. Its participant may resume.
    pub(crate) fn hang_up(&mut self, id: ConnectionId, error: ErrorInfo, now: Now) {
        self.outbox.error(id, error);
        self.outbox.close(id);
        self.closed(id, now);
    }

    /// A participant without media is none. It may join again.
    pub(crate) fn media_failed(&mut self, participant: ParticipantId) {
        let Some(room) = self.directory.home(participant) else { return };
        let joining = room.joiners.get(&participant).and_then(Joiner::connection);
        let inside = room.members.get(&participant).and_then(Member::connection);
        if let Some(connection) = joining.or(inside) {
            self.forget(connection);
            self.outbox.error(connection, ErrorInfo::new(ErrorCode::MediaFailed));
            self.outbox.close(connection);
        }
        self.remove(participant, LeaveReason::MediaFailed);
    }

    /// Nobody opens another room.
    pub(crate) fn drain(&mut self) {
        match self.service {
            Service::Open => self.service = Service::Draining,
            Service::Draining | Service::Stopped => {}
        }
    }

    /// Everybody is told and let go; nobody is let in any more.
    pub(crate) fn shut_down(&mut self) {
        self.service = Service::Stopped;
        for id in std::mem::take(&mut self.connections).into_keys() {
            self.outbox.error(id, ErrorInfo::new(ErrorCode::ShuttingDown));
            self.outbox.close(id);
        }
        for resource in std::mem::take(&mut self.resources).into_keys() {
            self.release(resource);
        }
        self.timers = crate::Timers::default();
        for room in self.directory.rooms().filter(|room| !room.members.is_empty()) {
            room.record(RoomEventKind::Ended, &mut self.outbox);
        }
        self.directory.clear();
    }

    /// Takes a participant out of its room, wherever it stands. Its socket is the caller's concern.
    pub(crate) fn remove(&mut self, participant: ParticipantId, reason: LeaveReason) {
        let Some(room) = self.directory.home(participant) else { return };
        let joiner = room.joiners.remove(&participant);
        let presence = room.members.get(&participant).map(|member| member.presence);
        room.dismiss(participant, reason, &mut self.outbox);
        self.directory.move_out(participant);
        match (presence, joiner.map(|joiner| joiner.way)) {
            (Some(Presence::Absent { until, .. }), _) => {
                self.timers.cancel(until, Timer::Absence(participant));
            }
            (Some(Presence::Resource(resource)), _) | (_, Some(Way::Resource { resource, .. })) => {
                self.release(resource);
            }
            (Some(Presence::Here(_)) | None, Some(Way::Socket { .. }) | None) => {}
        }
    }
}
