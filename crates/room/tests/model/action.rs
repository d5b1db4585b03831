//! Random steps, and taking them: in the crate and in the reference, side by side.

use crate::moderating::{Deed, Fate, Waiter};
use crate::observer::Observer;
use crate::reference::{Lines, Reference, Time};
use proptest::prelude::*;
use room::{Admission, Config, ConnectionId, Counts, Gathering, Input, Limits, MediaLine, Negotiated, Rooms};
use signal::{
    ClientMessage, ErrorCode, ErrorInfo, MediaKind, Mid, OfferId, PROTOCOL_VERSION, ParticipantId,
    PublishTrack, ResumeToken, Sdp, Source,
};
use std::time::Duration;

/// Few enough that rooms are often full.
pub const MAX_PARTICIPANTS: u32 = 4;
pub const MAX_ROOMS: usize = 2;
pub const MAX_TOTAL: usize = 6;
pub const MAX_PUBLICATIONS: usize = 3;
pub const RESUME_WINDOW: Duration = Duration::from_secs(10);
pub const LOST_WINDOW: Duration = Duration::from_secs(4);
pub const ROOMS: [&str; 3] = ["tea", "coffee", "milk"];
const SOURCES: [Source; 4] = [Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio];

/// One step. Numbers choose among what there is, by remainder.
#[derive(Clone, Debug)]
pub enum Action {
    Open,
    Join { socket: usize, room: usize, publish: Vec<(usize, bool)>, spoil: u8 },
    Negotiated { which: usize, lines: Lines, refuse: bool },
    StaleNegotiated { participant: u32, offer: u32 },
    Offer { socket: usize, skip: u32 },
    Publish { socket: usize, source: usize, mid: usize },
    Unpublish { socket: usize, mid: usize },
    SetMuted { socket: usize, mid: usize, muted: bool },
    Resume { socket: usize, who: usize, stolen: bool },
    Leave { socket: usize },
    Close { socket: usize },
    Ping { socket: usize },
    Nonsense { socket: usize, fatal: bool },
    Flood { socket: usize },
    MediaFailed { who: usize },
    MediaPath { who: usize, up: bool },
    View { socket: usize, mids: Vec<usize> },
    Prefer { socket: usize, publications: Vec<usize> },
    Speakers { room: usize, participants: Vec<usize> },
    Encodings { who: usize, mid: usize, wanted: u8 },
    Paused { who: usize, mids: Vec<usize> },
    Quality { who: usize },
    Chat { socket: usize, empty: bool, times: u32 },
    React { socket: usize, times: u32 },
    RaiseHand { socket: usize, raised: bool },
    Moderate { socket: usize, usurps: bool, deed: Deed, target: usize },
    Pass { ms: u64 },
    ShutDown,
}

pub fn actions(count: usize) -> impl Strategy<Value = Vec<Action>> {
    prop::collection::vec(action(), count)
}

/// A room fills up, each with few slots; then who is seen changes over and over.
pub fn contests(count: usize) -> impl Strategy<Value = Vec<Action>> {
    let enter = (1..3_usize, 1..3_usize, any::<bool>()).prop_map(|(audio, video, dark)| {
        let publish = vec![(0, false), (1, dark), (2, false)];
        let lines = Lines { audio, video, sends: 15 };
        [
            Action::Open,
            Action::Join { socket: 0, room: 0, publish, spoil: 9 },
            Action::Negotiated { which: 0, lines, refuse: false },
        ]
    });
    let enter = prop::collection::vec(enter, MAX_PARTICIPANTS as usize);
    let steps = prop::collection::vec(contest(), count);
    (enter, steps).prop_map(|(enter, steps)| enter.into_iter().flatten().chain(steps).collect())
}

fn contest() -> impl Strategy<Value = Action> {
    let n = 0..56_usize;
    let few = |of: usize| prop::collection::vec(0..of, 0..4);
    prop_oneof![
        8 => (n.clone(), few(12)).prop_map(|(socket, publications)| Action::Prefer { socket, publications }),
        12 => few(5).prop_map(|participants| Action::Speakers { room: 0, participants }),
        6 => (n.clone(), 0..4_usize, any::<bool>())
            .prop_map(|(socket, mid, muted)| Action::SetMuted { socket, mid, muted }),
        2 => (n.clone(), 0..4_usize).prop_map(|(socket, mid)| Action::Unpublish { socket, mid }),
        4 => (n.clone(), 0..4_usize)
            .prop_map(|(socket, source)| Action::Publish { socket, source, mid: source }),
        1 => n.prop_map(|socket| Action::Offer { socket, skip: 0 }),
        1 => (1..4_usize, 1..4_usize).prop_map(|(audio, video)| Action::Negotiated {
            which: 0,
            lines: Lines { audio, video, sends: 15 },
            refuse: false,
        }),
        1 => action(),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let n = 0..64_usize;
    let lines = || {
        (0..4_usize, 0..4_usize, 0..16_u8).prop_map(|(audio, video, sends)| Lines {
            audio,
            video,
            sends: sends | 3,
        })
    };
    let few = |of: usize| prop::collection::vec(0..of, 0..6);
    let publish = prop::collection::vec((0..4_usize, any::<bool>()), 0..4);
    prop_oneof![
        12 => Just(Action::Open),
        20 => (n.clone(), prop_oneof![9 => 0..2_usize, 1 => Just(2)], publish, 0..40_u8)
            .prop_map(|(socket, room, publish, spoil)| Action::Join { socket, room, publish, spoil }),
        20 => (n.clone(), lines(), prop::bool::weighted(0.1))
            .prop_map(|(which, lines, refuse)| Action::Negotiated { which, lines, refuse }),
        1 => (0..20_u32, 0..4_u32)
            .prop_map(|(participant, offer)| Action::StaleNegotiated { participant, offer }),
        4 => (n.clone(), prop_oneof![4 => Just(0_u32), 1 => 1..3_u32]).prop_map(|(socket, skip)| Action::Offer { socket, skip }),
        10 => (n.clone(), 0..4_usize, prop_oneof![3 => Just(9_usize), 1 => 0..5_usize])
            .prop_map(|(socket, source, mid)| Action::Publish { socket, source, mid }),
        3 => (n.clone(), 0..5_usize).prop_map(|(socket, mid)| Action::Unpublish { socket, mid }),
        3 => (n.clone(), 0..5_usize, any::<bool>())
            .prop_map(|(socket, mid, muted)| Action::SetMuted { socket, mid, muted }),
        4 => (n.clone(), n.clone(), prop::bool::weighted(0.2))
            .prop_map(|(socket, who, stolen)| Action::Resume { socket, who, stolen }),
        1 => n.clone().prop_map(|socket| Action::Leave { socket }),
        2 => n.clone().prop_map(|socket| Action::Close { socket }),
        2 => n.clone().prop_map(|socket| Action::Ping { socket }),
        1 => (n.clone(), any::<bool>()).prop_map(|(socket, fatal)| Action::Nonsense { socket, fatal }),
        1 => n.clone().prop_map(|socket| Action::Flood { socket }),
        1 => n.clone().prop_map(|who| Action::MediaFailed { who }),
        4 => (n.clone(), any::<bool>()).prop_map(|(who, up)| Action::MediaPath { who, up }),
        3 => (n.clone(), few(12)).prop_map(|(socket, mids)| Action::View { socket, mids }),
        6 => (n.clone(), few(12))
            .prop_map(|(socket, publications)| Action::Prefer { socket, publications }),
        8 => (0..3_usize, few(6)).prop_map(|(room, participants)| Action::Speakers { room, participants }),
        3 => (n.clone(), 0..5_usize, 0..4_u8)
            .prop_map(|(who, mid, wanted)| Action::Encodings { who, mid, wanted }),
        3 => (n.clone(), few(12)).prop_map(|(who, mids)| Action::Paused { who, mids }),
        1 => n.clone().prop_map(|who| Action::Quality { who }),
        6 => (n.clone(), prop::bool::weighted(0.1), prop_oneof![5 => Just(1), 1 => 2..14_u32])
            .prop_map(|(socket, empty, times)| Action::Chat { socket, empty, times }),
        2 => (n.clone(), prop_oneof![3 => Just(1), 1 => 2..14_u32])
            .prop_map(|(socket, times)| Action::React { socket, times }),
        8 => (n.clone(), prop::bool::weighted(0.2), deed(), n.clone()).prop_map(
            |(socket, usurps, deed, target)| Action::Moderate { socket, usurps, deed, target }
        ),
        4 => (n, prop::bool::weighted(0.7))
            .prop_map(|(socket, raised)| Action::RaiseHand { socket, raised }),
        3 => prop_oneof![9 => 20..900_u64, 1 => 1000..12_000_u64].prop_map(|ms| Action::Pass { ms }),
        1 => prop::bool::weighted(0.05).prop_map(|all| if all { Action::ShutDown } else { Action::Open }),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        16 => (0..3_usize, prop::bool::weighted(0.6)).prop_map(|(what, on)| Deed::Hold { what, on }),
        1 => Just(Deed::Remove),
        2 => prop::bool::weighted(0.3).prop_map(Deed::Lock),
        4 => prop::bool::weighted(0.5).prop_map(Deed::WaitingRoom),
        8 => Just(Deed::Admit),
        1 => Just(Deed::Deny),
        3 => Just(Deed::HandOver),
        1 => prop::bool::weighted(0.2).prop_map(|end| if end { Deed::End } else { Deed::HandOver }),
    ]
}

/// The crate, the reference, and what came out.
pub struct Driver {
    pub rooms: Rooms,
    pub reference: Reference,
    pub observer: Observer,
    pub now: Time,
    /// Who was let in of those who waited, and has no place yet.
    pub let_in: Vec<Waiter>,
    sockets: u64,
}

impl Driver {
    pub fn new(gathering: Gathering) -> Self {
        let config = Config {
            max_participants: MAX_PARTICIPANTS,
            resume_window: RESUME_WINDOW,
            lost_window: LOST_WINDOW,
            gathering,
            limits: Limits {
                rooms: u32::try_from(MAX_ROOMS).unwrap(),
                participants: u32::try_from(MAX_TOTAL).unwrap(),
                publications: MAX_PUBLICATIONS,
                ..Limits::default()
            },
            ..Config::default()
        };
        Self {
            rooms: Rooms::new(config),
            reference: Reference::default(),
            observer: Observer::default(),
            now: Duration::from_secs(5),
            let_in: Vec::new(),
            sockets: 0,
        }
    }

    pub fn act(&mut self, action: &Action) {
        // At this pace nobody talks too much.
        self.pass(Duration::from_millis(20));
        self.observer.remember();
        match action.clone() {
            Action::Open => self.open(),
            Action::Join { socket, room, publish, spoil } => self.join(socket, room, &publish, spoil),
            Action::Negotiated { which, lines, refuse } => self.negotiated(which, lines, refuse),
            Action::StaleNegotiated { participant, offer } => {
                let (participant, offer) = (ParticipantId(participant), OfferId(offer));
                if !self.observer.negotiating.contains(&(participant, offer)) {
                    let result = Ok(negotiated(Lines { audio: 9, video: 9, sends: 15 }));
                    self.input(Input::Negotiated { participant, offer, result });
                }
            }
            Action::Offer { socket, skip } => self.offer(socket, skip),
            Action::Publish { socket, source, mid } => {
                let mid = if mid == 9 { source } else { mid };
                let from = connection(self, socket);
                let begins = self.reference.publish(from, SOURCES[source], mid, self.now);
                if let Some(client) = self.observer.clients.get_mut(&from).filter(|_| begins) {
                    // As a client does, until it is told again.
                    client.encodings.remove(&send_mid(mid));
                }
                let track = PublishTrack { mid: send_mid(mid), source: SOURCES[source], muted: false };
                self.say(socket, ClientMessage::Publish { track });
            }
            Action::Unpublish { socket, mid } => {
                self.reference.unpublish(connection(self, socket), mid, self.now);
                self.say(socket, ClientMessage::Unpublish { mid: send_mid(mid) });
            }
            Action::SetMuted { socket, mid, muted } => {
                self.reference.set_muted(connection(self, socket), mid, muted, self.now);
                self.say(socket, ClientMessage::SetMuted { mid: send_mid(mid), muted });
            }
            Action::Resume { socket, who, stolen } => self.resume(socket, who, stolen),
            Action::Leave { socket } => {
                self.reference.leave(connection(self, socket));
                self.say(socket, ClientMessage::Leave {});
            }
            Action::Close { socket } => {
                let connection = connection(self, socket);
                self.reference.hang_up(connection, self.now);
                self.observer.open.remove(&connection);
                self.input(Input::Closed { connection });
            }
            Action::Ping { socket } => {
                self.reference.hear(connection(self, socket), self.now);
                self.say(socket, ClientMessage::Ping { nonce: 7 });
            }
            Action::Nonsense { socket, fatal } => self.nonsense(socket, fatal),
            Action::Flood { socket } => {
                self.reference.hang_up(connection(self, socket), self.now);
                for _ in 0..201 {
                    self.say(socket, ClientMessage::Ping { nonce: 7 });
                }
            }
            Action::MediaFailed { who } => {
                if let Some(participant) = self.anybody(who) {
                    self.reference.remove(participant);
                    self.input(Input::MediaFailed { participant });
                }
            }
            Action::MediaPath { who, up } => {
                if let Some(participant) = self.anybody(who) {
                    self.reference.media_path(participant, up, self.now);
                    self.input(Input::MediaPath { participant, up });
                }
            }
            Action::View { socket, mids } => self.view(socket, &mids),
            Action::Prefer { socket, publications } => self.prefer(socket, &publications),
            Action::Speakers { room, participants } => self.speakers(room, &participants),
            Action::Encodings { who, mid, wanted } => self.encodings(who, mid, wanted),
            Action::Paused { who, mids } => self.paused(who, &mids),
            Action::Quality { who } => self.quality(who),
            Action::Chat { socket, empty, times } => {
                self.chat(socket, if empty { " \n" } else { "Hello" }, times);
            }
            Action::React { socket, times } => self.react(socket, times),
            Action::RaiseHand { socket, raised } => self.raise_hand(socket, raised),
            Action::Moderate { socket, usurps, deed, target } => self.moderate(socket, usurps, deed, target),
            Action::Pass { ms } => self.pass(Duration::from_millis(ms)),
            Action::ShutDown => {
                self.reference.shut_down();
                self.observer.stopped = true;
                self.input(Input::ShutDown);
            }
        }
        self.reference.settle_rules(self.now);
        self.reference.forget_empty_rooms();
    }

    /// Everybody's socket goes, the resume windows pass, and nothing is left.
    pub fn end(&mut self) {
        while let Some(connection) = self.observer.open.pop_first() {
            self.input(Input::Closed { connection });
        }
        self.pass(RESUME_WINDOW * 2);
        assert_eq!(self.rooms.counts(), Counts::default());
        assert_eq!(self.rooms.poll_timeout(), None);
        assert!(self.observer.routes.is_empty() && self.observer.peers.is_empty());
    }

    fn open(&mut self) {
        self.sockets += 1;
        let connection = ConnectionId(self.sockets);
        self.reference.open(connection, self.now);
        self.observer.open.insert(connection);
        self.input(Input::Opened { connection, token: token(connection) });
    }

    fn join(&mut self, socket: usize, room: usize, publish: &[(usize, bool)], spoil: u8) {
        let tracks = publish.iter().map(|(source, muted)| {
            // Now and then a wrong m-line.
            let mid = if spoil == 3 { 3 - source } else { *source };
            PublishTrack { mid: send_mid(mid), source: SOURCES[*source], muted: *muted }
        });
        let publish: Vec<_> = tracks.collect();
        let version = if spoil == 0 { 77 } else { PROTOCOL_VERSION };
        let name = if spoil == 1 { " \n " } else { "somebody" };
        let room = if spoil == 2 { "no such/room" } else { ROOMS[room] };
        let connection = connection(self, socket);
        let expected = self.reference.join(connection, version, room, name, &publish, self.now);
        let before = self.observer.negotiating.len();
        let offer = Sdp::from("offer");
        self.say(
            socket,
            ClientMessage::Join {
                version,
                room: room.into(),
                name: name.into(),
                offer,
                publish,
                mode: None,
                direct: false,
                token: None,
                password: None,
                returning: None,
            },
        );
        let mut added = self.observer.negotiating.iter().skip(before);
        assert_eq!(added.next().is_some(), expected == Fate::Enters, "whether somebody may come in");
        match expected {
            Fate::Enters => {
                let (participant, _) = *self.observer.negotiating.last().unwrap();
                self.reference.on_the_way_in(connection, participant, self.now);
            }
            Fate::Waits => self.reference.on_the_doorstep(connection, self.now),
            Fate::Refused => {}
        }
    }

    fn negotiated(&mut self, which: usize, lines: Lines, refuse: bool) {
        if self.observer.negotiating.is_empty() {
            return;
        }
        let which = which % self.observer.negotiating.len();
        let (participant, offer) = self.observer.negotiating.remove(which);
        self.reference.negotiated(participant, offer, lines, refuse, self.now);
        let result = if refuse { Err(ErrorInfo::new(ErrorCode::BadOffer)) } else { Ok(negotiated(lines)) };
        self.input(Input::Negotiated { participant, offer, result });
    }

    fn offer(&mut self, socket: usize, skip: u32) {
        let connection = connection(self, socket);
        let participant = self.reference.hear(connection, self.now);
        let seen =
            participant.and_then(|participant| self.observer.offers.get(&participant)).map_or(0, |id| id.0);
        let busy = participant.is_some_and(|p| self.observer.negotiating.iter().any(|(id, _)| *id == p));
        let before = self.observer.negotiating.len();
        self.say(socket, ClientMessage::Offer { id: OfferId(seen + 1 + skip), sdp: Sdp::from("offer") });
        if participant.is_some() && !busy && skip == 0 {
            assert_eq!(self.observer.negotiating.len(), before + 1, "an offer in turn is answered");
        }
    }

    fn resume(&mut self, socket: usize, who: usize, stolen: bool) {
        let Some(participant) = self.anybody(who) else { return };
        let connection = connection(self, socket);
        let token = if stolen {
            ResumeToken::from_random([9; 16])
        } else {
            token(self.reference.token_of(participant))
        };
        if stolen {
            self.reference.hear(connection, self.now);
        } else {
            self.reference.resume(connection, participant, self.now);
        }
        self.say(socket, ClientMessage::Resume { version: PROTOCOL_VERSION, participant, token });
    }

    fn nonsense(&mut self, socket: usize, fatal: bool) {
        let connection = connection(self, socket);
        let code = if fatal { ErrorCode::MessageTooLarge } else { ErrorCode::Malformed };
        if fatal {
            self.reference.hang_up(connection, self.now);
        } else {
            self.reference.hear(connection, self.now);
        }
        self.input(Input::Unreadable { connection, error: ErrorInfo::new(code) });
    }

    pub fn say(&mut self, socket: usize, message: ClientMessage) {
        let connection = connection(self, socket);
        self.input(match message {
            ClientMessage::Join { .. } => {
                Input::Join { connection, message, admission: Ok(Admission::default()) }
            }
            message => Input::Message { connection, message },
        });
    }

    pub fn input(&mut self, input: Input) {
        self.rooms.handle(input, self.now);
        self.observer.drain(&mut self.rooms);
    }

    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.rooms.poll_timeout().filter(|at| *at <= end) {
            self.rooms.handle_timeout(at);
            self.observer.drain(&mut self.rooms);
        }
        self.now = end;
        self.reference.pass(end);
    }

    pub fn anybody(&self, who: usize) -> Option<ParticipantId> {
        let members = &self.reference.members;
        members.keys().nth(who % members.len().max(1)).copied()
    }
}

/// Mostly one of the open sockets; now and then one that may be closed, or none yet.
pub fn connection(driver: &Driver, socket: usize) -> ConnectionId {
    let open = &driver.observer.open;
    let any = ConnectionId(driver.sockets.saturating_sub(socket as u64 % 10));
    if socket > 56 { any } else { open.iter().rev().nth(socket % open.len().max(1)).copied().unwrap_or(any) }
}

fn token(connection: ConnectionId) -> ResumeToken {
    ResumeToken::from_random(u128::from(connection.0).to_be_bytes())
}

/// Each source has an m-line of its own kind; the fifth is none.
pub fn send_mid(line: usize) -> Mid {
    Mid(format!("send{line}"))
}

pub fn kind_of_send(line: usize) -> Option<MediaKind> {
    SOURCES.get(line).map(|source| source.kind())
}

/// An answer with these m-lines.
fn negotiated(lines: Lines) -> Negotiated {
    let sends = (0..4).filter(|line| lines.sends & (1 << line) != 0);
    let send = |line| MediaLine { mid: send_mid(line), kind: kind_of_send(line).unwrap() };
    Negotiated { answer: Sdp::from("answer"), sends: sends.map(send).collect(), slots: lines.slots() }
}
