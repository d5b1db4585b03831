//! Something to have or not to have, and one of a few, each with what it is for.

use crate::dom::{El, el};
use crate::reactive::follow;
use crate::words::Word;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// A switch in a row; its whole row can be pressed.
pub fn toggle(
    label: Word,
    hint: Option<Word>,
    testid: &'static str,
    on: fn() -> bool,
    on_change: Box<dyn Fn(bool)>,
) -> El {
    let input =
        el("input").set("type", "checkbox").set("role", "switch").testid(testid).on("change", move |event| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                on_change(input.checked());
            }
        });
    let shown: HtmlInputElement = input.typed();
    follow(move || shown.set_checked(on()));
    let words = el("span").child(el("span").say(label)).maybe(hint.map(|hint| el("small").say(hint)));
    el("label").class("toggle").child(words).child(input)
}

/// One of a few, side by side: a code and a word each. Tests know each by `{name}-{code}`.
pub fn segments(
    name: &'static str,
    label: Word,
    options: [(&'static str, Word); 3],
    chosen: fn() -> &'static str,
    on_choose: &Rc<dyn Fn(&'static str)>,
) -> El {
    let one = |(code, word): (&'static str, Word)| {
        let choose = Rc::clone(on_choose);
        let input = el("input")
            .set("type", "radio")
            .set("name", name)
            .set("value", code)
            .testid(&format!("{name}-{code}"))
            .on("change", move |_| choose(code));
        let shown: HtmlInputElement = input.typed();
        follow(move || shown.set_checked(chosen() == code));
        el("label").child(input).child(el("span").say(word))
    };
    el("fieldset")
        .class("segments")
        .child(el("legend").say(label))
        .child(el("div").children(options.map(one)))
}
