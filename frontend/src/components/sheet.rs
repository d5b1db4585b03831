//! A dialog over a page that waits meanwhile. The browser keeps the focus in it, closes it by Escape, and gives the
//! focus back.

use super::icon::{Shape, icon};
use crate::dom::{El, el};
use crate::reactive::RwSignal;
use crate::words::Word;
use web_sys::HtmlDialogElement;

/// A dialog while `open` holds, made anew each time.
pub fn sheet(title: Word, testid: &'static str, open: RwSignal<bool>, body: impl Fn() -> El + 'static) -> El {
    el("div").class("contents").when(
        move || open.get(),
        move || {
            let close = el("button")
                .set("type", "button")
                .class("inside")
                .testid("sheet-close")
                .label(Word::Close)
                .on("click", move |_| open.set(false))
                .child(icon(Shape::Close));
            let dialog = el("dialog")
                .class("sheet")
                .set("aria-labelledby", testid)
                .testid(testid)
                .on("close", move |_| open.set(false))
                .child(el("header").child(el("h2").set("id", testid).say(title)).child(close))
                .child(el("div").class("body").child(body()));
            let raw: HtmlDialogElement = dialog.typed();
            // Once it is in the page. A browser refuses only what is not, or is open.
            madang_client::spawn_local(async move { drop(raw.show_modal()) });
            dialog
        },
    )
}
