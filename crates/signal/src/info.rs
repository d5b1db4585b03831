//! What both directions say about participants and what they publish.

use crate::{Mid, ParticipantId, PublicationId};
use serde::{Deserialize, Serialize};

/// Audio or video, as in an m-line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// Where a track comes from. A participant publishes each source at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The participant's voice.
    Microphone,
    /// The participant's face.
    Camera,
    /// What the participant shows.
    Screen,
    /// The sound of what the participant shows.
    ScreenAudio,
}

impl Source {
    /// The kind of m-line this source needs.
    pub fn kind(self) -> MediaKind {
        match self {
            Self::Microphone | Self::ScreenAudio => MediaKind::Audio,
            Self::Camera | Self::Screen => MediaKind::Video,
        }
    }
}

/// A track the client offers to the room: which m-line carries it, and whether anything is in it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishTrack {
    /// A send-only m-line of the client's current description.
    pub mid: Mid,
    /// Where it comes from.
    pub source: Source,
    /// Nothing is sent while true.
    pub muted: bool,
}

/// A publication as the room sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicationInfo {
    /// Its id.
    pub id: PublicationId,
    /// Where it comes from.
    pub source: Source,
    /// Nothing is sent while true.
    pub muted: bool,
}

/// A participant as the room sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantInfo {
    /// Its id.
    pub id: ParticipantId,
    /// Its display name.
    pub name: String,
    /// What it publishes, by ascending id.
    pub publications: Vec<PublicationInfo>,
    /// Its client can connect straight to others.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub direct: bool,
}

/// What feeds a slot from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotAssignment {
    /// The slot: the mid of a receive-only m-line of this client.
    pub mid: Mid,
    /// The publication that feeds it; nothing does when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<PublicationId>,
}

/// Why a participant is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// It said so.
    Left,
    /// Its socket was lost and did not come back within the resume window.
    ConnectionLost,
    /// Its media connection failed.
    MediaFailed,
    /// A moderator put it out.
    Removed,
}
