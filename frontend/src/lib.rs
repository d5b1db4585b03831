//! The web client.
//!
//! The way of a message: the server → `madang_client` (a crate of its own: sockets, connections, tracks, and the
//! session without I/O) → [`rtc`] → [`state`] → a component. `rtc/` opens devices and is the listener; `state/` holds
//! plain values; `components/` take signals and callbacks, so every view can be built from made-up values; `pages/` put
//! them together.
//!
//! A library beside the program, so that what is pure is tested on the host.

mod api;
mod app;
mod boxed;
mod components;
mod dom;
mod embed;
#[cfg(feature = "gallery")]
mod gallery;
mod link;
mod pages;
mod random_name;
mod reactive;
mod route;
mod rtc;
mod state;
mod words;

/// Puts the app into the page's body and offers `madangStats()` for support (see [`rtc`]).
pub fn mount() {
    rtc::stats::offer_to_window();
    words::choose_first(open);
}

fn open() {
    // What stood there while the program came.
    if let Ok(Some(loading)) = leptos::prelude::document().query_selector(".loading") {
        loading.remove();
    }
    #[cfg(feature = "gallery")]
    if gallery::is_asked_for() {
        return leptos::mount::mount_to_body(gallery::gallery);
    }
    leptos::mount::mount_to_body(app::app);
    rtc::marks::mark_ready();
}
