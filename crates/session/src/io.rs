//! What goes into a [`Session`](crate::Session) and what comes out.

use crate::{Chat, DirectEvent, DirectOrder, DirectView, Origin, SortedSet, Way};
use core::time::Duration;
use signal::{
    AccessToken, CallNumber, ClientMessage, ErrorInfo, IceServer, Mid, ModerateAct, Moderation, OfferId,
    ParticipantId, Permissions, PublicationId, PublishTrack, Quality, Reaction, RoomMode, RoomPassword, Sdp,
    ServerMessage, SlotView, Source,
};

/// A moment on the caller's monotonic clock, counted from any fixed start (`performance.now()`).
pub type Now = Duration;

/// What lets one into a room that asks for something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// An invitation.
    pub token: Option<AccessToken>,
    /// The room's password. It is not shown beside an invitation.
    pub password: Option<RoomPassword>,
}

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The person wants in. Names as typed; the caller has checked them with `signal`.
    Join {
        /// The room.
        room: String,
        /// The display name.
        name: String,
        /// By which way media shall go if nobody is in the room yet; as the server likes best without.
        mode: Option<RoomMode>,
        /// The browser can connect straight to others.
        direct: bool,
    },
    /// What is shown at the door from now on, this time and whenever one comes back in.
    Show(Credentials),
    /// The person wants out.
    Leave,
    /// The socket asked for by [`Output::OpenSocket`] is open.
    SocketOpened,
    /// The server said something.
    Message(ServerMessage),
    /// The socket is gone, or could not be opened.
    SocketClosed,
    /// The offer asked for by [`Output::CreateOffer`] is the local description now.
    OfferCreated {
        /// Which.
        id: OfferId,
        /// The whole description.
        sdp: Sdp,
    },
    /// The peer connection could not make or apply a description.
    NegotiationFailed {
        /// Which offer.
        id: OfferId,
        /// In words, for the log.
        detail: String,
    },
    /// The peer connection's state changed.
    Connectivity(Connectivity),
    /// A track is there to publish, or is published already and changed `muted`. Sent before joining
    /// too: what is known by then goes into the join message. The mid may be unknown until the first
    /// offer is made, so the caller names the source and the session asks for the mid with the offer:
    /// see [`Input::Mids`].
    SetSource {
        /// Which.
        source: Source,
        /// How it stands.
        state: SourceState,
    },
    /// Which send m-line carries which source, told right before [`Input::OfferCreated`].
    Mids(Vec<(Source, Mid)>),
    /// How large each video slot is shown now: all of them. A slot left out is not shown. The session tells
    /// the server what changed, also when it is back after a loss. Before the first of these the server takes
    /// every slot for shown at any size; after it, one that begins to be fed and is in none of these for
    /// 100 ms is told hidden.
    View(Vec<SlotView>),
    /// Whom to show before all others, the first first.
    Prefer(Vec<PublicationId>),
    /// The person says something in the chat, as typed. It stands in [`Snapshot::unsaid`] until the server has said it
    /// to everybody, and is said again when the socket is lost before. Answered by [`Output::ChatRefused`] when it
    /// cannot be said.
    Chat(String),
    /// The person shows something for a moment. Passed over while there is no way to say so.
    React(Reaction),
    /// The person's hand is to be up, or down. Remembered until the end of the stay; [`Snapshot::hands`] says what is
    /// so.
    RaiseHand(bool),
    /// The person decides about others. Passed over while there is no way to say so.
    Moderate(ModerateAct),
    /// An application wants data channels, before joining or at any time after; once they are wanted they stay so.
    WantData,
    /// The browser has another network than before, or one again: what was connected may be so no longer.
    NetworkChanged,
    /// How media flows on direct connections, in the server's words and in place of the server's, which says nothing
    /// while nothing goes by it.
    Measured(Quality),
    /// Who speaks of those who are heard directly, and oneself with them, the loudest first. The server does not hear them.
    Heard(Vec<ParticipantId>),
    /// The person wants no connection straight to another where there is a choice, because the server sends less when
    /// less is looked at; or does again. Where there is no choice the others send no pictures meanwhile. Outlasts a stay.
    KeepToServer(bool),
    /// A direct connection has something to tell.
    Direct {
        /// To whom it goes.
        with: ParticipantId,
        /// Which.
        call: CallNumber,
        /// What.
        event: DirectEvent,
    },
}

/// One's own track, as the session needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Not published.
    Absent,
    /// Published, sending nothing.
    Muted,
    /// Published and sending.
    Live,
}

/// `RTCPeerConnection.connectionState`, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connectivity {
    /// `new` or `connecting`.
    Connecting,
    /// `connected`.
    Connected,
    /// `disconnected`: may come back by itself.
    Disconnected,
    /// `failed`: needs an ICE restart.
    Failed,
}

/// Something the caller must do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a socket to the server; answer with `SocketOpened` or `SocketClosed`.
    OpenSocket,
    /// Close the socket, without an answer.
    CloseSocket,
    /// Send on the open socket.
    Send(ClientMessage),
    /// Make a peer connection if there is none, give it `seats` seats in all (an audio and a video
    /// receive transceiver each) and the data channels if they are wanted, make an offer, set it as the local description, and answer with `Mids`
    /// and `OfferCreated`, or with `NegotiationFailed`.
    CreateOffer {
        /// To name the answer by.
        id: OfferId,
        /// How many seats there shall be.
        seats: usize,
        /// With new ICE credentials (`restartIce`).
        ice_restart: bool,
        /// With the data channels.
        data: bool,
    },
    /// Let ICE take these relays besides from the next restart on, which is the next thing.
    UseRelays(Vec<IceServer>),
    /// Set the remote description; answer with `NegotiationFailed` if that fails.
    ApplyAnswer {
        /// Which offer it answers.
        id: OfferId,
        /// The whole description.
        sdp: Sdp,
    },
    /// Switch the encodings of one's own track: on those whose places are named, off the others.
    SetEncodings {
        /// The m-line.
        mid: Mid,
        /// By place in `sendEncodings`, from 0.
        wanted: Vec<u8>,
    },
    /// Somebody, perhaps oneself, shows something now. Over at once, so no snapshot holds it.
    Reacted {
        /// Who.
        participant: ParticipantId,
        /// What.
        reaction: Reaction,
    },
    /// Something that the person said was not said to anybody.
    ChatRefused {
        /// What, to put back where it was written.
        text: String,
        /// Why not.
        error: ErrorInfo,
    },
    /// The server stops, and the room is to be found at this origin instead. Unless that is where the page came from it
    /// should go there; until then the session tries to come back to the same server.
    GoTo(String),
    /// Close the peer connection, without an answer. The next `CreateOffer` makes a new one, which sends.
    ClosePeer,
    /// Send one's tracks on the peer connection, or, for now, nothing on any line: who ought to get them gets them
    /// directly. What is published stays published. A peer connection sends until told otherwise.
    SendToServer(bool),
    /// Do something with a direct connection to another participant. One's tracks are sent on it as on the peer connection.
    Direct {
        /// To whom.
        with: ParticipantId,
        /// Which. Of two with one participant the older is closed before the newer is opened.
        call: CallNumber,
        /// What.
        order: DirectOrder,
    },
}

/// Where the session stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Not in a room, nothing asked for.
    #[default]
    Idle,
    /// On the way in.
    Joining,
    /// In the room.
    Live,
    /// In the room, but the socket is lost: trying again.
    Reconnecting {
        /// How many attempts have failed so far.
        attempt: u32,
        /// When the next one starts.
        next_at: Now,
    },
    /// Out of the room.
    Ended(EndReason),
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The person left.
    Left,
    /// The server refused, or ended it: the code says what way on there is.
    Refused(ErrorInfo),
    /// The server could not be reached at all on the way in.
    Unreachable,
    /// The browser could not make or apply a description.
    Browser(String),
}

/// The room as a view shows it. Rebuilt from the session's state whenever that changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Where the session stands.
    pub phase: Phase,
    /// Whether media flows: the peer connection's state.
    pub connectivity: Option<Connectivity>,
    /// The person's own participant: id and the name as the room shows it.
    pub me: Option<Me>,
    /// By which way media goes in this room; nothing before one is in it.
    pub mode: Option<RoomMode>,
    /// Everybody else, in the order they came.
    pub others: Vec<Other>,
    /// Who speaks now, the loudest first; one's own participant may be among them.
    pub speakers: Vec<ParticipantId>,
    /// The slots that the server holds back because the connection cannot carry them.
    pub paused: SortedSet<Mid>,
    /// How media flows, as the server told it last.
    pub quality: Option<Quality>,
    /// What was said, one's own words too.
    pub chat: Chat,
    /// What the person said that the server has not said to everybody yet, the oldest first; a few at most.
    pub unsaid: Vec<String>,
    /// Whose hands are raised, in the order they were; one's own may be among them.
    pub hands: Vec<ParticipantId>,
    /// How the room is moderated.
    pub moderation: Moderation,
    /// What one may do.
    pub permissions: Permissions,
    /// On the way in, one waits to be let in.
    pub waiting: bool,
}

/// The person's own participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its id.
    pub id: signal::ParticipantId,
    /// Its name as the room shows it.
    pub name: String,
    /// When it came into the room. A server that was started again counts ids from the beginning: this tells one stay
    /// from the next, whatever the ids.
    pub since: Now,
}

/// Another participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its id.
    pub id: signal::ParticipantId,
    /// Its display name.
    pub name: String,
    /// Its microphone, if published.
    pub microphone: Option<Feed>,
    /// Its camera, if published.
    pub camera: Option<Feed>,
    /// Its screen, if published.
    pub screen: Option<Feed>,
    /// The sound of its screen, if published.
    pub screen_audio: Option<Feed>,
    /// By which way it is seen and heard.
    pub way: Way,
    /// The direct connection to it, if there is one.
    pub direct: Option<DirectView>,
}

impl Other {
    pub(crate) fn feed_mut(&mut self, source: Source) -> Option<&mut Feed> {
        match source {
            Source::Microphone => self.microphone.as_mut(),
            Source::Camera => self.camera.as_mut(),
            Source::Screen => self.screen.as_mut(),
            Source::ScreenAudio => self.screen_audio.as_mut(),
        }
    }
}

/// A publication of another participant, and the slot it comes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Which.
    pub publication: signal::PublicationId,
    /// It sends nothing now.
    pub muted: bool,
    /// The slot that it feeds, if any.
    pub slot: Option<Mid>,
    /// From where it is to be taken now.
    pub origin: Origin,
}

/// What a publish message is made of, for a source whose m-line is known.
pub(crate) fn publish_track(source: Source, mid: Mid, state: SourceState) -> Option<PublishTrack> {
    match state {
        SourceState::Absent => None,
        SourceState::Muted => Some(PublishTrack { mid, source, muted: true }),
        SourceState::Live => Some(PublishTrack { mid, source, muted: false }),
    }
}
