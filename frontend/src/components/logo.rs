//! The mark: a courtyard seen from above, ㅁ, with its gate open and somebody inside.

use crate::dom::{El, el, svg};
use crate::words::Word;

/// The mark and the name, leading home.
pub fn logo() -> El {
    let name = el("span").say(Word::App);
    el("a").class("logo").set("href", "/").word("aria-label", Word::App).child(drawing()).child(name)
}

/// The mark alone, leading nowhere: in a call a stray tap must not hang up.
pub fn mark() -> El {
    el("span").class("logo").child(drawing())
}

fn drawing() -> El {
    let walls = "M12.5 27H7a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h18a2 2 0 0 1 2 2v18a2 2 0 0 1-2 2h-5.5";
    svg("svg")
        .class("mark")
        .set("viewBox", "0 0 32 32")
        .set("aria-hidden", "true")
        .set("focusable", "false")
        .child(svg("path").class("walls").set("d", walls))
        .child(svg("circle").class("guest").set("cx", "16").set("cy", "16").set("r", "4"))
}
