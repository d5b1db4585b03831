//! What a client reads, by its fields: the same as serde's own reading, which is what the types say and what
//! `tests/round_trip.rs` holds this to, in a fraction of the code. Lenient: fields that are not known are passed over.

use crate::fields::Fields;
use crate::{DecodeError, DirectSignal, PeerMessage, ServerMessage};

impl ServerMessage {
    /// Reads one message.
    ///
    /// # Errors
    /// When it is none, or one that this build does not know.
    pub fn read(text: &str) -> Result<Self, DecodeError> {
        let fields = Fields::read(text, "type")?;
        Self::of(&fields, text).ok_or_else(|| fields.why())
    }

    fn of(f: &Fields<'_>, text: &str) -> Option<Self> {
        Some(match f.kind() {
            "joined" => Self::Joined {
                version: f.get("version")?,
                participant: f.get("participant")?,
                token: f.get("token")?,
                name: f.get("name")?,
                mode: f.get("mode")?,
                permissions: f.get_or_default("permissions")?,
                answer: f.get("answer")?,
                participants: f.get("participants")?,
                slots: f.get("slots")?,
                chat: f.get_or_default("chat")?,
                hands: f.get_or_default("hands")?,
                ice_servers: f.get_or_default("ice_servers")?,
                relays: f.get_or_default("relays")?,
            },
            "resumed" => Self::Resumed {
                participants: f.get("participants")?,
                slots: f.get("slots")?,
                answered: f.get("answered")?,
                chat: f.get_or_default("chat")?,
                hands: f.get_or_default("hands")?,
                ice_servers: f.get_or_default("ice_servers")?,
                relays: f.get_or_default("relays")?,
            },
            "answer" => {
                Self::Answer { id: f.get("id")?, sdp: f.get("sdp")?, relays: f.get_or_default("relays")? }
            }
            "participant_joined" => Self::ParticipantJoined { participant: f.get("participant")? },
            "participant_left" => {
                Self::ParticipantLeft { participant: f.get("participant")?, reason: f.get("reason")? }
            }
            "published" => {
                Self::Published { participant: f.get("participant")?, publication: f.get("publication")? }
            }
            "unpublished" => {
                Self::Unpublished { participant: f.get("participant")?, publication: f.get("publication")? }
            }
            "muted" => Self::Muted {
                participant: f.get("participant")?,
                publication: f.get("publication")?,
                muted: f.get("muted")?,
            },
            "slots" => Self::Slots { slots: f.get("slots")? },
            "speakers" => Self::Speakers { participants: f.get("participants")? },
            "encodings" => Self::Encodings { mid: f.get("mid")?, wanted: f.get("wanted")? },
            "paused" => Self::Paused { slots: f.get("slots")? },
            "quality" => Self::Quality(f.parse(text)?),
            "chat" => Self::Chat { message: f.get("message")? },
            "reaction" => Self::Reaction { participant: f.get("participant")?, reaction: f.get("reaction")? },
            "hands" => Self::Hands { participants: f.get("participants")? },
            "moderation" => Self::Moderation(f.parse(text)?),
            "waiting" => Self::Waiting {},
            "direct" => Self::Direct {
                from: f.get("from")?,
                call: f.get("call")?,
                signal: f.inner("signal", DirectSignal::read)?,
            },
            "pong" => Self::Pong { nonce: f.get("nonce")? },
            "error" => Self::Error(f.parse(text)?),
            _ => return None,
        })
    }
}

impl DirectSignal {
    /// Reads what one participant says to another over the server.
    ///
    /// # Errors
    /// When it is nothing of that, or nothing that this build knows.
    pub fn read(text: &str) -> Result<Self, DecodeError> {
        let fields = Fields::read(text, "kind")?;
        Self::of(&fields, text).ok_or_else(|| fields.why())
    }

    fn of(f: &Fields<'_>, text: &str) -> Option<Self> {
        Some(match f.kind() {
            "offer" => Self::Offer { id: f.get("id")?, sdp: f.get("sdp")? },
            "answer" => Self::Answer { id: f.get("id")?, sdp: f.get("sdp")? },
            "candidate" => Self::Candidate(f.parse(text)?),
            "back" => Self::Back {},
            "bye" => Self::Bye {},
            _ => return None,
        })
    }
}

impl PeerMessage {
    /// Reads what one participant says to another on their own channel.
    ///
    /// # Errors
    /// When it is nothing of that, or nothing that this build knows.
    pub fn read(text: &str) -> Result<Self, DecodeError> {
        let fields = Fields::read(text, "type")?;
        Self::of(&fields).ok_or_else(|| fields.why())
    }

    fn of(f: &Fields<'_>) -> Option<Self> {
        Some(match f.kind() {
            "state" => Self::State { tracks: f.get("tracks")? },
            "pictures" => Self::Pictures { wanted: f.get("wanted")? },
            "received" => Self::Received {},
            "released" => Self::Released {},
            _ => return None,
        })
    }
}
