//! Which speaker plays what others say, where the browser lets a page choose one.

use super::ext::MediaElementExt;
use js_sys::Reflect;
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlMediaElement;

/// Whether a page can choose a speaker at all: those on phones cannot.
pub fn can_choose() -> bool {
    let element = Reflect::get(&window(), &"HTMLMediaElement".into());
    let prototype = element.and_then(|element| Reflect::get(&element, &"prototype".into()));
    prototype.is_ok_and(|prototype| Reflect::has(&prototype, &"setSinkId".into()).unwrap_or(false))
}

/// Has an element play on this speaker; no id is the one that the system prefers. One that is refused leaves the
/// sound where it is.
pub fn play_on(element: &HtmlMediaElement, id: &str) {
    if !can_choose() {
        return;
    }
    if let Ok(promise) = element.unchecked_ref::<MediaElementExt>().set_sink_id(id) {
        spawn_local(async move {
            if let Err(error) = JsFuture::from(promise).await {
                leptos::logging::warn!("speaker: {error:?}");
            }
        });
    }
}
