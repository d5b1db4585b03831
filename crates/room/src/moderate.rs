//! `moderate`: what a moderator decides about others and the room. Whether it may is asked here, and all is carried out
//! on this side: in who has a place, in who feeds whose slots, and by `Output::Hold` in the media plane.

use crate::member::{Joiner, Member, Presence, Way};
use crate::{ConnectionId, RoomEventKind, Rooms, refused, room::Room, timers::Timer};
use signal::{ErrorCode, ErrorInfo, LeaveReason, ModerateAct, ParticipantId, RoomMode, RoomName};

impl Rooms {
    pub(crate) fn moderate(&mut self, by: ParticipantId, act: &ModerateAct) -> Result<(), ErrorInfo> {
        let Some(room) = self.directory.home(by) else { return refused(ErrorCode::NotJoined) };
        if !room.is_moderator(by) {
            return not_allowed("Only a moderator decides about others.");
        }
        match *act {
            ModerateAct::Hold { participant, what, on } => {
                if !room.may_decide(by, participant)? {
                    return Ok(());
                }
                if room.mode == RoomMode::P2p {
                    let sentence =
                        "In this room everybody connects straight to everybody: the server holds nothing.";
                    return Err(ErrorInfo::with_message(ErrorCode::ModeNotAllowed, sentence));
                }
                room.hold(participant, what, on, &mut self.outbox);
            }
            ModerateAct::Remove { participant } => {
                if room.may_decide(by, participant)? && participant != by {
                    self.put_out(by, participant);
                }
            }
            ModerateAct::Lock { on } => room.moderating.lock(on),
            ModerateAct::WaitingRoom { on } => {
                room.moderating.waiting_room = on;
                if !on {
                    self.admit_all(by);
                }
            }
            ModerateAct::Admit { participant } => self.let_in(by, participant),
            ModerateAct::Deny { participant } => self.send_away_from(by, participant),
            ModerateAct::HandOver { participant } => {
                let by_socket = |member: &Member| !matches!(member.presence, Presence::Resource(_));
                if participant != by && room.members.get(&participant).is_some_and(by_socket) {
                    room.moderating.hand_over(by, participant);
                }
            }
            ModerateAct::End {} => {
                let name = room.name.clone();
                self.end_room(&name);
            }
        }
        Ok(())
    }

    /// Puts somebody out, and whoever else is the same by its identity, and keeps them out.
    fn put_out(&mut self, by: ParticipantId, participant: ParticipantId) {
        let Some(room) = self.directory.home(participant) else { return };
        let out = room.keep_out(by, participant);
        for waiter in room.waiting_in_vain() {
            self.send_away(waiter, ErrorCode::Removed);
        }
        for participant in out {
            let Some(room) = self.directory.home(participant) else { continue };
            let inside = room.members.get(&participant).and_then(Member::connection);
            let joining = room.joiners.get(&participant).and_then(Joiner::connection);
            if let Some(connection) = inside.or(joining) {
                self.part_with(connection, ErrorCode::Removed);
            }
            self.remove(participant, LeaveReason::Removed);
        }
    }

    /// Ends a room, if there is one: everybody is told, and whoever joins afterwards opens another.
    pub(crate) fn end_room(&mut self, name: &RoomName) -> bool {
        let Some(room) = self.directory.room_named(name) else { return false };
        if !room.members.is_empty() {
            room.record(RoomEventKind::Ended, &mut self.outbox);
        }
        let waiting: Vec<_> = room.moderating.waiting.keys().copied().collect();
        let (members, joiners) = (std::mem::take(&mut room.members), std::mem::take(&mut room.joiners));
        for waiter in waiting {
            self.send_away(waiter, ErrorCode::RoomEnded);
        }
        for (participant, member) in members {
            self.directory.move_out(participant);
            match member.presence {
                Presence::Here(connection) => self.part_with(connection, ErrorCode::RoomEnded),
                Presence::Absent { until, .. } => self.timers.cancel(until, Timer::Absence(participant)),
                Presence::Resource(resource) => self.release(resource),
            }
        }
        for (participant, joiner) in joiners {
            self.directory.move_out(participant);
            match joiner.way {
                Way::Socket { connection, .. } => self.part_with(connection, ErrorCode::RoomEnded),
                Way::Resource { resource, .. } => self.release(resource),
            }
        }
        true
    }

    /// The last word to a socket. What it spoke for is the caller's concern.
    pub(crate) fn part_with(&mut self, connection: ConnectionId, code: ErrorCode) {
        self.forget(connection);
        self.outbox.error(connection, ErrorInfo::new(code));
        self.outbox.close(connection);
    }
}

impl Room {
    /// Whether that one is here to be decided about. Whose invitation makes it a moderator, by whichever of its places, is
    /// decided about by others of those alone.
    fn may_decide(&self, by: ParticipantId, target: ParticipantId) -> Result<bool, ErrorInfo> {
        let inside = |id| self.members.get(id).is_some_and(|member: &Member| member.permissions.moderate);
        let joining = |id| self.joiners.get(id).is_some_and(|joiner: &Joiner| joiner.permissions.moderate);
        if !inside(&by) && self.places_of(target).iter().any(|place| inside(place) || joining(place)) {
            return not_allowed("That one moderates by invitation.");
        }
        Ok(self.members.contains_key(&target))
    }
}

fn not_allowed<T>(sentence: &str) -> Result<T, ErrorInfo> {
    Err(ErrorInfo::with_message(ErrorCode::NotAllowed, sentence))
}
