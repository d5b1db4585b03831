//! Which speaker plays what others say, where the browser lets a page choose one.

use js_sys::{Promise, Reflect};
use leptos::prelude::window;
use madang_client::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlMediaElement;

// web-sys has it without catching what the browser throws.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = web_sys::HtmlMediaElement)]
    type MediaElementExt;
    #[wasm_bindgen(method, catch, js_name = setSinkId)]
    fn set_sink_id(this: &MediaElementExt, id: &str) -> Result<Promise, JsValue>;
}

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
