//! A small sheet of choices over the page. It takes the focus, and gives it back when it goes; Escape, a choice and a
//! press elsewhere close it.

use super::icon::{Shape, icon};
use crate::dom::{El, el, listen};
use crate::reactive::{Callback, keep};
use crate::words::Word;
use leptos::prelude::document;
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
    // Before the window hears of it, and closes what is open besides.
    listen(&document(), "keydown", move |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
            event.prevent_default();
            on_close.run(());
        }
    });
    keep(Back(opener));
    sheet.focus_soon();
    sheet
}

/// Brings the focus back when the menu goes, unless that has gone elsewhere; to the page's heading where what opened
/// the menu is gone too.
struct Back(HtmlElement);

impl Drop for Back {
    fn drop(&mut self) {
        let opener = self.0.clone();
        // Once the page is what the choice made of it.
        madang_client::spawn_local(async move {
            if document().active_element().is_some_and(|focused| !focused.matches("body").unwrap_or(true)) {
                return;
            }
            match Some(opener).filter(|opener| opener.is_connected()) {
                // Without the focus the page works all the same.
                Some(opener) => drop(opener.focus()),
                None => focus_heading(),
            }
        });
    }
}

/// Brings the focus to the page's heading: what had it goes.
pub fn focus_heading() {
    let heading = document().query_selector("h1").ok().flatten();
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        // Without the focus the page works all the same.
        let _ = heading.focus();
    }
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
