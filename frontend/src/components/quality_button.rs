//! Three bars: how good somebody's connection is. Pressing opens the figures behind it.

use crate::state::quality::{Level, Verdict};
use crate::words;
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
    let level = Memo::new(move |_| verdict.get().level);
    // How many bars are full, so that colour alone says nothing.
    let full = move || match level.get() {
        Level::Good => 3,
        Level::Fair => 2,
        Level::Poor => 1,
        Level::Lost => 0,
    };
    let bar = |number: u32, path: &'static str| view! { <path class:full=move || number <= full() d=path /> };
    view! {
        <button
            type="button"
            class="quality"
            data-testid="quality"
            data-level=move || level.get().name()
            title=move || words::cause(verdict.get().cause)
            aria-label=move || words::quality(name.get().as_deref(), verdict.get())
            aria-haspopup="dialog"
            on:click:target=move |event| on_press.run(event.target().into())
        >
            <svg viewBox="0 0 16 14" aria-hidden="true" focusable="false">
                {bar(1, "M2.5 12.5V9.5")} {bar(2, "M8 12.5V6")} {bar(3, "M13.5 12.5V1.5")}
                <Show when=move || level.get() == Level::Lost>
                    <path class="struck" d="M1.5 1.5 14.5 12.5" />
                </Show>
            </svg>
        </button>
    }
}
