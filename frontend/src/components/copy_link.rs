//! A button that puts a link on the clipboard, and says whether it did.

use super::icon::{Icon, Shape};
use crate::words;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// How long the answer stays on the button, in milliseconds.
const ANSWER_STAYS: u32 = 2_500;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Untried,
    Copied,
    Refused,
}

#[component]
pub fn CopyLink(
    /// What to copy.
    #[prop(into)]
    link: Signal<String>,
) -> impl IntoView {
    let outcome = RwSignal::new(Outcome::Untried);
    let copy = move |_| {
        spawn_local(async move {
            let copied = write(&link.get_untracked()).await;
            outcome.try_set(if copied { Outcome::Copied } else { Outcome::Refused });
            TimeoutFuture::new(ANSWER_STAYS).await;
            outcome.try_set(Outcome::Untried);
        });
    };
    let words = move || match outcome.get() {
        Outcome::Untried => words::COPY_LINK,
        Outcome::Copied => words::COPIED,
        Outcome::Refused => words::NOT_COPIED,
    };
    let shape = Signal::derive(move || match outcome.get() {
        Outcome::Untried | Outcome::Refused => Shape::Link,
        Outcome::Copied => Shape::Check,
    });
    view! {
        <button
            type="button"
            class="quiet copy-link"
            class:told=move || outcome.get() == Outcome::Refused
            data-testid="copy-link"
            on:click=copy
        >
            <Icon shape />
            <span aria-live="polite">{words}</span>
        </button>
    }
}

/// Insecure pages have no clipboard, and browsers may refuse.
async fn write(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
