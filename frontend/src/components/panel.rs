//! What stands beside the stage: docked at its side on a wide window, a sheet from below on a narrow one, where
//! nothing else can be used meanwhile. It takes the focus.

use super::icon::{Shape, icon};
use crate::dom::{El, el};
use crate::reactive::{Callback, Signal};
use crate::words::Word;

const TITLE: &str = "panel-title";

/// What the buttons that open it name as theirs.
pub const PANEL_ID: &str = "side";

/// A panel with this inside; tests know it by `testid`. It is `modal` while it covers everything.
pub fn panel(
    title: impl Fn() -> String + 'static,
    testid: &'static str,
    modal: Signal<bool>,
    on_close: Callback<()>,
    body: El,
) -> El {
    let close = el("button")
        .set("type", "button")
        .class("inside")
        .testid("panel-close")
        .label(Word::Close)
        .on("click", move |_| on_close.run(()))
        .child(icon(Shape::Close));
    let panel = el("section")
        .class("panel")
        .set("id", PANEL_ID)
        .set("role", "dialog")
        .set("aria-labelledby", TITLE)
        .truth("aria-modal", move || modal.get())
        .set("tabindex", "-1")
        .testid(testid)
        .child(el("header").child(el("h2").set("id", TITLE).set("dir", "auto").texts(title)).child(close))
        .child(body);
    panel.focus_soon();
    panel
}
