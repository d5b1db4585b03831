//! A button that puts a link on the clipboard, and says whether it did.

use super::icon::{Shape, icon_of};
use crate::dom::{El, el};
use crate::reactive::RwSignal;
use crate::words::{Word, say};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::window;
use madang_client::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// How long the answer stays on the button, in milliseconds.
const ANSWER_STAYS: u32 = 2_500;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Untried,
    Copied,
    Refused,
}

/// The button, for this link.
pub fn copy_link(link: String) -> El {
    let outcome = RwSignal::new(Outcome::Untried);
    let copy = move |_| {
        let link = link.clone();
        spawn_local(async move {
            let copied = write(&link).await;
            outcome.set(if copied { Outcome::Copied } else { Outcome::Refused });
            TimeoutFuture::new(ANSWER_STAYS).await;
            outcome.set(Outcome::Untried);
        });
    };
    let words = move || match outcome.get() {
        Outcome::Untried => Word::CopyLink,
        Outcome::Copied => Word::Copied,
        Outcome::Refused => Word::NotCopied,
    };
    let shape = move || match outcome.get() {
        Outcome::Untried | Outcome::Refused => Shape::Link,
        Outcome::Copied => Shape::Check,
    };
    el("button")
        .set("type", "button")
        .class("quiet copy-link")
        .toggle("told", move || outcome.get() == Outcome::Refused)
        .testid("copy-link")
        .on("click", copy)
        .child(icon_of(shape))
        .child(el("span").set("aria-live", "polite").texts(move || say(words()).to_owned()))
}

/// Insecure pages have no clipboard, and browsers may refuse.
async fn write(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
