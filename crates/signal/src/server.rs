//! What the server says.

use crate::{
    CallNumber, ChatMessage, DirectSignal, ErrorInfo, IceServer, LeaveReason, Mid, Moderation, OfferId,
    ParticipantId, ParticipantInfo, Permissions, PublicationId, PublicationInfo, Quality, Reaction,
    ResumeToken, RoomMode, Sdp, SlotAssignment,
};
use serde::{Deserialize, Serialize};

/// A message from the server. A client ignores fields it does not know and messages it does not know,
/// so a newer server can serve an older page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The answer to `join`: the room as it is, and the answer to the offer.
    Joined {
        /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION) of the server.
        version: u16,
        /// The new participant.
        participant: ParticipantId,
        /// For `resume`.
        token: ResumeToken,
        /// The name as the room shows it.
        name: String,
        /// By which way media goes in this room.
        mode: RoomMode,
        /// What the new participant may do. All but to decide about others when absent.
        #[serde(default, skip_serializing_if = "Permissions::is_default")]
        permissions: Permissions,
        /// The answer to offer 0.
        answer: Sdp,
        /// Everybody, the new participant too, by ascending id.
        participants: Vec<ParticipantInfo>,
        /// Every slot that is fed.
        slots: Vec<SlotAssignment>,
        /// What was said last, the oldest first: see
        /// [`MAX_CHAT_HISTORY`](crate::limits::MAX_CHAT_HISTORY).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        chat: Vec<ChatMessage>,
        /// Whose hands are raised, in the order they were.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hands: Vec<ParticipantId>,
        /// STUN and TURN servers, with fresh credentials, for connections between participants.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ice_servers: Vec<IceServer>,
        /// Relays to this server's media, with fresh credentials, for when it cannot be reached otherwise.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        relays: Vec<IceServer>,
    },
    /// The answer to `resume`: what may have changed meanwhile.
    Resumed {
        /// Everybody, by ascending id.
        participants: Vec<ParticipantInfo>,
        /// Every slot that is fed; all others are not.
        slots: Vec<SlotAssignment>,
        /// The id of the last offer whose answer was sent. No answer to it or an earlier one comes any
        /// more: an offer that the client has seen no answer to is made again, under a new id.
        answered: OfferId,
        /// What was said last, the oldest first: see
        /// [`MAX_CHAT_HISTORY`](crate::limits::MAX_CHAT_HISTORY).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        chat: Vec<ChatMessage>,
        /// Whose hands are raised, in the order they were.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hands: Vec<ParticipantId>,
        /// STUN and TURN servers, with fresh credentials, for connections between participants.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ice_servers: Vec<IceServer>,
        /// Relays to this server's media, with fresh credentials, for when it cannot be reached otherwise.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        relays: Vec<IceServer>,
    },
    /// The answer to an offer.
    Answer {
        /// Which.
        id: OfferId,
        /// The whole description.
        sdp: Sdp,
        /// As in `joined`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        relays: Vec<IceServer>,
    },
    /// Somebody came.
    ParticipantJoined {
        /// Who.
        participant: ParticipantInfo,
    },
    /// Somebody is gone, with all it published.
    ParticipantLeft {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// Somebody (the receiver of this message too) publishes a track.
    Published {
        /// Who.
        participant: ParticipantId,
        /// What.
        publication: PublicationInfo,
    },
    /// A track was taken back.
    Unpublished {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        publication: PublicationId,
    },
    /// A publication went silent or dark, or came back.
    Muted {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        publication: PublicationId,
        /// Nothing is sent while true.
        muted: bool,
    },
    /// What feeds these slots from now on; slots not named stay as they were.
    Slots {
        /// The changes.
        slots: Vec<SlotAssignment>,
    },
    /// Who is speaking now; nobody when empty.
    Speakers {
        /// The loudest first.
        participants: Vec<ParticipantId>,
    },
    /// Which encodings of one of the receiver's own tracks anybody wants now. The others need not be made.
    Encodings {
        /// The m-line.
        mid: Mid,
        /// By their places in the `a=simulcast` line of the offer, from 0; a track that is not simulcast
        /// has just 0. Nobody wants the track when empty.
        wanted: Vec<u8>,
    },
    /// Which slots the server holds back since the receiver's connection cannot carry them: all of them.
    Paused {
        /// Their mids.
        slots: Vec<Mid>,
    },
    /// How media flows; once a second while it does.
    Quality(Quality),
    /// Somebody (the receiver of this message too) said something.
    Chat {
        /// What; its `ago` is 0.
        message: ChatMessage,
    },
    /// Somebody (the receiver of this message too) shows something for a moment.
    Reaction {
        /// Who.
        participant: ParticipantId,
        /// What.
        reaction: Reaction,
    },
    /// Whose hands are raised now. Whoever leaves takes theirs down, which is not said besides.
    Hands {
        /// All of them, in the order they were raised.
        participants: Vec<ParticipantId>,
    },
    /// How the room is moderated now, in place of what was told before. After `joined` and `resumed` it is told unless
    /// nobody moderates and nothing is held, locked or waited for.
    Moderation(Moderation),
    /// `join` was heard, and one waits to be let in: `joined` or an error follows when somebody decides.
    Waiting {},
    /// Another participant says something about the connection between the two.
    Direct {
        /// Who.
        from: ParticipantId,
        /// About which connection.
        call: CallNumber,
        /// What.
        signal: DirectSignal,
    },
    /// The answer to `ping`.
    Pong {
        /// The same number.
        nonce: u32,
    },
    /// A request was refused. The socket stays open unless [`ErrorCode::is_fatal`](crate::ErrorCode::is_fatal).
    Error(ErrorInfo),
}
