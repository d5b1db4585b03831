//! How large an element is on screen, as long as it is there.

use super::grid::Area;
use crate::dom::listen;
use crate::reactive::{RwSignal, keep};
use crate::state::look::Size;
use js_sys::Array;
use leptos::prelude::window;
use madang_client::spawn_local;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

/// Keeps the signal at the element's size in device pixels, until the owner is gone. Opacity does not count: a picture
/// that has not begun yet has a size all the same. Nor does a transform: what glides has the size at which it arrives.
pub fn watch(element: &Element, size: RwSignal<Size>) {
    let state = Rc::new(Cell::new((0.0, 0.0)));
    let tell = {
        let state = state.clone();
        move || {
            let (width, height) = state.get();
            let shown = Size::on_screen(width, height, window().device_pixel_ratio());
            if size.try_get_untracked().is_some_and(|known| known != shown) {
                size.set(shown);
            }
        }
    };
    // Another zoom or another screen: the same CSS pixels are of other device pixels.
    listen(&window(), "resize", {
        let tell = tell.clone();
        move |_| tell()
    });
    observe(element, move |width, height| {
        state.set((width, height));
        tell();
    });
}

/// Tells the element's inner size in CSS pixels, until the owner is gone; from when it is in the page, whether or not
/// anything is drawn.
pub fn watch_inside(element: &Element, told: impl Fn(Area) + Copy + 'static) {
    let tell = move |width, height| told(Area { width: whole(width), height: whole(height) });
    observe(element, tell);
    let element = element.clone();
    spawn_local(async move { tell(element.client_width().into(), element.client_height().into()) });
}

fn observe(element: &Element, tell: impl Fn(f64, f64) + 'static) {
    let act = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        if let Some(entry) = entries.iter().last() {
            let inner = entry.unchecked_into::<ResizeObserverEntry>().content_rect();
            tell(inner.width(), inner.height());
        }
    });
    let Ok(resizes) = ResizeObserver::new(act.as_ref().unchecked_ref()) else { return };
    resizes.observe(element);
    keep(Observing { resizes, _act: act });
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what u32 holds")]
fn whole(length: f64) -> u32 {
    length.floor().clamp(0.0, 1e6) as u32
}

/// Observes until it is dropped.
struct Observing {
    resizes: ResizeObserver,
    _act: Closure<dyn FnMut(Array)>,
}

impl Drop for Observing {
    fn drop(&mut self) {
        self.resizes.disconnect();
    }
}
