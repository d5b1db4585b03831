//! Who may come in, and what they may do there: what a client shows at the door, and what it is given.

use crate::limits::{MAX_ACCESS_TOKEN, MAX_PASSWORD};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a participant may do in its room. Whatever is not named when it is read is as in [`Default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is had or not, whatever the others are")]
pub struct Permissions {
    /// Send audio and video. Without it nothing that it sends reaches anybody, and nothing is published.
    pub publish: bool,
    /// Receive audio and video. Without it no slot of its is ever fed.
    pub subscribe: bool,
    /// Say something: chat, reactions, messages over data channels. What others say is heard all the same.
    pub data: bool,
    /// Decide about others.
    pub moderate: bool,
}

impl Default for Permissions {
    /// Of whoever comes with nothing in hand to a room that asks for nothing: all but to decide about others.
    fn default() -> Self {
        Self { publish: true, subscribe: true, data: true, moderate: false }
    }
}

impl Permissions {
    /// Whether nothing was taken or given: such are left out on the wire.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it may connect straight to others: there the server can hold back nothing.
    pub fn allow_direct(self) -> bool {
        self.publish && self.subscribe && self.data
    }
}

/// A signed token that lets its bearer into a room: a JWT (RFC 7519). `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessToken(pub String);

impl AccessToken {
    /// Whether it is short enough to be looked at.
    pub fn fits(&self) -> bool {
        self.0.len() <= MAX_ACCESS_TOKEN
    }
}

/// A room's password, as somebody typed it. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomPassword(pub String);

impl RoomPassword {
    /// Whether it is short enough to be looked at.
    pub fn fits(&self) -> bool {
        self.0.len() <= MAX_PASSWORD
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

impl fmt::Debug for RoomPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_everything_but_to_decide_about_others() {
        let read = |text: &str| serde_json::from_str::<Permissions>(text).unwrap();
        assert_eq!(read("{}"), Permissions::default());
        assert!(!read("{}").moderate && read("{}").publish);
        assert!(!read(r#"{"publish":false}"#).publish && read(r#"{"publish":false}"#).data);
    }

    #[test]
    fn straight_to_others_only_with_all_that_it_would_take() {
        let all = Permissions::default();
        assert!(all.allow_direct());
        for less in [
            Permissions { publish: false, ..all },
            Permissions { subscribe: false, ..all },
            Permissions { data: false, ..all },
        ] {
            assert!(!less.allow_direct(), "{less:?}");
        }
    }

    #[test]
    fn what_opens_a_door_is_shown_to_nobody() {
        assert_eq!(format!("{:?}", AccessToken("abc".to_owned())), "AccessToken(…)");
        assert_eq!(format!("{:?}", RoomPassword("abc".to_owned())), "RoomPassword(…)");
    }
}
