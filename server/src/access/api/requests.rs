//! What is asked and answered, as JSON.

use crate::access::register::Made;
use serde::{Deserialize, Serialize};
use signal::{Permissions, RoomName};
use utoipa::ToSchema;

/// A room to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoom {
    /// Its name: 1 to 64 letters or digits, `-` and `_`. Left out: one that nobody can guess, so that its link is all
    /// it takes to enter.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// What those who enter must know, at most 256 bytes. Left out: nothing, if its name cannot be guessed; else it
    /// takes an invitation.
    #[serde(default)]
    pub(crate) password: Option<String>,
    /// How many may be in it, if fewer than the server allows in any.
    #[serde(default)]
    pub(crate) max_participants: Option<u32>,
    /// Seconds after which nobody enters any more. Left out: until it is deleted.
    #[serde(default)]
    pub(crate) expires_in: Option<u64>,
}

/// A room as it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomMade {
    /// Its name.
    room: String,
    /// Its page on this server.
    path: String,
    /// Its name cannot be guessed, and is all it takes to enter unless there is a password.
    secret: bool,
    /// It has a password.
    password: bool,
    /// How many may be in it, if fewer than the server allows in any.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_participants: Option<u32>,
    /// Seconds since the epoch.
    created: u64,
    /// From then on nobody enters any more. Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
}

/// Rooms that were made.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomList {
    /// Nobody enters rooms that are not among these without an invitation.
    pub(crate) closed: bool,
    /// All of them, by name.
    pub(crate) rooms: Vec<RoomMade>,
}

/// An invitation to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// Where to.
    pub(crate) room: String,
    /// Who is invited, for the server's log: at most 128 bytes.
    #[serde(default)]
    pub(crate) identity: Option<String>,
    /// What its bearer is called inside. Left out: whatever it calls itself.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// What its bearer may do.
    #[serde(default)]
    pub(crate) permissions: Allowed,
    /// For how many seconds it holds: an hour unless said, at most 90 days.
    #[serde(default)]
    pub(crate) expires_in: Option<u64>,
    /// It is good for one entry.
    #[serde(default)]
    pub(crate) one_use: bool,
}

/// What somebody may do in a room. What is left out is as for anybody: all but `moderate`.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is had or not, whatever the others are")]
pub(crate) struct Allowed {
    /// Send audio and video.
    pub(crate) publish: bool,
    /// Receive audio and video.
    pub(crate) subscribe: bool,
    /// Say something: chat, reactions, messages over data channels.
    pub(crate) data: bool,
    /// Decide about others.
    pub(crate) moderate: bool,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenMade {
    /// The token: as `token` in `join`, or after `Authorization: Bearer` for WHIP and WHEP.
    pub(crate) token: String,
    /// The room's page with the token in it. What stands after `#` is never sent to a server.
    pub(crate) path: String,
    /// From then on it does not hold. Seconds since the epoch.
    pub(crate) expires: u64,
}

/// Why something was refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A sentence for a person.
    message: String,
}

impl Problem {
    pub(crate) fn of(message: &str) -> Self {
        Self { message: message.to_owned() }
    }
}

impl RoomMade {
    pub(crate) fn of(room: &RoomName, made: &Made) -> Self {
        Self {
            room: room.as_str().to_owned(),
            path: format!("/r/{room}"),
            secret: made.secret,
            password: made.password.is_some(),
            max_participants: made.max_participants,
            created: made.created,
            expires: made.expires,
        }
    }
}

impl Default for Allowed {
    fn default() -> Self {
        let Permissions { publish, subscribe, data, moderate } = Permissions::default();
        Self { publish, subscribe, data, moderate }
    }
}

impl From<Allowed> for Permissions {
    fn from(allowed: Allowed) -> Self {
        let Allowed { publish, subscribe, data, moderate } = allowed;
        Self { publish, subscribe, data, moderate }
    }
}
