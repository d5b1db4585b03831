//! A dialog over a page that waits meanwhile. The browser keeps the focus in it, closes it by Escape, and gives the
//! focus back.

use super::icon::{Shape, icon};
use super::press::press;
use crate::dom::{El, el};
use crate::reactive::RwSignal;
use crate::words::Word;
use web_sys::HtmlDialogElement;

/// A dialog while `open` holds, made anew each time.
pub fn sheet(title: Word, testid: &'static str, open: RwSignal<bool>, body: impl Fn() -> El + 'static) -> El {
    el("div").class("contents").when(
        move || open.get(),
        move || {
            let dialog = el("dialog");
            let raw: HtmlDialogElement = dialog.typed();
            let closes = raw.clone();
            // By the browser, which gives the focus back then, and not when the dialog is only gone.
            let close = press("inside", "sheet-close", move || closes.close())
                .label(Word::Close)
                .child(icon(Shape::Close));
            let dialog = dialog
                .class("sheet")
                .set("aria-labelledby", testid)
                .testid(testid)
                .on("close", move |_| open.set(false))
                .child(el("header").child(el("h2").set("id", testid).say(title)).child(close))
                .child(el("div").class("body").child(body()));
            // Once it is in the page. A browser refuses only what is not, or is open.
            madang_client::spawn_local(async move { drop(raw.show_modal()) });
            dialog
        },
    )
}
