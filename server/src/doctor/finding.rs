//! What a check found, and how all of it is shown.

use serde_json::{Value, json};
use std::fmt;

/// How much it matters. The later, the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// To be known; perhaps as it is meant.
    Note,
    /// The server runs, but not for everybody, not as well as it could, or not as safely.
    Warning,
    /// The server does not start, or nobody can use it.
    Error,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One check's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was looked at, in a word or two.
    pub(crate) check: &'static str,
    /// How much it matters.
    pub(crate) state: State,
    /// What was found, as a sentence.
    pub(crate) found: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
}

impl Finding {
    pub(crate) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), advice: None }
    }

    pub(crate) fn note(check: &'static str, found: impl Into<String>) -> Self {
        Self { state: State::Note, ..Self::ok(check, found) }
    }

    pub(crate) fn warning(check: &'static str, found: impl Into<String>) -> Self {
        Self { state: State::Warning, ..Self::ok(check, found) }
    }

    pub(crate) fn error(check: &'static str, found: impl Into<String>) -> Self {
        Self { state: State::Error, ..Self::ok(check, found) }
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// All that was found, in the order in which it was looked at.
#[derive(Clone, Debug)]
pub struct Report(pub(super) Vec<Finding>);

/// Columns of the first two words of a line.
const STATE: usize = 8;
const CHECK: usize = 13;

impl Report {
    /// Whether the server can start and be used.
    pub fn is_sound(&self) -> bool {
        self.count(State::Error) == 0
    }

    /// For programs.
    pub fn to_json(&self) -> String {
        let checks: Vec<Value> = self.0.iter().map(json).collect();
        json!({ "sound": self.is_sound(), "checks": checks }).to_string()
    }

    fn count(&self, state: State) -> usize {
        self.0.iter().filter(|finding| finding.state == state).count()
    }
}

fn json(finding: &Finding) -> Value {
    let Finding { check, state, found, advice } = finding;
    json!({ "check": check, "state": state.word(), "found": found, "advice": advice })
}

/// For people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { check, state, found, advice } in &self.0 {
            writeln!(f, "{:STATE$} {check:CHECK$} {found}", state.word())?;
            for line in advice.iter().flat_map(|advice| advice.lines()) {
                writeln!(f, "{:1$} → {line}", "", STATE + CHECK)?;
            }
        }
        let (errors, warnings) = (self.count(State::Error), self.count(State::Warning));
        match (errors, warnings) {
            (0, 0) => write!(f, "\nNothing is in the way."),
            (0, some) => write!(f, "\nIt can start. {some} to look at, marked `warning`."),
            (some, _) => write!(f, "\nIt cannot be used like this: {some} in the way, marked `error`."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report(vec![
            Finding::ok("cores", "Four."),
            Finding::warning("access", "Rooms are open.").advise("Close them:\n--access closed"),
            Finding::error("http", "It is taken.").advise("Take another."),
        ])
    }

    #[test]
    fn people_are_told_line_by_line() {
        let told = report().to_string();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(
            lines,
            [
                "ok       cores         Four.",
                "warning  access        Rooms are open.",
                "                      → Close them:",
                "                      → --access closed",
                "error    http          It is taken.",
                "                      → Take another.",
                "",
                "It cannot be used like this: 1 in the way, marked `error`.",
            ]
        );
    }

    #[test]
    fn programs_are_told_the_same() {
        let told: Value = serde_json::from_str(&report().to_json()).unwrap();
        assert_eq!(told["sound"], false);
        assert_eq!(told["checks"][1]["state"], "warning");
        assert_eq!(told["checks"][0]["advice"], Value::Null);
    }

    #[test]
    fn only_errors_are_in_the_way() {
        assert!(!report().is_sound());
        assert!(Report(report().0.drain(..2).collect()).is_sound());
    }
}
