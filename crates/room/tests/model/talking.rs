//! Taking the steps by which people talk beside their media, and what ought to come of them.

use crate::action::{Driver, connection};
use crate::reference::{Reference, Time};
use room::ConnectionId;
use signal::limits::{MAX_CHAT_BURST, MAX_CHAT_HISTORY, MAX_REACTION_BURST};
use signal::{ClientMessage, ParticipantId, Reaction};
use std::collections::BTreeMap;
use std::time::Duration;

/// Number, author and text.
pub type Said = (u32, ParticipantId, String);

/// What is said and shown in each room.
#[derive(Default)]
pub struct Talk {
    /// All of it, however long.
    pub chat: BTreeMap<String, Vec<Said>>,
    pub hands: BTreeMap<String, Vec<ParticipantId>>,
    /// Every reaction that anybody was to be told.
    pub reactions: u32,
}

/// How much somebody may say still: it grows with time up to the burst.
pub struct Purse {
    left: Time,
    counted: Time,
    most: Time,
    price: Time,
}

impl Purse {
    pub fn chat(now: Time) -> Self {
        Self::full(Duration::from_secs(1), MAX_CHAT_BURST, now)
    }

    pub fn reactions(now: Time) -> Self {
        Self::full(Duration::from_millis(500), MAX_REACTION_BURST, now)
    }

    fn full(price: Time, burst: u32, now: Time) -> Self {
        Self { left: price * burst, counted: now, most: price * burst, price }
    }

    fn pay(&mut self, now: Time) -> bool {
        self.left = (self.left + now.saturating_sub(self.counted)).min(self.most);
        self.counted = now;
        let enough = self.left >= self.price;
        if enough {
            self.left -= self.price;
        }
        enough
    }
}

impl Reference {
    fn chat(&mut self, socket: ConnectionId, text: &str, now: Time) {
        let Some(who) = self.hear(socket, now) else { return };
        let member = self.members.get_mut(&who).unwrap();
        if text.trim().is_empty() || !member.chat.pay(now) {
            return;
        }
        let said = self.talk.chat.entry(member.room.clone()).or_default();
        let number = said.last().map_or(1, |(last, ..)| last + 1);
        said.push((number, who, text.to_owned()));
    }

    /// Whether it is shown.
    fn react(&mut self, socket: ConnectionId, now: Time) {
        let Some(who) = self.hear(socket, now) else { return };
        let member = self.members.get_mut(&who).unwrap();
        if member.reactions.pay(now) {
            let room = member.room.clone();
            let told = self.members.values().filter(|other| other.room == room && other.socket.is_some());
            self.talk.reactions += u32::try_from(told.count()).unwrap();
        }
    }

    fn raise_hand(&mut self, socket: ConnectionId, raised: bool, now: Time) {
        let Some(who) = self.hear(socket, now) else { return };
        let hands = self.talk.hands.entry(self.members[&who].room.clone()).or_default();
        if !raised {
            hands.retain(|other| *other != who);
        } else if !hands.contains(&who) {
            hands.push(who);
        }
    }

    /// What whoever comes to a room now reads.
    pub fn history(&self, room: &str) -> Vec<Said> {
        let said = self.talk.chat.get(room).map_or(&[][..], Vec::as_slice);
        said[said.len().saturating_sub(MAX_CHAT_HISTORY)..].to_vec()
    }

    pub fn hands_in(&self, room: &str) -> Vec<ParticipantId> {
        let raised = self.talk.hands.get(room).into_iter().flatten();
        raised.copied().filter(|who| self.members.contains_key(who)).collect()
    }

    /// A room that nobody is in is none.
    pub fn forget_empty_rooms(&mut self) {
        let mut chat = std::mem::take(&mut self.talk.chat);
        chat.retain(|room, _| self.places(room) > 0);
        self.talk.chat = chat;
    }
}

impl Driver {
    pub fn chat(&mut self, socket: usize, text: &str, times: u32) {
        for _ in 0..times {
            self.reference.chat(connection(self, socket), text, self.now);
            self.say(socket, ClientMessage::Chat { text: text.to_owned() });
        }
    }

    pub fn react(&mut self, socket: usize, times: u32) {
        for _ in 0..times {
            self.reference.react(connection(self, socket), self.now);
            self.say(socket, ClientMessage::React { reaction: Reaction::Heart });
        }
    }

    pub fn raise_hand(&mut self, socket: usize, raised: bool) {
        self.reference.raise_hand(connection(self, socket), raised, self.now);
        self.say(socket, ClientMessage::RaiseHand { raised });
    }
}
