//! Text to message and back. Every failure becomes an [`ErrorInfo`]; nothing here panics.

use crate::{ClientMessage, ErrorCode, ErrorInfo, ServerMessage, json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, or JSON without a `type`.
    #[error("not a message: {0}")]
    NotAMessage(String),
    /// No message has this type.
    #[error("unknown message {0}")]
    UnknownMessage(String),
    /// The message has no such field.
    #[error("{message_type}: {detail}")]
    UnknownField {
        /// The message's type.
        message_type: String,
        /// serde's words; they name the field.
        detail: String,
    },
    /// A field is missing or of another shape.
    #[error("{message_type}: {detail}")]
    Malformed {
        /// The message's type.
        message_type: String,
        /// serde's words; they name the field.
        detail: String,
    },
}

impl DecodeError {
    /// The error as it is sent back.
    pub fn to_info(&self) -> ErrorInfo {
        match self {
            Self::NotAMessage(detail) => ErrorInfo::with_message(ErrorCode::Malformed, shorten(detail)),
            Self::UnknownMessage(kind) => {
                ErrorInfo::new(ErrorCode::UnknownMessage).in_reply_to(&shorten(kind))
            }
            Self::UnknownField { message_type, detail } => {
                ErrorInfo::with_message(ErrorCode::UnknownField, shorten(detail)).in_reply_to(message_type)
            }
            Self::Malformed { message_type, detail } => {
                ErrorInfo::with_message(ErrorCode::Malformed, shorten(detail)).in_reply_to(message_type)
            }
        }
    }
}

/// Reads a client's message. Strict: an unknown field is an error.
///
/// # Errors
/// When the text is no client's message; [`DecodeError::to_info`] is what to send back.
pub fn decode_client(text: &str) -> Result<ClientMessage, DecodeError> {
    client_message(text)
}

/// Reads what a server's frame holds: a message, or a list of them, in order. Lenient: unknown fields are passed over,
/// and a message of a list that this build does not know leaves the others as they are.
///
/// # Errors
/// When the text is neither a list nor a server's message that this build knows.
pub fn decode_server(text: &str) -> Result<Vec<Result<ServerMessage, DecodeError>>, DecodeError> {
    if !text.trim_start().starts_with('[') {
        return Ok(vec![Ok(ServerMessage::read(text)?)]);
    }
    let messages = json::elements(text).map_err(|flaw| not_a_message(&flaw))?;
    Ok(messages.into_iter().map(ServerMessage::read).collect())
}

/// Reads something else that stands as JSON: an answer of the HTTP part, or what a client keeps for itself.
///
/// # Errors
/// When the text is not JSON, or not of this type.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    json::read(text).map_err(|flaw| not_a_message(&flaw))
}

/// Writes a message, or what a client keeps for itself.
pub fn encode(message: &impl Serialize) -> String {
    // Nothing of ours has what cannot be written.
    json::write(message).unwrap_or_default()
}

/// Writes several messages as a server's frame holds them: a single one as it is, else as a list. A server's own way,
/// by `serde_json`; what comes of it is the same.
pub fn encode_all(messages: &[ServerMessage]) -> String {
    // Our messages have string keys and no floats, so serialising cannot fail.
    match messages {
        [single] => serde_json::to_string(single),
        several => serde_json::to_string(several),
    }
    .unwrap_or_default()
}

/// What every message has, read when the whole cannot be.
#[derive(Deserialize)]
struct Head {
    r#type: String,
}

fn client_message(text: &str) -> Result<ClientMessage, DecodeError> {
    serde_json::from_str(text).map_err(|error| {
        let message_type = match serde_json::from_str(text) {
            Ok(Head { r#type }) => r#type,
            Err(why) => return not_a_message(&why),
        };
        let detail = error.to_string();
        if detail.starts_with("unknown variant") && detail.contains(&format!("`{message_type}`")) {
            DecodeError::UnknownMessage(message_type)
        } else if detail.starts_with("unknown field") {
            DecodeError::UnknownField { message_type, detail }
        } else {
            DecodeError::Malformed { message_type, detail }
        }
    })
}

fn not_a_message(error: &impl fmt::Display) -> DecodeError {
    DecodeError::NotAMessage(error.to_string())
}

/// What a hostile peer wrote comes back to it at most 200 characters long.
fn shorten(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParticipantId, Reaction};

    fn code(text: &str) -> ErrorCode {
        decode_client(text).expect_err(text).to_info().code
    }

    #[test]
    fn every_kind_of_nonsense_has_its_code() {
        assert_eq!(code("not json"), ErrorCode::Malformed);
        assert_eq!(code(""), ErrorCode::Malformed);
        assert_eq!(code("[]"), ErrorCode::Malformed);
        assert_eq!(code("{}"), ErrorCode::Malformed);
        assert_eq!(code(r#"{"type":7}"#), ErrorCode::Malformed);
        assert_eq!(code(r#"{"type":"dance"}"#), ErrorCode::UnknownMessage);
        assert_eq!(code(r#"{"type":"ping"}"#), ErrorCode::Malformed);
        assert_eq!(code(r#"{"type":"ping","nonce":-1}"#), ErrorCode::Malformed);
        assert_eq!(code(r#"{"type":"ping","nonce":1,"more":2}"#), ErrorCode::UnknownField);
        assert_eq!(code(r#"{"type":"leave","more":2}"#), ErrorCode::UnknownField);
        assert_eq!(
            code(r#"{"type":"publish","track":{"mid":"0","source":"nose","muted":false}}"#),
            ErrorCode::Malformed
        );
    }

    #[test]
    fn a_newer_server_is_understood() {
        let text = r#"{"type":"pong","nonce":3,"load":0.5}"#;
        assert_eq!(decode_server(text), Ok(vec![Ok(ServerMessage::Pong { nonce: 3 })]));
        let text = r#"{"type":"error","code":"weather","message":"Rain."}"#;
        let info = ErrorInfo::with_message(ErrorCode::Unknown, "Rain.");
        assert_eq!(decode_server(text), Ok(vec![Ok(ServerMessage::Error(info))]));
        let text = r#"{"type":"reaction","participant":7,"reaction":"rain"}"#;
        let reaction = Reaction::Unknown;
        let participant = ParticipantId(7);
        assert_eq!(decode_server(text), Ok(vec![Ok(ServerMessage::Reaction { participant, reaction })]));
        let text = r#"[{"type":"pong","nonce":1},{"type":"rain"},{"type":"pong","nonce":2}]"#;
        let pong = |nonce| Ok(ServerMessage::Pong { nonce });
        let unknown = Err(DecodeError::UnknownMessage("rain".to_owned()));
        assert_eq!(decode_server(text), Ok(vec![pong(1), unknown, pong(2)]));
        assert_eq!(decode_server("[]"), Ok(vec![]));
        assert!(decode_server("[").is_err() && decode_server("7").is_err());
    }

    #[test]
    fn an_older_server_is_understood() {
        let text = r#"{"type":"resumed","participants":[],"slots":[],"answered":0}"#;
        let Ok(Ok(ServerMessage::Resumed { chat, hands, ice_servers, .. })) =
            decode_server(text).map(|mut all| all.remove(0))
        else {
            panic!("{text}")
        };
        assert!(chat.is_empty() && hands.is_empty() && ice_servers.is_empty());
    }

    #[test]
    fn one_message_is_no_list() {
        let pong = |nonce| ServerMessage::Pong { nonce };
        assert_eq!(encode_all(&[pong(1)]), encode(&pong(1)));
        let several = [pong(1), pong(2)];
        assert_eq!(decode_server(&encode_all(&several)), Ok(several.map(Ok).to_vec()));
    }

    #[test]
    fn what_comes_back_is_short() {
        let text = format!(r#"{{"type":"{}"}}"#, "x".repeat(100_000));
        let info = decode_client(&text).expect_err("unknown").to_info();
        assert!(encode(&info).len() < 500);
    }
}
