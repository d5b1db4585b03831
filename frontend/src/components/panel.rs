//! A sheet over the stage with something to look at closely. It takes the focus, Escape closes it, and what
//! it stands over goes on.

use super::icon::{Icon, Shape};
use crate::words;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

const TITLE: &str = "panel-title";

#[component]
pub fn Panel(
    #[prop(into)] title: Signal<String>,
    /// For tests.
    testid: &'static str,
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if let Some(panel) = node.get() {
            // Without the focus it can be read all the same.
            let _ = panel.focus();
        }
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            on_close.run(());
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <section class="panel" role="dialog" aria-labelledby=TITLE tabindex="-1" node_ref=node data-testid=testid>
            <header>
                <h2 id=TITLE dir="auto">{title}</h2>
                <button
                    type="button"
                    class="inside"
                    data-testid="panel-close"
                    aria-label=words::CLOSE
                    title=words::CLOSE
                    on:click=move |_| on_close.run(())
                >
                    <Icon shape=Shape::Close />
                </button>
            </header>
            <div class="body">{children()}</div>
        </section>
    }
}
