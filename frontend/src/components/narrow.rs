//! Whether the window is as narrow as a phone's.

use crate::dom::listen;
use crate::reactive::{RwSignal, Signal};
use leptos::prelude::window;

/// The stylesheet has the same.
const NARROW: &str = "(width < 40rem)";

/// Follows the window, until the owner is gone.
pub fn is_narrow() -> Signal<bool> {
    let Ok(Some(query)) = window().match_media(NARROW) else { return RwSignal::new(false).into() };
    let narrow = RwSignal::new(query.matches());
    let asked = query.clone();
    listen(&query, "change", move |_| narrow.set(asked.matches()));
    narrow.into()
}
