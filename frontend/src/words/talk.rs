//! Sentences of what people say and do beside their media.

use super::{Language, Word, fill, language, of, say};
use crate::state::floats;
use crate::state::keys::{self, Action};
use crate::state::toasts::About;
use ::signal::limits::MAX_CHAT;
use ::signal::{ErrorCode, Reaction};
use js_sys::{Date, Object, Reflect};

/// What happened to so many, in the order it did, as one sentence without its end. The first two of them are named.
pub fn news(about: About, names: &[String], count: usize) -> String {
    let (one, many) = match about {
        About::Message => return names.concat(),
        About::Joined => (Word::Joined, Word::JoinedMany),
        About::Left => (Word::Left, Word::LeftMany),
        About::Hand => (Word::Raised, Word::RaisedMany),
        About::Screen => (Word::Shares, Word::SharesMany),
    };
    match (names, count) {
        ([], _) => String::new(),
        ([name], _) => of(one, name),
        ([name, other], 2) => of(one, &fill(Word::TwoNames, &[("name", name), ("other", other)])),
        ([name, ..], _) => fill(many, &[("name", name), ("count", &count.saturating_sub(1).to_string())]),
    }
}

/// What somebody said, for who does not see it.
pub fn message_of(name: &str, text: &str) -> String {
    fill(Word::MessageOf, &[("name", name), ("text", text)])
}

/// That several things were said.
pub fn messages(count: usize) -> String {
    fill(Word::MessagesMany, &[("count", &count.to_string())])
}

/// The chat's button, and what of it was not read.
pub fn chat(unread: usize) -> String {
    match unread {
        0 => say(Word::Chat).to_owned(),
        _ => fill(Word::ChatUnread, &[("count", &unread.to_string())]),
    }
}

/// Of a raised hand: before how many others it was.
pub fn hand_place(place: usize) -> String {
    fill(Word::HandPlace, &[("place", &place.to_string())])
}

/// What a reaction says.
pub fn reaction(reaction: Reaction) -> &'static str {
    say(match reaction {
        Reaction::ThumbsUp => Word::ThumbsUp,
        Reaction::Heart => Word::Heart,
        Reaction::Laugh => Word::Laugh,
        Reaction::Surprise => Word::Surprise,
        Reaction::Clap => Word::Clap,
        Reaction::Celebrate => Word::Celebrate,
        Reaction::Unknown => return "",
    })
}

/// That somebody reacted, for who does not see it.
pub fn reacted(name: &str, what: Reaction) -> String {
    let emoji = floats::emoji(what).unwrap_or_default();
    fill(Word::Reacted, &[("name", name), ("reaction", reaction(what)), ("emoji", emoji)])
}

/// Why something was not said.
pub fn chat_refused(why: ErrorCode) -> &'static str {
    say(if why == ErrorCode::TooMuchChat { Word::ChatTooFast } else { Word::ChatRefused })
}

/// How much may still be written; nothing while that is a lot.
pub fn chat_room(length: usize) -> Option<String> {
    (length + NEAR > MAX_CHAT)
        .then(|| fill(Word::ChatLength, &[("count", &length.to_string()), ("limit", &MAX_CHAT.to_string())]))
}

/// So many characters before the limit it is spoken of.
const NEAR: usize = 200;

/// What a button does, and the key that does the same: "Chat (C)".
pub fn with_key(what: &str, key: Option<Action>) -> String {
    match key.and_then(key_name) {
        Some(key) => format!("{what} ({key})"),
        None => what.to_owned(),
    }
}

/// How the key of an action is called.
pub fn key_name(action: Action) -> Option<String> {
    if action == Action::Talk { Some(say(Word::SpaceKey).to_owned()) } else { keys::name(action) }
}

/// The time of day as people write it: "14:05", "2:05 PM", "오후 2:05".
pub fn time_of_day(at: f64) -> String {
    let options = Object::new();
    for (name, value) in [("hour", "numeric"), ("minute", "2-digit")] {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let spoken = language();
    // The browser's own way of writing English, if that is its language: half of the world writes 24 hours.
    let wanted = leptos::prelude::window().navigator().languages();
    let same = |tag: &wasm_bindgen::JsValue| {
        tag.as_string().is_some_and(|tag| Language::of_tag(&tag) == Some(spoken))
    };
    let tag = wanted.iter().find(same).and_then(|tag| tag.as_string());
    let tag = tag.as_deref().unwrap_or(spoken.code());
    Date::new(&at.into()).to_locale_time_string_with_options(tag, &options).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_told_in_one_sentence() {
        let check = |about, names: &[&str], expected: &str| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let named = names.get(..2).unwrap_or(&names);
            assert_eq!(news(about, &names, names.len()), expected);
            assert_eq!(news(about, named, names.len()), expected);
        };
        check(About::Joined, &[], "");
        check(About::Joined, &["Ada"], "Ada joined");
        check(About::Left, &["Ada", "Bo"], "Ada and Bo left");
        check(About::Joined, &["Ada", "Bo", "Cy", "Di"], "Ada and 3 others joined");
        check(About::Hand, &["{count}"], "{count} raised a hand");
    }

    #[test]
    fn the_length_is_spoken_of_near_the_limit() {
        assert_eq!(chat_room(MAX_CHAT - NEAR), None);
        assert_eq!(chat_room(MAX_CHAT + 1).as_deref(), Some("2001 of 2000 characters"));
    }

    #[test]
    fn every_reaction_has_a_word() {
        assert!(floats::ALL.into_iter().all(|one| !reaction(one).is_empty()));
        assert!(reacted("Ada", Reaction::Clap).contains("Ada"));
    }
}
