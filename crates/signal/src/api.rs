//! The HTTP part of the protocol.

use crate::{RoomMode, RoomName};
use serde::{Deserialize, Serialize};

/// The path of the WebSocket.
pub const WS_PATH: &str = "/ws";

/// `GET /api/rooms/{room}`: what a page asks before it asks for the camera. A room that nobody is in
/// exists all the same, with no participants. A bad name is answered 400 with an
/// [`ErrorInfo`](crate::ErrorInfo).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomStatus {
    /// The name as the server keeps it.
    pub room: String,
    /// How many are in it.
    pub participants: u32,
    /// How many may be in it.
    pub max_participants: u32,
    /// The server has too much to do to open the room now: whoever joins is told
    /// [`Overloaded`](crate::ErrorCode::Overloaded).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub overloaded: bool,
    /// It takes a secret link, a password or an invitation to enter a room here, and nothing is told of this one: all
    /// else is as if nobody were in it.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub closed: bool,
    /// By which way media goes in it; absent while nobody is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<RoomMode>,
}

impl RoomStatus {
    /// Whether the next one is refused.
    pub fn is_full(&self) -> bool {
        self.participants >= self.max_participants
    }
}

/// What may follow `POST /whip/{room}?`. Whatever else does is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhipQuery {
    /// The display name.
    pub name: Option<String>,
}

/// What may follow `POST /whep/{room}?`. Whatever else does is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhepQuery {
    /// The display name.
    pub name: Option<String>,
    /// Whom to play alone: a participant's id, or else its display name. Everybody, as far as there are slots,
    /// when absent.
    pub participant: Option<String>,
}

/// The path of a room's status, not percent-encoded.
pub fn room_status_path(room: &RoomName) -> String {
    format!("/api/rooms/{room}")
}

/// The answer of `GET /api/embed`: whose pages, besides the server's own, may show a room in a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedding {
    /// Origins (RFC 6454 §6.2), as the operator named them.
    pub origins: Vec<String>,
}
