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
    /// Of several runs that measured the same, each figure's median; of those in `worst` the worst as well, without a
    /// target. What must not be must be in none of them.
    pub fn median(runs: Vec<Self>, worst: &[&str]) -> Self {
        let mut figures = vec![];
        for figure in runs.first().map(|run| run.figures.clone()).unwrap_or_default() {
            let same = runs.iter().flat_map(|run| &run.figures).filter(|other| other.name == figure.name);
            let mut values: Vec<f64> = same.map(|other| other.value).collect();
            values.sort_by(f64::total_cmp);
            let last = match figure.target {
                Target::AtLeast(_) => values.first(),
                Target::AtMost(_) | Target::None => values.last(),
            };
            let last = last.copied().unwrap_or(f64::NAN);
            let value = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
            let told = worst.contains(&figure.name);
            let unit = figure.unit;
            figures.push(Figure { value, ..figure });
            if told {
                figures
                    .push(Figure { name: "– the worst of all", value: last, unit, target: Target::None });
            }
        }
        let hash = runs.iter().fold(0, |hash: u64, run| hash.rotate_left(1) ^ run.hash);
        let violated = runs.iter().map(|run| run.violated).sum();
        Self {
            figures,
            violations: runs.into_iter().flat_map(|run| run.violations).collect(),
            violated,
            hash,
        }
    }

    /// Whether all is as it has to be.
    pub fn is_good(&self) -> bool {
        self.violated == 0 && self.figures.iter().all(Figure::is_met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_keeps_the_order_of_figures_and_tells_the_worst() {
        let run = |frozen, decoded| Outcome {
            figures: vec![
                Figure { name: "frozen", value: frozen, unit: "%", target: Target::AtMost(2.0) },
                Figure { name: "decoded", value: decoded, unit: "%", target: Target::AtLeast(70.0) },
            ],
            violations: vec![],
            violated: usize::from(frozen > 5.0),
            hash: 1,
        };
        let of = |runs| Outcome::median(runs, &["decoded"]);
        let all = of(vec![run(9.0, 80.0), run(1.0, 60.0), run(0.5, f64::NAN)]);
        let values: Vec<_> = all.figures.iter().map(|figure| (figure.name, figure.value)).collect();
        assert_eq!(values, [("frozen", 1.0), ("decoded", 80.0), ("– the worst of all", 60.0)]);
        assert!(!all.is_good(), "what must not be was once");
        assert!(of(vec![run(1.0, 80.0), run(4.0, 90.0), run(1.5, 75.0)]).is_good());
    }

    #[test]
    fn what_never_happened_is_not_met() {
        let figure = |value, target| Figure { name: "", value, unit: "", target };
        assert!(!figure(f64::NAN, Target::AtMost(3.0)).is_met());
        assert!(!figure(f64::NAN, Target::AtLeast(3.0)).is_met());
        assert!(figure(3.0, Target::AtMost(3.0)).is_met());
        assert_eq!([shown(0.5), shown(12.345), shown(1234.5), shown(100.0)], ["0.5", "12.3", "1234", "100"]);
    }
}
