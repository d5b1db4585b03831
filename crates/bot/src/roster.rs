//! What the server has told a bot about its room.

use signal::{
    ChatMessage, ErrorInfo, IceServer, LeaveReason, Mid, Moderation, OfferId, ParticipantId, ParticipantInfo,
    PublicationId, PublicationInfo, Quality, Reaction, Sdp, ServerMessage, SlotAssignment,
};
use std::collections::BTreeMap;
use std::time::Instant;

/// The room as this bot knows it.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Everybody, this bot too.
    pub participants: BTreeMap<ParticipantId, ParticipantInfo>,
    /// What feeds which slot.
    pub slots: BTreeMap<Mid, PublicationId>,
    /// Who is gone, and why.
    pub left: Vec<(ParticipantId, LeaveReason)>,
    /// Everything that was refused.
    pub errors: Vec<ErrorInfo>,
    /// Answers to further offers.
    pub answers: BTreeMap<OfferId, Sdp>,
    /// Answers to pings.
    pub pongs: u64,
    /// The socket is gone.
    pub closed: bool,
    /// Who speaks, as last told.
    pub speakers: Vec<ParticipantId>,
    /// Which of its own encodings are wanted, by line, as last told.
    pub wanted: BTreeMap<Mid, Vec<u8>>,
    /// Which slots are paused, as last told.
    pub paused: Vec<Mid>,
    /// When each slot was told to be paused: since gaps were last forgotten, and the last time before.
    pub paused_at: BTreeMap<Mid, Vec<Instant>>,
    /// How media flows, as last told.
    pub quality: Option<Quality>,
    /// What was said, as `joined` or `resumed` told it last and then one by one.
    pub chat: Vec<ChatMessage>,
    /// What was shown for a moment, in order.
    pub reactions: Vec<(ParticipantId, Reaction)>,
    /// Whose hands are raised, as last told.
    pub hands: Vec<ParticipantId>,
    /// How the room is moderated, as last told.
    pub moderation: Moderation,
    /// STUN and TURN servers, as last told.
    pub ice_servers: Vec<IceServer>,
    /// Relays to the server's media, as last told.
    pub relays: Vec<IceServer>,
}

impl Roster {
    /// Takes in a message.
    pub(crate) fn take(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Joined { participants, slots, chat, hands, ice_servers, relays, .. }
            | ServerMessage::Resumed { participants, slots, chat, hands, ice_servers, relays, .. } => {
                (self.chat, self.hands) = (chat, hands);
                (self.ice_servers, self.relays) = (ice_servers, relays);
                self.participants = participants.into_iter().map(|info| (info.id, info)).collect();
                self.slots.clear();
                self.assign(slots);
                self.closed = false;
            }
            ServerMessage::Answer { id, sdp, relays } => {
                self.answers.insert(id, sdp);
                self.relays = relays;
            }
            ServerMessage::ParticipantJoined { participant } => {
                self.participants.insert(participant.id, participant);
            }
            ServerMessage::ParticipantLeft { participant, reason } => {
                self.participants.remove(&participant);
                self.hands.retain(|other| *other != participant);
                self.left.push((participant, reason));
            }
            ServerMessage::Published { participant, publication } => {
                if let Some(publications) = self.publications(participant) {
                    publications.push(publication);
                }
            }
            ServerMessage::Unpublished { participant, publication } => {
                if let Some(publications) = self.publications(participant) {
                    publications.retain(|known| known.id != publication);
                }
            }
            ServerMessage::Muted { participant, publication, muted } => {
                let known = self.publications(participant).into_iter().flatten();
                for known in known.filter(|known| known.id == publication) {
                    known.muted = muted;
                }
            }
            ServerMessage::Slots { slots } => self.assign(slots),
            ServerMessage::Speakers { participants } => self.speakers = participants,
            ServerMessage::Encodings { mid, wanted } => drop(self.wanted.insert(mid, wanted)),
            ServerMessage::Paused { slots } => {
                let now = Instant::now();
                for slot in &slots {
                    self.paused_at.entry(slot.clone()).or_default().push(now);
                }
                self.paused = slots;
            }
            ServerMessage::Quality(quality) => self.quality = Some(quality),
            ServerMessage::Chat { message } => self.chat.push(message),
            ServerMessage::Reaction { participant, reaction } => self.reactions.push((participant, reaction)),
            ServerMessage::Hands { participants } => self.hands = participants,
            ServerMessage::Moderation(moderation) => self.moderation = moderation,
            // A bot has one connection, to the server, and says so when it joins; and it waits before it is a bot.
            ServerMessage::Direct { .. } | ServerMessage::Waiting {} => {}
            ServerMessage::Pong { .. } => self.pongs += 1,
            ServerMessage::Error(error) => self.errors.push(error),
        }
    }

    fn publications(&mut self, participant: ParticipantId) -> Option<&mut Vec<PublicationInfo>> {
        self.participants.get_mut(&participant).map(|info| &mut info.publications)
    }

    fn assign(&mut self, slots: Vec<SlotAssignment>) {
        for SlotAssignment { mid, publication } in slots {
            match publication {
                Some(publication) => drop(self.slots.insert(mid, publication)),
                None => drop(self.slots.remove(&mid)),
            }
        }
    }
}
