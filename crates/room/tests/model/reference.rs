//! What ought to be so: who is in which room with what published. As simple as can be, with no care for
//! speed and none for messages, seats or order.

use crate::action::{
    LOST_WINDOW, MAX_PARTICIPANTS, MAX_PUBLICATIONS, MAX_ROOMS, MAX_TOTAL, RESUME_WINDOW, ROOMS,
    kind_of_send, send_mid,
};
use crate::moderating::{Fate, Rules};
use crate::talking::{Purse, Talk};
use room::{ConnectionId, MediaLine};
use signal::{
    Hold, MediaKind, Mid, OfferId, PROTOCOL_VERSION, ParticipantId, PublicationId, PublishTrack, Source,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub type Time = Duration;

/// The m-lines of an answer: so many slots of each kind, and a bit for each send line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines {
    pub audio: usize,
    pub video: usize,
    pub sends: u8,
}

impl Lines {
    pub fn slots(self) -> Vec<MediaLine> {
        let line = |kind: MediaKind| move |k| MediaLine { mid: Mid(format!("{kind:?}{k}")), kind };
        (0..self.audio)
            .map(line(MediaKind::Audio))
            .chain((0..self.video).map(line(MediaKind::Video)))
            .collect()
    }

    fn sends(self, mid: &Mid, source: Source) -> bool {
        let line = (0..4).find(|line| send_mid(*line) == *mid);
        line.is_some_and(|line| self.sends & (1 << line) != 0 && kind_of_send(line) == Some(source.kind()))
    }
}

#[derive(Default)]
pub struct Reference {
    pub sockets: BTreeMap<ConnectionId, Socket>,
    pub joiners: BTreeMap<ParticipantId, Joiner>,
    pub members: BTreeMap<ParticipantId, Member>,
    /// Who speaks in each room, the loudest first. For rooms that are gone nobody looks.
    pub speakers: BTreeMap<String, Vec<ParticipantId>>,
    pub talk: Talk,
    pub rules: Rules,
    stopped: bool,
    asked: Option<Joiner>,
}

pub struct Socket {
    pub speaks_for: Option<ParticipantId>,
    /// Its owner waits to be let in.
    pub waits: bool,
    /// When it is hung up unless something is heard.
    pub deadline: Time,
}

pub struct Joiner {
    pub room: String,
    socket: ConnectionId,
    publish: Vec<PublishTrack>,
}

pub struct Member {
    pub room: String,
    pub socket: Option<ConnectionId>,
    token_of: ConnectionId,
    absent_since: Time,
    absent_until: Time,
    media_lost: bool,
    pub lines: Lines,
    pub published: BTreeMap<Source, (Mid, bool)>,
    pub preferred: Vec<PublicationId>,
    /// By m-line, whether something is published there or not.
    pub encodings: BTreeMap<Mid, Vec<u8>>,
    pub paused: BTreeSet<Mid>,
    pub holds: BTreeSet<Hold>,
    pub chat: Purse,
    pub reactions: Purse,
}

impl Reference {
    pub fn open(&mut self, socket: ConnectionId, now: Time) {
        if !self.stopped {
            let deadline = now + Duration::from_secs(15);
            self.sockets.insert(socket, Socket { speaks_for: None, waits: false, deadline });
        }
    }

    /// Something is heard; says which member speaks, if any.
    pub fn hear(&mut self, socket: ConnectionId, now: Time) -> Option<ParticipantId> {
        let heard = self.sockets.get_mut(&socket)?;
        if heard.waits {
            heard.deadline = now + Duration::from_secs(10);
        }
        let participant = heard.speaks_for?;
        heard.deadline = now + Duration::from_secs(10);
        self.members.contains_key(&participant).then_some(participant)
    }

    pub fn join(
        &mut self,
        socket: ConnectionId,
        version: u16,
        room: &str,
        name: &str,
        publish: &[PublishTrack],
        now: Time,
    ) -> Fate {
        self.hear(socket, now);
        if self.sockets.get(&socket).is_none_or(|socket| socket.waits || socket.speaks_for.is_some()) {
            return Fate::Refused;
        }
        if version != PROTOCOL_VERSION {
            self.hang_up(socket, now);
            return Fate::Refused;
        }
        let sources: BTreeSet<_> = publish.iter().map(|track| track.source).collect();
        let mids: BTreeSet<_> = publish.iter().map(|track| &track.mid).collect();
        let unique = sources.len() == publish.len() && mids.len() == publish.len();
        let good_names = !room.contains('/') && !name.trim().is_empty();
        self.asked = Some(Joiner { room: room.to_owned(), socket, publish: publish.to_vec() });
        let wanted = publish.len() <= MAX_PUBLICATIONS;
        match self.fate(room) {
            _ if !unique || !good_names || !wanted => Fate::Refused,
            Fate::Enters if !self.may_enter(room) => Fate::Refused,
            fate => fate,
        }
    }

    pub fn may_enter(&self, room: &str) -> bool {
        self.places(room) < MAX_PARTICIPANTS && self.has_place(room)
    }

    /// Whether the server has, whatever the room has.
    fn has_place(&self, room: &str) -> bool {
        let open = ROOMS.iter().filter(|room| self.places(room) > 0).count();
        let inside = self.members.len() + self.joiners.len();
        (self.places(room) > 0 || open < MAX_ROOMS) && inside < MAX_TOTAL
    }

    /// The last one that may join waits.
    pub fn on_the_doorstep(&mut self, socket: ConnectionId, now: Time) {
        let joiner = self.asked.take().unwrap();
        self.waits(socket, joiner, now);
    }

    pub fn starts_over(&mut self, socket: ConnectionId, now: Time) {
        let deadline = now + Duration::from_secs(15);
        self.sockets.insert(socket, Socket { speaks_for: None, waits: false, deadline });
    }

    /// The last one that may join has asked.
    pub fn on_the_way_in(&mut self, socket: ConnectionId, participant: ParticipantId, now: Time) {
        let joiner = self.asked.take().unwrap();
        self.enters(socket, participant, joiner, now);
    }

    pub fn enters(&mut self, socket: ConnectionId, participant: ParticipantId, joiner: Joiner, now: Time) {
        self.joiners.insert(participant, joiner);
        let deadline = now + Duration::from_secs(10);
        self.sockets.insert(socket, Socket { speaks_for: Some(participant), waits: false, deadline });
    }

    pub fn negotiated(&mut self, who: ParticipantId, offer: OfferId, lines: Lines, refuse: bool, now: Time) {
        if let Some(joiner) = self.joiners.remove(&who) {
            let Joiner { room, socket, publish } = joiner;
            if refuse || !publish.iter().all(|track| lines.sends(&track.mid, track.source)) {
                self.starts_over(socket, now);
                return;
            }
            let published =
                publish.into_iter().map(|track| (track.source, (track.mid, track.muted))).collect();
            let member = Member {
                room,
                socket: Some(socket),
                token_of: socket,
                absent_since: now,
                absent_until: now,
                media_lost: false,
                lines,
                published,
                preferred: Vec::new(),
                encodings: BTreeMap::new(),
                paused: BTreeSet::new(),
                holds: BTreeSet::new(),
                chat: Purse::chat(now),
                reactions: Purse::reactions(now),
            };
            self.members.insert(who, member);
        } else if let Some(member) = self.members.get_mut(&who).filter(|_| !refuse && offer.0 > 0) {
            member.lines = lines;
            member.published.retain(|source, (mid, _)| lines.sends(mid, *source));
            member
                .encodings
                .retain(|mid, _| (0..4).any(|line| lines.sends & (1 << line) != 0 && send_mid(line) == *mid));
            member.paused.retain(|mid| lines.slots().iter().any(|line| line.mid == *mid));
        }
    }

    /// Whether it begins to be published.
    pub fn publish(&mut self, socket: ConnectionId, source: Source, line: usize, now: Time) -> bool {
        let Some(member) = self.hear(socket, now).and_then(|who| self.members.get_mut(&who)) else {
            return false;
        };
        let mid = send_mid(line);
        let taken = member.published.values().any(|(other, _)| *other == mid);
        let free = !taken && !member.published.contains_key(&source);
        let fits = member.lines.sends(&mid, source) && free && member.published.len() < MAX_PUBLICATIONS;
        if fits {
            let muted = member.is_held(source);
            member.published.insert(source, (mid, muted));
        }
        fits
    }

    pub fn unpublish(&mut self, socket: ConnectionId, line: usize, now: Time) {
        let Some(member) = self.hear(socket, now).and_then(|who| self.members.get_mut(&who)) else { return };
        member.published.retain(|_, (mid, _)| *mid != send_mid(line));
    }

    pub fn set_muted(&mut self, socket: ConnectionId, line: usize, mute: bool, now: Time) {
        let Some(member) = self.hear(socket, now).and_then(|who| self.members.get_mut(&who)) else { return };
        let holds = member.holds.clone();
        for (source, (mid, muted)) in &mut member.published {
            let held = holds.iter().any(|hold| hold.covers(*source));
            if *mid == send_mid(line) && (mute || !held) {
                *muted = mute;
            }
        }
    }

    pub fn prefer(&mut self, socket: ConnectionId, publications: &[PublicationId], now: Time) {
        let Some(member) = self.hear(socket, now).and_then(|who| self.members.get_mut(&who)) else { return };
        member.preferred.clear();
        for publication in publications {
            if !member.preferred.contains(publication) {
                member.preferred.push(*publication);
            }
        }
    }

    pub fn speakers(&mut self, room: &str, participants: &[ParticipantId]) {
        let mut inside = Vec::new();
        for who in participants {
            let is_heard = |member: &Member| member.room == room && !member.holds.contains(&Hold::Sound);
            if self.members.get(who).is_some_and(is_heard) && !inside.contains(who) {
                inside.push(*who);
            }
        }
        self.speakers.insert(room.to_owned(), inside);
    }

    /// Who speaks in a room, of those who are still there.
    pub fn speakers_in(&self, room: &str) -> Vec<ParticipantId> {
        let named = self.speakers.get(room).into_iter().flatten();
        named.copied().filter(|who| self.members.contains_key(who)).collect()
    }

    pub fn encodings(&mut self, who: ParticipantId, mid: &Mid, wanted: &[u8]) {
        self.members.get_mut(&who).unwrap().encodings.insert(mid.clone(), wanted.to_vec());
    }

    pub fn paused(&mut self, who: ParticipantId, slots: &[Mid]) {
        let paused = slots.iter().filter(|mid| self.has_video(who, mid)).cloned().collect();
        self.members.get_mut(&who).unwrap().paused = paused;
    }

    pub fn has_video(&self, who: ParticipantId, mid: &Mid) -> bool {
        let slots = self.members[&who].lines.slots();
        slots.iter().any(|line| line.mid == *mid && line.kind == MediaKind::Video)
    }

    pub fn resume(&mut self, socket: ConnectionId, who: ParticipantId, now: Time) {
        self.hear(socket, now);
        if self.sockets.get(&socket).is_none_or(|socket| socket.waits || socket.speaks_for.is_some()) {
            return;
        }
        let Some(member) = self.members.get_mut(&who) else { return };
        if let Some(old) = member.socket.replace(socket) {
            self.sockets.remove(&old);
        }
        let deadline = now + Duration::from_secs(10);
        self.sockets.insert(socket, Socket { speaks_for: Some(who), waits: false, deadline });
    }

    pub fn leave(&mut self, socket: ConnectionId) {
        self.waits_no_longer(socket);
        if let Some(who) = self.sockets.remove(&socket).and_then(|socket| socket.speaks_for) {
            self.remove(who);
        }
    }

    pub fn hang_up(&mut self, socket: ConnectionId, now: Time) {
        self.waits_no_longer(socket);
        let Some(who) = self.sockets.remove(&socket).and_then(|socket| socket.speaks_for) else { return };
        self.joiners.remove(&who);
        if let Some(member) = self.members.get_mut(&who) {
            member.socket = None;
            member.absent_since = now;
            member.absent_until = now + member.patience();
        }
    }

    pub fn media_path(&mut self, who: ParticipantId, up: bool, now: Time) {
        let Some(member) = self.members.get_mut(&who) else { return };
        member.media_lost = !up;
        member.absent_until = (member.absent_since + member.patience()).max(now);
    }

    pub fn remove(&mut self, who: ParticipantId) {
        self.joiners.remove(&who);
        self.members.remove(&who);
        self.sockets.retain(|_, socket| socket.speaks_for != Some(who));
    }

    pub fn shut_down(&mut self) {
        // What was shown before was shown.
        let talk = Talk { reactions: self.talk.reactions, ..Talk::default() };
        *self = Self { stopped: true, talk, ..Self::default() };
    }

    pub fn pass(&mut self, end: Time) {
        let due = |socket: &&Socket| socket.deadline <= end;
        while let Some(at) = self.sockets.values().filter(due).map(|socket| socket.deadline).min() {
            let late = self.sockets.iter().find(|(_, socket)| socket.deadline == at).map(|(id, _)| *id);
            self.hang_up(late.unwrap(), at);
        }
        self.members.retain(|_, member| member.socket.is_some() || member.absent_until > end);
        self.settle_rules(end);
        self.forget_empty_rooms();
    }

    pub fn places(&self, room: &str) -> u32 {
        let joiners = self.joiners.values().filter(|joiner| joiner.room == room).count();
        let members = self.members.values().filter(|member| member.room == room).count();
        u32::try_from(joiners + members).unwrap()
    }

    pub fn token_of(&self, who: ParticipantId) -> ConnectionId {
        self.members[&who].token_of
    }
}

impl Member {
    fn patience(&self) -> Time {
        if self.media_lost { LOST_WINDOW } else { RESUME_WINDOW }
    }

    /// Which encodings are wanted of what is published, as far as that was said.
    pub fn wanted(&self) -> BTreeMap<&Mid, &Vec<u8>> {
        let mids = self.published.values().map(|(mid, _)| mid);
        mids.filter_map(|mid| Some((mid, self.encodings.get(mid)?))).collect()
    }
}
