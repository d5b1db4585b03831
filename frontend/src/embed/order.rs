//! What the page around may want. Pure; [`embed`](super) takes it out of messages.

use ::signal::{DisplayName, Source};

/// What the page around wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The person goes in, by this name.
    Join(DisplayName),
    /// And out.
    Leave,
    /// A device, or the screen, goes on or off.
    Switch(Source, bool),
    /// Something is said in the chat.
    Say(String),
}

impl Order {
    /// By its type, the one text that some have, and the one switch that others have. Whatever is not an order is
    /// nothing.
    pub fn of(kind: &str, text: Option<String>, on: Option<bool>) -> Option<Self> {
        match kind {
            "join" => DisplayName::parse(&text?).ok().map(Self::Join),
            "leave" => Some(Self::Leave),
            "microphone" => on.map(|on| Self::Switch(Source::Microphone, on)),
            "camera" => on.map(|on| Self::Switch(Source::Camera, on)),
            "screen" => on.map(|on| Self::Switch(Source::Screen, on)),
            "chat" => text.map(Self::Say),
            _ => None, // of a newer version, perhaps
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_and_nothing_else() {
        let check = |kind: &str, text: Option<&str>, on: Option<bool>, expected: Option<Order>| {
            assert_eq!(Order::of(kind, text.map(str::to_owned), on), expected, "{kind}");
        };
        check("join", Some("  Ada "), None, DisplayName::parse("Ada").ok().map(Order::Join));
        check("join", Some("   "), None, None);
        check("join", Some(&"A".repeat(49)), None, None);
        check("join", None, None, None);
        check("leave", None, None, Some(Order::Leave));
        check("camera", None, Some(false), Some(Order::Switch(Source::Camera, false)));
        check("microphone", None, Some(true), Some(Order::Switch(Source::Microphone, true)));
        check("screen", None, Some(false), Some(Order::Switch(Source::Screen, false)));
        check("screen", Some("on"), None, None);
        check("chat", Some("hello"), None, Some(Order::Say("hello".to_owned())));
        check("reboot", Some("now"), Some(true), None);
    }
}
