//! A small sheet of choices over the page. It takes the focus; Escape, a choice and a press elsewhere close it.

use super::icon::{Shape, icon};
use crate::dom::{El, el, listen};
use crate::words::Word;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, Node};

/// A menu with this inside, opened by this button, to which the focus goes back.
pub fn menu(
    name: impl Fn() -> String + 'static,
    testid: &'static str,
    opener: HtmlElement,
    on_close: Callback<()>,
    items: Vec<El>,
) -> El {
    let sheet = el("div").class("menu").set("role", "dialog").set("tabindex", "-1").testid(testid);
    let sheet = sheet.bind("aria-label", name).children(items);
    let (inside, button) = (sheet.raw().clone(), opener.clone());
    listen(&document(), "pointerdown", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        if !inside.contains(target.as_ref()) && !button.contains(target.as_ref()) {
            on_close.run(());
        }
    });
    listen(&window(), "keydown", move |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
            on_close.run(());
            // Without the focus the page works all the same.
            let _ = opener.focus();
        }
    });
    sheet.focus_soon();
    sheet
}

/// Something to choose.
pub fn item(shape: Shape, word: Word, testid: &'static str, press: impl Fn() + 'static) -> El {
    el("button")
        .set("type", "button")
        .class("item")
        .testid(testid)
        .on("click", move |_| press())
        .child(icon(shape))
        .child(el("span").say(word))
}
