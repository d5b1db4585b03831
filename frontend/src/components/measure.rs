//! How large an element is on screen, as long as it is there.

use crate::dom::{keep, listen};
use crate::state::look::Size;
use js_sys::Array;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{
    Element, IntersectionObserver, IntersectionObserverEntry, ResizeObserver, ResizeObserverEntry,
};

/// Keeps the signal at the element's size in device pixels, nothing while it is scrolled out of sight, until
/// the owner is gone. Opacity does not count: a picture that has not begun yet has a size all the same.
pub fn watch(element: &Element, size: RwSignal<Size>) {
    let state = Rc::new(Cell::new(((0.0, 0.0), false)));
    let tell = {
        let state = state.clone();
        move || {
            let ((width, height), seen) = state.get();
            let shown = Size::on_screen(width, height, window().device_pixel_ratio());
            let shown = if seen { shown } else { Size::default() };
            if size.try_get_untracked().is_some_and(|known| known != shown) {
                size.try_set(shown);
            }
        }
    };
    // Another zoom or another screen: the same CSS pixels are of other device pixels.
    listen(&window(), "resize", {
        let tell = tell.clone();
        move |_| tell()
    });
    let on_resize = {
        let (state, tell) = (state.clone(), tell.clone());
        Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            if let Some(entry) = entries.iter().last() {
                let inner = entry.unchecked_into::<ResizeObserverEntry>().content_rect();
                state.set(((inner.width(), inner.height()), state.get().1));
                tell();
            }
        })
    };
    let on_seen = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        if let Some(entry) = entries.iter().last() {
            let seen = entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting();
            state.set((state.get().0, seen));
            tell();
        }
    });
    let resizes = ResizeObserver::new(on_resize.as_ref().unchecked_ref());
    let sights = IntersectionObserver::new(on_seen.as_ref().unchecked_ref());
    let (Ok(resizes), Ok(sights)) = (resizes, sights) else { return };
    resizes.observe(element);
    sights.observe(element);
    keep(Observing { resizes, sights: Some(sights), _closures: (on_resize, Some(on_seen)) });
}

/// Keeps the signal at the element's inner size in CSS pixels, until the owner is gone.
pub fn watch_inside(element: &Element, size: RwSignal<(f64, f64)>) {
    let on_resize = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        if let Some(entry) = entries.iter().last() {
            let inner = entry.unchecked_into::<ResizeObserverEntry>().content_rect();
            size.try_set((inner.width(), inner.height()));
        }
    });
    let Ok(resizes) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else { return };
    resizes.observe(element);
    keep(Observing { resizes, sights: None, _closures: (on_resize, None) });
}

type Told = Closure<dyn FnMut(Array)>;

/// Observes until it is dropped.
struct Observing {
    resizes: ResizeObserver,
    sights: Option<IntersectionObserver>,
    _closures: (Told, Option<Told>),
}

impl Drop for Observing {
    fn drop(&mut self) {
        self.resizes.disconnect();
        if let Some(sights) = &self.sights {
            sights.disconnect();
        }
    }
}
