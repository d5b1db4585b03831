//! The mark: a courtyard seen from above, ㅁ, with its gate open and somebody inside.

use crate::words;
use leptos::prelude::*;

#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <a class="logo" href="/" aria-label=words::APP>
            <Drawing />
            <span>{words::APP}</span>
        </a>
    }
}

/// The mark alone, leading nowhere: in a call a stray tap must not hang up.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <span class="logo">
            <Drawing />
        </span>
    }
}

#[component]
fn Drawing() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="walls" d="M12.5 27H7a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h18a2 2 0 0 1 2 2v18a2 2 0 0 1-2 2h-5.5" />
            <circle class="guest" cx="16" cy="16" r="4" />
        </svg>
    }
}
