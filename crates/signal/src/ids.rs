//! Ids as newtypes. All are chosen by the server except [`OfferId`] and [`Mid`], which the client chooses.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

number_id!(
    /// A member of a room. Unique while the server runs; never given twice. No one is
    /// [`EVERYBODY`](crate::EVERYBODY).
    ParticipantId
);
number_id!(
    /// A track offered to the room. Unique while the server runs; never given twice.
    PublicationId
);
number_id!(
    /// Counts a client's offers from 0 (the one inside `join`), so that an answer finds its offer.
    OfferId
);
number_id!(
    /// A chat message. Rises from one to the next in a room; a room that was empty meanwhile is another one.
    ChatId
);

/// Identifies an m-line: `a=mid` (RFC 8843 §15, at most
/// [`MAX_MID_LENGTH`](crate::limits::MAX_MID_LENGTH) bytes here).
/// A receive-only m-line is a *slot*, and its mid is the slot's name on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mid(pub String);

impl fmt::Display for Mid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Mid {
    fn from(mid: &str) -> Self {
        Self(mid.to_owned())
    }
}

/// A session description (RFC 8866) as text. `Debug` shows its length only: it holds addresses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sdp(pub String);

impl fmt::Debug for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sdp({} bytes)", self.0.len())
    }
}

impl From<&str> for Sdp {
    fn from(sdp: &str) -> Self {
        Self(sdp.to_owned())
    }
}

/// The secret with which a session takes up its participant again after its socket was lost:
/// 128 random bits as 32 hexadecimal digits. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResumeToken(pub String);

impl ResumeToken {
    /// The token made of 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let mut text = String::with_capacity(32);
        for byte in bytes {
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(u32::from(digit), 16));
            }
        }
        Self(text)
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeToken(…)")
    }
}
