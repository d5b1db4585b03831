//! What is told: PROTOCOL.md, "Webhooks", has an example of each, which a test compares.

use room::{RoomEvent, RoomEventKind};
use serde_json::{Value, json};
use std::time::SystemTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A message on its way. The same for every attempt.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// By which a receiver knows it again.
    pub(crate) id: String,
    /// JSON.
    pub(crate) body: String,
}

impl Message {
    /// Of what happened now. `session` tells one time that the room is open from the next.
    pub(crate) fn of(event: &RoomEvent, id: u128, session: &str, now: SystemTime) -> Self {
        let room = event.name.as_str();
        let (kind, data) = match &event.kind {
            RoomEventKind::Opened { mode } => {
                ("room.opened", json!({ "room": room, "session": session, "mode": mode }))
            }
            RoomEventKind::Joined { participant, name, over_http } => (
                "participant.joined",
                json!({
                    "room": room,
                    "session": session,
                    "participant": participant,
                    "name": name.as_str(),
                    "over_http": over_http,
                }),
            ),
            RoomEventKind::Left { participant, reason } => (
                "participant.left",
                json!({ "room": room, "session": session, "participant": participant, "reason": reason }),
            ),
            RoomEventKind::Ended => ("room.ended", json!({ "room": room, "session": session })),
        };
        let body = json!({ "type": kind, "timestamp": timestamp(now), "data": data });
        Self { id: format!("msg_{id:032x}"), body: body.to_string() }
    }
}

/// RFC 3339. It cannot fail: any time of ours has a year of four digits.
fn timestamp(now: SystemTime) -> Value {
    OffsetDateTime::from(now).format(&Rfc3339).map_or(Value::Null, Value::String)
}
