//! `moderate`: what a moderator decides about others and the room. Whether it may is asked here, and all is carried out
//! on this side: in who has a place, in who feeds whose slots, and by `Output::Hold` in the media plane.

use crate::member::{Joiner, Member, Presence, Way};
use crate::{ConnectionId, RoomEventKind, Rooms, refused, room::Room, timers::Timer};
use signal::{
    ErrorCode, ErrorInfo, Hold, LeaveReason, ModerateAct, ParticipantId, RoomMode, RoomName, ServerMessage,
};

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
                self.hold(participant, what, on);
            }
            ModerateAct::Remove { participant } => {
                if room.may_decide(by, participant)? && participant != by {
                    self.put_out(participant);
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

    /// Holds something of somebody in this room, or lets it go.
    fn hold(&mut self, participant: ParticipantId, what: Hold, on: bool) {
        let Some(room) = self.directory.home(participant) else { return };
        let Some(member) = room.members.get_mut(&participant) else { return };
        let changed = if on { member.holds.insert(what) } else { member.holds.remove(&what) };
        if !changed {
            return;
        }
        let mut silenced = Vec::new();
        for (id, publication) in member.publications.iter_mut().filter(|(_, held)| what.covers(held.source)) {
            if on && !publication.muted {
                publication.muted = true;
                silenced.push(*id);
            }
        }
        for publication in silenced {
            room.tell(&ServerMessage::Muted { participant, publication, muted: true }, &mut self.outbox);
        }
        room.claims_changed();
    }

    /// Puts somebody out, and whoever else is the same by its identity, and keeps them out.
    fn put_out(&mut self, participant: ParticipantId) {
        let Some(room) = self.directory.home(participant) else { return };
        let Some(member) = room.members.get(&participant) else { return };
        let mut out = vec![participant];
        if let Some(identity) = member.identity.clone() {
            let is_it = |other: Option<&String>| other == Some(&identity);
            let inside = room.members.iter().filter(|(_, member)| is_it(member.identity.as_ref()));
            let joining = room.joiners.iter().filter(|(_, joiner)| is_it(joiner.known.identity.as_ref()));
            out = inside.map(|(id, _)| *id).chain(joining.map(|(id, _)| *id)).collect();
            let waiting = room.moderating.waiting.iter();
            let waiting = waiting.filter(|(_, waiter)| is_it(waiter.joiner.known.identity.as_ref()));
            let waiting: Vec<_> = waiting.map(|(id, _)| *id).collect();
            room.moderating.keep_out(identity);
            for waiter in waiting {
                self.send_away(waiter, ErrorCode::Removed);
            }
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
    /// Whether that one is here to be decided about. Whose invitation makes it a moderator is decided about by others of
    /// those alone.
    fn may_decide(&self, by: ParticipantId, target: ParticipantId) -> Result<bool, ErrorInfo> {
        let invited = |id| self.members.get(&id).is_some_and(|member: &Member| member.permissions.moderate);
        if invited(target) && !invited(by) {
            return not_allowed("That one moderates by invitation.");
        }
        Ok(self.members.contains_key(&target))
    }
}

fn not_allowed<T>(sentence: &str) -> Result<T, ErrorInfo> {
    Err(ErrorInfo::with_message(ErrorCode::NotAllowed, sentence))
}
