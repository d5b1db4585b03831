//! Which page is shown: the address bar as a signal, and links inside this site that need no new page.

use crate::dom;
use leptos::prelude::{ArcTrigger, Notify, Track, document, window};
use std::sync::OnceLock;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlAnchorElement, MouseEvent};

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The start.
    Home,
    /// A room, by the name in the link, which may be none that can be used.
    Room(String),
    /// Anything else.
    Unknown,
}

impl Route {
    /// The page of a path that is not percent-encoded.
    fn of(path: &str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        match path.strip_prefix("/r/") {
            Some(room) if !room.contains('/') => Self::Room(room.to_owned()),
            None if path.is_empty() => Self::Home,
            Some(_) | None => Self::Unknown,
        }
    }
}

/// Tells when the path is another one.
fn moves() -> &'static ArcTrigger {
    static MOVES: OnceLock<ArcTrigger> = OnceLock::new();
    MOVES.get_or_init(ArcTrigger::new)
}

fn path_now() -> String {
    let encoded = window().location().pathname().unwrap_or_default();
    // What cannot be decoded is no room's name either.
    js_sys::decode_uri(&encoded).map_or(encoded, String::from)
}

/// The page of now.
pub fn route() -> Route {
    moves().track();
    Route::of(&path_now())
}

/// Goes to another page of this site.
pub fn go(address: &str) {
    let pushed =
        window().history().and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(address)));
    if pushed.is_ok() {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        moves().notify();
    }
}

/// Follows the browser's buttons and clicks on links, until the owner of now is gone.
pub fn follow() {
    dom::listen(&window(), "popstate", |_| moves().notify());
    dom::listen(&document(), "click", |event| {
        if let Some(address) = followed(&event) {
            event.prevent_default();
            go(&address);
        }
    });
}

/// Where a click leads, if that is a page of this site and meant to open here.
fn followed(event: &Event) -> Option<String> {
    let click: &MouseEvent = event.dyn_ref()?;
    let elsewhere = click.button() != 0 || click.ctrl_key() || click.meta_key() || click.shift_key();
    if elsewhere || click.alt_key() || click.default_prevented() {
        return None;
    }
    let target: Element = click.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let here = window().location().origin().is_ok_and(|origin| origin == link.origin());
    (here && link.target().is_empty() && !link.has_attribute("download")).then(|| link.href())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_pages() {
        assert_eq!(Route::of("/"), Route::Home);
        assert_eq!(Route::of("/r/tea"), Route::Room("tea".to_owned()));
        assert_eq!(Route::of("/r/마당/"), Route::Room("마당".to_owned()));
        assert_eq!(Route::of("/r/"), Route::Unknown);
        assert_eq!(Route::of("/r/tea/pot"), Route::Unknown);
        assert_eq!(Route::of("/elsewhere"), Route::Unknown);
    }
}
