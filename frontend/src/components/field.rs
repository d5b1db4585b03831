//! A labelled text field with the error beside it.

use crate::dom::{El, el};
use crate::reactive::{RwSignal, Signal, follow};
use crate::words::Word;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// What a field is made of.
pub struct Field {
    /// For the label's link to the field.
    pub id: &'static str,
    /// What stands above.
    pub label: Word,
    /// What stands in it while it is empty.
    pub placeholder: Option<Word>,
    /// What browsers may fill in; of a password nobody sees what is typed.
    pub autocomplete: &'static str,
    /// The text.
    pub value: RwSignal<String>,
    /// What is wrong with it, if anything is to be said yet.
    pub error: Signal<Option<String>>,
    /// Beside the field, a button perhaps.
    pub beside: Option<El>,
}

/// A field; tests know it as `{id}-input`.
pub fn field(Field { id, label, placeholder, autocomplete, value, error, beside }: Field) -> El {
    let (testid, error_id) = (format!("{id}-input"), format!("{id}-error"));
    let input = el("input")
        .set("id", id)
        .set("type", if autocomplete == "current-password" { "password" } else { "text" })
        .testid(&testid)
        .set("autocomplete", autocomplete)
        .set("autocapitalize", "off")
        .set("spellcheck", "false")
        .truth("aria-invalid", move || error.with(Option::is_some))
        .set("aria-describedby", &error_id)
        .on("input", move |event| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                value.set(input.value());
            }
        });
    let input = match placeholder {
        Some(word) => input.word("placeholder", word),
        None => input,
    };
    let shown: HtmlInputElement = input.typed();
    follow(move || {
        let value = value.get();
        // Set to what it is, the cursor would jump to the end.
        if shown.value() != value {
            shown.set_value(&value);
        }
    });
    el("div")
        .class("field")
        .toggle("invalid", move || error.with(Option::is_some))
        .child(el("label").set("for", id).say(label))
        .child(el("div").class("box").child(input).maybe(beside))
        .child(
            el("p")
                .class("error")
                .set("id", &error_id)
                .set("role", "alert")
                .testid(&format!("{testid}-error"))
                .texts(move || error.get().unwrap_or_default()),
        )
}
