//! What is seen at a room's door: how many are inside, whether there is a place left, or why nothing is
//! seen. Asks again and again while the preview is open.

use crate::api::{self, StatusError};
use crate::reactive::RwSignal;
use crate::words::{self, Word, say};
use ::signal::{RoomName, RoomStatus};
use gloo_timers::future::TimeoutFuture;
use madang_client::spawn_local;

/// How often the room is looked into again, in milliseconds.
const LOOK_EVERY: u32 = 5_000;

/// What was seen last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// Nothing yet.
    Asking,
    /// There is a place left.
    Open(RoomStatus),
    /// There is none.
    Full(RoomStatus),
    /// The server has too much to do to open the room.
    Busy,
    /// It could not be seen.
    Failed(StatusError),
}

impl Door {
    /// How many are inside, in words.
    pub fn count(&self) -> String {
        match self {
            Self::Asking => say(Word::Looking).to_owned(),
            // Of a closed room nobody outside is told.
            Self::Open(status) if status.closed => say(Word::Closed).to_owned(),
            Self::Open(status) | Self::Full(status) => words::inside(status.participants),
            Self::Busy | Self::Failed(_) => String::new(),
        }
    }

    /// The same in a few words.
    pub fn title(&self) -> Word {
        match self {
            Self::Asking | Self::Open(_) | Self::Failed(_) => Word::NoAnswer,
            Self::Full(_) => Word::RoomFull,
            Self::Busy => Word::EndedOverloaded,
        }
    }

    /// What stands in the way, in words.
    pub fn obstacle(&self) -> String {
        match self {
            Self::Asking | Self::Open(_) => String::new(),
            Self::Full(status) => words::full(status.participants),
            Self::Busy => say(Word::EndedOverloadedDetail).to_owned(),
            Self::Failed(StatusError::Unreachable(_)) => say(Word::Unreachable).to_owned(),
            Self::Failed(StatusError::Refused(info)) => info.message.clone(),
        }
    }

    fn seen(answer: Result<RoomStatus, StatusError>) -> Self {
        match answer {
            Ok(status) if status.is_full() => Self::Full(status),
            Ok(status) if status.overloaded => Self::Busy,
            Ok(status) => Self::Open(status),
            Err(error) => Self::Failed(error),
        }
    }
}

/// Looks once.
pub fn look(room: RoomName, door: RwSignal<Door>) {
    spawn_local(async move {
        let seen = Door::seen(api::room_status(&room).await);
        // One failed look takes nobody's preview away; joining will tell if the server is really gone.
        let was_open = door.try_with_untracked(|door| matches!(door, Door::Open(_)));
        if !(was_open == Some(true) && matches!(seen, Door::Failed(_))) {
            door.set(seen);
        }
    });
}

/// Looks at once, and then again and again while the signal lives.
pub fn keep_looking(room: RoomName, door: RwSignal<Door>) {
    spawn_local(async move {
        while !door.is_disposed() {
            look(room.clone(), door);
            TimeoutFuture::new(LOOK_EVERY).await;
        }
    });
}
