//! Taking the steps that decide who sees whom, and how large; and those of the media plane.

use crate::action::{Driver, ROOMS, connection, send_mid};
use crate::reference::Lines;
use room::{Input, RoomId};
use signal::{ClientMessage, Mid, ParticipantId, PublicationId, Quality, SlotView};

/// Slots that anybody may have, and some that nobody has.
const ALL_LINES: Lines = Lines { audio: 4, video: 5, sends: 15 };

impl Driver {
    pub fn view(&mut self, socket: usize, mids: &[usize]) {
        let participant = self.reference.hear(connection(self, socket), self.now);
        let slots: Vec<_> = some_mids(mids).map(|mid| SlotView { mid, width: 640, height: 360 }).collect();
        let mut expected = slots.clone();
        expected.retain(|view| participant.is_some_and(|who| self.reference.has_video(who, &view.mid)));
        let before = self.observer.views.len();
        self.say(socket, ClientMessage::View { slots });
        let seen = &self.observer.views[before..];
        if expected.is_empty() {
            assert!(seen.is_empty(), "a view of nothing");
        } else {
            assert_eq!(seen, [(participant.unwrap(), expected)]);
        }
    }

    /// Numbers choose among all publications there are, and two that there are not.
    pub fn prefer(&mut self, socket: usize, publications: &[usize]) {
        let mut known: Vec<_> = self.observer.introduced.keys().copied().collect();
        known.extend([PublicationId(0), PublicationId(9999)]);
        let publications: Vec<_> = publications.iter().map(|k| known[k % known.len()]).collect();
        self.reference.prefer(connection(self, socket), &publications, self.now);
        self.say(socket, ClientMessage::Prefer { publications });
    }

    /// Numbers choose among everybody, wherever they are, and one that is nowhere.
    pub fn speakers(&mut self, room: usize, participants: &[usize]) {
        let mut known: Vec<_> = self.reference.members.keys().copied().collect();
        known.push(ParticipantId(9999));
        let participants: Vec<_> = participants.iter().map(|k| known[k % known.len()]).collect();
        let home =
            ROOMS.get(room).and_then(|name| self.reference.members.iter().find(|(_, m)| m.room == *name));
        let id = home.map_or(RoomId(9999), |(who, _)| self.observer.homes[who]);
        if home.is_some() {
            self.reference.speakers(ROOMS[room], &participants);
        }
        self.input(Input::Speakers { room: id, participants });
    }

    pub fn encodings(&mut self, who: usize, mid: usize, wanted: u8) {
        let Some(participant) = self.anybody(who) else { return };
        let (mid, wanted) = (send_mid(mid), (0..wanted).collect::<Vec<_>>());
        self.reference.encodings(participant, &mid, &wanted);
        self.input(Input::Encodings { participant, mid, wanted });
    }

    pub fn paused(&mut self, who: usize, mids: &[usize]) {
        let Some(participant) = self.anybody(who) else { return };
        let slots: Vec<_> = some_mids(mids).collect();
        self.reference.paused(participant, &slots);
        self.input(Input::Paused { participant, slots });
    }

    pub fn quality(&mut self, who: usize) {
        let Some(participant) = self.anybody(who) else { return };
        self.input(Input::Quality { participant, quality: Quality::default() });
    }
}

fn some_mids(numbers: &[usize]) -> impl Iterator<Item = Mid> {
    let all: Vec<Mid> = ALL_LINES.slots().into_iter().map(|line| line.mid).chain([send_mid(1)]).collect();
    numbers.iter().map(move |k| all[k % all.len()].clone())
}
