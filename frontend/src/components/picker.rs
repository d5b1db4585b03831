//! One of several that come and go, as a labelled list to choose from.

use crate::dom::{El, el};
use crate::reactive::follow;
use crate::words::Word;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;

/// What a picker is made of.
pub struct Picker {
    /// What stands above.
    pub label: Word,
    /// For tests.
    pub testid: &'static str,
    /// What there is to choose.
    pub options: Box<dyn Fn() -> Options>,
    /// Told the id of another one.
    pub on_choose: Box<dyn Fn(String)>,
}

/// What there is to choose. While that is nothing, the picker cannot be opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// An id and a text each.
    pub entries: Vec<(String, String)>,
    /// The id that is chosen.
    pub chosen: String,
}

/// A picker. It is as large with nothing to choose from as with all.
pub fn picker(Picker { label, testid, options, on_choose }: Picker) -> El {
    let select = el("select").testid(testid).on("change", move |event| {
        if let Some(select) = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok()) {
            on_choose(select.value());
        }
    });
    let shown: HtmlSelectElement = select.typed();
    let mut known = None;
    follow(move || {
        let options = Some(options());
        // Made anew only when it differs: it would close under the hand.
        if options == known {
            return;
        }
        if let Some(Options { entries, chosen }) = &options {
            shown.set_text_content(None);
            for (id, text) in entries {
                // A browser refuses only what would contain itself.
                let _ = shown.append_child(el("option").set("value", id).text(text).raw());
            }
            shown.set_value(chosen);
            shown.set_disabled(entries.is_empty());
        }
        known = options;
    });
    el("label").class("picker").child(el("span").say(label)).child(select)
}
