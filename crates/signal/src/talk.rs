//! What people say and do beside their media: chat, reactions, raised hands.

use crate::limits::MAX_CHAT;
use crate::{ChatId, ParticipantId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text cannot be said. Both sides use it, so a form says the same as the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// Nothing left after trimming.
    #[error("is empty")]
    Empty,
    /// More characters than [`MAX_CHAT`].
    #[error("is longer than {MAX_CHAT} characters")]
    TooLong,
}

/// What may be said in the chat: 1 to [`MAX_CHAT`] characters, white space at the ends trimmed, without control
/// characters but line feeds. Anything else, markup too, is text and shown as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatText(String);

impl ChatText {
    /// Drops control characters, trims, checks the length.
    ///
    /// # Errors
    /// When nothing is left, or too much, as [`ChatError`] says.
    pub fn parse(text: &str) -> Result<Self, ChatError> {
        let kept: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let kept = kept.trim();
        if kept.is_empty() {
            Err(ChatError::Empty)
        } else if kept.chars().take(MAX_CHAT + 1).count() > MAX_CHAT {
            Err(ChatError::TooLong)
        } else {
            Ok(Self(kept.to_owned()))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, for good.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for ChatText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that was said in the chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Rises from one message of a room to the next.
    pub id: ChatId,
    /// Who said it; perhaps gone by now.
    pub participant: ParticipantId,
    /// Its display name when it said so.
    pub name: String,
    /// What, as [`ChatText`].
    pub text: String,
    /// How long ago by the server's clock, in milliseconds; 2³² − 1 for whatever is older than that. Nobody's wall
    /// clock is compared with anybody's.
    pub ago: u32,
}

/// What somebody shows for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// 👍
    ThumbsUp,
    /// ❤
    Heart,
    /// 😂
    Laugh,
    /// 😮
    Surprise,
    /// 👏
    Clap,
    /// 🎉
    Celebrate,
    /// One that this build does not know: the other side is newer. A server refuses it.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chat_texts() {
        let check = |text: &str, expected: Result<&str, ChatError>| {
            let parsed = ChatText::parse(text);
            assert_eq!(parsed.as_ref().map(ChatText::as_str), expected.as_ref().copied(), "{text:?}");
        };
        check("Hello", Ok("Hello"));
        check("  one\n\n two \r\n", Ok("one\n\n two"));
        check("a\u{0}b\u{1b}[31mc\td\u{85}", Ok("ab[31mcd"));
        check("<b>🦦 한글</b>", Ok("<b>🦦 한글</b>"));
        check("", Err(ChatError::Empty));
        check(" \n\u{7}\n\u{3000}", Err(ChatError::Empty));
        check(&"é".repeat(MAX_CHAT), Ok(&"é".repeat(MAX_CHAT)));
        check(&format!("{}\n\n", "x".repeat(MAX_CHAT)), Ok(&"x".repeat(MAX_CHAT)));
        check(&"é".repeat(MAX_CHAT + 1), Err(ChatError::TooLong));
    }
}
