//! The pages, and which of them is shown.

use crate::dom::{El, el};
use crate::pages;
use crate::reactive::follow;
use crate::route::{self, Route};
use crate::state::settings;
use leptos::prelude::document;

/// The whole client.
pub fn app() -> El {
    route::follow();
    // As `theme.js` had it before the first paint.
    follow(|| show("data-theme", settings::choices().theme.code()));
    el("div").class("app").swap(route::route, |route| {
        Some(match route {
            Route::Home => pages::home(),
            Route::Room(name) => pages::room(&name),
            Route::Unknown => pages::not_found(),
        })
    })
}

/// Says something to the stylesheet.
pub fn show(attribute: &str, value: &str) {
    if let Some(page) = document().document_element() {
        // A browser refuses only what is no attribute.
        let _ = page.set_attribute(attribute, value);
    }
}
