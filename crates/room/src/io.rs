//! What goes into [`Rooms`](crate::Rooms) and what comes out.

use crate::RoomEvent;
use core::time::Duration;
use signal::{
    ClientMessage, DisplayName, ErrorInfo, MediaKind, Mid, OfferId, ParticipantId, Permissions, Quality,
    ResumeToken, RoomName, Sdp, ServerMessage, SlotView,
};

/// A moment on the caller's monotonic clock, counted from any fixed start.
pub type Now = Duration;

/// One signaling socket. The caller gives each a number never used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// An HTTP resource that stands for a participant in place of a socket (RFC 9725 §2, "WHIP session"). The
/// caller makes it of 128 random bits: whoever knows it may end the participant. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub u128);

impl core::fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ResourceId(…)")
    }
}

/// What somebody comes for by an HTTP resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To publish whatever its offer sends (RFC 9725, WHIP).
    Publish,
    /// To play the room (draft-ietf-wish-whep).
    Play {
        /// Only whoever has this id, or else this display name, now or later. Everybody when absent.
        whom: Option<DisplayName>,
    },
}

/// On what terms somebody comes in. Who gets which is the caller's to decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// What it may do inside.
    pub permissions: Permissions,
    /// What it is called, whatever it calls itself.
    pub name: Option<DisplayName>,
    /// It comes in only while fewer than so many are in the room.
    pub limit: Option<u32>,
    /// It came by an invitation, which says all that it may do.
    pub invited: bool,
    /// Who it is to whoever invited it: whom a room puts out it keeps out by this.
    pub identity: Option<String>,
}

/// One room while it has anybody in it. Unique while the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub u32);

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A socket is open. The token is random; it becomes the participant's if the socket joins.
    Opened {
        /// The new socket.
        connection: ConnectionId,
        /// 128 random bits.
        token: ResumeToken,
    },
    /// A socket said `join`, and the caller has decided about it.
    Join {
        /// Which socket.
        connection: ConnectionId,
        /// The whole message.
        message: ClientMessage,
        /// On what terms it may come in, or what it is told instead.
        admission: Result<Admission, ErrorInfo>,
    },
    /// A socket said something else. A `join` that nobody has decided about is refused.
    Message {
        /// Which socket.
        connection: ConnectionId,
        /// What.
        message: ClientMessage,
    },
    /// A socket said something that is no message.
    Unreadable {
        /// Which socket.
        connection: ConnectionId,
        /// What is sent back.
        error: ErrorInfo,
    },
    /// A socket is gone, with or without a goodbye.
    Closed {
        /// Which.
        connection: ConnectionId,
    },
    /// Somebody comes by an HTTP resource. Answered by [`Output::Answer`].
    Enter {
        /// The new resource.
        resource: ResourceId,
        /// Where to.
        room: RoomName,
        /// Shown to the others.
        name: DisplayName,
        /// What for.
        errand: Errand,
        /// On what terms.
        admission: Admission,
        /// The first offer.
        offer: Sdp,
    },
    /// A resource offers again, to restart ICE. Answered by [`Output::Answer`].
    Reoffer {
        /// Which.
        resource: ResourceId,
        /// The whole description.
        offer: Sdp,
    },
    /// A resource is deleted, and its participant leaves. One that is gone is passed over.
    Delete {
        /// Which.
        resource: ResourceId,
    },
    /// The answer to [`Output::Negotiate`].
    Negotiated {
        /// Whose offer.
        participant: ParticipantId,
        /// Which.
        offer: OfferId,
        /// How it went. The sentence of a failure goes to the client.
        result: Result<Negotiated, ErrorInfo>,
    },
    /// ICE or DTLS gave up: the participant has no media any more.
    MediaFailed {
        /// Whose.
        participant: ParticipantId,
    },
    /// Nothing has come by a participant's media path for a while, which may be mended; or something comes again.
    MediaPath {
        /// Whose.
        participant: ParticipantId,
        /// Something comes.
        up: bool,
    },
    /// Who speaks in a room now, the loudest first.
    Speakers {
        /// Which room; one that is gone is passed over.
        room: RoomId,
        /// All who speak.
        participants: Vec<ParticipantId>,
    },
    /// Which encodings of a participant's track anybody wants.
    Encodings {
        /// Whose.
        participant: ParticipantId,
        /// Its m-line.
        mid: Mid,
        /// By place, from 0.
        wanted: Vec<u8>,
    },
    /// Which slots of a participant are held back for want of bandwidth.
    Paused {
        /// Whose.
        participant: ParticipantId,
        /// All of them.
        slots: Vec<Mid>,
    },
    /// How a participant's media flows.
    Quality {
        /// Whose.
        participant: ParticipantId,
        /// How.
        quality: Quality,
    },
    /// A room is to end, for everybody in it. One that is not there is passed over.
    End {
        /// Which.
        room: RoomName,
    },
    /// The server is about to stop: rooms that are there go on, and take more, but no other is opened.
    Drain,
    /// The server stops: everybody is told, every peer closed, and nobody let in any more.
    ShutDown,
}

/// What an answered offer gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// The answer.
    pub answer: Sdp,
    /// Every m-line the client may send on, in m-line order.
    pub sends: Vec<MediaLine>,
    /// Every slot, in m-line order: the k-th of each kind make up seat k.
    pub slots: Vec<MediaLine>,
}

/// An m-line of an answered offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaLine {
    /// Its mid.
    pub mid: Mid,
    /// Its kind.
    pub kind: MediaKind,
}

/// Something the caller must do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a message. In `joined` and `resumed` the caller fills in the ICE servers, which are none of a room's
    /// business.
    Send {
        /// To which socket.
        connection: ConnectionId,
        /// What.
        message: ServerMessage,
    },
    /// Send the same to several, in one write to each.
    Tell {
        /// To which sockets.
        connections: Vec<ConnectionId>,
        /// What, in order.
        messages: Vec<ServerMessage>,
    },
    /// Close a socket, after what was sent before.
    Close {
        /// Which.
        connection: ConnectionId,
    },
    /// Answer a resource's offer.
    Answer {
        /// Which.
        resource: ResourceId,
        /// The answer, or why there is none. After a first offer that is refused there is no resource.
        result: Result<Sdp, ErrorInfo>,
    },
    /// A resource is gone, and its participant with it. Said once of each that entered.
    Gone {
        /// Which.
        resource: ResourceId,
    },
    /// Answer an offer; the first one of a participant (id 0) makes its peer. Reply with `Negotiated`.
    Negotiate {
        /// Whose.
        participant: ParticipantId,
        /// The room it is in, or on the way into.
        room: RoomId,
        /// Which.
        offer: OfferId,
        /// The whole description.
        sdp: Sdp,
        /// Whether it may send. If not, no m-line that it sends on is taken.
        publish: bool,
    },
    /// The participant shows slots at these sizes from now on; others stay as they were.
    View {
        /// Who.
        participant: ParticipantId,
        /// The video slots among those it named.
        slots: Vec<SlotView>,
    },
    /// Nothing that is sent on these m-lines is to reach anybody, nor to count among the voices: all of them, in place of
    /// those that were named before.
    Hold {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        lines: Vec<Mid>,
    },
    /// From now on this slot carries that source. Before a sender's peer is closed, every slot that it
    /// feeds is given to another or to nobody, save those of receivers closed in the same call.
    Route {
        /// Whose slot.
        receiver: ParticipantId,
        /// Which.
        slot: Mid,
        /// Who sends and on which of its m-lines; nothing feeds the slot when absent.
        source: Option<(ParticipantId, Mid)>,
    },
    /// Take note of what happened; nothing need be done.
    Event(RoomEvent),
    /// Close the participant's peer: it is gone.
    ClosePeer {
        /// Whose.
        participant: ParticipantId,
    },
}
