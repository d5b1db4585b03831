//! What happened in rooms, told to the caller for its record: it asks for nothing. Who is on the way in is not yet news.

use crate::RoomId;
use signal::{DisplayName, LeaveReason, ParticipantId, RoomMode, RoomName};

/// Something happened in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomEvent {
    /// In which.
    pub room: RoomId,
    /// What it is called.
    pub name: RoomName,
    /// What.
    pub kind: RoomEventKind,
}

/// What can happen in a room. It opens with the first who is inside and ends with the last, and may open again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomEventKind {
    /// Somebody is about to be the first inside.
    Opened {
        /// By which way media goes.
        mode: RoomMode,
    },
    /// Somebody is inside.
    Joined {
        /// Who.
        participant: ParticipantId,
        /// What it is called.
        name: DisplayName,
        /// Whether it came by WHIP or WHEP.
        over_http: bool,
    },
    /// Somebody is gone.
    Left {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// Nobody is inside any more. When the server stops, this stands for everybody's leaving too.
    Ended,
}
