//! What the browser remembers between visits: the display name, the language and the rooms visited lately.
//!
//! Storage may be switched off or full; then nothing is remembered, and nothing else changes.

use super::layout::Layout;
use super::recent::Recent;
use leptos::prelude::window;

const NAME: &str = "madang.name";
const RECENT: &str = "madang.recent";
const LANGUAGE: &str = "madang.language";
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
