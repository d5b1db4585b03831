//! The choice of a language, each named in itself.

use crate::dom::{El, el};
use crate::reactive::follow;
use crate::words::{Language, Word, choose, language};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;

/// The choice. It says what it is of in the language of now, and everything else follows at once.
pub fn languages() -> El {
    let options = Language::ALL.map(|language| {
        el("option").set("value", language.code()).set("lang", language.code()).text(language.name())
    });
    let select = el("select")
        .class("languages")
        .testid("language")
        .word("aria-label", Word::Language)
        .children(options)
        .on("change", |event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            if let Some(language) = select.and_then(|select| Language::of_tag(&select.value())) {
                choose(language);
            }
        });
    let shown: HtmlSelectElement = select.typed();
    follow(move || shown.set_value(language().code()));
    select
}
