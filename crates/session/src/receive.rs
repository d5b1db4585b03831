//! The server's messages: each goes to the file that acts on it. What comes out of turn, as from a
//! socket already given up, changes nothing.

use crate::{Now, Session, enter::Welcome, talk::Talked};
use signal::ServerMessage;

impl Session {
    pub(crate) fn receive(&mut self, message: ServerMessage, now: Now) {
        if !self.link.is_open() {
            return;
        }
        self.link.heard(now);
        match message {
            ServerMessage::Joined {
                version: _,
                participant,
                token,
                name,
                mode,
                answer,
                participants,
                slots,
                chat,
                hands,
                ice_servers,
            } => {
                let talked = Talked { chat, hands, ice_servers };
                let welcome = Welcome { participant, token, name, mode, answer, participants, slots, talked };
                self.joined(welcome, now);
            }
            ServerMessage::Direct { from, call, signal } => {
                if self.is_live() {
                    self.direct_signal(from, call, signal, now);
                }
            }
            // An offer of ours that `answered` does not name was lost; one that it names was answered
            // on the old socket, where we have not seen it. Both are offered again.
            ServerMessage::Resumed { participants, slots, answered: _, chat, hands, ice_servers } => {
                self.resumed(participants, slots, Talked { chat, hands, ice_servers }, now);
            }
            ServerMessage::Answer { id, sdp } => self.answer(id, sdp, now),
            ServerMessage::Pong { nonce: _ } => {}
            ServerMessage::Error(error) => self.refused(error, now),
            news @ (ServerMessage::ParticipantJoined { .. }
            | ServerMessage::ParticipantLeft { .. }
            | ServerMessage::Published { .. }
            | ServerMessage::Unpublished { .. }
            | ServerMessage::Muted { .. }
            | ServerMessage::Slots { .. }) => self.learn(news, now),
            report @ (ServerMessage::Speakers { .. }
            | ServerMessage::Encodings { .. }
            | ServerMessage::Paused { .. }
            | ServerMessage::Quality(_)) => self.note(report),
            talk @ (ServerMessage::Chat { .. }
            | ServerMessage::Reaction { .. }
            | ServerMessage::Hands { .. }) => self.listen(talk, now),
        }
    }

    /// News of the room.
    fn learn(&mut self, news: ServerMessage, now: Now) {
        if !self.is_live() {
            return;
        }
        match news {
            ServerMessage::ParticipantJoined { participant } => self.roster.joined(participant),
            ServerMessage::ParticipantLeft { participant, reason: _ } => {
                self.roster.left(participant);
                self.measured.left(participant);
                self.talk.left(participant);
            }
            ServerMessage::Published { participant, publication } => {
                self.roster.published(participant, publication);
            }
            ServerMessage::Unpublished { participant, publication } => {
                self.roster.unpublished(participant, publication);
            }
            ServerMessage::Muted { participant, publication, muted } => {
                self.roster.muted(participant, publication, muted);
            }
            ServerMessage::Slots { slots } => {
                self.roster.assign(slots);
                self.fed_otherwise(now);
            }
            ServerMessage::Joined { .. }
            | ServerMessage::Resumed { .. }
            | ServerMessage::Answer { .. }
            | ServerMessage::Speakers { .. }
            | ServerMessage::Encodings { .. }
            | ServerMessage::Paused { .. }
            | ServerMessage::Quality(_)
            | ServerMessage::Chat { .. }
            | ServerMessage::Reaction { .. }
            | ServerMessage::Hands { .. }
            | ServerMessage::Direct { .. }
            | ServerMessage::Pong { .. }
            | ServerMessage::Error(_) => return,
        }
        self.renegotiate(now);
    }

    /// What the server measures.
    fn note(&mut self, report: ServerMessage) {
        if !self.is_live() {
            return;
        }
        match report {
            ServerMessage::Speakers { participants } => self.measured.speakers = participants,
            ServerMessage::Paused { slots } => self.measured.paused = slots.into_iter().collect(),
            ServerMessage::Quality(quality) => self.measured.quality = Some(quality),
            ServerMessage::Encodings { mid, wanted } => self.limit_encodings(mid, wanted),
            ServerMessage::Joined { .. }
            | ServerMessage::Resumed { .. }
            | ServerMessage::Answer { .. }
            | ServerMessage::ParticipantJoined { .. }
            | ServerMessage::ParticipantLeft { .. }
            | ServerMessage::Published { .. }
            | ServerMessage::Unpublished { .. }
            | ServerMessage::Muted { .. }
            | ServerMessage::Slots { .. }
            | ServerMessage::Chat { .. }
            | ServerMessage::Reaction { .. }
            | ServerMessage::Hands { .. }
            | ServerMessage::Direct { .. }
            | ServerMessage::Pong { .. }
            | ServerMessage::Error(_) => {}
        }
    }
}
