//! Every sentence a person reads. The words are in `words/*.json`, one file for each language. `build.rs` makes [`Word`]
//! and the table of English; others are fetched (`fetched.rs`). Here they are chosen, filled in and put together. Pure,
//! but for the language of now, which views follow like any signal.

mod call;
mod endings;
mod fetched;
mod figures;
mod keys;
mod language;
mod talk;

pub use call::*;
pub use endings::ending;
pub use figures::*;
pub use language::{Language, choose, choose_first, language};
pub use talk::*;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// A word in the language of now.
pub fn say(word: Word) -> &'static str {
    say_in(language(), word)
}

fn say_in(language: Language, word: Word) -> &'static str {
    table(language).get(word as usize)
}

fn table(language: Language) -> &'static Table {
    match language {
        Language::English => &ENGLISH,
        // Nobody speaks it before its words are there.
        Language::Korean => fetched::korean().unwrap_or(&ENGLISH),
    }
}

/// All words of a language in one text, in their order. A string for each would bring an address and a length for
/// each, which do not compress.
struct Table {
    text: &'static str,
    /// In bytes.
    lengths: [u16; WORDS],
}

impl Table {
    /// The word at this place.
    fn get(&self, place: usize) -> &'static str {
        let (before, rest) = self.lengths.split_at(place.min(WORDS));
        let start = before.iter().copied().map(usize::from).sum();
        let length = rest.first().copied().map_or(0, usize::from);
        self.text.get(start..start + length).unwrap_or_default()
    }
}

/// A word with its gaps, `{name}` perhaps, filled in.
pub fn fill(word: Word, gaps: &[(&str, &str)]) -> String {
    fill_text(say(word), gaps)
}

/// One pass, so that what fills a gap is never taken for one.
fn fill_text(text: &str, gaps: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(gaps.iter().find(|(gap, _)| *gap == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests;
