//! An address that leads nowhere, and a room's link with a name that cannot be.

use super::link_button;
use crate::components::logo;
use crate::dom::{El, el};
use crate::words::{Word, say};

/// Nothing has this address.
pub fn not_found() -> El {
    dead_end(Word::NotFound, || say(Word::NotFoundDetail).to_owned())
}

/// A page whose only way on is home.
pub fn dead_end(title: Word, detail: impl Fn() -> String + 'static) -> El {
    let home = link_button("button primary", "/", "go-home").say(Word::Home);
    el("main").class("page narrow").child(logo()).child(
        el("section")
            .class("card message")
            .testid("dead-end")
            .child(el("h1").say(title))
            .child(el("p").testid("lobby-notice").texts(detail))
            .child(el("div").class("actions").child(home)),
    )
}
