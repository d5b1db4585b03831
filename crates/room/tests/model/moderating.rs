//! Taking the steps by which somebody decides about others, and what ought to come of them.

use crate::action::{Driver, ROOMS, connection, kind_of_send, send_mid};
use crate::reference::{Joiner, Lines, Member, Reference, Time};
use room::{ConnectionId, Input};
use signal::limits::{MAX_WAITING, WAITING_TIMEOUT};
use signal::{ClientMessage, Hold, MediaKind, Mid, ModerateAct, Moderation, ParticipantId, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const HOLDS: [Hold; 3] = [Hold::Sound, Hold::Camera, Hold::Screen];

/// Which act; a number is how it is chosen.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Hold { what: usize, on: bool },
    Remove,
    Lock(bool),
    WaitingRoom(bool),
    Admit,
    Deny,
    HandOver,
    End,
}

/// How each room is moderated. Those that nobody is in are forgotten.
#[derive(Default)]
pub struct Rules {
    pub of: BTreeMap<String, Rule>,
}

#[derive(Default)]
pub struct Rule {
    pub leads: BTreeSet<ParticipantId>,
    pub locked: bool,
    pub waiting_room: bool,
    /// In the order they came.
    pub waiting: Vec<Waiter>,
}

pub struct Waiter {
    pub socket: ConnectionId,
    joiner: Joiner,
    until: Time,
}

/// What becomes of somebody who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Enters,
    Waits,
    Refused,
}

impl Member {
    pub fn is_held(&self, source: Source) -> bool {
        self.holds.iter().any(|hold| hold.covers(source))
    }

    /// What the media plane is to be told.
    pub fn lines_to_hold(&self) -> Vec<Mid> {
        let held = |line: &usize| {
            let mid = send_mid(*line);
            let published = self.published.iter().find(|(_, (on, _))| *on == mid);
            published.map_or_else(
                || self.holds.contains(&Hold::Sound) && kind_of_send(*line) == Some(MediaKind::Audio),
                |(source, _)| self.is_held(*source),
            )
        };
        let mut lines: Vec<_> = sends(self.lines).filter(held).map(send_mid).collect();
        lines.sort();
        lines
    }
}

fn sends(lines: Lines) -> impl Iterator<Item = usize> {
    (0..4).filter(move |line| lines.sends & (1 << line) != 0)
}

impl Reference {
    /// Whether somebody who may come in as far as all else goes does so now.
    pub fn fate(&self, room: &str) -> Fate {
        match self.rules.of.get(room) {
            Some(rule) if rule.locked => Fate::Refused,
            Some(rule) if rule.waiting_room && rule.waiting.len() >= MAX_WAITING => Fate::Refused,
            Some(rule) if rule.waiting_room => Fate::Waits,
            Some(_) | None => Fate::Enters,
        }
    }

    pub fn waits(&mut self, socket: ConnectionId, joiner: Joiner, now: Time) {
        let rule = self.rules.of.get_mut(&joiner.room).unwrap();
        rule.waiting.push(Waiter { socket, joiner, until: now + WAITING_TIMEOUT });
        let waiting = self.sockets.get_mut(&socket).unwrap();
        (waiting.waits, waiting.deadline) = (true, now + Duration::from_secs(10));
    }

    /// One who waits is gone.
    pub fn waits_no_longer(&mut self, socket: ConnectionId) {
        for rule in self.rules.of.values_mut() {
            rule.waiting.retain(|waiter| waiter.socket != socket);
        }
    }

    fn rule_of(&mut self, who: ParticipantId) -> &mut Rule {
        self.rules.of.get_mut(&self.members[&who].room).unwrap()
    }

    pub fn is_lead(&self, who: ParticipantId) -> bool {
        let room = self.members.get(&who).map(|member| &member.room);
        room.and_then(|room| self.rules.of.get(room)).is_some_and(|rule| rule.leads.contains(&who))
    }

    /// After every step: who moderates, and where nobody is left to.
    pub fn settle_rules(&mut self, now: Time) {
        for room in ROOMS {
            if self.places(room) == 0 {
                for waiter in self.rules.of.remove(room).into_iter().flat_map(|rule| rule.waiting) {
                    self.sockets.remove(&waiter.socket);
                }
                continue;
            }
            let inside: Vec<_> =
                self.members.iter().filter(|(_, member)| member.room == room).map(|(id, _)| *id).collect();
            let rule = self.rules.of.entry(room.to_owned()).or_default();
            rule.leads.retain(|lead| inside.contains(lead));
            if rule.leads.is_empty() {
                rule.leads.extend(inside.first());
            }
            let (late, waiting) =
                std::mem::take(&mut rule.waiting).into_iter().partition(|it| it.until <= now);
            rule.waiting = waiting;
            let late: Vec<Waiter> = late;
            for waiter in late {
                self.sockets.remove(&waiter.socket);
            }
        }
    }

    /// What everybody in a room ought to know; of those who wait only how many.
    pub fn moderation(&self, room: &str) -> (Moderation, usize) {
        let rule = &self.rules.of[room];
        let inside = self.members.iter().filter(|(_, member)| member.room == room);
        let held = inside.flat_map(|(id, member)| {
            member.holds.iter().map(move |what| signal::Held { participant: *id, what: *what })
        });
        let moderation = Moderation {
            moderators: rule.leads.iter().copied().collect(),
            locked: rule.locked,
            waiting_room: rule.waiting_room,
            held: held.collect(),
            waiting: Vec::new(),
        };
        (moderation, rule.waiting.len())
    }

    fn hold(&mut self, whom: ParticipantId, what: Hold, on: bool) {
        let Some(member) = self.members.get_mut(&whom) else { return };
        if on && member.holds.insert(what) {
            for (source, (_, muted)) in &mut member.published {
                *muted |= what.covers(*source);
            }
        } else if !on {
            member.holds.remove(&what);
        }
    }

    fn end(&mut self, room: &str) {
        for waiter in self.rules.of.remove(room).into_iter().flat_map(|rule| rule.waiting) {
            self.sockets.remove(&waiter.socket);
        }
        let members = self.members.iter().filter(|(_, member)| member.room == room).map(|(id, _)| *id);
        let joiners = self.joiners.iter().filter(|(_, joiner)| joiner.room == room).map(|(id, _)| *id);
        for who in members.chain(joiners).collect::<Vec<_>>() {
            self.remove(who);
        }
    }
}

impl Driver {
    pub fn moderate(&mut self, socket: usize, usurps: bool, deed: Deed, target: usize) {
        let leads: Vec<_> =
            self.reference.members.iter().filter(|(id, _)| self.reference.is_lead(**id)).collect();
        let lead = leads.get(target % leads.len().max(1)).and_then(|(_, member)| member.socket);
        let by = lead.filter(|_| !usurps).unwrap_or_else(|| connection(self, socket));
        let who = self.reference.hear(by, self.now).filter(|who| self.reference.is_lead(*who));
        let Some(participant) = self.anybody(target) else { return };
        let told = self.observer.clients.get(&by).map(|client| client.moderation.waiting.clone());
        let told = told.unwrap_or_default();
        let waiter = told.get(target % told.len().max(1)).map_or(participant, |waiting| waiting.participant);
        let act = match deed {
            Deed::Hold { what, on } => ModerateAct::Hold { participant, what: HOLDS[what % 3], on },
            Deed::Remove => ModerateAct::Remove { participant },
            Deed::Lock(on) => ModerateAct::Lock { on },
            Deed::WaitingRoom(on) => ModerateAct::WaitingRoom { on },
            Deed::Admit => ModerateAct::Admit { participant: waiter },
            Deed::Deny => ModerateAct::Deny { participant: waiter },
            Deed::HandOver => ModerateAct::HandOver { participant },
            Deed::End => ModerateAct::End {},
        };
        if let Some(who) = who {
            let place = told.iter().position(|waiting| waiting.participant == waiter);
            self.expect(who, &act, place);
        }
        let before = self.observer.negotiating.len();
        self.input(Input::Message { connection: by, message: ClientMessage::Moderate { act } });
        self.come_in(before);
    }

    fn expect(&mut self, who: ParticipantId, act: &ModerateAct, place: Option<usize>) {
        let reference = &mut self.reference;
        let room = reference.members[&who].room.clone();
        match *act {
            ModerateAct::Hold { participant, what, on } => {
                if reference.members.get(&participant).is_some_and(|member| member.room == room) {
                    reference.hold(participant, what, on);
                }
            }
            ModerateAct::Remove { participant } => {
                let there = reference.members.get(&participant).is_some_and(|member| member.room == room);
                if there && participant != who {
                    reference.remove(participant);
                }
            }
            ModerateAct::Lock { on } => reference.rule_of(who).locked = on,
            ModerateAct::WaitingRoom { on } => {
                let rule = reference.rule_of(who);
                rule.waiting_room = on;
                if !on {
                    self.let_in = std::mem::take(&mut rule.waiting);
                }
            }
            ModerateAct::Admit { .. } => {
                let waiting = &mut reference.rule_of(who).waiting;
                self.let_in.extend(place.map(|place| waiting.remove(place)));
            }
            ModerateAct::Deny { .. } => {
                if let Some(place) = place {
                    let waiter = reference.rule_of(who).waiting.remove(place);
                    reference.sockets.remove(&waiter.socket);
                }
            }
            ModerateAct::HandOver { participant } => {
                let there = reference.members.get(&participant).is_some_and(|member| member.room == room);
                if there && participant != who {
                    let leads = &mut reference.rule_of(who).leads;
                    leads.remove(&who);
                    leads.insert(participant);
                }
            }
            ModerateAct::End {} => reference.end(&room),
        }
    }

    /// Those who were let in have a place, in their order, as far as there is room.
    fn come_in(&mut self, before: usize) {
        let mut added = self.observer.negotiating.iter().skip(before).copied();
        for Waiter { socket, joiner, .. } in std::mem::take(&mut self.let_in) {
            if self.reference.may_enter(&joiner.room) {
                let (participant, _) = added.next().expect("a place");
                self.reference.enters(socket, participant, joiner, self.now);
            } else {
                self.reference.starts_over(socket, self.now);
            }
        }
        assert_eq!(added.next(), None, "nobody else comes in");
    }
}
