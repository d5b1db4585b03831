//! What just happened, in a few calm lines. For the eye alone: the words are in the live region too.

use crate::components::{Shape, icon};
use crate::dom::{El, el, follow};
use crate::state::room::RoomStore;
use crate::state::talk::page_time;
use crate::state::toasts::{About, Toasts};
use crate::words;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// The lines.
pub fn toasts(store: RoomStore) -> El {
    let toasts = store.toasts();
    let timer = StoredValue::<Option<Timeout>, _>::new_local(None);
    follow(move || {
        let next = toasts.read().next();
        timer.set_value(next.map(|at| {
            Timeout::new(milliseconds(at - page_time()), move || {
                toasts.try_update(|toasts| toasts.expire(page_time()));
            })
        }));
    });
    el("div").class("contents").set("aria-hidden", "true").each(
        move || toasts.read().list().iter().map(|toast| toast.key).collect(),
        move |key| {
            let words = move || said(&toasts.read(), key);
            let about = toasts.read().list().iter().find(|toast| toast.key == key).map(|toast| toast.about);
            el("p")
                .class("toast")
                .testid("toast")
                .maybe(about.map(sign))
                .child(el("span").set("dir", "auto").texts(words))
        },
    )
}

fn said(toasts: &Toasts, key: u64) -> String {
    let toast = toasts.list().iter().find(|toast| toast.key == key);
    toast.map(|toast| words::news(toast.about, &toast.names)).unwrap_or_default()
}

fn sign(about: About) -> El {
    icon(match about {
        About::Joined => Shape::Person,
        About::Left => Shape::Leave,
        About::Hand => Shape::Hand,
        About::Screen => Shape::Screen,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what u32 holds")]
fn milliseconds(time: f64) -> u32 {
    time.ceil().clamp(1.0, 60_000.0) as u32
}
