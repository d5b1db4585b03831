//! Tells when the browser has another network, or one again, and when the page is hidden or seen again.

use crate::page::window;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The network.
    Network,
    /// Whether the page is seen.
    Visibility,
}

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watch {
    watched: Vec<(EventTarget, &'static str)>,
    on_event: Closure<dyn FnMut(web_sys::Event)>,
}

impl Watch {
    /// Calls back from an event, never from within this call.
    pub fn start(mut changed: impl FnMut(Change) + 'static) -> Self {
        // `change` comes also when nothing but the guess of a speed changes, so the kind of network is
        // compared. Desktops do not tell the kind: there only `online` counts.
        let mut kind = network_kind();
        let on_change = move |event: web_sys::Event| {
            let name = event.type_();
            if name == SEEN {
                return changed(Change::Visibility);
            }
            let before = std::mem::replace(&mut kind, network_kind());
            if name == "online" || before != kind {
                changed(Change::Network);
            }
        };
        let on_event = Closure::<dyn FnMut(web_sys::Event)>::new(on_change);
        let mut watched: Vec<(EventTarget, &'static str)> = vec![(window().into(), "online")];
        watched.extend(window().document().map(|document| (document.into(), SEEN)));
        watched.extend(connection().map(|connection| (connection, "change")));
        for (target, event) in &watched {
            // An event that cannot be listened to does not come: the session's own checks remain.
            let _ = target.add_event_listener_with_callback(event, on_event.as_ref().unchecked_ref());
        }
        Self { watched, on_event }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for (target, event) in &self.watched {
            let callback = self.on_event.as_ref().unchecked_ref();
            // One that was never added is not removed either.
            let _ = target.remove_event_listener_with_callback(event, callback);
        }
    }
}

/// The document's, when the page is hidden or seen.
const SEEN: &str = "visibilitychange";

/// `navigator.connection`: Chromium only.
fn connection() -> Option<EventTarget> {
    Reflect::get(&window().navigator(), &"connection".into()).ok()?.dyn_into::<EventTarget>().ok()
}

/// "wifi", "cellular": Chromium on phones only.
fn network_kind() -> Option<String> {
    Reflect::get(connection()?.as_ref(), &"type".into()).ok()?.as_string()
}
