//! The world of a test: one server, many people, a network with one delay, and a clock that jumps from
//! one event to the next. The same test gives the same events every time.

use crate::browser::{Browser, negotiate};
use crate::straight::{Dice, Straight};
use room::{Admission, Config, ConnectionId, ResourceId, RoomId, Rooms};
use session::{Connectivity, Session, SourceState};
use signal::{
    CallNumber, ClientMessage, ErrorCode, ErrorInfo, IceServer, Mid, OfferId, ParticipantId, Reaction,
    ResumeToken, RoomMode, Sdp, ServerMessage, SlotView, Source, decode_client, decode_server, encode,
    encode_all,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// One way through the network, and the time a peer takes to think.
pub const DELAY: Duration = Duration::from_millis(10);

/// Everything there is.
pub struct World {
    pub now: Duration,
    pub rooms: Rooms,
    pub people: BTreeMap<&'static str, Person>,
    /// What the media plane was told: which slot carries what.
    pub routes: BTreeMap<(ParticipantId, Mid), (ParticipantId, Mid)>,
    /// What it was told to hold: whose lines.
    pub held: BTreeMap<ParticipantId, Vec<Mid>>,
    /// What it was told of the sizes shown, in order.
    pub views: Vec<(ParticipantId, Vec<SlotView>)>,
    /// What resources were answered, in order.
    pub answers: Vec<(ResourceId, Result<Sdp, ErrorInfo>)>,
    /// Resources that are gone, in order.
    pub gone: Vec<ResourceId>,
    /// What happened in rooms.
    pub record: Vec<room::RoomEvent>,
    /// In which room each is, by the id the media plane knows it by.
    pub homes: BTreeMap<ParticipantId, RoomId>,
    /// The most seats a browser offers.
    pub most_seats: usize,
    /// Whether the server can be reached.
    pub up: bool,
    /// Whether the server's peers refuse offers after the first.
    pub refuse_offers: bool,
    /// Whether the media plane has too much to do to take anybody into a room that nobody is in.
    pub overloaded: bool,
    /// What the operator names for those who come in, and back in.
    pub ice_servers: Vec<IceServer>,
    /// Relays that the server names.
    pub relays: Vec<IceServer>,
    pub config: Config,
    /// What goes straight from one to another.
    pub straight: Straight,
    /// Makes the network's delays differ, where there is one.
    pub dice: Option<Dice>,
    /// When the last message arrives that is on its way through a socket.
    queues: BTreeMap<(ConnectionId, Way), Duration>,
    events: BTreeMap<(Duration, u64), Event>,
    counter: u64,
}

/// A person with a browser.
pub struct Person {
    pub session: Session,
    pub browser: Browser,
    pub sources: BTreeMap<Source, SourceState>,
    /// Everything the server said to it.
    pub heard: Vec<ServerMessage>,
    /// Everything it said to the server.
    pub said: Vec<ClientMessage>,
    /// Nothing comes through, either way, and nobody is told.
    pub cut: bool,
    pub ice: Ice,
    pub room: Option<String>,
    pub socket: Option<ConnectionId>,
    /// Its tracks' encodings, where they were switched.
    pub encodings: BTreeMap<Mid, Vec<u8>>,
    /// What it was shown for a moment, in order.
    pub reactions: Vec<(ParticipantId, Reaction)>,
    /// What it said in vain, in order.
    pub refused: Vec<(String, ErrorCode)>,
    /// Where it was told to go.
    pub sent_to: Vec<String>,
    /// How many ICE restarts it was asked for.
    pub restarts: usize,
    /// Which relays it was told to use, and when.
    pub relays: Vec<(Duration, Vec<IceServer>)>,
    /// What it asks for if nobody is in the room yet.
    pub mode: Option<RoomMode>,
    /// It can connect straight to others.
    pub direct: bool,
    /// On what terms it may come in, or why not.
    pub admission: Result<Admission, ErrorInfo>,
    /// Its tracks are not sent to the server, since then; or are, since then.
    pub sending: (bool, Duration),
    /// The offers it was asked for, and whether with data channels.
    pub offers: Vec<(OfferId, bool)>,
    /// Counts peer connections, so that what an old one still says is told apart.
    peers: u32,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            session: Session::new(),
            browser: Browser::default(),
            sources: BTreeMap::new(),
            heard: Vec::new(),
            said: Vec::new(),
            cut: false,
            ice: Ice::default(),
            room: None,
            socket: None,
            encodings: BTreeMap::new(),
            offers: Vec::new(),
            reactions: Vec::new(),
            refused: Vec::new(),
            sent_to: Vec::new(),
            restarts: 0,
            relays: vec![],
            mode: None,
            direct: false,
            admission: Ok(Admission::default()),
            sending: (true, Duration::ZERO),
            peers: 0,
        }
    }
}

/// What becomes of ICE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ice {
    #[default]
    Connects,
    Fails,
    /// It neither connects nor fails, for all the browser says.
    Hangs,
    /// It stays as it is, and the browser says nothing of it.
    Stays,
}

/// Something on its way.
pub enum Event {
    Opened {
        who: &'static str,
        socket: ConnectionId,
    },
    NotOpened {
        who: &'static str,
        socket: ConnectionId,
    },
    ToServer {
        who: &'static str,
        socket: ConnectionId,
        text: String,
    },
    ToClient {
        who: &'static str,
        socket: ConnectionId,
        text: String,
    },
    ClosedByClient {
        socket: ConnectionId,
    },
    ClosedByServer {
        who: &'static str,
        socket: ConnectionId,
    },
    Negotiated {
        participant: ParticipantId,
        offer: OfferId,
        sdp: Sdp,
        publish: bool,
    },
    OfferMade {
        who: &'static str,
        peer: u32,
        id: OfferId,
        seats: usize,
    },
    Ice {
        who: &'static str,
        peer: u32,
    },
    /// A direct connection carries out the next order.
    Order {
        who: &'static str,
        with: ParticipantId,
        call: CallNumber,
    },
    /// A direct connection tells something.
    Tells {
        who: &'static str,
        with: ParticipantId,
        call: CallNumber,
        event: session::DirectEvent,
    },
    /// Two ends of a direct connection may have found each other.
    Meet {
        who: &'static str,
        with: ParticipantId,
        call: CallNumber,
    },
    /// A page looks at what comes.
    Look {
        who: &'static str,
    },
}

/// A direction of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Up,
    Down,
}

impl World {
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        Self {
            now: Duration::from_secs(1000),
            rooms: Rooms::new(config.clone()),
            people: BTreeMap::new(),
            routes: BTreeMap::new(),
            held: BTreeMap::new(),
            views: Vec::new(),
            answers: Vec::new(),
            gone: Vec::new(),
            record: Vec::new(),
            homes: BTreeMap::new(),
            most_seats: usize::MAX,
            up: true,
            refuse_offers: false,
            overloaded: false,
            ice_servers: Vec::new(),
            relays: Vec::new(),
            config,
            straight: Straight::default(),
            dice: None,
            queues: BTreeMap::new(),
            events: BTreeMap::new(),
            counter: 0,
        }
    }

    /// Lets time pass, and everything that happens in it.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.next().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = end;
    }

    pub fn pass_secs(&mut self, secs: u64) {
        self.pass(Duration::from_secs(secs));
    }

    fn next(&self) -> Option<Duration> {
        let event = self.events.keys().next().map(|(at, _)| *at);
        let people = self.people.values().filter_map(|person| person.session.poll_timeout());
        people.chain(event).chain(self.rooms.poll_timeout()).min()
    }

    fn step(&mut self) {
        let now = self.now;
        if let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= now) {
            let event = entry.remove();
            self.happen(event);
            self.watch();
            return;
        }
        if self.rooms.poll_timeout().is_some_and(|at| at <= now) {
            self.rooms.handle_timeout(now);
            self.drain_server();
            assert!(self.rooms.poll_timeout().is_none_or(|at| at > now), "a timer does not go away");
            return;
        }
        let due = |person: &Person| person.session.poll_timeout().is_some_and(|at| at <= now);
        let who = *self.people.iter().find(|(_, person)| due(person)).unwrap().0;
        let person = self.person(who);
        person.session.handle_timeout(now);
        assert!(person.session.poll_timeout().is_none_or(|at| at > now), "a timer does not go away");
        self.drain(who);
    }

    pub fn later(&mut self, delay: Duration, event: Event) {
        self.counter += 1;
        self.events.insert((self.now + delay, self.counter), event);
    }

    /// As [`later`](Self::later), for what a socket carries in order, however long each takes.
    fn carry(&mut self, socket: ConnectionId, way: Way, event: Event) {
        let delay = self.delay();
        let last = self.queues.entry((socket, way)).or_default();
        *last = (*last).max(self.now + delay);
        let delay = last.saturating_sub(self.now);
        self.later(delay, event);
    }

    /// How long something takes on its way.
    pub fn delay(&mut self) -> Duration {
        self.dice.as_mut().map_or(DELAY, Dice::delay)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Opened { who, socket } if self.up && self.holds(who, socket) => {
                let token = ResumeToken::from_random(u128::from(socket.0).to_be_bytes());
                self.server(room::Input::Opened { connection: socket, token });
                self.input(who, session::Input::SocketOpened);
            }
            Event::Opened { .. } => {}
            Event::NotOpened { who, socket } | Event::ClosedByServer { who, socket } => {
                if self.holds(who, socket) {
                    self.person(who).socket = None;
                    self.input(who, session::Input::SocketClosed);
                }
            }
            Event::ToServer { who, socket, text } => {
                if self.up && !self.people.get(who).is_some_and(|person| person.cut) {
                    let message = decode_client(&text).unwrap();
                    let terms = self.people.get(who).map(|person| person.admission.clone());
                    // A tab that is closed meanwhile is let in like any.
                    let admission = terms.unwrap_or_else(|| Ok(Admission::default()));
                    self.server(said(socket, message, admission));
                }
            }
            Event::ToClient { who, socket, text } => {
                if self.holds(who, socket) && !self.person(who).cut {
                    for message in decode_server(&text).unwrap() {
                        let message = message.unwrap();
                        if let ServerMessage::Joined { participant, .. } = &message {
                            self.is_called(who, *participant);
                        }
                        self.person(who).heard.push(message.clone());
                        self.input(who, session::Input::Message(message));
                    }
                }
            }
            Event::ClosedByClient { socket } => self.server(room::Input::Closed { connection: socket }),
            Event::Negotiated { participant, offer, sdp, publish } => {
                let refusal = ErrorInfo::with_message(ErrorCode::BadOffer, "No.");
                let refuse = self.refuse_offers && offer != OfferId(0);
                let first = self.rooms.counts().participants == 0;
                let result = match (self.overloaded && first, refuse) {
                    (true, _) => Err(ErrorInfo::new(ErrorCode::Overloaded)),
                    (false, true) => Err(refusal),
                    (false, false) => Ok(negotiate(&sdp, publish)),
                };
                self.server(room::Input::Negotiated { participant, offer, result });
            }
            Event::OfferMade { who, peer, id, seats } => {
                let Some(person) = self.people.get_mut(who).filter(|person| person.peers == peer) else {
                    return;
                };
                let sources: Vec<Source> = person.sources.keys().copied().collect();
                let sdp = person.browser.offer(sources, seats.min(self.most_seats));
                let mids = person.browser.mids();
                self.input(who, session::Input::Mids(mids));
                self.input(who, session::Input::OfferCreated { id, sdp });
            }
            Event::Ice { who, peer } => {
                let Some(person) = self.people.get(who).filter(|person| person.peers == peer) else { return };
                let outcome = match person.ice {
                    Ice::Connects => Connectivity::Connected,
                    Ice::Fails => Connectivity::Failed,
                    Ice::Hangs => Connectivity::Connecting,
                    Ice::Stays => return,
                };
                self.input(who, session::Input::Connectivity(outcome));
            }
            Event::Order { who, with, call } => self.carry_out(who, with, call),
            Event::Tells { who, with, call, event } => self.tell_of(who, with, call, event),
            Event::Meet { who, with, call } => self.meet(who, with, call),
            Event::Look { who } => self.look(who),
        }
    }

    fn holds(&self, who: &str, socket: ConnectionId) -> bool {
        self.people.get(who).is_some_and(|person| person.socket == Some(socket))
    }

    // The two shells.

    pub fn input(&mut self, who: &'static str, input: session::Input) {
        let now = self.now;
        self.person(who).session.handle(input, now);
        self.drain(who);
    }

    fn drain(&mut self, who: &'static str) {
        while let Some(output) = self.person(who).session.poll_output() {
            self.obey(who, output);
        }
    }

    fn obey(&mut self, who: &'static str, output: session::Output) {
        let up = self.up;
        let person = self.people.get_mut(who).unwrap();
        let peer = person.peers;
        match output {
            session::Output::OpenSocket => {
                assert_eq!(person.socket, None, "one socket at a time");
                self.counter += 1;
                let socket = ConnectionId(self.counter);
                person.socket = Some(socket);
                let event = if person.cut {
                    return;
                } else if up {
                    Event::Opened { who, socket }
                } else {
                    Event::NotOpened { who, socket }
                };
                self.later(DELAY, event);
            }
            session::Output::CloseSocket => {
                let socket = person.socket.take().expect("an open socket");
                self.later(DELAY, Event::ClosedByClient { socket });
            }
            session::Output::Send(message) => {
                let socket = person.socket.expect("an open socket");
                let text = encode(&message);
                person.said.push(message);
                if !person.cut {
                    self.carry(socket, Way::Up, Event::ToServer { who, socket, text });
                }
            }
            session::Output::CreateOffer { id, seats, ice_restart, data } => {
                person.restarts += usize::from(ice_restart);
                person.offers.push((id, data));
                assert!(id > OfferId(0) || person.browser.seats() == 0, "ids start with a new peer");
                self.later(DELAY, Event::OfferMade { who, peer, id, seats });
            }
            session::Output::UseRelays(relays) => person.relays.push((self.now, relays)),
            session::Output::ApplyAnswer { id: _, sdp } => {
                assert!(sdp.0.starts_with("answer to"), "{}", sdp.0);
                self.later(DELAY, Event::Ice { who, peer });
            }
            session::Output::SetEncodings { mid, wanted } => {
                person.encodings.insert(mid, wanted);
            }
            session::Output::Reacted { participant, reaction } => {
                person.reactions.push((participant, reaction));
            }
            session::Output::GoTo(origin) => person.sent_to.push(origin),
            session::Output::ChatRefused { text, error } => person.refused.push((text, error.code)),
            session::Output::SendToServer(sending) => {
                assert_ne!(person.sending.0, sending, "said once");
                person.sending = (sending, self.now);
            }
            session::Output::Direct { with, call, order } => self.order(who, with, call, order),
            session::Output::ClosePeer => {
                person.encodings.clear();
                person.peers += 1;
                person.browser = Browser::default();
            }
        }
    }

    pub fn server(&mut self, input: room::Input) {
        self.rooms.handle(input, self.now);
        self.drain_server();
    }

    fn drain_server(&mut self) {
        let (mut still_fed, mut closed) = (BTreeSet::new(), BTreeSet::new());
        while let Some(output) = self.rooms.poll_output() {
            match output {
                room::Output::Send { connection, mut message } => {
                    self.name_ice_servers(&mut message);
                    self.carry_to_client(connection, encode(&message));
                }
                room::Output::Tell { connections, messages } => {
                    for connection in connections {
                        self.carry_to_client(connection, encode_all(&messages));
                    }
                }
                room::Output::Close { connection } => {
                    if let Some(who) = self.owner(connection) {
                        self.later(DELAY, Event::ClosedByServer { who, socket: connection });
                    }
                    // As a real socket would, long after it matters.
                    self.later(DELAY, Event::ClosedByClient { socket: connection });
                }
                room::Output::Negotiate { participant, room, offer, sdp, publish } => {
                    let known = self.homes.insert(participant, room);
                    assert!(known.is_none_or(|known| known == room), "one room for a whole stay");
                    self.later(DELAY, Event::Negotiated { participant, offer, sdp, publish });
                }
                room::Output::Answer { resource, result } => self.answers.push((resource, result)),
                room::Output::Gone { resource } => self.gone.push(resource),
                room::Output::View { participant, slots } => self.views.push((participant, slots)),
                room::Output::Hold { participant, lines } => {
                    self.held.insert(participant, lines);
                }
                room::Output::Route { receiver, slot, source } => self.route(receiver, slot, source),
                room::Output::Event(event) => self.record.push(event),
                room::Output::ClosePeer { participant } => {
                    self.routes.retain(|(receiver, _), _| *receiver != participant);
                    let fed = self.routes.iter().filter(|(_, (sender, _))| *sender == participant);
                    still_fed.extend(fed.map(|((receiver, _), _)| *receiver));
                    closed.insert(participant);
                }
            }
        }
        assert!(still_fed.is_subset(&closed), "a route to one who stays outlives its source");
    }

    fn carry_to_client(&mut self, socket: ConnectionId, text: String) {
        if let Some(who) = self.owner(socket) {
            self.carry(socket, Way::Down, Event::ToClient { who, socket, text });
        }
    }

    fn route(&mut self, receiver: ParticipantId, slot: Mid, source: Option<(ParticipantId, Mid)>) {
        match source {
            Some(source) => {
                assert_ne!(source.0, receiver, "nobody is shown itself");
                self.routes.insert((receiver, slot), source);
            }
            None => {
                self.routes.remove(&(receiver, slot));
            }
        }
    }

    fn owner(&self, socket: ConnectionId) -> Option<&'static str> {
        self.people.iter().find(|(_, person)| person.socket == Some(socket)).map(|(who, _)| *who)
    }
}

/// What a socket said, and what the caller decided about it.
fn said(
    connection: ConnectionId,
    message: ClientMessage,
    admission: Result<Admission, ErrorInfo>,
) -> room::Input {
    match message {
        ClientMessage::Join { .. } => room::Input::Join { connection, message, admission },
        message => room::Input::Message { connection, message },
    }
}
