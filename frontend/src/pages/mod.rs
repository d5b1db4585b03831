//! One file per page. A page owns its state and wires it to components; it draws little itself.

#![expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]

mod call_view;
mod ended;
mod home;
mod lobby;
mod not_found;
mod room;

use leptos::html::H1;
use leptos::prelude::{Effect, Get, NodeRef};

pub use home::Home;
pub use not_found::NotFound;
pub use room::RoomPage;
#[cfg(debug_assertions)]
pub use {call_view::CallView, ended::Ended};

/// For the heading of a view that takes another one's place: focus goes there, so that a keyboard or a
/// screen reader goes on from where the new view starts. Give it `tabindex="-1"`.
fn focused_heading() -> NodeRef<H1> {
    let heading = NodeRef::<H1>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // Without focus the view works all the same.
            let _ = heading.focus();
        }
    });
    heading
}
