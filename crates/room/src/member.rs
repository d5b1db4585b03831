//! A participant of a room: what the room knows of it. The peer and its media are the server's.

use crate::focus::Focus;
use crate::moderating::Known;
use crate::{ConnectionId, Errand, MediaLine, Now, ResourceId};
use crate::{offers::Offers, rate::Rate, seating::Seating, talk::Manners};
use signal::{
    DisplayName, ErrorCode, ErrorInfo, Hold, Mid, ParticipantId, ParticipantInfo, Permissions, PublicationId,
    PublicationInfo, PublishTrack, ResumeToken, Source,
};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody whose first offer is being answered. Takes up a place, is seen by nobody.
#[derive(Debug)]
pub(crate) struct Joiner {
    pub(crate) name: DisplayName,
    pub(crate) permissions: Permissions,
    /// See [`Admission`](crate::Admission).
    pub(crate) limit: Option<u32>,
    pub(crate) known: Known,
    pub(crate) way: Way,
}

/// The way somebody comes in by, and what it wants.
#[derive(Debug)]
pub(crate) enum Way {
    Socket { connection: ConnectionId, publish: Vec<PublishTrack>, direct: bool },
    Resource { resource: ResourceId, errand: Errand },
}

/// Somebody in the room.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: DisplayName,
    /// What it may do. Asked wherever it does something, and for every reseating.
    pub(crate) permissions: Permissions,
    /// See [`Admission`](crate::Admission).
    pub(crate) invited: bool,
    /// The same.
    pub(crate) identity: Option<String>,
    /// What of it reaches nobody: a moderator says so.
    pub(crate) holds: BTreeSet<Hold>,
    /// Those of its m-lines that the media plane was told to hold.
    pub(crate) held_lines: BTreeSet<Mid>,
    /// Of whoever came by a socket: it may come back by another.
    pub(crate) token: Option<ResumeToken>,
    pub(crate) presence: Presence,
    /// Its media has come by no path for a while.
    pub(crate) media_lost: bool,
    pub(crate) offers: Offers,
    /// The m-lines it may send on.
    pub(crate) sends: Vec<MediaLine>,
    /// Which encodings of what is sent on an m-line anybody wants, where that was said; all, where it was
    /// not. It outlives what is published there: the media plane says only what changes. It may name an
    /// m-line that is being negotiated, and at most [`MAX_MEDIA_SECTIONS`](signal::limits::MAX_MEDIA_SECTIONS).
    pub(crate) wanted: BTreeMap<Mid, Vec<u8>>,
    pub(crate) publications: BTreeMap<PublicationId, Publication>,
    /// Its slots and who feeds them.
    pub(crate) seating: Seating,
    /// Of a player that shows one participant only.
    pub(crate) focus: Option<Focus>,
    /// Those of its video slots that are held back for want of bandwidth, as it was told last.
    pub(crate) paused: BTreeSet<Mid>,
    pub(crate) manners: Manners,
    /// It can connect straight to others.
    pub(crate) direct: bool,
    /// How much it says about such connections.
    pub(crate) direct_rate: Rate,
}

/// Whether a participant can be told things.
///
/// ```text
///        socket lost
/// Here ──────────────▶ Absent ──▶ gone, when the resume window is over
///   ▲                    │
///   └───── resume ───────┘
///
/// Resource ──▶ gone, when it is deleted
/// ```
///
/// From anywhere gone, when media fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// By this socket.
    Here(ConnectionId),
    /// Media may still flow. What is said meanwhile is not kept: `resumed` tells the whole state.
    Absent {
        /// When the socket was lost.
        since: Now,
        /// The end of the resume window.
        until: Now,
    },
    /// Never: this resource stands for it.
    Resource(ResourceId),
}

/// A track offered to the room.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) source: Source,
    pub(crate) mid: Mid,
    pub(crate) muted: bool,
}

impl Joiner {
    /// The socket it came by, if that is how it came.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match self.way {
            Way::Socket { connection, .. } => Some(connection),
            Way::Resource { .. } => None,
        }
    }

    /// Whether it can connect straight to others.
    pub(crate) fn is_direct(&self) -> bool {
        match self.way {
            Way::Socket { direct, .. } => direct,
            Way::Resource { .. } => false,
        }
    }
}

impl Member {
    /// The socket it can be told things by.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match self.presence {
            Presence::Here(connection) => Some(connection),
            Presence::Absent { .. } | Presence::Resource(_) => None,
        }
    }

    pub(crate) fn info(&self, id: ParticipantId) -> ParticipantInfo {
        let publications = self.publications.iter().map(|(id, publication)| publication.info(*id)).collect();
        ParticipantInfo { id, name: self.name.as_str().to_owned(), publications, direct: self.direct }
    }

    /// What is published on an m-line.
    pub(crate) fn on_mid(&mut self, mid: &Mid) -> Result<(PublicationId, &mut Publication), ErrorInfo> {
        self.publications
            .iter_mut()
            .find(|(_, publication)| publication.mid == *mid)
            .map(|(id, publication)| (*id, publication))
            .ok_or_else(|| ErrorInfo::new(ErrorCode::NotPublished))
    }
}

impl Publication {
    pub(crate) fn info(&self, id: PublicationId) -> PublicationInfo {
        PublicationInfo { id, source: self.source, muted: self.muted }
    }
}
