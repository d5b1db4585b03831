//! What the media plane says goes to whom it concerns: who speaks, to the room; which encodings are wanted,
//! what is held back and how media flows, to one participant. All but the last is remembered for a
//! participant whose socket is lost meanwhile, and repeated after `resumed`; the encodings also for the next
//! publication on the same m-line.

use crate::{ConnectionId, RoomId, Rooms, floor::News, member::Member, outbox::Outbox, room::Room};
use signal::limits::MAX_MEDIA_SECTIONS;
use signal::{Hold, Mid, ParticipantId, Quality, ServerMessage};
use std::collections::BTreeSet;

impl Rooms {
    /// Who speaks in a room now. Whoever is not inside, any more or yet, or held, is passed over.
    pub(crate) fn speakers(&mut self, room: RoomId, participants: &[ParticipantId]) {
        let Some(room) = self.directory.room_by_id(room) else { return };
        let mut named = BTreeSet::new();
        let is_heard = |member: Option<&Member>| member.is_some_and(|it| !it.holds.contains(&Hold::Sound));
        let inside = |id: &&ParticipantId| is_heard(room.members.get(id)) && named.insert(**id);
        let speakers: Vec<_> = participants.iter().filter(inside).copied().collect();
        let news = room.floor.take(speakers.clone());
        match news {
            News::Nothing => return,
            News::Order => {}
            News::Speakers => room.voices_changed(),
        }
        room.tell(&ServerMessage::Speakers { participants: speakers }, &mut self.outbox);
    }

    /// Which encodings of what is sent on an m-line are wanted. Told while something is published there, else
    /// kept until it is.
    pub(crate) fn encodings(&mut self, participant: ParticipantId, mid: &Mid, wanted: Vec<u8>) {
        let Some(member) = self.directory.member(participant) else { return };
        if !member.want(mid, &wanted) || member.on_mid(mid).is_err() {
            return;
        }
        if let Some(connection) = member.connection() {
            self.outbox.send(connection, ServerMessage::Encodings { mid: mid.clone(), wanted });
        }
    }

    /// Which slots are held back now.
    pub(crate) fn paused(&mut self, participant: ParticipantId, slots: Vec<Mid>) {
        if let Some(member) = self.directory.member(participant) {
            member.pause(slots.into_iter().collect(), &mut self.outbox);
        }
    }

    /// How media flows. Old news to whoever has no socket now.
    pub(crate) fn quality(&mut self, participant: ParticipantId, quality: Quality) {
        if let Some(connection) = self.directory.member(participant).and_then(|member| member.connection()) {
            self.outbox.send(connection, ServerMessage::Quality(quality));
        }
    }

    /// After `resumed`: what was said meanwhile, or into the socket that was lost.
    pub(crate) fn repeat(&mut self, participant: ParticipantId, connection: ConnectionId) {
        let Some(room) = self.directory.home(participant) else { return };
        room.tell_speakers_to(connection, &mut self.outbox);
        room.tell_moderation_to(participant, connection, &mut self.outbox);
        let Some(member) = room.members.get(&participant) else { return };
        for publication in member.publications.values() {
            if let Some(wanted) = member.wanted_on(&publication.mid) {
                self.outbox.send(connection, wanted);
            }
        }
        if !member.paused.is_empty() {
            self.outbox.send(connection, member.paused_message());
        }
    }
}

impl Room {
    /// Tells one who comes in, or back, who speaks. Nobody does unless told.
    pub(crate) fn tell_speakers_to(&self, connection: ConnectionId, outbox: &mut Outbox) {
        let participants = self.floor.speakers().to_vec();
        if !participants.is_empty() {
            outbox.send(connection, ServerMessage::Speakers { participants });
        }
    }
}

impl Member {
    /// These encodings are wanted on an m-line; whether that is news.
    fn want(&mut self, mid: &Mid, wanted: &[u8]) -> bool {
        let known = self.wanted.get(mid).map(Vec::as_slice);
        let has_place = known.is_some() || self.wanted.len() < MAX_MEDIA_SECTIONS;
        if known == Some(wanted) || !has_place {
            return false;
        }
        self.wanted.insert(mid.clone(), wanted.to_vec());
        true
    }

    /// Which encodings are wanted on an m-line, where that was said.
    pub(crate) fn wanted_on(&self, mid: &Mid) -> Option<ServerMessage> {
        let wanted = self.wanted.get(mid)?.clone();
        Some(ServerMessage::Encodings { mid: mid.clone(), wanted })
    }

    /// These of its video slots are held back now. It is told if that is news; what is no slot is left out.
    pub(crate) fn pause(&mut self, mut slots: BTreeSet<Mid>, outbox: &mut Outbox) {
        slots.retain(|mid| self.seating.has_video(mid));
        if slots == self.paused {
            return;
        }
        self.paused = slots;
        if let Some(connection) = self.connection() {
            outbox.send(connection, self.paused_message());
        }
    }

    fn paused_message(&self) -> ServerMessage {
        ServerMessage::Paused { slots: self.paused.iter().cloned().collect() }
    }
}
