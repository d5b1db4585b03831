//! What went out, as those see it who obey it: the clients, the media plane, the peers.

use crate::talking::Said;
use room::{ConnectionId, Output, RoomEvent, RoomEventKind, RoomId, Rooms};
use signal::{
    ChatMessage, Mid, Moderation, OfferId, ParticipantId, ParticipantInfo, PublicationId, ServerMessage,
    SlotAssignment, SlotView, Source,
};
use std::collections::{BTreeMap, BTreeSet};

pub type Routes = BTreeMap<(ParticipantId, Mid), (ParticipantId, Mid)>;

#[derive(Default)]
pub struct Observer {
    pub open: BTreeSet<ConnectionId>,
    pub clients: BTreeMap<ConnectionId, Client>,
    pub routes: Routes,
    pub routes_before: Routes,
    /// Whose publications were ever introduced to anybody, and on which source.
    pub introduced: BTreeMap<PublicationId, (ParticipantId, Source)>,
    /// What the media plane was told to hold.
    pub held: BTreeMap<ParticipantId, Vec<Mid>>,
    /// Every size that the media plane was told.
    pub views: Vec<(ParticipantId, Vec<SlotView>)>,
    /// The room of each who was ever in one.
    pub homes: BTreeMap<ParticipantId, RoomId>,
    /// Whose peers were made and not closed.
    pub peers: BTreeSet<ParticipantId>,
    /// Offers that wait for an answer, in the order they came.
    pub negotiating: Vec<(ParticipantId, OfferId)>,
    /// The last offer of each.
    pub offers: BTreeMap<ParticipantId, OfferId>,
    /// Who is inside which room, by the record.
    pub inside: BTreeMap<RoomId, BTreeSet<ParticipantId>>,
    /// The server is stopping.
    pub stopped: bool,
    /// How often anybody was told of a reaction.
    pub reactions: u32,
}

/// What one client was told.
#[derive(Default)]
pub struct Client {
    pub me: Option<ParticipantId>,
    pub people: BTreeMap<ParticipantId, BTreeMap<Source, (PublicationId, bool)>>,
    pub slots: BTreeMap<Mid, PublicationId>,
    pub speakers: Vec<ParticipantId>,
    pub encodings: BTreeMap<Mid, Vec<u8>>,
    pub paused: BTreeSet<Mid>,
    pub chat: Vec<Said>,
    pub hands: Vec<ParticipantId>,
    pub moderation: Moderation,
}

impl Observer {
    /// Keeps the routes as they are, to compare with.
    pub fn remember(&mut self) {
        self.routes_before = self.routes.clone();
    }

    pub fn drain(&mut self, rooms: &mut Rooms) {
        let mut still_fed = BTreeSet::new();
        while let Some(output) = rooms.poll_output() {
            match output {
                Output::Send { connection, message } => self.hear(connection, message),
                Output::Tell { connections, messages } => {
                    for connection in connections {
                        for message in &messages {
                            self.hear(connection, message.clone());
                        }
                    }
                }
                Output::Close { connection } => {
                    assert!(self.open.remove(&connection), "a socket is closed once");
                    self.clients.remove(&connection);
                }
                Output::Negotiate { participant, room, offer, .. } => {
                    assert_eq!(*self.homes.entry(participant).or_insert(room), room, "one room for a stay");
                    let busy = self.negotiating.iter().any(|(other, _)| *other == participant);
                    assert!(!busy, "one offer at a time");
                    assert_eq!(
                        self.peers.insert(participant),
                        offer == OfferId(0),
                        "the first offer makes the peer"
                    );
                    self.negotiating.push((participant, offer));
                    self.offers.insert(participant, offer);
                }
                Output::Answer { .. } | Output::Gone { .. } => panic!("nobody came over HTTP"),
                Output::View { participant, slots } => {
                    assert!(self.peers.contains(&participant), "a view of a closed peer");
                    self.views.push((participant, slots));
                }
                Output::Hold { participant, lines } => {
                    assert!(self.peers.contains(&participant), "a hold on a closed peer");
                    assert_ne!(self.held.insert(participant, lines.clone()), Some(lines), "no news");
                }
                Output::Route { receiver, slot, source } => {
                    assert!(self.peers.contains(&receiver), "a route to a closed peer");
                    match source {
                        Some(source) => self.routes.insert((receiver, slot), source),
                        None => self.routes.remove(&(receiver, slot)),
                    };
                }
                Output::Event(event) => self.record(event),
                Output::ClosePeer { participant } => {
                    assert!(self.peers.remove(&participant), "a peer is closed once");
                    self.routes.retain(|(receiver, _), _| *receiver != participant);
                    let fed = self.routes.iter().filter(|(_, (sender, _))| *sender == participant);
                    still_fed.extend(fed.map(|((receiver, _), _)| *receiver));
                    self.held.remove(&participant);
                    self.negotiating.retain(|(negotiating, _)| *negotiating != participant);
                }
            }
        }
        assert!(self.peers.is_disjoint(&still_fed), "a route to one who stays outlives its source");
        self.clients.retain(|connection, _| self.open.contains(connection));
    }

    /// Somebody's record, which has to be right at each line.
    fn record(&mut self, RoomEvent { room, kind, .. }: RoomEvent) {
        match kind {
            RoomEventKind::Opened { .. } => {
                assert!(self.inside.insert(room, BTreeSet::new()).is_none(), "opened while it was open");
            }
            RoomEventKind::Joined { participant, .. } => {
                let inside = self.inside.get_mut(&room).expect("an open room");
                assert!(inside.insert(participant), "joined twice");
            }
            RoomEventKind::Left { participant, .. } => {
                let inside = self.inside.get_mut(&room).expect("an open room");
                assert!(inside.remove(&participant), "left without having joined");
            }
            RoomEventKind::Ended => {
                // A moderator may end it, and then it is over for all who are in it.
                self.inside.remove(&room).expect("an open room");
            }
        }
    }

    fn hear(&mut self, connection: ConnectionId, message: ServerMessage) {
        assert!(self.open.contains(&connection), "nothing is sent to a closed socket: {message:?}");
        self.reactions += u32::from(matches!(message, ServerMessage::Reaction { .. }));
        let client = self.clients.entry(connection).or_default();
        client.hear(message);
        let held = client.people.iter().flat_map(|(who, held)| held.iter().map(move |h| (*who, h)));
        self.introduced.extend(held.map(|(who, (source, (id, _)))| (*id, (who, *source))));
    }
}

impl Client {
    fn hear(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Joined { participant, participants, slots, chat, hands, .. } => {
                self.me = Some(participant);
                self.replace(participants, slots);
                self.read(chat, hands);
                self.moderation = Moderation::default();
            }
            ServerMessage::Resumed { participants, slots, chat, hands, .. } => {
                self.replace(participants, slots);
                self.read(chat, hands);
                self.moderation = Moderation::default();
            }
            ServerMessage::ParticipantJoined { participant } => self.meet(participant),
            ServerMessage::ParticipantLeft { participant, .. } => {
                assert!(self.people.remove(&participant).is_some());
                self.speakers.retain(|speaker| *speaker != participant);
                self.hands.retain(|raised| *raised != participant);
            }
            ServerMessage::Published { participant, publication } => {
                let held = self.people.get_mut(&participant).unwrap();
                assert!(held.insert(publication.source, (publication.id, publication.muted)).is_none());
            }
            ServerMessage::Unpublished { participant, publication } => {
                self.people.get_mut(&participant).unwrap().retain(|_, (id, _)| *id != publication);
            }
            ServerMessage::Muted { participant, publication, muted } => {
                let held = self.people.get_mut(&participant).unwrap();
                held.values_mut().find(|(id, _)| *id == publication).unwrap().1 = muted;
            }
            ServerMessage::Slots { slots } => self.assign(slots),
            ServerMessage::Speakers { participants } => {
                let is_known = |who| self.people.contains_key(who);
                assert!(participants.iter().all(is_known), "a speaker who was not introduced");
                assert_ne!(self.speakers, participants, "no news");
                self.speakers = participants;
            }
            ServerMessage::Encodings { mid, wanted } => {
                self.encodings.insert(mid, wanted);
            }
            ServerMessage::Paused { slots } => self.paused = slots.into_iter().collect(),
            ServerMessage::Chat { message } => {
                assert!(self.people.contains_key(&message.participant), "somebody who was not introduced");
                assert_eq!((message.ago, message.name.as_str()), (0, "somebody"));
                self.chat.push((message.id.0, message.participant, message.text));
            }
            ServerMessage::Reaction { participant, .. } => {
                assert!(self.people.contains_key(&participant), "somebody who was not introduced");
            }
            ServerMessage::Hands { participants } => {
                let is_known = |who| self.people.contains_key(who);
                assert!(participants.iter().all(is_known), "a hand of one who was not introduced");
                assert_ne!(self.hands, participants, "no news");
                self.hands = participants;
            }
            ServerMessage::Moderation(moderation) => {
                let named =
                    moderation.moderators.iter().chain(moderation.held.iter().map(|it| &it.participant));
                assert!({ named }.all(|who| self.people.contains_key(who)), "who was not introduced");
                assert_ne!(self.moderation, moderation, "no news");
                self.moderation = moderation;
            }
            ServerMessage::Quality(_)
            | ServerMessage::Waiting {}
            | ServerMessage::Direct { .. }
            | ServerMessage::Answer { .. }
            | ServerMessage::Pong { .. }
            | ServerMessage::Error(_) => {}
        }
    }

    fn replace(&mut self, participants: Vec<ParticipantInfo>, slots: Vec<SlotAssignment>) {
        self.people.clear();
        self.slots.clear();
        for info in participants {
            self.meet(info);
        }
        self.assign(slots);
    }

    fn read(&mut self, chat: Vec<ChatMessage>, hands: Vec<ParticipantId>) {
        assert!(chat.is_sorted_by_key(|message| std::cmp::Reverse(message.ago)), "the oldest first");
        self.chat = chat.into_iter().map(|said| (said.id.0, said.participant, said.text)).collect();
        self.hands = hands;
    }

    fn meet(&mut self, info: ParticipantInfo) {
        let published = info.publications.into_iter().map(|held| (held.source, (held.id, held.muted)));
        self.people.insert(info.id, published.collect());
    }

    fn assign(&mut self, slots: Vec<SlotAssignment>) {
        for SlotAssignment { mid, publication } in slots {
            match publication {
                Some(publication) => {
                    assert!(self.owner(publication).is_some(), "a slot names what was not introduced");
                    self.slots.insert(mid, publication)
                }
                None => self.slots.remove(&mid),
            };
        }
    }

    /// Whose publication this is, and of which source.
    pub fn owner(&self, publication: PublicationId) -> Option<(ParticipantId, Source)> {
        let mut all = self.people.iter().flat_map(|(who, held)| held.iter().map(move |held| (*who, held)));
        all.find(|(_, (_, (id, _)))| *id == publication).map(|(who, (source, _))| (who, *source))
    }
}
