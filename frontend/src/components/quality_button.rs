//! Three bars, as many of them full as the stylesheet makes of the level: how good somebody's connection is.
//! Pressing opens the figures behind it.

use crate::state::quality::Verdict;
use crate::words;
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

#[component]
pub fn QualityButton(
    /// Whose it is; nobody's name for one's own.
    #[prop(into)]
    name: Signal<Option<String>>,
    #[prop(into)] verdict: Signal<Verdict>,
    /// Given the button, to bring the focus back to.
    on_press: Callback<HtmlElement>,
) -> impl IntoView {
    let node = NodeRef::<html::Button>::new();
    // The button, whatever within it was hit.
    let press = move |_| {
        if let Some(button) = node.get_untracked() {
            on_press.run(button.into());
        }
    };
    let level = Signal::derive(move || verdict.get().level.name().to_owned());
    let title = Signal::derive(move || words::cause(verdict.get().cause));
    let label = Signal::derive(move || words::quality(name.get().as_deref(), verdict.get()));
    view! {
        <button
            type="button"
            class="quality"
            data-testid="quality"
            data-level=level
            title=title
            aria-label=label
            aria-haspopup="dialog"
            node_ref=node
            on:click=press
        >
            <svg viewBox="0 0 16 14" aria-hidden="true" focusable="false">
                <path d="M2.5 12.5V9.5" />
                <path d="M8 12.5V6" />
                <path d="M13.5 12.5V1.5" />
                <path class="struck" d="M1.5 1.5 14.5 12.5" />
            </svg>
        </button>
    }
}
