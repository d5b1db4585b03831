//! Errors: a code for the machine, a sentence for a person.

use serde::{Deserialize, Serialize};

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message is not JSON, or not of the shape its type demands.
    Malformed,
    /// No message has this type.
    UnknownMessage,
    /// A message has no such field.
    UnknownField,
    /// The message is larger than [`MAX_CLIENT_MESSAGE`](crate::limits::MAX_CLIENT_MESSAGE).
    MessageTooLarge,
    /// More messages than [`MAX_MESSAGE_RATE`](crate::limits::MAX_MESSAGE_RATE).
    TooManyMessages,
    /// The server speaks another version.
    UnsupportedVersion,
    /// The room's name cannot be used.
    BadRoomName,
    /// The display name cannot be used.
    BadName,
    /// The room holds as many participants as it may.
    RoomFull,
    /// The room would be a new one, and the server has too much to do already. Rooms that are there take more.
    Overloaded,
    /// The room would be a new one, and there are as many as the server allows. Rooms that are there take more.
    TooManyRooms,
    /// The server holds as many participants in all its rooms as it may.
    ServerFull,
    /// The server allows no room, or this room nobody, of this kind.
    ModeNotAllowed,
    /// What was shown at the door does not open this one, or a permission for this is missing. Whether there is such a
    /// room, and what was wrong, is not told.
    NotAllowed,
    /// Too many passwords are being checked.
    Busy,
    /// Too many joins, or sockets, from one address (IPv4) or household (IPv6): the operator says how many.
    TooManyFromNetwork,
    /// A moderator has locked the room.
    RoomLocked,
    /// A moderator has put this participant out of the room, which keeps it out.
    Removed,
    /// A moderator has ended the room.
    RoomEnded,
    /// Whoever waited was not let in, or for too long.
    Denied,
    /// The offer cannot be answered.
    BadOffer,
    /// Only a participant may say this: join first.
    NotJoined,
    /// This socket has joined already.
    AlreadyJoined,
    /// No such participant waits for this token.
    CannotResume,
    /// The m-line does not fit the source, or is none that this client sends on.
    BadTrack,
    /// This source or m-line is published already.
    AlreadyPublished,
    /// Nothing is published on this m-line.
    NotPublished,
    /// More publications than [`MAX_PUBLICATIONS`](crate::limits::MAX_PUBLICATIONS).
    TooManyPublications,
    /// The text cannot be said: see [`ChatText`](crate::ChatText).
    BadChat,
    /// More is said than [`MAX_CHAT_RATE`](crate::limits::MAX_CHAT_RATE).
    TooMuchChat,
    /// Neither `join` nor `resume` came in time.
    HandshakeTimeout,
    /// Nothing was heard for [`SILENCE_TIMEOUT`](crate::limits::SILENCE_TIMEOUT).
    Silent,
    /// The receiver read too slowly; its queue was full.
    TooSlow,
    /// Another socket resumed this participant.
    Replaced,
    /// The media connection could not be made or was lost.
    MediaFailed,
    /// The server is stopping.
    ShuttingDown,
    /// The server's own fault.
    Internal,
    /// A code that this build does not know: the other side is newer.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// Whether the server closes the socket after this error.
    pub fn is_fatal(self) -> bool {
        match self {
            Self::MessageTooLarge
            | Self::TooManyMessages
            | Self::UnsupportedVersion
            | Self::HandshakeTimeout
            | Self::Silent
            | Self::TooSlow
            | Self::Replaced
            | Self::MediaFailed
            | Self::Removed
            | Self::RoomEnded
            | Self::Denied
            | Self::ShuttingDown => true,
            Self::Malformed
            | Self::UnknownMessage
            | Self::UnknownField
            | Self::BadRoomName
            | Self::BadName
            | Self::RoomFull
            | Self::Overloaded
            | Self::TooManyRooms
            | Self::ServerFull
            | Self::ModeNotAllowed
            | Self::NotAllowed
            | Self::Busy
            | Self::TooManyFromNetwork
            | Self::RoomLocked
            | Self::BadOffer
            | Self::NotJoined
            | Self::AlreadyJoined
            | Self::CannotResume
            | Self::BadTrack
            | Self::AlreadyPublished
            | Self::NotPublished
            | Self::TooManyPublications
            | Self::BadChat
            | Self::TooMuchChat
            | Self::Internal
            | Self::Unknown => false,
        }
    }

    /// The sentence for a person, when there is nothing more exact to say.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Malformed => "The message could not be read.",
            Self::UnknownMessage => "The server does not know this message.",
            Self::UnknownField => "The server does not know a field of this message.",
            Self::MessageTooLarge => "The message is too large.",
            Self::TooManyMessages => "Too many messages in too short a time.",
            Self::UnsupportedVersion => "This page is older or newer than the server. Reload it.",
            Self::BadRoomName => "This room name cannot be used.",
            Self::BadName => "This name cannot be used.",
            Self::RoomFull => "The room is full.",
            Self::Overloaded => "The server has too much to do to open another room. Try again in a minute.",
            Self::TooManyRooms => "The server has as many rooms as it may. Try again later.",
            Self::ServerFull => "The server is full. Try again later.",
            Self::ModeNotAllowed => "This server does not allow this kind of room.",
            Self::NotAllowed => "This takes a room's link, its password, or an invitation that still holds.",
            Self::Busy => "Too many passwords are being checked. Try again in a moment.",
            Self::TooManyFromNetwork => "Too many come from your network. Try again in a minute.",
            Self::RoomLocked => "The room is locked.",
            Self::Removed => "A moderator has removed you from this room.",
            Self::RoomEnded => "A moderator has ended the call.",
            Self::Denied => "Nobody has let you in.",
            Self::BadOffer => "The server cannot connect to this browser.",
            Self::NotJoined => "Join a room first.",
            Self::AlreadyJoined => "This connection has joined a room already.",
            Self::CannotResume => "The place in the room is gone. Join again.",
            Self::BadTrack => "This track cannot be published.",
            Self::AlreadyPublished => "This is published already.",
            Self::NotPublished => "This is not published.",
            Self::TooManyPublications => "Too many tracks are published.",
            Self::BadChat => "This message cannot be sent.",
            Self::TooMuchChat => "Too much was written in too short a time. Wait a moment.",
            Self::HandshakeTimeout => "Nothing was asked for in time.",
            Self::Silent => "The connection was silent for too long.",
            Self::TooSlow => "The connection is too slow for this room.",
            Self::Replaced => "The call was continued in another window.",
            Self::MediaFailed => "The audio and video connection failed.",
            Self::ShuttingDown => "The server is restarting.",
            Self::Internal => "Something went wrong in the server.",
            Self::Unknown => "Something went wrong.",
        }
    }
}

/// An error as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorInfo {
    /// For the machine.
    pub code: ErrorCode,
    /// For a person, in English. A client that speaks another language goes by the code.
    pub message: String,
    /// The `type` of the message it answers, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// Where the room is to be found instead, of a server that stops: an origin, as `https://example.org`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go_to: Option<String>,
}

impl ErrorInfo {
    /// An error with its code's own sentence.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, message: code.sentence().to_owned(), in_reply_to: None, go_to: None }
    }

    /// An error with a more exact sentence.
    pub fn with_message(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), in_reply_to: None, go_to: None }
    }

    /// Names the message it answers.
    #[must_use]
    pub fn in_reply_to(mut self, message_type: &str) -> Self {
        self.in_reply_to = Some(message_type.to_owned());
        self
    }
}
