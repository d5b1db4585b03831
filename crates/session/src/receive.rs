//! The server's messages: each goes to the file that acts on it. What comes out of turn, as from a
//! socket already given up, changes nothing.

use crate::{Now, Output, Session, enter::Welcome, talk::Talked};
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
                permissions,
                answer,
                participants,
                slots,
                chat,
                hands,
                ice_servers,
                relays,
            } => {
                self.relays = relays;
                let talked = Talked { chat, hands, ice_servers };
                let welcome = Welcome {
                    participant,
                    token,
                    name,
                    mode,
                    permissions,
                    answer,
                    participants,
                    slots,
                    talked,
                };
                self.joined(welcome, now);
            }
            // An offer of ours that `answered` does not name was lost; one that it names was answered
            // on the old socket, where we have not seen it. Both are offered again.
            ServerMessage::Resumed { participants, slots, answered: _, chat, hands, ice_servers, relays } => {
                self.relays = relays;
                self.resumed(participants, slots, Talked { chat, hands, ice_servers }, now);
            }
            ServerMessage::Answer { id, sdp, relays } => {
                self.relays = relays;
                self.answer(id, sdp, now);
            }
            ServerMessage::Pong { nonce } => self.direct_pong(nonce),
            ServerMessage::Error(error) => self.refused(error, now),
            ServerMessage::Waiting {} => self.waiting = true,
            // All else is of a room that one is in.
            _ if !self.is_live() => {}
            ServerMessage::ParticipantJoined { participant } => {
                self.roster.joined(participant);
                self.renegotiate(now);
            }
            ServerMessage::ParticipantLeft { participant, reason: _ } => {
                self.roster.left(participant);
                self.measured.left(participant);
                self.talk.left(participant);
                self.renegotiate(now);
            }
            ServerMessage::Published { participant, publication } => {
                self.roster.published(participant, publication);
                self.renegotiate(now);
            }
            ServerMessage::Unpublished { participant, publication } => {
                self.roster.unpublished(participant, publication);
                self.renegotiate(now);
            }
            ServerMessage::Muted { participant, publication, muted } => {
                self.roster.muted(participant, publication, muted);
                self.renegotiate(now);
            }
            ServerMessage::Slots { slots } => {
                self.roster.assign(slots);
                self.fed_otherwise(now);
                self.renegotiate(now);
            }
            ServerMessage::Speakers { participants } => self.measured.told = participants,
            ServerMessage::Paused { slots } => self.measured.paused = slots.into_iter().collect(),
            ServerMessage::Quality(quality) => self.measured.quality = Some(quality),
            ServerMessage::Encodings { mid, wanted } => self.limit_encodings(mid, wanted),
            ServerMessage::Chat { message } => self.hear(message, now),
            ServerMessage::Reaction { participant, reaction } => {
                self.output(Output::Reacted { participant, reaction });
            }
            ServerMessage::Hands { participants } => self.talk.hands = participants,
            ServerMessage::Moderation(moderation) => self.moderated(moderation, now),
            ServerMessage::Direct { from, call, signal } => self.direct_signal(from, call, signal, now),
        }
    }
}
