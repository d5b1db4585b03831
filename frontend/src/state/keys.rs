//! What a key does in the room. Pure: the page says what was pressed, and where the focus was.
//!
//! Nothing while somebody writes, and nothing with Ctrl, Alt or Meta: those are the browser's. Letters are known by
//! their place on the board where the key says none of the alphabet's, so that they work while 한글 is typed.
//!
//! The space bar held down is push-to-talk. A button that was reached by the keyboard keeps it, since that is how it
//! is pressed there; one that only has the focus because it was clicked does not.

use crate::words::Word;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Microphone,
    Camera,
    Screen,
    Hand,
    Reactions,
    Chat,
    People,
    Layout,
    FullScreen,
    Shortcuts,
    /// While it is held.
    Talk,
    /// Whatever is open.
    Close,
}

/// A key that was pressed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Press<'a> {
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// `KeyboardEvent.code`.
    pub code: &'a str,
    /// With Ctrl, Alt or Meta.
    pub modified: bool,
    /// It goes into a field, or is a part of a syllable that is being put together.
    pub typing: bool,
    /// It goes to a button or a link that was reached by the keyboard.
    pub pressing: bool,
}

/// The keys with a letter or a sign, in the order in which they are told.
pub const KEYS: [(&str, Action, Word); 12] = [
    ("m", Action::Microphone, Word::Microphone),
    ("v", Action::Camera, Word::Camera),
    (" ", Action::Talk, Word::PushToTalk),
    ("s", Action::Screen, Word::ShareScreen),
    ("h", Action::Hand, Word::RaiseHand),
    ("r", Action::Reactions, Word::React),
    ("c", Action::Chat, Word::Chat),
    ("p", Action::People, Word::People),
    ("g", Action::Layout, Word::Layout),
    ("f", Action::FullScreen, Word::FullScreen),
    ("?", Action::Shortcuts, Word::Shortcuts),
    ("Escape", Action::Close, Word::ClosePanel),
];

/// What the press does.
pub fn action(press: Press<'_>) -> Option<Action> {
    let Press { key, code, modified, typing, pressing } = press;
    if modified {
        return None;
    }
    let is_ascii = key.len() == 1;
    let letter = if is_ascii { key } else { code.strip_prefix("Key").unwrap_or(key) };
    let (_, action, _) = *KEYS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(letter))?;
    match action {
        Action::Close => Some(action),
        _ if typing => None,
        Action::Talk if pressing => None,
        Action::Microphone
        | Action::Camera
        | Action::Screen
        | Action::Hand
        | Action::Reactions
        | Action::Chat
        | Action::People
        | Action::Layout
        | Action::FullScreen
        | Action::Shortcuts
        | Action::Talk => Some(action),
    }
}

/// How the key of an action is written on a tooltip and in the list of all; the space bar is called by a word.
pub fn name(action: Action) -> Option<String> {
    let (key, ..) = KEYS.iter().find(|(_, known, _)| *known == action)?;
    Some(match *key {
        "Escape" => "Esc".to_owned(),
        key => key.to_ascii_uppercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press<'a>(key: &'a str, code: &'a str) -> Press<'a> {
        Press { key, code, ..Press::default() }
    }

    #[test]
    fn keys_and_what_they_do() {
        let check = |key, code, expected| assert_eq!(action(press(key, code)), expected, "{key} {code}");
        check("m", "KeyM", Some(Action::Microphone));
        check("M", "KeyM", Some(Action::Microphone));
        check("?", "Slash", Some(Action::Shortcuts));
        check(" ", "Space", Some(Action::Talk));
        check("Escape", "Escape", Some(Action::Close));
        check("g", "KeyG", Some(Action::Layout));
        check("x", "KeyX", None);
        check("Tab", "Tab", None);
        check("1", "Digit1", None);
        check("", "", None);
    }

    #[test]
    fn letters_work_while_hangul_is_typed_and_on_another_board() {
        assert_eq!(action(press("ㅡ", "KeyM")), Some(Action::Microphone));
        assert_eq!(action(press("Process", "KeyC")), Some(Action::Chat));
        // A Dvorak board: what is written on the key counts.
        assert_eq!(action(press("h", "KeyJ")), Some(Action::Hand));
        assert_eq!(action(press("j", "KeyC")), None);
    }

    #[test]
    fn the_browsers_own_keys_and_what_is_written_are_left_alone() {
        assert_eq!(action(Press { modified: true, ..press("c", "KeyC") }), None);
        assert_eq!(action(Press { modified: true, ..press("Escape", "Escape") }), None);
        for (key, ..) in KEYS {
            let expected = (key == "Escape").then_some(Action::Close);
            assert_eq!(action(Press { typing: true, ..press(key, "") }), expected, "{key}");
        }
    }

    #[test]
    fn a_button_reached_by_the_keyboard_keeps_the_space_bar() {
        let on_button = |key| action(Press { pressing: true, ..press(key, "") });
        assert_eq!((on_button(" "), on_button("m")), (None, Some(Action::Microphone)));
    }

    #[test]
    fn no_two_do_the_same() {
        for (place, (key, action, _)) in KEYS.iter().enumerate() {
            let others = KEYS.iter().skip(place + 1);
            assert!(others.into_iter().all(|(other, what, _)| other != key && what != action), "{key}");
        }
        assert_eq!(name(Action::Close).as_deref(), Some("Esc"));
        assert_eq!(name(Action::Microphone).as_deref(), Some("M"));
    }
}
