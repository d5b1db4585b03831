//! The place where tiles stand: measures itself and tells tiles their size by two CSS properties.

use super::grid::{TileSize, tile_size};
use crate::words;
use js_sys::Array;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{ResizeObserver, ResizeObserverEntry};

#[component]
pub fn Stage(
    /// How many tiles there are.
    #[prop(into)]
    count: Signal<usize>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let room = RwSignal::new((0.0, 0.0));
    let size = Memo::new(move |_| {
        let (width, height) = room.get();
        tile_size(count.get(), width, height)
    });
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            watch(&element, room);
        }
    });
    let px = move |pick: fn(TileSize) -> u32| move || format!("{}px", pick(size.get()));
    view! {
        <div
            class="stage"
            node_ref=node
            class:measured=move || size.get() != TileSize::default()
            style:--tile-width=px(|size| size.width)
            style:--tile-height=px(|size| size.height)
        >
            <ul class="tiles" aria-label=words::PEOPLE>{children()}</ul>
        </div>
    }
}

/// Keeps the signal at the element's inner size until the owner is gone.
fn watch(element: &web_sys::Element, room: RwSignal<(f64, f64)>) {
    let on_resize = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        if let Ok(entry) = entries.get(0).dyn_into::<ResizeObserverEntry>() {
            let inner = entry.content_rect();
            room.try_set((inner.width(), inner.height()));
        }
    });
    let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let kept = StoredValue::new_local((observer, on_resize));
    on_cleanup(move || {
        kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}
