//! An address that leads nowhere, and a room's link with a name that cannot be.

use crate::components::Logo;
use crate::words;
use leptos::prelude::*;

#[component]
pub fn NotFound() -> impl IntoView {
    view! { <DeadEnd title=words::NOT_FOUND detail=words::NOT_FOUND_DETAIL.to_owned() /> }
}

/// A page whose only way on is home.
#[component]
pub fn DeadEnd(title: &'static str, detail: String) -> impl IntoView {
    view! {
        <main class="page narrow">
            <Logo />
            <section class="card message" data-testid="dead-end">
                <h1>{title}</h1>
                <p data-testid="lobby-notice">{detail}</p>
                <div class="actions">
                    <a class="button primary" href="/" data-testid="go-home">{words::HOME}</a>
                </div>
            </section>
        </main>
    }
}
