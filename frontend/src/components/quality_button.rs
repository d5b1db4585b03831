//! Three bars, as many of them full as the stylesheet makes of the level: how good somebody's connection is.
//! Pressing opens the figures behind it.

use crate::dom::{El, el, svg};
use crate::reactive::Callback;
use crate::state::quality::Verdict;
use crate::words;
use web_sys::HtmlElement;

/// The button. `name` is nobody's for one's own; `press` is given the button, to bring the focus back to.
pub fn quality_button(
    name: impl Fn() -> Option<String> + 'static,
    verdict: impl Fn() -> Verdict + Copy + 'static,
    press: Callback<HtmlElement>,
) -> El {
    let path = |d| svg("path").set("d", d);
    let bars = svg("svg")
        .set("viewBox", "0 0 16 14")
        .set("aria-hidden", "true")
        .set("focusable", "false")
        .child(path("M2.5 12.5V9.5"))
        .child(path("M8 12.5V6"))
        .child(path("M13.5 12.5V1.5"))
        .child(path("M1.5 1.5 14.5 12.5").class("struck"));
    let button = el("button");
    let pressed: HtmlElement = button.typed();
    button
        .set("type", "button")
        .class("quality")
        .testid("quality")
        .bind("data-level", move || verdict().level.name().to_owned())
        .bind("title", move || words::cause(verdict().cause))
        .bind("aria-label", move || words::quality(name().as_deref(), verdict()))
        .set("aria-haspopup", "dialog")
        // The button, whatever within it was hit.
        .on("click", move |_| press.run(pressed.clone()))
        .child(bars)
}
