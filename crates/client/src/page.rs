//! The page that the call is in: its window, its clock, its log.

use session::Now;
use std::pin::Pin;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Document, Window};

/// The window. All of this runs in one, and in no worker.
pub fn window() -> Window {
    js_sys::global().unchecked_into()
}

/// The page's own clock: since it was opened.
pub fn now() -> Now {
    let milliseconds = window().performance().map_or(0.0, |performance| performance.now());
    Duration::from_secs_f64((milliseconds / 1000.0).max(0.0))
}

/// Whether nobody sees the page.
pub fn is_hidden() -> bool {
    window().document().is_some_and(|document| Document::hidden(&document))
}

/// A word for who looks at the console.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&text.into());
}

/// Runs a task until its end, beside what else the page does. What starts a task is here once for all of them, rather
/// than once for each, which weighs.
pub fn spawn_local(task: impl Future<Output = ()> + 'static) {
    spawn_boxed(Box::pin(task));
}

fn spawn_boxed(task: Pin<Box<dyn Future<Output = ()>>>) {
    wasm_bindgen_futures::spawn_local(task);
}
