//! What people say and do beside their media. What this person says waits here until the server has said it to
//! everybody, and is said again when the socket was lost meanwhile; a hand that was raised is raised again.

use crate::stage::Stage;
use crate::{Chat, Now, Output, Roster, Session};
use signal::limits::MAX_CHAT_BURST;
use signal::{
    ChatMessage, ChatText, ClientMessage, ErrorCode, ErrorInfo, IceServer, ParticipantId, Reaction,
};
use std::collections::VecDeque;

/// So much may wait to be said: the server takes no more at once.
const MOST_UNSAID: usize = MAX_CHAT_BURST as usize;

/// Chat, hands, and what the server names besides.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    pub(crate) chat: Chat,
    /// What this person said and was not told yet, the oldest first: sent, or waiting for a socket.
    unsaid: VecDeque<ChatText>,
    /// Whose hands are up, as the server says.
    pub(crate) hands: Vec<ParticipantId>,
    /// Whether this person's is to be.
    raised: bool,
    pub(crate) ice_servers: Vec<IceServer>,
}

/// What `joined` and `resumed` say of it.
pub(crate) struct Talked {
    pub(crate) chat: Vec<ChatMessage>,
    pub(crate) hands: Vec<ParticipantId>,
    pub(crate) ice_servers: Vec<IceServer>,
}

impl Talk {
    pub(crate) fn unsaid(&self) -> Vec<String> {
        self.unsaid.iter().map(|text| text.as_str().to_owned()).collect()
    }

    /// The room as one finds it: another one perhaps than before.
    pub(crate) fn joined(&mut self, talked: Talked, before: Option<ParticipantId>, now: Now) {
        // What was said under the old name and never seen told may stand in the history.
        self.settle_all(&talked.chat, before);
        self.chat = Chat::default();
        self.take(talked, now);
    }

    /// The same room: what of it is known is kept.
    pub(crate) fn resumed(&mut self, talked: Talked, me: Option<ParticipantId>, now: Now) {
        self.settle_all(&talked.chat, me);
        self.take(talked, now);
    }

    fn take(&mut self, talked: Talked, now: Now) {
        let Talked { chat, hands, ice_servers } = talked;
        for message in chat {
            self.chat.hear(message, now);
        }
        self.hands = hands;
        self.ice_servers = ice_servers;
    }

    fn settle_all(&mut self, chat: &[ChatMessage], me: Option<ParticipantId>) {
        let known = self.chat.last().map(|line| line.id);
        for message in chat.iter().filter(|message| Some(message.id) > known) {
            self.settle(message, me);
        }
    }

    /// What was said by this person waits no longer.
    fn settle(&mut self, message: &ChatMessage, me: Option<ParticipantId>) {
        if Some(message.participant) != me {
            return;
        }
        if let Some(place) = self.unsaid.iter().position(|text| text.as_str() == message.text) {
            self.unsaid.remove(place);
        }
    }

    /// Whoever is gone took its hand down; that is not said besides.
    pub(crate) fn left(&mut self, participant: ParticipantId) {
        self.hands.retain(|other| *other != participant);
    }
}

impl Session {
    /// The person says something.
    pub(crate) fn chat(&mut self, text: String, now: Now) {
        match self.check_chat(&text) {
            Ok(parsed) => {
                self.talk.unsaid.push_back(parsed.clone());
                if self.is_live() {
                    self.send(ClientMessage::Chat { text: parsed.into_string() }, now);
                }
            }
            Err(error) => self.output(Output::ChatRefused { text, error }),
        }
    }

    fn check_chat(&self, text: &str) -> Result<ChatText, ErrorInfo> {
        let parsed = ChatText::parse(text)
            .map_err(|e| ErrorInfo::with_message(ErrorCode::BadChat, format!("The message {e}.")))?;
        match self.stage {
            Stage::Idle | Stage::Ended(_) => Err(ErrorInfo::new(ErrorCode::NotJoined)),
            Stage::Joining | Stage::Live(_) | Stage::Lost(_) if self.talk.unsaid.len() >= MOST_UNSAID => {
                Err(ErrorInfo::new(ErrorCode::TooMuchChat))
            }
            Stage::Joining | Stage::Live(_) | Stage::Lost(_) => Ok(parsed),
        }
    }

    /// The server refuses what was said first of all that waits: it acts on messages in their order.
    pub(crate) fn chat_refused(&mut self, error: ErrorInfo) {
        if let Some(text) = self.talk.unsaid.pop_front() {
            self.output(Output::ChatRefused { text: text.into_string(), error });
        }
    }

    /// Out of the room: what waits will not be said. The last is told first, since each is put back before what was
    /// written after it.
    pub(crate) fn leave_unsaid(&mut self) {
        for text in std::mem::take(&mut self.talk.unsaid).into_iter().rev() {
            let error = ErrorInfo::new(ErrorCode::NotJoined);
            self.output(Output::ChatRefused { text: text.into_string(), error });
        }
    }

    /// The person shows something for a moment. Without a socket the moment is over before it comes back.
    pub(crate) fn react(&mut self, reaction: Reaction, now: Now) {
        if self.is_live() {
            self.send(ClientMessage::React { reaction }, now);
        }
    }

    /// The person's hand is to be up, or down.
    pub(crate) fn raise_hand(&mut self, raised: bool, now: Now) {
        let before = std::mem::replace(&mut self.talk.raised, raised);
        if before != raised && self.is_live() {
            self.send(ClientMessage::RaiseHand { raised }, now);
        }
    }

    /// After `joined` and `resumed`: what the server does not know.
    pub(crate) fn talk_again(&mut self, now: Now) {
        for text in self.talk.unsaid() {
            self.send(ClientMessage::Chat { text }, now);
        }
        let raised = self.talk.raised;
        let told = self.roster.me.as_ref().is_some_and(|me| self.talk.hands.contains(&me.id));
        if raised != told {
            self.send(ClientMessage::RaiseHand { raised }, now);
        }
    }

    /// Somebody, or this person, said something.
    pub(crate) fn hear(&mut self, message: ChatMessage, now: Now) {
        self.talk.settle(&message, self.roster.my_id());
        self.talk.chat.hear(message, now);
    }
}

impl Roster {
    /// The id of one's own participant.
    pub(crate) fn my_id(&self) -> Option<ParticipantId> {
        self.me.as_ref().map(|me| me.id)
    }
}
