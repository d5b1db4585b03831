//! What a client says.

use crate::{
    AccessToken, CallNumber, DirectSignal, Mid, ModerateAct, OfferId, ParticipantId, PublicationId,
    PublishTrack, Reaction, ResumeToken, RoomMode, RoomPassword, Sdp, SlotView,
};
use serde::{Deserialize, Serialize};

/// A message from a client. The first on a socket is `join` or `resume`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Enter a room, with the first offer (its id is 0). Answered by `joined` or `error`.
    Join {
        /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION).
        version: u16,
        /// Parsed as [`RoomName`](crate::RoomName).
        room: String,
        /// Parsed as [`DisplayName`](crate::DisplayName).
        name: String,
        /// ICE, DTLS, what may be published, and the first slots.
        offer: Sdp,
        /// What is published from the start.
        publish: Vec<PublishTrack>,
        /// By which way media shall go, if nobody is in the room yet. The server's own choice when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<RoomMode>,
        /// The client can connect straight to others.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        direct: bool,
        /// What lets its bearer in, where that takes something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<AccessToken>,
        /// The room's password, if it has one and there is no token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<RoomPassword>,
        /// From `joined`, of a place in the room that is gone: whoever was inside may come back when the room is locked
        /// or others wait.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        returning: Option<ResumeToken>,
    },
    /// Take up a participant again on a new socket; its media never stopped. Answered by `resumed` or
    /// `error` with `cannot_resume`, after which the same socket may join afresh.
    Resume {
        /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION).
        version: u16,
        /// Whom.
        participant: ParticipantId,
        /// From `joined`.
        token: ResumeToken,
    },
    /// Renegotiate: more slots, another m-line, an ICE restart. Answered by `answer` or `error`.
    Offer {
        /// One more than the last; the first after `resumed` may skip ids lost with the old socket.
        id: OfferId,
        /// The whole description.
        sdp: Sdp,
    },
    /// Offer a track to the room, on an m-line already negotiated.
    Publish {
        /// What.
        track: PublishTrack,
    },
    /// Take a track back.
    Unpublish {
        /// Its m-line.
        mid: Mid,
    },
    /// Say that a published track sends nothing now, or does again.
    SetMuted {
        /// Its m-line.
        mid: Mid,
        /// Nothing is sent while true.
        muted: bool,
    },
    /// Say how large video slots are shown: no larger picture is sent, and none to a slot not shown. A slot
    /// never named is taken for shown at any size.
    View {
        /// The slots whose size changed; the others stay as they were.
        slots: Vec<SlotView>,
    },
    /// Say whom to show before all others, when there are fewer video slots than publications: those that
    /// are pinned, or on the page that is looked at. The other slots go to who spoke last.
    Prefer {
        /// The first first, in place of what was said before.
        publications: Vec<PublicationId>,
    },
    /// Say something to everybody. Told to all by `chat`, or answered by `error`.
    Chat {
        /// Parsed as [`ChatText`](crate::ChatText).
        text: String,
    },
    /// Show something for a moment. Everybody, the sender too, is told by `reaction`.
    React {
        /// What.
        reaction: Reaction,
    },
    /// Raise one's hand, or take it down. Everybody is told by `hands`; saying what is so already has no effect.
    RaiseHand {
        /// It is up from now on.
        raised: bool,
    },
    /// Say something to another participant about the connection between the two. Not answered.
    Direct {
        /// To whom. Nobody hears it when they are gone.
        to: ParticipantId,
        /// About which connection.
        call: CallNumber,
        /// What.
        signal: DirectSignal,
    },
    /// Decide about others or the room. Refused with `not_allowed` unless one moderates; about somebody who is gone it
    /// is passed over. Everybody is told by `moderation`.
    Moderate {
        /// What.
        act: ModerateAct,
    },
    /// Answered by `pong` with the same number. Keeps the socket alive.
    Ping {
        /// Any number.
        nonce: u32,
    },
    /// Leave the room; the server closes the socket.
    Leave {},
}

impl ClientMessage {
    /// The `type` on the wire, by which an error names what it answers.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Join { .. } => "join",
            Self::Resume { .. } => "resume",
            Self::Offer { .. } => "offer",
            Self::Publish { .. } => "publish",
            Self::Unpublish { .. } => "unpublish",
            Self::SetMuted { .. } => "set_muted",
            Self::View { .. } => "view",
            Self::Prefer { .. } => "prefer",
            Self::Chat { .. } => "chat",
            Self::React { .. } => "react",
            Self::RaiseHand { .. } => "raise_hand",
            Self::Direct { .. } => "direct",
            Self::Moderate { .. } => "moderate",
            Self::Ping { .. } => "ping",
            Self::Leave {} => "leave",
        }
    }
}
