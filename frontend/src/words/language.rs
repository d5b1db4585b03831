//! Which language is spoken: the one chosen in this browser, else the first of the browser's that there is.

use super::fetched::fetch;
use crate::app::show;
use crate::state::settings;
use leptos::prelude::{ArcTrigger, Notify, Track, window};
use leptos::reactive::graph::Observer;
use madang_client::spawn_local;
use std::cell::Cell;
use std::sync::OnceLock;

/// A language that there are words in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// What everybody else gets.
    #[default]
    English,
    /// 한국어.
    Korean,
}

impl Language {
    /// In the order they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// By BCP 47.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// In itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Korean => "한국어",
        }
    }

    /// `ko-KR` is Korean.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

thread_local! {
    static SPOKEN: Cell<Language> = Cell::default();
    /// The last that was asked for: another one's words may come after its.
    static WANTED: Cell<Language> = Cell::default();
}

/// Tells when another language is spoken.
fn changes() -> &'static ArcTrigger {
    static CHANGES: OnceLock<ArcTrigger> = OnceLock::new();
    CHANGES.get_or_init(ArcTrigger::new)
}

/// The language of now. Whatever says something in an effect says it again when that changes.
pub fn language() -> Language {
    if Observer::get().is_some() {
        changes().track();
    }
    SPOKEN.get()
}

/// Speaks the language chosen before, or the browser's, or English when their words cannot be had. Then, once, opens
/// the page.
pub fn choose_first(open: fn()) {
    let wanted = window().navigator().languages();
    let chosen = settings::language().and_then(|code| Language::of_tag(&code));
    let mut wanted = wanted.iter().filter_map(|tag| tag.as_string());
    let language = chosen.or_else(|| wanted.find_map(|tag| Language::of_tag(&tag))).unwrap_or_default();
    spawn_local(async move {
        speak(language).await;
        open();
    });
}

/// Speaks this language from now on, and remembers it.
pub fn choose(language: Language) {
    settings::remember_language(language.code());
    spawn_local(speak(language));
}

/// Once its words are there; until then, and when they do not come, the one before.
async fn speak(language: Language) {
    WANTED.set(language);
    if !fetch(language).await || WANTED.get() != language {
        return;
    }
    SPOKEN.set(language);
    changes().notify();
    // Screen readers go by it.
    show("lang", language.code());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_languages() {
        assert_eq!(Language::of_tag("ko-KR"), Some(Language::Korean));
        assert_eq!(Language::of_tag("EN"), Some(Language::English));
        assert_eq!(Language::of_tag("fr-CA"), None);
        assert_eq!(Language::of_tag(""), None);
    }
}
