//! Tells when the browser has another network, or one again.

use js_sys::Reflect;
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct NetworkWatch {
    watched: Vec<(EventTarget, &'static str)>,
    on_event: Closure<dyn FnMut(web_sys::Event)>,
}

impl NetworkWatch {
    /// Calls back from an event, never from within this call.
    pub fn start(mut changed: impl FnMut() + 'static) -> Self {
        // `change` comes also when nothing but the guess of a speed changes, so the kind of network is
        // compared. Desktops do not tell the kind: there only `online` counts.
        let mut kind = network_kind();
        let on_change = move |event: web_sys::Event| {
            let before = std::mem::replace(&mut kind, network_kind());
            if event.type_() == "online" || before != kind {
                changed();
            }
        };
        let on_event = Closure::<dyn FnMut(web_sys::Event)>::new(on_change);
        let mut watched: Vec<(EventTarget, &'static str)> = vec![(window().into(), "online")];
        watched.extend(connection().map(|connection| (connection, "change")));
        for (target, event) in &watched {
            // An event that cannot be listened to does not come: the session's own checks remain.
            let _ = target.add_event_listener_with_callback(event, on_event.as_ref().unchecked_ref());
        }
        Self { watched, on_event }
    }
}

impl Drop for NetworkWatch {
    fn drop(&mut self) {
        for (target, event) in &self.watched {
            let callback = self.on_event.as_ref().unchecked_ref();
            // One that was never added is not removed either.
            let _ = target.remove_event_listener_with_callback(event, callback);
        }
    }
}

/// `navigator.connection`: Chromium only.
fn connection() -> Option<EventTarget> {
    Reflect::get(&window().navigator(), &"connection".into()).ok()?.dyn_into::<EventTarget>().ok()
}

/// "wifi", "cellular": Chromium on phones only.
fn network_kind() -> Option<String> {
    Reflect::get(connection()?.as_ref(), &"type".into()).ok()?.as_string()
}
