//! What just happened, in a few calm lines. For the eye alone: the words are in the live region too.

use super::Here;
use crate::components::{Shape, icon};
use crate::dom::{El, el};
use crate::reactive::{StoredValue, follow};
use crate::state::room::Side;
use crate::state::talk::page_time;
use crate::state::toasts::{About, Toasts};
use crate::words;
use gloo_timers::callback::Timeout;

/// The lines.
pub fn toasts(here: Here) -> El {
    let toasts = here.store.toasts();
    let timer = StoredValue::<Option<Timeout>>::new(None);
    follow(move || {
        let next = toasts.read().next();
        timer.set_value(next.map(|at| {
            Timeout::new(milliseconds(at - page_time()), move || {
                toasts.update(|toasts| toasts.expire(page_time()));
            })
        }));
    });
    el("div").class("contents").set("aria-hidden", "true").each(
        move || toasts.read().list().iter().map(|toast| toast.key).collect(),
        move |key| {
            let words = move || said(&toasts.read(), key);
            let about = toasts.read().list().iter().find(|toast| toast.key == key).map(|toast| toast.about);
            let line = el("p")
                .class("toast")
                .testid("toast")
                .maybe(about.map(sign))
                .child(el("span").set("dir", "auto").texts(words));
            // By the keyboard the chat is reached as ever.
            if about != Some(About::Message) {
                return line;
            }
            line.class("toast message").on("click", move |_| {
                if !here.sides.is_open_now(Side::Chat) {
                    here.sides.toggle(Side::Chat);
                }
            })
        },
    )
}

fn said(toasts: &Toasts, key: u64) -> String {
    let toast = toasts.list().iter().find(|toast| toast.key == key);
    toast.map(|toast| words::news(toast.about, &toast.names, toast.count())).unwrap_or_default()
}

fn sign(about: About) -> El {
    icon(match about {
        About::Joined => Shape::Person,
        About::Left => Shape::Leave,
        About::Hand => Shape::Hand,
        About::Screen => Shape::Screen,
        About::Message => Shape::Chat,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what u32 holds")]
fn milliseconds(time: f64) -> u32 {
    time.ceil().clamp(1.0, 60_000.0) as u32
}
