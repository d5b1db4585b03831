//! `chat`, `react`, `raise_hand`: what people say and do beside their media. All goes to everybody, the one who does
//! it too. What is said is remembered by `chat`, and whose hands are up by the room; a reaction is over at once.

use crate::Limits;
use crate::{Now, Rooms, member::Member, outbox::Outbox, rate::Rate, refused, room::Room};
use signal::limits::{MAX_REACTION_BURST, MAX_REACTION_RATE};
use signal::{ChatText, ErrorCode, ErrorInfo, ParticipantId, Reaction, ServerMessage};

/// How much one participant may talk, whatever sockets it comes by.
#[derive(Debug)]
pub(crate) struct Manners {
    chat: Rate,
    reactions: Rate,
}

impl Manners {
    pub(crate) fn of(limits: &Limits) -> Self {
        Self { chat: Rate::at(limits.chat), reactions: Rate::new(MAX_REACTION_RATE, MAX_REACTION_BURST) }
    }
}

impl Rooms {
    pub(crate) fn chat(&mut self, participant: ParticipantId, text: &str, now: Now) -> Result<(), ErrorInfo> {
        let text = ChatText::parse(text)
            .map_err(|e| ErrorInfo::with_message(ErrorCode::BadChat, format!("The message {e}.")))?;
        let most = self.config.limits.chat_length;
        if text.as_str().chars().take(most.saturating_add(1)).count() > most {
            let sentence = format!("The message is longer than {most} characters.");
            return Err(ErrorInfo::with_message(ErrorCode::BadChat, sentence));
        }
        let Some(room) = self.directory.room_of(participant) else { return refused(ErrorCode::NotJoined) };
        let Some(member) = room.members.get_mut(&participant) else { return refused(ErrorCode::NotJoined) };
        member.may_talk()?;
        if !member.manners.chat.take(now) {
            return refused(ErrorCode::TooMuchChat);
        }
        let message = room.chat.say(participant, member.name.clone(), text, now);
        room.tell(&ServerMessage::Chat { message }, &mut self.outbox);
        Ok(())
    }

    /// Too many are dropped without a word: a person who clicks on needs no error for it.
    pub(crate) fn react(
        &mut self,
        participant: ParticipantId,
        reaction: Reaction,
        now: Now,
    ) -> Result<(), ErrorInfo> {
        if reaction == Reaction::Unknown {
            return Err(ErrorInfo::with_message(ErrorCode::Malformed, "There is no such reaction."));
        }
        let Some(room) = self.directory.room_of(participant) else { return refused(ErrorCode::NotJoined) };
        let Some(member) = room.members.get_mut(&participant) else { return refused(ErrorCode::NotJoined) };
        member.may_talk()?;
        if member.manners.reactions.take(now) {
            room.tell(&ServerMessage::Reaction { participant, reaction }, &mut self.outbox);
        }
        Ok(())
    }

    pub(crate) fn raise_hand(&mut self, participant: ParticipantId, raised: bool) -> Result<(), ErrorInfo> {
        let Some(room) = self.directory.room_of(participant) else { return refused(ErrorCode::NotJoined) };
        room.raise_hand(participant, raised, &mut self.outbox);
        Ok(())
    }
}

impl Member {
    fn may_talk(&self) -> Result<(), ErrorInfo> {
        let sentence = "This participant may not write or react.";
        let refusal = || ErrorInfo::with_message(ErrorCode::NotAllowed, sentence);
        if self.permissions.data { Ok(()) } else { Err(refusal()) }
    }
}

impl Room {
    /// Saying what is so already is no error, and nobody is told.
    fn raise_hand(&mut self, participant: ParticipantId, raised: bool, outbox: &mut Outbox) {
        if self.hands.contains(&participant) == raised {
            return;
        }
        if raised {
            self.hands.push(participant);
        } else {
            self.hands.retain(|other| *other != participant);
        }
        self.tell(&ServerMessage::Hands { participants: self.hands.clone() }, outbox);
    }
}
