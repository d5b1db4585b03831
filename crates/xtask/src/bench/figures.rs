//! Figures: of one run by name, of several runs together, and along a growing room.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One run's figures, by name; the unit is the name's end.
pub type Run = BTreeMap<&'static str, f64>;

/// The middle of several runs, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// Of one figure; `None` when no run has it.
    pub fn of(runs: &[Run], name: &str) -> Option<Self> {
        let mut values: Vec<f64> = runs.iter().filter_map(|run| run.get(name).copied()).collect();
        values.sort_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        Some(Self { median: *values.get(values.len() / 2)?, least, most })
    }
}

/// Runs by the size of the room.
#[derive(Clone, Debug, Default)]
pub struct Series(BTreeMap<u64, Vec<Run>>);

impl Series {
    /// One more run at a size.
    pub fn push(&mut self, size: u64, run: Run) {
        self.0.entry(size).or_default().push(run);
    }

    /// A figure at each size.
    pub fn figure(&self, name: &str) -> Vec<(u64, Spread)> {
        self.0.iter().filter_map(|(size, runs)| Some((*size, Spread::of(runs, name)?))).collect()
    }

    /// All sizes, with their runs.
    pub fn sizes(&self) -> impl Iterator<Item = (u64, &[Run])> {
        self.0.iter().map(|(size, runs)| (*size, runs.as_slice()))
    }

    /// Each size's runs and what they have in common.
    pub fn to_json(&self) -> Value {
        let each = self.sizes().map(|(size, runs)| json!({"size": size, "figures": to_json(runs)}));
        each.collect()
    }
}

/// Each figure's median, least and most, and all runs.
pub fn to_json(runs: &[Run]) -> Value {
    let names: std::collections::BTreeSet<_> = runs.iter().flat_map(BTreeMap::keys).collect();
    let spread = |name: &&str| {
        let Spread { median, least, most } = Spread::of(runs, name)?;
        Some(((*name).to_owned(), json!({"median": median, "least": least, "most": most})))
    };
    let figures: serde_json::Map<String, Value> = names.into_iter().filter_map(spread).collect();
    json!({"figures": figures, "runs": runs})
}

/// A count as a fraction's part.
#[expect(clippy::cast_precision_loss, reason = "counts of one benchmark are far below 2⁵³")]
pub fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        let runs = [3.0, 1.0, 2.0].map(|value| Run::from([("cpu_us", value)]));
        assert_eq!(Spread::of(&runs, "cpu_us"), Some(Spread { median: 2.0, least: 1.0, most: 3.0 }));
        assert_eq!(Spread::of(&runs, "delay_us"), None);
    }

    #[test]
    fn a_series_is_in_the_order_of_sizes() {
        let mut series = Series::default();
        for size in [500, 10, 500] {
            series.push(size, Run::from([("cpu_us", 1.0)]));
        }
        let sizes: Vec<_> = series.figure("cpu_us").into_iter().map(|(size, _)| size).collect();
        assert_eq!(sizes, [10, 500]);
    }
}
