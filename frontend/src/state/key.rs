//! What opens a room's door: an invitation from the link, or a password that was typed. Kept for the visit; an
//! invitation also for a reload of the page, in this tab alone.

use crate::link;
use ::signal::{AccessToken, RoomName, RoomPassword};
use leptos::prelude::window;
use session::Credentials;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    token: Option<String>,
    password: Option<String>,
    /// It did not open the door: the person is asked for something else.
    pub refused: bool,
}

impl Key {
    /// The one that the link brings or brought. It does not stay in the address bar, to be shown or copied.
    pub fn of_link(room: &RoomName) -> Self {
        let brought = link::take_invitation();
        if let (Some(token), Some(storage)) = (&brought, storage()) {
            // Refused when storage is full: then a reload asks again.
            let _ = storage.set_item(&place(room), token);
        }
        let kept = || storage()?.get_item(&place(room)).ok()?;
        Self { token: brought.or_else(kept), ..Self::default() }
    }

    /// The person has typed this, and it may be nothing.
    pub fn type_password(&mut self, text: String) {
        self.password = Some(text).filter(|text| !text.is_empty());
    }

    /// It did not open the door. An invitation that does not is of no use any more.
    pub fn fail(&mut self, room: &RoomName) {
        if let Some(storage) = storage().filter(|_| self.token.is_some()) {
            let _ = storage.remove_item(&place(room));
        }
        *self = Self { refused: true, ..Self::default() };
    }

    /// As it is shown.
    pub fn credentials(&self) -> Credentials {
        Credentials {
            token: self.token.clone().map(AccessToken),
            password: self.password.clone().map(RoomPassword),
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn place(room: &RoomName) -> String {
    format!("madang-key:{room}")
}
