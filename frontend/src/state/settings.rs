//! What the browser remembers between visits: the display name, the language, the rooms visited lately, and what
//! was [chosen](Choices).
//!
//! Storage may be switched off or full; then nothing is remembered, and nothing else changes.

use super::choices::Choices;
use super::layout::Layout;
use super::recent::Recent;
use leptos::prelude::{ArcTrigger, Notify, Track, untrack, window};
use leptos::reactive::graph::Observer;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::OnceLock;

const NAME: &str = "madang.name";
const RECENT: &str = "madang.recent";
const LANGUAGE: &str = "madang.language";
/// Read by `theme.js` too, before the first paint.
const CHOICES: &str = "madang.choices";
const LAYOUT: &str = "madang.layout";

/// The display name given last, or an empty one.
pub fn display_name() -> String {
    read(NAME).unwrap_or_default()
}

/// Remembers the display name.
pub fn remember_display_name(name: &str) {
    write(NAME, name);
}

/// The language chosen, by its code.
pub fn language() -> Option<String> {
    read(LANGUAGE)
}

/// Remembers the language.
pub fn remember_language(code: &str) {
    write(LANGUAGE, code);
}

/// How the stage was last.
pub fn layout() -> Layout {
    read(LAYOUT).map(|text| Layout::of_text(&text)).unwrap_or_default()
}

/// Remembers how the stage is.
pub fn remember_layout(layout: Layout) {
    write(LAYOUT, &layout.to_text());
}

/// The rooms visited lately.
pub fn recent_rooms() -> Recent {
    read(RECENT).map(|text| Recent::from_json(&text)).unwrap_or_default()
}

/// Remembers the rooms visited lately.
pub fn remember_recent_rooms(list: &Recent) {
    write(RECENT, &list.to_json());
}

/// What is chosen now. Whatever reads it in an effect reads it again when that changes.
pub fn choices() -> Rc<Choices> {
    if Observer::get().is_some() {
        changes().track();
    }
    CHOSEN.with_borrow_mut(|chosen| Rc::clone(chosen.get_or_insert_with(|| Rc::new(remembered()))))
}

/// Changes what is chosen, and remembers it; gives what it was.
pub fn choose(change: &dyn Fn(&mut Choices)) -> Rc<Choices> {
    let before = untrack(choices);
    let mut after = Choices::clone(&before);
    change(&mut after);
    if after != *before {
        write(CHOICES, &after.to_text());
        CHOSEN.set(Some(Rc::new(after)));
        changes().notify();
    }
    before
}

fn remembered() -> Choices {
    read(CHOICES).map(|text| Choices::from_text(&text)).unwrap_or_default()
}

/// Tells when something is chosen.
fn changes() -> &'static ArcTrigger {
    static CHANGES: OnceLock<ArcTrigger> = OnceLock::new();
    CHANGES.get_or_init(ArcTrigger::new)
}

thread_local! {
    static CHOSEN: RefCell<Option<Rc<Choices>>> = const { RefCell::new(None) };
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // Refused when storage is full: see the module's words.
        let _ = storage.set_item(key, value);
    }
}
