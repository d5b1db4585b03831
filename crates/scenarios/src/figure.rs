//! Figures of one run, each with what it has to be.

use crate::outside::Violation;
use std::fmt;

/// What a figure has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Only told.
    None,
}

/// One measured number.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// What came out; not a number if it never happened.
    pub value: f64,
    /// Of the value and the target.
    pub unit: &'static str,
    /// What it has to be.
    pub target: Target,
}

impl Figure {
    /// Whether it is what it has to be. What never happened is not.
    pub fn is_met(&self) -> bool {
        match self.target {
            Target::AtMost(limit) => self.value <= limit,
            Target::AtLeast(limit) => self.value >= limit,
            Target::None => true,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::AtMost(limit) => write!(f, "≤ {}", shown(*limit)),
            Target::AtLeast(limit) => write!(f, "≥ {}", shown(*limit)),
            Target::None => f.write_str("–"),
        }
    }
}

/// Three digits or so.
pub fn shown(value: f64) -> String {
    if value.is_nan() {
        return "never".to_owned();
    }
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// What came of one run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was measured.
    pub figures: Vec<Figure>,
    /// What must not be, and was: the first of them.
    pub violations: Vec<Violation>,
    /// How many there were in all.
    pub violated: usize,
    /// Of every byte the server sent, and when.
    pub hash: u64,
}

impl Outcome {
    /// Whether all is as it has to be.
    pub fn is_good(&self) -> bool {
        self.violated == 0 && self.figures.iter().all(Figure::is_met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_happened_is_not_met() {
        let figure = |value, target| Figure { name: "", value, unit: "", target };
        assert!(!figure(f64::NAN, Target::AtMost(3.0)).is_met());
        assert!(!figure(f64::NAN, Target::AtLeast(3.0)).is_met());
        assert!(figure(3.0, Target::AtMost(3.0)).is_met());
        assert_eq!([shown(0.5), shown(12.345), shown(1234.5), shown(100.0)], ["0.5", "12.3", "1234", "100"]);
    }
}
