//! A sheet over the stage with something to look at closely. It takes the focus, Escape closes it, and what
//! it stands over goes on.

use super::icon::{Shape, icon};
use crate::dom::{El, el, listen};
use crate::words::Word;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

const TITLE: &str = "panel-title";

/// A panel with this inside; tests know it by `testid`.
pub fn panel(
    title: impl Fn() -> String + 'static,
    testid: &'static str,
    on_close: Callback<()>,
    body: El,
) -> El {
    listen(&window(), "keydown", move |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
            on_close.run(());
        }
    });
    let close = el("button")
        .set("type", "button")
        .class("inside")
        .testid("panel-close")
        .label(Word::Close)
        .on("click", move |_| on_close.run(()))
        .child(icon(Shape::Close));
    let panel = el("section")
        .class("panel")
        .set("role", "dialog")
        .set("aria-labelledby", TITLE)
        .set("tabindex", "-1")
        .testid(testid)
        .child(el("header").child(el("h2").set("id", TITLE).set("dir", "auto").texts(title)).child(close))
        .child(body.class("body"));
    panel.focus_soon();
    panel
}
