//! What was said in a room, for those who come later. Kept while anybody is in it, and no longer.

use crate::Now;
use signal::limits::{MAX_CHAT_HISTORY, MAX_CHAT_HISTORY_BYTES};
use signal::{ChatId, ChatMessage, ChatText, DisplayName, ParticipantId};
use std::collections::VecDeque;

/// The last of what was said, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    said: VecDeque<Said>,
    /// Of all texts and names.
    bytes: usize,
    /// Wraps after 2³² messages, when the first is long forgotten.
    newest: u32,
}

#[derive(Debug)]
struct Said {
    id: ChatId,
    participant: ParticipantId,
    name: DisplayName,
    text: ChatText,
    at: Now,
}

impl Chat {
    /// Takes it down, forgets what there is no room for any more, and gives it as everybody is told.
    pub(crate) fn say(
        &mut self,
        participant: ParticipantId,
        name: DisplayName,
        text: ChatText,
        at: Now,
    ) -> ChatMessage {
        self.newest = self.newest.wrapping_add(1);
        let said = Said { id: ChatId(self.newest), participant, name, text, at };
        let message = said.told(at);
        self.bytes += said.bytes();
        self.said.push_back(said);
        while self.said.len() > MAX_CHAT_HISTORY || self.bytes > MAX_CHAT_HISTORY_BYTES {
            let Some(oldest) = self.said.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
        message
    }

    /// All that is remembered, as somebody is told now.
    pub(crate) fn history(&self, now: Now) -> Vec<ChatMessage> {
        self.said.iter().map(|said| said.told(now)).collect()
    }
}

impl Said {
    fn bytes(&self) -> usize {
        self.name.as_str().len() + self.text.as_str().len()
    }

    fn told(&self, now: Now) -> ChatMessage {
        ChatMessage {
            id: self.id,
            participant: self.participant,
            name: self.name.as_str().to_owned(),
            text: self.text.as_str().to_owned(),
            ago: u32::try_from(now.saturating_sub(self.at).as_millis()).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    const START: Now = Duration::from_secs(50);

    fn say(chat: &mut Chat, text: &str, at: Now) -> ChatMessage {
        let (name, text) = (DisplayName::parse("Ada").unwrap(), ChatText::parse(text).unwrap());
        chat.say(ParticipantId(7), name, text, at)
    }

    fn ids(chat: &Chat) -> Vec<u32> {
        chat.history(START).iter().map(|message| message.id.0).collect()
    }

    #[test]
    fn the_last_messages_are_remembered() {
        let mut chat = Chat::default();
        for number in 0..MAX_CHAT_HISTORY + 3 {
            say(&mut chat, &number.to_string(), START);
        }
        let expected: Vec<u32> = (4..=u32::try_from(MAX_CHAT_HISTORY).unwrap() + 3).collect();
        assert_eq!(ids(&chat), expected);
    }

    #[test]
    fn no_more_bytes_are_remembered_than_there_is_room_for() {
        let mut chat = Chat::default();
        let long = "🦦".repeat(signal::limits::MAX_CHAT);
        let each = long.len() + "Ada".len();
        for _ in 0..100 {
            say(&mut chat, &long, START);
        }
        let kept = MAX_CHAT_HISTORY_BYTES / each;
        assert_eq!((chat.said.len(), chat.bytes), (kept, kept * each));
        say(&mut chat, "short", START);
        assert_eq!(ids(&chat).last(), Some(&101));
        assert!(chat.bytes <= MAX_CHAT_HISTORY_BYTES);
    }

    #[test]
    fn how_long_ago_goes_by_the_clock_given() {
        let mut chat = Chat::default();
        assert_eq!(say(&mut chat, "Hello", START).ago, 0);
        let ago = |since: Duration| chat.history(START + since)[0].ago;
        assert_eq!(ago(Duration::from_millis(1500)), 1500);
        assert_eq!(ago(Duration::from_hours(24 * 60)), u32::MAX);
    }
}
