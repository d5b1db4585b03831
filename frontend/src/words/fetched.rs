//! The words of languages that do not come with the program: fetched when somebody speaks one, and kept for as long as
//! the page is open. So nobody waits for words that are not theirs.

use super::keys::{NO_KEYS, and_key};
use super::{KEYS, Language, Table, WORDS};
use crate::api;
use js_sys::{JSON, Object, Reflect};
use std::cell::Cell;

thread_local! {
    static KOREAN: Cell<Option<&'static Table>> = Cell::default();
}

/// The words of Korean, once they are there.
pub fn korean() -> Option<&'static Table> {
    KOREAN.get()
}

/// Sees to it that there are words of this language. False when they cannot be had.
pub async fn fetch(language: Language) -> bool {
    if language == Language::English || korean().is_some() {
        return true;
    }
    api::words(language.code()).await.is_some_and(|text| read(&text).is_some())
}

fn read(text: &str) -> Option<()> {
    let words = Object::from(JSON::parse(text).ok()?);
    // The order that `build.rs` has them in.
    let keys = Object::keys(&words).sort();
    keep_korean(keys.iter().filter_map(|key| {
        let word = Reflect::get(&words, &key).ok()?;
        Some((key.as_string()?, word.as_string()?))
    }))
}

/// Keeps them: keys, sorted, and texts. Not when they are those of another program: a page may be older than its server.
pub(super) fn keep_korean(words: impl Iterator<Item = (String, String)>) -> Option<()> {
    let (mut text, mut lengths, mut keys, mut count) = (String::new(), [0; WORDS], NO_KEYS, 0);
    for (key, word) in words {
        keys = and_key(keys, &key);
        *lengths.get_mut(count)? = u16::try_from(word.len()).ok()?;
        text += &word;
        count += 1;
    }
    (keys == KEYS && count == WORDS).then(|| {
        // Once for a page: whoever says something has it for ever.
        KOREAN.set(Some(Box::leak(Box::new(Table { text: text.leak(), lengths }))));
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn words() -> BTreeMap<String, String> {
        serde_json::from_str(include_str!("../../words/ko.json")).unwrap()
    }

    #[test]
    fn words_of_another_program_are_not_kept() {
        for (change, key) in [("one less", "app"), ("another key", "you")] {
            let mut changed = words();
            let word = changed.remove(key).unwrap();
            if change == "another key" {
                changed.insert(format!("{key}_too"), word);
            }
            assert_eq!(keep_korean(changed.into_iter()), None, "{change}");
            assert!(korean().is_none());
        }
        assert_eq!(keep_korean(words().into_iter()), Some(()));
        assert!(korean().is_some());
    }
}
