//! Why one is out of the room, in words.

use super::{Word, say};
use ::signal::{ErrorCode, ErrorInfo};
use session::EndReason;

/// A page's heading and what it says under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The heading.
    pub title: &'static str,
    /// Below it.
    pub detail: String,
}

/// Why one is out of the room.
pub fn ending(reason: &EndReason) -> Ending {
    let (title, detail) = match reason {
        EndReason::Left => (Word::EndedLeft, say(Word::EndedLeftDetail).to_owned()),
        EndReason::Unreachable => (Word::NoAnswer, say(Word::Unreachable).to_owned()),
        EndReason::Browser(detail) => (Word::EndedBrowser, detail.clone()),
        EndReason::Refused(ErrorInfo { code, message, .. }) => {
            let (title, detail) = refused(*code);
            (title, detail.map_or_else(|| message.clone(), |detail| say(detail).to_owned()))
        }
    };
    Ending { title: say(title), detail }
}

/// The heading, and what is said under it unless that is the server's to say.
fn refused(code: ErrorCode) -> (Word, Option<Word>) {
    match code {
        ErrorCode::RoomFull => (Word::RoomFull, Some(Word::RoomFullDetail)),
        ErrorCode::NotAllowed => (Word::EndedMode, Some(Word::NeedsKey)),
        ErrorCode::Busy | ErrorCode::TooManyFromNetwork | ErrorCode::TooManyRooms | ErrorCode::ServerFull => {
            (Word::EndedOverloaded, None)
        }
        ErrorCode::Overloaded => (Word::EndedOverloaded, Some(Word::EndedOverloadedDetail)),
        ErrorCode::RoomLocked => (Word::EndedLocked, Some(Word::EndedModerated)),
        ErrorCode::Removed => (Word::EndedRemoved, Some(Word::EndedModerated)),
        ErrorCode::RoomEnded => (Word::EndedForAll, Some(Word::EndedModerated)),
        ErrorCode::Denied => (Word::EndedDenied, Some(Word::EndedModerated)),
        ErrorCode::BadRoomName | ErrorCode::BadName => (Word::EndedName, None),
        ErrorCode::ModeNotAllowed => (Word::EndedMode, None),
        ErrorCode::UnsupportedVersion => (Word::EndedVersion, Some(Word::EndedVersionDetail)),
        ErrorCode::Replaced => (Word::EndedReplaced, Some(Word::EndedReplacedDetail)),
        ErrorCode::ShuttingDown => (Word::EndedRestarting, Some(Word::EndedRestartingDetail)),
        ErrorCode::CannotResume | ErrorCode::Silent | ErrorCode::TooSlow => {
            (Word::EndedLost, Some(Word::Unreachable))
        }
        ErrorCode::MediaFailed | ErrorCode::BadOffer => (Word::EndedMedia, Some(Word::EndedMediaDetail)),
        ErrorCode::Malformed
        | ErrorCode::UnknownMessage
        | ErrorCode::UnknownField
        | ErrorCode::MessageTooLarge
        | ErrorCode::TooManyMessages
        | ErrorCode::NotJoined
        | ErrorCode::AlreadyJoined
        | ErrorCode::BadTrack
        | ErrorCode::AlreadyPublished
        | ErrorCode::NotPublished
        | ErrorCode::TooManyPublications
        | ErrorCode::BadChat
        | ErrorCode::TooMuchChat
        | ErrorCode::HandshakeTimeout
        | ErrorCode::Internal
        | ErrorCode::Unknown => (Word::EndedWrong, None),
    }
}
