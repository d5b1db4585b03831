//! The record of what happens in rooms: the log, and webhooks.
//!
//! Rooms and people have names, which stand in the log at `debug` only; at `info` they are numbers.

use crate::webhooks::{Message, Webhooks};
use room::{RoomEvent, RoomEventKind, RoomId};
use std::collections::HashMap;
use std::time::SystemTime;

/// Keeps it.
pub(super) struct Chronicle {
    webhooks: Webhooks,
    /// The rooms that are open: what this time is called.
    sessions: HashMap<RoomId, String>,
}

impl Chronicle {
    pub(super) fn new(webhooks: Webhooks) -> Self {
        Self { webhooks, sessions: HashMap::new() }
    }

    pub(super) fn record(&mut self, event: &RoomEvent) {
        log(event);
        if self.webhooks.is_empty() {
            return;
        }
        let session = match &event.kind {
            RoomEventKind::Opened { .. } => {
                let session = format!("{:032x}", random());
                self.sessions.insert(event.room, session.clone());
                session
            }
            RoomEventKind::Joined { .. } | RoomEventKind::Left { .. } => {
                self.sessions.get(&event.room).cloned().unwrap_or_default()
            }
            RoomEventKind::Ended => self.sessions.remove(&event.room).unwrap_or_default(),
        };
        self.webhooks.tell(Message::of(event, random(), &session, SystemTime::now()));
    }
}

fn log(event: &RoomEvent) {
    let room = event.room.0;
    match &event.kind {
        RoomEventKind::Opened { mode } => {
            tracing::info!(room, ?mode, "a room opens");
            tracing::debug!(room, name = event.name.as_str(), "its name");
        }
        RoomEventKind::Joined { participant, name, over_http } => {
            tracing::info!(room, %participant, over_http, "somebody is in");
            tracing::debug!(room, %participant, name = name.as_str(), "their name");
        }
        RoomEventKind::Left { participant, reason } => {
            tracing::info!(room, %participant, ?reason, "somebody is gone");
        }
        RoomEventKind::Ended => tracing::info!(room, "the room ends"),
    }
}

/// A number that no other has; the time instead where the system has no randomness.
fn random() -> u128 {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u128::from_ne_bytes(bytes),
        Err(_) => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos(),
    }
}
