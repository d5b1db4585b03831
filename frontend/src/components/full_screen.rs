//! All of the screen for the stage or for one tile.

use super::stage::STAGE;
use leptos::prelude::document;
use web_sys::Element;

/// Whether the browser lets a page have it; an iPhone's does not.
pub fn can_fill_screen() -> bool {
    document().fullscreen_enabled()
}

/// Lets an element have all of the screen, or gives the screen back.
pub fn fill_screen(element: &Element) {
    if document().fullscreen_element().is_some() {
        document().exit_fullscreen();
    } else {
        // A browser that refuses leaves all as it is.
        let _ = element.request_fullscreen();
    }
}

/// Lets the stage have it, or gives it back.
pub fn fill_screen_with_stage() {
    if let Some(stage) = document().get_element_by_id(STAGE) {
        fill_screen(&stage);
    }
}
