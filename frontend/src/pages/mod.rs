//! One file per page. A page owns its state and wires it to components; it draws little itself.

#![expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]

mod call_view;
mod ended;
mod home;
mod lobby;
mod not_found;
mod room;

pub use home::Home;
pub use not_found::NotFound;
pub use room::RoomPage;
#[cfg(debug_assertions)]
pub use {call_view::CallView, ended::Ended};
