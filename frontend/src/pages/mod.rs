//! One file per page. A page owns its state and wires it to components; it draws little itself.

mod call_view;
mod ended;
mod home;
mod lobby;
mod not_found;
mod room;
mod settings;
mod unheard;

pub use home::home;
pub use not_found::not_found;
pub use room::room;
#[cfg(feature = "gallery")]
pub use {call_view::call_view, ended::ended, room::waiting};

use crate::dom::{El, el};

/// The heading of a view that takes another one's place: focus goes there, so that a keyboard or a screen reader
/// goes on from where the new view starts.
fn focused_heading() -> El {
    let heading = el("h1").set("tabindex", "-1");
    heading.focus_soon();
    heading
}

/// A link that looks like a button.
fn link_button(class: &str, href: &str, testid: &str) -> El {
    el("a").class(class).set("href", href).testid(testid)
}
