//! What people say and do beside their media, on its way from the session into the store, and the words in which what
//! happened is told to a screen reader.

use super::chat::Said;
use super::floats::{self, Throttle};
use super::room::{RoomStore, Side};
use super::toasts::{About, News, together};
use crate::words;
use ::signal::{ErrorCode, ParticipantId, Reaction};
use leptos::prelude::window;
use session::{Chat, Now};
use std::sync::Arc;

/// Between two reactions that are told in words, in milliseconds: a crowd applauds, and one hears of it.
const REACTION_PAUSE: f64 = 4_000.0;

/// The part of a snapshot that is dealt with here.
#[derive(Debug)]
pub struct TalkNow {
    /// What was said.
    pub chat: Chat,
    /// What is to be said.
    pub unsaid: Vec<String>,
    /// Whose hands are raised.
    pub hands: Vec<ParticipantId>,
    /// When.
    pub now: Now,
    /// One is still the participant that one was. Else all this is the room as one finds it, and no news.
    pub same_stay: bool,
}

/// Writes what differs, and tells what is new.
pub fn apply(store: RoomStore, talk: TalkNow, mut news: Vec<News>) {
    let TalkNow { chat, unsaid, hands, now, same_stay } = talk;
    let known = store.conversation().read_untracked().said.last().map(|said| said.id);
    let told = chat.last().map(|line| line.id.0);
    let anew = !same_stay || told < known;
    let mut fresh: Vec<Arc<Said>> = Vec::new();
    if told != known || anew {
        let clock = js_sys::Date::now();
        let me = store.me().read_untracked().as_ref().map(|me| me.id);
        let lines = chat.iter().rev().take_while(|line| anew || Some(line.id.0) > known);
        fresh = lines
            .map(|line| {
                Arc::new(Said {
                    id: line.id.0,
                    whose: line.participant,
                    own: Some(line.participant) == me,
                    name: line.name.clone(),
                    text: line.text.clone(),
                    at: clock - line.age(now).as_secs_f64() * 1000.0,
                })
            })
            .collect();
        fresh.reverse();
    }
    let mut said = if same_stay { heard(&fresh) } else { String::new() };
    let message = unseen(store, &fresh);
    let waits = store.conversation().read_untracked().unsaid != unsaid;
    if waits || !fresh.is_empty() || anew && known.is_some() {
        store.conversation().update(|all| {
            if anew {
                all.begin();
            }
            all.take_in(fresh, chat.len());
            all.unsaid = unsaid;
        });
    }
    if *store.hands().read_untracked() != hands {
        news.extend(raised(store, &hands));
        store.hands().set(hands);
    }
    if !same_stay || news.is_empty() && said.is_empty() {
        return;
    }
    for (about, names) in together(&news) {
        said.push_str(&words::news(about, &names, names.len()));
        said.push_str(". ");
    }
    announce(store, said.trim_end());
    news.extend(message);
    if !news.is_empty() {
        let now = page_time();
        store.toasts().update(|toasts| news.into_iter().for_each(|one| toasts.push(one, now)));
    }
}

/// The others whose hands were not up before.
fn raised(store: RoomStore, hands: &[ParticipantId]) -> Vec<News> {
    let (before, others) = (store.hands().read_untracked(), store.others().read_untracked());
    let up = others.iter().filter(|other| hands.contains(&other.id) && !before.contains(&other.id));
    up.map(|other| News { about: About::Hand, whose: other.id, name: other.name.clone() }).collect()
}

/// What the others said, in words; of several only how many. This tells it to whom reads along in the chat too: the list
/// there is no live region, so that everything is told once.
fn heard(fresh: &[Arc<Said>]) -> String {
    let others: Vec<_> = fresh.iter().filter(|said| !said.own).collect();
    match others.as_slice() {
        [] => String::new(),
        [one] => words::message_of(&one.name, &one.text) + " ",
        many => words::messages(many.len()) + " ",
    }
}

/// The last that another one said, while the chat is closed.
fn unseen(store: RoomStore, fresh: &[Arc<Said>]) -> Option<News> {
    if *store.side().read_untracked() == Some(Side::Chat) {
        return None;
    }
    let said = fresh.iter().rfind(|said| !said.own)?;
    let name = [said.name.as_str(), ": ", &said.text].concat();
    Some(News { about: About::Message, whose: said.whose, name })
}

/// Somebody shows something for a moment.
pub fn reacted(store: RoomStore, whose: ParticipantId, reaction: Reaction) {
    let Some(emoji) = floats::emoji(reaction) else { return };
    store.floats().update(|floats| floats.push(whose, emoji));
    let name = {
        let others = store.others().read_untracked();
        others.iter().find(|other| other.id == whose).map(|other| other.name.clone())
    };
    let mut throttle: Throttle = store.told_reaction().get_untracked();
    // One's own needs no words.
    if let Some(name) = name.filter(|_| throttle.allows(page_time(), REACTION_PAUSE)) {
        store.told_reaction().set(throttle);
        announce(store, &words::reacted(&name, reaction));
    }
}

/// Something that the person wrote was not said.
pub fn refused(store: RoomStore, text: &str, why: ErrorCode) {
    store.draft().update(|draft| draft.refuse(text, why));
}

/// Tells it to whom listens to the page.
pub fn announce(store: RoomStore, text: &str) {
    store.announcement().update(|told| *told = unlike(told, text));
}

/// A text that is not the one before: what does not change in a live region is not told again.
fn unlike(before: &str, text: &str) -> String {
    if before == text { format!("{text}\u{a0}") } else { text.to_owned() }
}

/// The page's own clock, in milliseconds.
pub fn page_time() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_twice_differs_from_what_was_told_before() {
        let first = unlike("", "Ada writes: yes");
        let second = unlike(&first, "Ada writes: yes");
        assert_eq!(first, "Ada writes: yes");
        assert_ne!(second, first);
        assert_eq!(second.trim(), first);
        assert_eq!(unlike(&second, "Ada writes: yes"), first);
    }
}
