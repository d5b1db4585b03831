//! The table of runs, for a terminal and for docs/quality.md.

use crate::figure::{Figure, Outcome, shown};
use crate::scenario::Scenario;
use std::fmt::Write as _;

/// One run.
#[derive(Clone, Debug)]
pub struct Row {
    /// Of what.
    pub scenario: Scenario,
    /// Under which seed.
    pub seed: u64,
    /// What came of it.
    pub outcome: Outcome,
}

const HEAD: [&str; 6] = ["scenario", "seed", "figure", "value", "target", "ok"];

fn value(figure: &Figure) -> String {
    format!("{} {}", shown(figure.value), figure.unit).trim().to_owned()
}

fn ok(figure: &Figure) -> String {
    if figure.is_met() { "ok" } else { "MISSED" }.to_owned()
}

/// Aligned, a line for each figure, and one for each violation after the run's figures.
pub fn text(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    for row in rows {
        let name = || [row.scenario.name.to_owned(), row.seed.to_string()];
        for figure in &row.outcome.figures {
            let [scenario, seed] = name();
            let target = figure.target.to_string();
            lines.push([scenario, seed, figure.name.to_owned(), value(figure), target, ok(figure)]);
        }
        if row.outcome.violated > 0 {
            let [scenario, seed] = name();
            let count = row.outcome.violated.to_string();
            lines.push([
                scenario,
                seed,
                "violations".to_owned(),
                count,
                "≤ 0".to_owned(),
                "MISSED".to_owned(),
            ]);
        }
    }
    let width = |column: usize| {
        let widths = lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut out = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    for row in rows {
        for violation in &row.outcome.violations {
            let at = std::time::Duration::from_micros(violation.at.0);
            let _ = writeln!(out, "{} {} at {at:?}: {}", row.scenario.name, row.seed, violation.what);
        }
    }
    out
}

/// A table of Markdown: a line for each figure, with the worst of all seeds.
pub fn markdown(rows: &[Row]) -> String {
    let mut out =
        String::from("| Scenario, seeds | Figure | Worst of them | Target | |\n|---|---|--:|--:|---|\n");
    for same in rows.chunk_by(|a, b| a.scenario.name == b.scenario.name) {
        let Some(first) = same.first() else { continue };
        for (at, figure) in first.outcome.figures.iter().enumerate() {
            let all = same.iter().filter_map(|row| row.outcome.figures.get(at));
            let worst = all.reduce(|worst, other| if is_worse(other, worst) { other } else { worst });
            let worst = worst.unwrap_or(figure);
            let scenario = if at == 0 {
                let seeds: Vec<String> = same.iter().map(|row| row.seed.to_string()).collect();
                format!("**{}**: {}; {}", first.scenario.name, first.scenario.about, seeds.join(", "))
            } else {
                String::new()
            };
            let mark = if worst.is_met() { "" } else { "missed" };
            let _ = writeln!(
                out,
                "| {scenario} | {} | {} | {} | {mark} |",
                figure.name,
                value(worst),
                figure.target
            );
        }
        let violated: usize = same.iter().map(|row| row.outcome.violated).sum();
        if violated > 0 {
            let _ = writeln!(out, "| | violations | {violated} | ≤ 0 | missed |");
        }
    }
    out
}

fn is_worse(figure: &Figure, than: &Figure) -> bool {
    use crate::figure::Target;
    match figure.target {
        _ if figure.value.is_nan() || than.value.is_nan() => figure.value.is_nan(),
        Target::AtLeast(_) => figure.value < than.value,
        Target::AtMost(_) | Target::None => figure.value > than.value,
    }
}
