//! Room and display names: parsed once at the edge, trusted afterwards.

use crate::limits::{MAX_DISPLAY_NAME, MAX_ROOM_NAME};
use std::fmt;

/// Why a name was refused. Both sides use it, so a form says the same as the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing left after trimming.
    #[error("is empty")]
    Empty,
    /// More characters than the limit given.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// A room name is letters, digits, `-` and `_`.
    #[error("may hold only letters, digits, - and _")]
    BadCharacter,
}

/// A room's name: 1 to [`MAX_ROOM_NAME`] letters or digits of any script, `-` and `_`; lower-cased,
/// so that `Tea` and `tea` are one room. It stands in a link as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomName(String);

impl RoomName {
    /// Trims, checks and lower-cases.
    ///
    /// # Errors
    /// When nothing usable is left, as [`NameError`] says.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        Self::parse_with(text, str::to_lowercase)
    }

    /// As [`parse`](Self::parse), with somebody else's lower-casing: a browser has one, and the standard library's
    /// table weighs in a client that is fetched before it runs.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn parse_with(text: &str, lower_case: impl FnOnce(&str) -> String) -> Result<Self, NameError> {
        // Lower-casing can add combining marks (İ); without them the name still parses as itself.
        let name: String = lower_case(Self::check(text)?).chars().filter(|c| may_stand(*c)).collect();
        Ok(Self(name))
    }

    /// What of a text is a room's name, if it is one but for its case.
    ///
    /// # Errors
    /// When nothing usable is left, as [`NameError`] says.
    pub fn check(text: &str) -> Result<&str, NameError> {
        let text = bounded(text, MAX_ROOM_NAME)?;
        if text.chars().all(may_stand) { Ok(text) } else { Err(NameError::BadCharacter) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name a participant is shown by: 1 to [`MAX_DISPLAY_NAME`] characters, white space folded, without
/// control characters or the marks that turn the direction of the text around them. Anything else,
/// emoji and markup too, is text and shown as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisplayName(String);

impl DisplayName {
    /// Folds white space, drops control and direction marks, checks the length.
    ///
    /// # Errors
    /// When nothing visible is left, or too much, as [`NameError`] says.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let visible: String = text
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !c.is_control() && !turns_direction(*c))
            .take(MAX_DISPLAY_NAME * 4)
            .collect();
        let folded = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        bounded(&folded, MAX_DISPLAY_NAME).map(|name| Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn may_stand(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn bounded(text: &str, limit: usize) -> Result<&str, NameError> {
    let text = text.trim();
    if text.is_empty() {
        Err(NameError::Empty)
    } else if text.chars().take(limit + 1).count() > limit {
        Err(NameError::TooLong(limit))
    } else {
        Ok(text)
    }
}

/// Unicode's explicit directional formatting characters (UAX #9 §2) and the zero-width no-break space.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_names() {
        let check = |text: &str, expected: Result<&str, NameError>| {
            assert_eq!(
                RoomName::parse(text).as_ref().map(RoomName::as_str),
                expected.as_ref().copied(),
                "{text:?}"
            );
        };
        check("tea", Ok("tea"));
        check(" Quiet-Otter_7 ", Ok("quiet-otter_7"));
        check("마당", Ok("마당"));
        check("İstanbul", Ok("istanbul"));
        check("", Err(NameError::Empty));
        check("   ", Err(NameError::Empty));
        check("../etc/passwd", Err(NameError::BadCharacter));
        check("a b", Err(NameError::BadCharacter));
        check("<b>", Err(NameError::BadCharacter));
        check("%2e", Err(NameError::BadCharacter));
        check(&"a".repeat(64), Ok(&"a".repeat(64)));
        check(&"a".repeat(65), Err(NameError::TooLong(64)));
        check(&"a".repeat(10_000), Err(NameError::TooLong(64)));
    }

    #[test]
    fn display_names() {
        let check = |text: &str, expected: Result<&str, NameError>| {
            assert_eq!(
                DisplayName::parse(text).as_ref().map(DisplayName::as_str),
                expected.as_ref().copied(),
                "{text:?}"
            );
        };
        check("Ada", Ok("Ada"));
        check("  Ada \n Lovelace ", Ok("Ada Lovelace"));
        check("🦦 한글", Ok("🦦 한글"));
        check("👩‍👩‍👧", Ok("👩‍👩‍👧"));
        check("<script>alert(1)</script>", Ok("<script>alert(1)</script>"));
        check("\u{202e}drawkcab", Ok("drawkcab"));
        check("\u{0}\u{7}", Err(NameError::Empty));
        check(&"é".repeat(48), Ok(&"é".repeat(48)));
        check(&"é".repeat(49), Err(NameError::TooLong(48)));
        check(&"x".repeat(1_000_000), Err(NameError::TooLong(48)));
    }
}
