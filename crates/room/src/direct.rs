//! What two participants say to each other about a connection between them: checked and passed on, and nothing of
//! it kept. And which rooms there may be: by which way media goes in them.

use crate::{ConnectionId, Now, Rooms, member::Member, refused, room::Room};
use signal::limits::{MAX_DIRECT_CANDIDATE, MAX_DIRECT_DESCRIPTION, MAX_MID_LENGTH};
use signal::{
    CallNumber, DirectSignal, ErrorCode, ErrorInfo, ParticipantId, RoomMode, RoomName, ServerMessage,
};

impl Rooms {
    pub(crate) fn direct(
        &mut self,
        from: ParticipantId,
        to: ParticipantId,
        call: CallNumber,
        signal: DirectSignal,
        now: Now,
    ) -> Result<(), ErrorInfo> {
        // Nobody's slots change with it, so that nothing has to be settled.
        let Some(room) = self.directory.room_of(from) else { return refused(ErrorCode::NotJoined) };
        if room.mode == RoomMode::Sfu {
            return Err(ErrorInfo::with_message(
                ErrorCode::ModeNotAllowed,
                "Nobody connects straight to another in this room.",
            ));
        }
        check(&signal)?;
        // What is held would not be where two connect straight to each other.
        let listener = room.listener(from, to).filter(|_| !room.holds_anything());
        let Some(member) = self.directory.member(from) else { return refused(ErrorCode::NotJoined) };
        // Counted also when nobody hears it: whoever talks to nobody talks too much as well.
        let within = member.direct_rate.take(now);
        if let Some(connection) = listener.filter(|_| within) {
            self.outbox.send(connection, ServerMessage::Direct { from, call, signal });
        }
        Ok(())
    }

    /// By which way media goes, or would go, in the room of somebody who comes: that of the room, if somebody is in
    /// it; else as wished, if the server allows that; else the first that it allows.
    pub(crate) fn mode_for(&self, room: &RoomName, wish: Option<RoomMode>) -> Result<RoomMode, ErrorInfo> {
        if let Some(room) = self.directory.room(room) {
            return Ok(room.mode);
        }
        let allowed = |mode: &RoomMode| self.config.modes.contains(mode);
        let likes = [RoomMode::Auto, RoomMode::Sfu, RoomMode::P2p];
        match wish {
            Some(mode) => Some(mode).filter(allowed),
            None => likes.into_iter().find(allowed),
        }
        .ok_or_else(|| ErrorInfo::new(ErrorCode::ModeNotAllowed))
    }

    /// How many a room of this mode holds.
    pub(crate) fn most(&self, mode: RoomMode) -> u32 {
        let most = self.config.max_participants;
        match mode {
            RoomMode::Auto | RoomMode::Sfu => most,
            RoomMode::P2p => most.min(self.config.max_mesh),
        }
    }
}

impl Room {
    /// The socket of another one, if the two may connect straight to each other.
    fn listener(&self, from: ParticipantId, to: ParticipantId) -> Option<ConnectionId> {
        let able = |id| self.members.get(&id).filter(|member: &&Member| member.direct);
        able(from).filter(|_| from != to)?;
        able(to)?.connection()
    }
}

fn check(signal: &DirectSignal) -> Result<(), ErrorInfo> {
    let fits = match signal {
        DirectSignal::Offer { id: _, sdp } | DirectSignal::Answer { id: _, sdp } => {
            !sdp.0.is_empty() && sdp.0.len() <= MAX_DIRECT_DESCRIPTION
        }
        DirectSignal::Candidate(candidate) => {
            candidate.candidate.len() <= MAX_DIRECT_CANDIDATE
                && candidate.mid.as_ref().is_none_or(|mid| mid.0.len() <= MAX_MID_LENGTH)
        }
        DirectSignal::Back {} | DirectSignal::Bye {} => true,
    };
    if fits {
        Ok(())
    } else {
        Err(ErrorInfo::with_message(ErrorCode::Malformed, "A description or candidate is empty or too long."))
    }
}
