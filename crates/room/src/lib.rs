//! Control plane, without I/O: rooms, participants, publications, slots.
//!
//! `server` feeds [`Rooms::handle`] with what sockets and peers do, then drains [`Rooms::poll_output`].
//! Media is none of its business: it names participants and m-lines, and the server turns those into
//! the media plane's handles. It has no clock, no random source, no socket and no task.
//!
//! Where to read on, in a message's order: `receive` sorts messages by the connection's
//! stage; `enter` lets people in, `entrance` those who come over HTTP, `resume` takes them up again, `renegotiate` and `publish` serve those
//! inside, `watch` takes what they want to see, `talk` what they say to each other, `direct` what two of them say about a
//! connection of their own, `moderate` what some of them decide about others, `waiting` who waits on the doorstep, `depart` lets them go. `relay` passes on what the media
//! plane says. What they act on: `room` (who is in it), `member` (one of them), `floor` (who speaks), `chat` (what was said),
//! `moderating` (who moderates, what is held), `claim` (who is shown before whom), `seating` (in which slot), `focus` (whom a player shows alone). `settle` ends every call: routes and
//! slots that changed go out once each, then the peers of those who left are closed. `outbox` holds what goes out, and
//! gathers the news of who comes and goes.

mod chat;
mod claim;
mod connection;
mod counts;
mod depart;
mod direct;
mod directory;
mod enter;
mod entrance;
mod event;
mod floor;
mod focus;
mod io;
mod limits;
mod member;
mod moderate;
mod moderating;
mod offers;
mod outbox;
mod publish;
mod rate;
mod receive;
mod relay;
mod renegotiate;
mod resume;
mod room;
mod seating;
mod talk;
mod timers;
mod waiting;
mod watch;

pub use counts::Counts;
pub use event::{RoomEvent, RoomEventKind};
pub use io::{
    Admission, ConnectionId, Errand, Input, MediaLine, Negotiated, Now, Output, ResourceId, RoomId,
};
pub use limits::{Limits, Pace};

use connection::{Connection, Stage};
use directory::Directory;
use member::{Joiner, Way};
use moderating::Known;
use outbox::Outbox;
use signal::{
    ErrorCode, ErrorInfo, ParticipantId, Permissions, PublicationId, RoomMode, RoomName, RoomStatus,
};
use std::collections::BTreeMap;
use timers::{Timer, Timers};

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Participants per room; the next one is refused with `room_full`.
    pub max_participants: u32,
    /// The same of rooms in which each sends to each, where fewer.
    pub max_mesh: u32,
    /// By which ways media may go. Where direct calls are not among them, nothing said about them is passed on.
    pub modes: Vec<RoomMode>,
    /// How long a participant without a socket keeps its place.
    pub resume_window: core::time::Duration,
    /// The same of one whose media path is lost as well.
    pub lost_window: core::time::Duration,
    /// How long news of who comes and goes may wait for more of it.
    pub gathering: Gathering,
    /// Of everything else.
    pub limits: Limits,
}

/// How long news of who comes and goes waits, so that in a large room one write to each socket tells of many: the
/// longer the larger the room. Whoever comes is told everything at once.
#[derive(Clone, Copy, Debug)]
pub struct Gathering {
    /// Rooms of fewer places than this are told at once.
    pub from: u32,
    /// For each place taken.
    pub each: core::time::Duration,
    /// In the largest rooms.
    pub most: core::time::Duration,
}

impl Default for Gathering {
    /// A second's hundred joins are a write for each of the first ten; in a room of 500, two for all of them.
    fn default() -> Self {
        let millis = core::time::Duration::from_millis;
        Self { from: 11, each: millis(1), most: millis(500) }
    }
}

impl Gathering {
    /// In a room with so many places taken.
    fn patience(self, places: u32) -> Now {
        if places < self.from { Now::ZERO } else { self.each.saturating_mul(places).min(self.most) }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_participants: signal::limits::DEFAULT_MAX_PARTICIPANTS,
            max_mesh: signal::limits::DEFAULT_MAX_MESH,
            modes: vec![RoomMode::Auto, RoomMode::Sfu, RoomMode::P2p],
            resume_window: signal::limits::RESUME_WINDOW,
            lost_window: signal::limits::LOST_WINDOW,
            gathering: Gathering::default(),
            limits: Limits::default(),
        }
    }
}

impl Config {
    /// How long somebody without a socket is waited for.
    fn patience(&self, media_lost: bool) -> Now {
        if media_lost { self.resume_window.min(self.lost_window) } else { self.resume_window }
    }
}

/// Every room of one server.
#[derive(Debug)]
pub struct Rooms {
    config: Config,
    service: Service,
    connections: BTreeMap<ConnectionId, Connection>,
    resources: BTreeMap<ResourceId, ParticipantId>,
    directory: Directory,
    timers: Timers,
    ids: Ids,
    outbox: Outbox,
}

/// Whether anybody may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    Open,
    /// After [`Input::Drain`]: only where somebody is already.
    Draining,
    /// After [`Input::ShutDown`]; sockets that open later are told and closed.
    Stopped,
}

impl Rooms {
    /// No rooms yet.
    pub fn new(config: Config) -> Self {
        Self {
            outbox: Outbox::new(config.gathering),
            config,
            service: Service::Open,
            connections: BTreeMap::new(),
            resources: BTreeMap::new(),
            directory: Directory::default(),
            timers: Timers::default(),
            ids: Ids::default(),
        }
    }

    /// Takes in one thing that happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        self.outbox.begin(now);
        match input {
            Input::Opened { connection, token } => self.open(connection, token, now),
            Input::Join { connection, message, admission } => {
                self.receive(connection, message, Some(admission), now);
            }
            Input::Message { connection, message } => self.receive(connection, message, None, now),
            Input::Unreadable { connection, error } => self.receive_nonsense(connection, error, now),
            Input::Closed { connection } => self.closed(connection, now),
            Input::Enter { resource, room, name, errand, admission, offer } => {
                let Admission { permissions, name: given, limit, invited, identity } = admission;
                let way = Way::Resource { resource, errand };
                let known = Known { identity, invited, ..Known::default() };
                let joiner = Joiner { name: given.unwrap_or(name), permissions, limit, known, way };
                self.enter(resource, room, joiner, offer);
            }
            Input::Reoffer { resource, offer } => self.reoffer(resource, offer),
            Input::Delete { resource } => self.delete(resource),
            Input::Negotiated { participant, offer, result } => {
                self.negotiated(participant, offer, result, now);
            }
            Input::MediaFailed { participant } => self.media_failed(participant),
            Input::MediaPath { participant, up } => self.media_path(participant, up, now),
            Input::Speakers { room, participants } => self.speakers(room, &participants),
            Input::Encodings { participant, mid, wanted } => self.encodings(participant, &mid, wanted),
            Input::Paused { participant, slots } => self.paused(participant, slots),
            Input::Quality { participant, quality } => self.quality(participant, quality),
            Input::End { room } => drop(self.end_room(&room)),
            Input::Drain => self.drain(),
            Input::ShutDown => self.shut_down(),
        }
        self.clear_doorsteps();
        self.directory.settle(&mut self.outbox);
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called, if ever.
    pub fn poll_timeout(&self) -> Option<Now> {
        [self.timers.next(), self.outbox.due()].into_iter().flatten().min()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Now) {
        self.outbox.begin(now);
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Connection(connection) => self.wake(connection, now),
                Timer::Absence(participant) => self.resume_window_over(participant),
                Timer::Waiting(participant) => self.send_away(participant, ErrorCode::Denied),
            }
        }
        self.clear_doorsteps();
        self.directory.settle(&mut self.outbox);
        self.outbox.release_due();
    }

    /// How full a room is now: those inside, present or waited for, and those on the way in. Overloaded is one that the
    /// server's limits have no place for; whether there is too much to do to open it is for the caller to say.
    pub fn status(&self, room: &RoomName) -> RoomStatus {
        let open = self.directory.room(room);
        RoomStatus {
            room: room.as_str().to_owned(),
            participants: open.map_or(0, room::Room::places),
            max_participants: open.map_or(self.config.max_participants, |open| self.most(open.mode)),
            overloaded: self.has_no_place(room).is_some(),
            closed: false,
            mode: open.map(|open| open.mode),
        }
    }

    /// Why nobody comes into a room, whatever there is still place for in it.
    fn has_no_place(&self, room: &RoomName) -> Option<ErrorCode> {
        let Limits { rooms, participants, .. } = self.config.limits;
        if self.directory.room(room).is_none() && self.directory.open_rooms() >= rooms {
            Some(ErrorCode::TooManyRooms)
        } else {
            (self.directory.places() >= participants).then_some(ErrorCode::ServerFull)
        }
    }

    /// Whom a connection speaks for, if that is anybody yet.
    pub fn participant(&self, connection: ConnectionId) -> Option<ParticipantId> {
        match self.connections.get(&connection)?.stage {
            Stage::Fresh { .. } => None,
            Stage::Waiting(participant) | Stage::Joining(participant) | Stage::Member(participant) => {
                Some(participant)
            }
        }
    }

    /// What somebody inside may do; nobody else may do anything.
    pub fn permissions(&self, participant: ParticipantId) -> Option<Permissions> {
        Some(self.directory.look_at(participant)?.permissions)
    }

    /// How much there is of everything. All zero when everybody has left.
    pub fn counts(&self) -> Counts {
        Counts {
            connections: self.connections.len(),
            resources: self.resources.len(),
            timers: self.timers.len(),
            untold: self.outbox.untold(),
            ..Counts::of(&self.directory)
        }
    }
}

/// The next ids. They wrap after 2³²: whoever had the same number four billion ids ago is long gone.
#[derive(Debug, Default)]
struct Ids {
    participant: u32,
    publication: u32,
}

impl Ids {
    fn participant(&mut self) -> ParticipantId {
        self.participant = self.participant.wrapping_add(1);
        ParticipantId(self.participant)
    }

    fn publication(&mut self) -> PublicationId {
        self.publication = self.publication.wrapping_add(1);
        PublicationId(self.publication)
    }
}

/// A refusal in the code's own words; whoever sends it adds what it answers.
fn refused<T>(code: ErrorCode) -> Result<T, ErrorInfo> {
    Err(ErrorInfo::new(code))
}
