//! What was said in the room, as views show it: shared, so that a snapshot copies none of it.

use crate::Now;
use core::time::Duration;
use signal::{ChatId, ChatMessage, ParticipantId};
use std::collections::VecDeque;
use std::sync::Arc;

/// Messages kept. More than a room remembers, so that a long conversation can be read again; the oldest go.
const MOST: usize = 1000;

/// What was said, the oldest first, by ascending id. A clone shares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chat(Arc<VecDeque<Arc<ChatLine>>>);

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLine {
    /// Names it within this stay in the room; rises.
    pub id: ChatId,
    /// Who said it; perhaps gone by now.
    pub participant: ParticipantId,
    /// Its display name when it said so.
    pub name: String,
    /// What.
    pub text: String,
    /// When we were told.
    heard_at: Now,
    /// How long ago it had been said then.
    before: Duration,
}

impl ChatLine {
    fn new(message: ChatMessage, now: Now) -> Self {
        let ChatMessage { id, participant, name, text, ago } = message;
        let before = Duration::from_millis(u64::from(ago));
        Self { id, participant, name, text, heard_at: now, before }
    }

    /// How long ago it was said. The time of day is the page's clock less that.
    pub fn age(&self, now: Now) -> Duration {
        now.saturating_sub(self.heard_at).saturating_add(self.before)
    }
}

impl Chat {
    /// The oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<ChatLine>> + ExactSizeIterator {
        self.0.iter()
    }

    /// The newest.
    pub fn last(&self) -> Option<&Arc<ChatLine>> {
        self.0.back()
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in a message, unless it is known. They come by ascending id; the order of the server's own words stays.
    pub(crate) fn hear(&mut self, message: ChatMessage, now: Now) {
        if self.last().is_some_and(|last| last.id >= message.id) {
            return;
        }
        let lines = Arc::make_mut(&mut self.0);
        lines.push_back(Arc::new(ChatLine::new(message, now)));
        if lines.len() > MOST {
            lines.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: u32, ago: u32) -> ChatMessage {
        let (name, text) = ("Ada".to_owned(), format!("Message {id}"));
        ChatMessage { id: ChatId(id), participant: ParticipantId(7), name, text, ago }
    }

    fn chat(ids: impl IntoIterator<Item = u32>) -> Chat {
        let mut chat = Chat::default();
        for id in ids {
            chat.hear(message(id, 0), Now::ZERO);
        }
        chat
    }

    fn ids(chat: &Chat) -> Vec<u32> {
        chat.iter().map(|line| line.id.0).collect()
    }

    #[test]
    fn what_is_known_is_not_heard_twice() {
        assert_eq!(ids(&chat([3, 4, 3, 4, 4, 9])), [3, 4, 9]);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let most = u32::try_from(MOST).unwrap();
        assert_eq!(ids(&chat(1..=most + 5)), (6..=most + 5).collect::<Vec<_>>());
    }

    #[test]
    fn a_clone_shares_every_line_and_is_not_changed() {
        let mut first = chat([1, 2]);
        let second = first.clone();
        assert!(Arc::ptr_eq(&first.0, &second.0));
        first.hear(message(3, 0), Now::ZERO);
        assert_eq!((ids(&first), ids(&second)), (vec![1, 2, 3], vec![1, 2]));
        assert!(first.iter().zip(second.iter()).all(|(one, other)| Arc::ptr_eq(one, other)));
    }

    /// The page may be younger than the message.
    #[test]
    fn age_goes_on_from_what_the_server_said() {
        let secs = Duration::from_secs;
        let line = ChatLine::new(message(1, 60_000), secs(2));
        assert_eq!((line.age(secs(2)), line.age(secs(5))), (secs(60), secs(63)));
    }
}
