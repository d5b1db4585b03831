//! What people do in the world, and what there is to see of them.

use crate::world::{DELAY, Event, Person, World};
use room::Rooms;
use session::{Phase, Snapshot, SourceState};
use signal::{ClientMessage, ErrorCode, Mid, ParticipantId, RoomName, SlotView, Source, encode};
use std::time::Duration;

impl World {
    // What people do.

    /// Asks to be let in, with microphone and camera on.
    pub fn enter(&mut self, who: &'static str, room: &str) {
        for source in [Source::Microphone, Source::Camera] {
            self.set_source(who, source, SourceState::Live);
        }
        self.enter_bare(who, room);
    }

    /// Asks to be let in, with the sources set before, if any.
    pub fn enter_bare(&mut self, who: &'static str, room: &str) {
        let person = self.people.entry(who).or_default();
        person.room = Some(room.to_owned());
        let (mode, direct) = (person.mode, person.direct);
        self.input(who, session::Input::Join { room: room.to_owned(), name: who.to_owned(), mode, direct });
    }

    /// Some who enter, and are inside.
    pub fn inside(&mut self, room: &str, names: &[&'static str]) {
        for who in names {
            self.enter(who, room);
            self.pass(Duration::from_millis(100));
            assert_eq!(self.phase(who), Phase::Live, "{who}");
        }
    }

    pub fn leave(&mut self, who: &'static str) {
        self.input(who, session::Input::Leave);
        self.person(who).room = None;
    }

    pub fn set_source(&mut self, who: &'static str, source: Source, state: SourceState) {
        self.people.entry(who).or_default().sources.insert(source, state);
        self.input(who, session::Input::SetSource { source, state });
    }

    /// The page shows these slots, and nothing else.
    pub fn show(&mut self, who: &'static str, slots: &[(&Mid, u16, u16)]) {
        let view = |(mid, width, height): &(&Mid, u16, u16)| SlotView {
            mid: (*mid).clone(),
            width: *width,
            height: *height,
        };
        self.input(who, session::Input::View(slots.iter().map(view).collect()));
    }

    /// The page wants to see these cameras first.
    pub fn prefer(&mut self, who: &'static str, others: &[&'static str]) {
        let camera = |other: &&'static str| self.other(who, other).camera.unwrap().publication;
        let publications = others.iter().map(camera).collect();
        self.input(who, session::Input::Prefer(publications));
    }

    /// The media plane hears these, and nobody else in the room of the first of all.
    pub fn speak(&mut self, names: &[&'static str]) {
        let somebody = self.people.values().find_map(|person| person.session.snapshot().me).unwrap();
        let (room, participants) = (self.homes[&somebody.id], names.iter().map(|who| self.id(who)).collect());
        self.server(room::Input::Speakers { room, participants });
        self.pass(DELAY * 2);
    }

    /// The tab is closed: no goodbye, only the socket's end.
    pub fn close_tab(&mut self, who: &'static str) {
        self.ends_of_tab(who);
        let person = self.people.remove(who).unwrap();
        self.later(DELAY, Event::ClosedByClient { socket: person.socket.unwrap() });
    }

    /// The socket breaks, and both ends notice.
    pub fn break_socket(&mut self, who: &'static str) {
        let socket = self.person(who).socket.unwrap();
        self.later(Duration::ZERO, Event::ClosedByClient { socket });
        self.later(Duration::ZERO, Event::ClosedByServer { who, socket });
    }

    /// Says something that no `Session` would.
    pub fn say(&mut self, who: &'static str, message: &ClientMessage) {
        let socket = self.person(who).socket.unwrap();
        self.later(DELAY, Event::ToServer { who, socket, text: encode(message) });
    }

    /// The server goes down, saying so, and comes up again after a while, remembering nothing.
    pub fn restart(&mut self, down: Duration) {
        self.server(room::Input::ShutDown);
        self.up = false;
        self.pass(down);
        self.rooms = Rooms::new(self.config.clone());
        self.homes.clear();
        self.up = true;
    }

    // What there is to see.

    pub fn person(&mut self, who: &'static str) -> &mut Person {
        self.people.get_mut(who).unwrap()
    }

    pub fn snapshot(&self, who: &'static str) -> Snapshot {
        self.people[who].session.snapshot()
    }

    pub fn phase(&self, who: &'static str) -> Phase {
        self.snapshot(who).phase
    }

    pub fn id(&self, who: &'static str) -> ParticipantId {
        self.snapshot(who).me.unwrap().id
    }

    pub fn person_is_in(&self, who: &str) -> bool {
        self.people.get(who).is_some_and(|person| person.room.is_some())
    }

    pub fn in_room(&self, room: &str) -> u32 {
        self.rooms.status(&RoomName::parse(room).unwrap()).participants
    }

    /// The error code that ended a session.
    pub fn refused(&self, who: &'static str) -> Option<ErrorCode> {
        match self.phase(who) {
            Phase::Ended(session::EndReason::Refused(error)) => Some(error.code),
            _ => None,
        }
    }
}
