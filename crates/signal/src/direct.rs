//! Calls without the server's media plane: what two participants say to each other over the server until they are
//! connected, and over their own data channel afterwards.

use crate::{Mid, OfferId, Sdp, Source};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The label of the data channel between two participants. It is negotiated (`negotiated: true`), with
/// [`CHANNEL_ID`].
pub const CHANNEL_LABEL: &str = "madang";
/// The id of that channel on both sides.
pub const CHANNEL_ID: u16 = 0;

/// By which way media goes in a room. Who opens a room chooses; it stays for as long as anybody is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomMode {
    /// Through the server, and straight from one to the other while there are two who can.
    Auto,
    /// Through the server alone.
    Sfu,
    /// From each straight to each of the others.
    P2p,
}

impl RoomMode {
    /// As on the wire, in a room's link and in the server's settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Sfu => "sfu",
            Self::P2p => "p2p",
        }
    }
}

impl fmt::Display for RoomMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text names no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is none of auto, sfu, p2p")]
pub struct UnknownMode;

impl FromStr for RoomMode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        [Self::Auto, Self::Sfu, Self::P2p].into_iter().find(|mode| mode.name() == text).ok_or(UnknownMode)
    }
}

/// Counts the connections that two participants try to make, so that what is said of an older one is told apart.
/// Whoever begins one takes the number after the highest that it knows of; if both begin at once it is the same
/// one, and an offer with a higher number than one's own is of a newer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallNumber(pub u32);

impl CallNumber {
    /// The one after. The last there is has none: whoever claims it has no more direct calls.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for CallNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What one participant says to another over the server, about the connection between them. Read leniently by the
/// server too: it may come from a newer page than the one it goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DirectSignal {
    /// An offer, of a new connection or of one that is there.
    Offer {
        /// Which of its sender's on this connection, counted from 0. The answer names it, because an
        /// answer to an offer that was given up fits none that came after.
        id: OfferId,
        /// The whole description.
        sdp: Sdp,
    },
    /// The answer to an offer.
    Answer {
        /// Which offer it answers.
        id: OfferId,
        /// The whole description.
        sdp: Sdp,
    },
    /// An address to try (RFC 8838).
    Candidate(IceCandidate),
    /// The sender wants to go back to the server and sends there again.
    Back {},
    /// The sender has closed the connection.
    Bye {},
}

/// An ICE candidate, as `RTCIceCandidate` has it. `Debug` shows no address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceCandidate {
    /// `candidate:…`; empty: there are no more.
    pub candidate: String,
    /// Of which m-line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mid: Option<Mid>,
    /// Which m-line, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u16>,
}

impl fmt::Debug for IceCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { candidate, mid, line } = self;
        write!(f, "IceCandidate({} bytes, {mid:?}, {line:?})", candidate.len())
    }
}

/// What two participants say to each other on their data channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PeerMessage {
    /// All that the sender sends on this connection, in place of what it said before.
    State {
        /// A source that is not here is not sent.
        tracks: Vec<DirectTrack>,
    },
    /// Whether the receiver's pictures, its camera's and its screen's, are to be sent on this connection; before this is
    /// said they are. Sound always is.
    Pictures {
        /// They are looked at.
        wanted: bool,
    },
    /// The sender sees and hears the receiver by this connection: the receiver need not send to the server for it.
    Received {},
    /// The sender sees and hears the receiver by the server again.
    Released {},
}

/// A track on a direct connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectTrack {
    /// Its m-line.
    pub mid: Mid,
    /// Where it comes from.
    pub source: Source,
    /// Nothing is sent while true.
    pub muted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_reads_as_it_is_written() {
        for mode in [RoomMode::Auto, RoomMode::Sfu, RoomMode::P2p] {
            assert_eq!(mode.name().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).ok(), Some(mode.name().into()));
        }
        assert_eq!("mesh".parse::<RoomMode>(), Err(UnknownMode));
    }

    #[test]
    fn no_call_comes_after_the_last() {
        assert_eq!(CallNumber(0).next(), Some(CallNumber(1)));
        assert_eq!(CallNumber(u32::MAX).next(), None);
    }
}
