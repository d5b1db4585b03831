//! An error with what caused it, in one line. Libraries say in their own words only what they tried, and leave why to
//! whoever asks for it.

use std::error::Error;

/// All that is known of it, the first cause last.
pub(crate) fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // Some repeat it themselves.
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("not sent")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("no connection: {0}")]
    struct Inner(#[source] std::io::Error);

    #[test]
    fn the_cause_is_told_and_told_once() {
        let refused = std::io::Error::from_raw_os_error(111);
        let words = format!("not sent: no connection: {refused}");
        assert_eq!(whole(&Outer(Inner(refused))), words);
    }
}
