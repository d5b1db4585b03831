//! The wire protocol between the web client and the server.
//!
//! First stop of every message: `frontend` and `server` both compile these types, so neither side can
//! drift. This crate owns the shapes, the limits and the errors; it deliberately does no I/O, keeps no
//! state and knows nothing of WebRTC beyond carrying SDP as text. `PROTOCOL.md` at the top of the
//! repository documents each message, and `tests/protocol_doc.rs` parses every example in it.
//!
//! Carriage: one WebSocket per session at [`WS_PATH`]. A message is one JSON object in a text frame, or
//! the same JSON compressed with raw DEFLATE (RFC 1951) in a binary frame; both sides take both.

mod access;
mod api;
mod client;
mod data;
mod decode;
mod direct;
mod error;
mod fields;
mod ice;
mod ids;
mod info;
mod json;
pub mod limits;
mod moderate;
mod names;
mod quality;
mod read;
mod server;
mod talk;

pub use access::{AccessToken, Permissions, RoomPassword};
pub use api::{Embedding, RoomStatus, WS_PATH, WhepQuery, WhipQuery, room_status_path};
pub use client::ClientMessage;
pub use data::{
    DATA_HEADER, DataError, DataIn, DataKind, DataOut, DataTo, EVERYBODY, RELIABLE_CHANNEL,
    UNRELIABLE_CHANNEL,
};
pub use decode::{DecodeError, decode, decode_client, decode_server, encode, encode_all};
pub use direct::{
    CHANNEL_ID, CHANNEL_LABEL, CallNumber, DirectSignal, DirectTrack, IceCandidate, PeerMessage, RoomMode,
    UnknownMode,
};
pub use error::{ErrorCode, ErrorInfo};
pub use ice::IceServer;
pub use ids::{ChatId, Mid, OfferId, ParticipantId, PublicationId, ResumeToken, Sdp};
pub use info::{
    LeaveReason, MediaKind, ParticipantInfo, PublicationInfo, PublishTrack, SlotAssignment, Source,
};
pub use moderate::{Held, Hold, ModerateAct, Moderation, Waiting};
pub use names::{DisplayName, NameError, RoomName};
pub use quality::{Limit, LineQuality, LinkQuality, Quality, SlotView};
pub use server::ServerMessage;
pub use talk::{ChatError, ChatMessage, ChatText, Reaction};

/// The version this build speaks. A client states it in [`ClientMessage::Join`] and
/// [`ClientMessage::Resume`]; the server answers any other with [`ErrorCode::UnsupportedVersion`].
pub const PROTOCOL_VERSION: u16 = 1;
