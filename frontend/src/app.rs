//! The pages, and which of them is shown.

use crate::dom::{El, el};
use crate::pages;
use crate::route::{self, Route};
use crate::words;

/// The whole client.
pub fn app() -> El {
    words::choose_first();
    route::follow();
    el("div").class("app").swap(route::route, |route| {
        Some(match route {
            Route::Home => pages::home(),
            Route::Room(name) => pages::room(&name),
            Route::Unknown => pages::not_found(),
        })
    })
}
