//! The browser's half of the control plane, without I/O: join, negotiate, resume, and the snapshot that
//! the views show.
//!
//! `frontend` feeds [`Session::handle`] with what the socket, the peer connection and the person do, then
//! drains [`Session::poll_output`]. No clock, socket, timer or browser type is used here, so that a whole
//! conversation with `room` runs in one deterministic test.
//!
//! Where to read on: `stage` is the life of a session; `enter` goes in and out, `reconnect` gets a lost
//! socket back, `receive` takes the server's messages and `refusal` its errors, `renegotiate` makes the
//! later offers, `network` deals with another network, `direct/` with connections straight to others. What they act on: `link` (the socket), `offers` (the
//! negotiation under way), `media` (is media flowing), `tracks` (one's own), `roster` (everybody, and what
//! feeds the slots), `view` (what the page shows, and what the server knows of it), `moderation` (who decides about others, and what is held), `measured` (what the
//! server says of the media), `talk` (what people say and do beside it) and `chat` (what was said). `sorted` is
//! what they keep it in.

mod chat;
mod direct;
mod enter;
mod io;
mod link;
mod measured;
mod media;
mod moderation;
mod network;
mod offers;
mod receive;
mod reconnect;
mod refusal;
mod renegotiate;
mod roster;
mod sorted;
mod stage;
mod talk;
mod tracks;
mod view;

pub use chat::{Chat, ChatLine};
pub use direct::{DirectEvent, DirectOrder, DirectView, Origin, Way};
pub use io::{
    Connectivity, Credentials, EndReason, Feed, Input, Me, Now, Other, Output, Phase, Snapshot, SourceState,
};
pub use sorted::{SortedMap, SortedSet};

use direct::Directs;
use link::Link;
use measured::Measured;
use media::Media;
use offers::Offers;
use roster::Roster;
use signal::{ClientMessage, IceServer, Moderation, Permissions, ResumeToken, RoomMode};
use stage::Stage;
use std::collections::VecDeque;
use talk::Talk;
use tracks::Tracks;
use view::View;

/// One person's stay in one room.
#[derive(Debug, Default)]
pub struct Session {
    stage: Stage,
    /// The room and the display name, as typed.
    wish: Wish,
    link: Link,
    offers: Offers,
    media: Media,
    tracks: Tracks,
    roster: Roster,
    directs: Directs,
    measured: Measured,
    talk: Talk,
    /// Ways to the server's media for when there is no other, as it named them last.
    relays: Vec<IceServer>,
    view: View,
    credentials: Credentials,
    /// As the server says.
    moderation: Moderation,
    permissions: Permissions,
    /// The server has one wait to be let in.
    waiting: bool,
    /// Of the last place in the room, until one leaves it for good: see `ClientMessage::Join`.
    returning: Option<ResumeToken>,
    patience: stage::Patience,
    /// An application has asked for data channels.
    wants_data: bool,
    problem: Option<String>,
    outputs: VecDeque<Output>,
}

/// Where to, as whom, and how.
#[derive(Clone, Debug, Default)]
struct Wish {
    room: String,
    name: String,
    mode: Option<RoomMode>,
    direct: bool,
}

impl Session {
    /// A session that has not joined.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one thing that happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Join { room, name, mode, direct } => self.join(Wish { room, name, mode, direct }, now),
            Input::Show(credentials) => self.credentials = credentials,
            Input::Leave => self.leave(),
            Input::SocketOpened => self.socket_opened(now),
            Input::Message(message) => self.receive(message, now),
            Input::SocketClosed => self.socket_closed(now),
            Input::OfferCreated { id, sdp } => self.offer_created(id, sdp, now),
            Input::NegotiationFailed { id, detail } => self.negotiation_failed(id, detail),
            Input::Connectivity(connectivity) => self.connectivity(connectivity, now),
            Input::SetSource { source, state } => {
                self.tracks.set(source, state);
                self.publish_changes(now);
            }
            Input::Mids(mids) => self.mids(mids, now),
            Input::View(slots) => self.show(slots, now),
            Input::Prefer(publications) => self.prefer(publications, now),
            Input::Chat(text) => self.chat(text, now),
            Input::React(reaction) => self.react(reaction, now),
            Input::RaiseHand(raised) => self.raise_hand(raised, now),
            Input::Moderate(act) => self.moderate(act, now),
            Input::WantData => {
                self.wants_data = true;
                self.renegotiate(now);
            }
            Input::NetworkChanged => self.network_changed(now),
            // What follows is settled below.
            Input::KeepToServer(declined) => self.directs.declined = declined,
            Input::Measured(quality) => self.measured.quality = Some(quality),
            Input::Heard(speakers) => self.measured.heard = speakers,
            Input::Direct { with, call, event } => self.direct_event(with, call, event, now),
        }
        self.settle_direct(now);
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called, if ever.
    pub fn poll_timeout(&self) -> Option<Now> {
        let inside = [self.media.deadline(), self.view.deadline(), self.direct_deadline()];
        let inside = if self.is_live() { inside } else { [None; 3] };
        [self.link.deadline(), self.next_attempt()].into_iter().chain(inside).flatten().min()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Now) {
        self.check_link(now);
        self.check_media(now);
        self.check_view(now);
        self.check_direct(now);
        if self.next_attempt().is_some_and(|at| at <= now) {
            self.attempt(now);
        }
    }

    /// The room as it is to be shown now.
    pub fn snapshot(&self) -> Snapshot {
        let mut others = self.roster.others();
        self.show_ways(&mut others);
        let speakers = self.measured.speakers(&others, self.roster.my_id());
        Snapshot {
            phase: self.stage.phase(&self.patience),
            connectivity: self.media.connectivity(),
            me: self.roster.me.clone(),
            mode: self.directs.mode(),
            others,
            speakers,
            paused: self.measured.paused.clone(),
            quality: self.measured.quality.clone(),
            chat: self.talk.chat.clone(),
            unsaid: self.talk.unsaid(),
            hands: self.talk.hands.clone(),
            moderation: self.moderation.clone(),
            permissions: self.permissions,
            waiting: self.waiting,
        }
    }

    /// STUN and TURN servers for connections between participants, as the server named them last; none outside a
    /// room.
    pub fn ice_servers(&self) -> &[IceServer] {
        &self.talk.ice_servers
    }

    /// The last thing that went wrong without ending the session, in words, for the log.
    pub fn last_problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live(_))
    }

    fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    fn send(&mut self, message: ClientMessage, now: Now) {
        self.link.spoke(now);
        self.output(Output::Send(message));
    }
}
