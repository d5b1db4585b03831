//! docs/performance.md: what is between its marks, and the plots beside it.

use super::machine::Machine;
use super::plot::{Plot, draw};
use super::{Results, cases::SECONDS, table};
use crate::sim::renewed;
use anyhow::{Context, Result};
use std::{fs, path::Path};

const PAGE: &str = "docs/performance.md";
const PLOTS: &str = "docs/performance";
const MARKS: (&str, &str) = ("<!-- bench:begin -->", "<!-- bench:end -->");

/// Renews the figures between the page's marks, and the plots.
pub fn write(root: &Path, machine: &Machine, runs: usize, results: &Results) -> Result<()> {
    let page = root.join(PAGE);
    let before = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
    let folder = root.join(PLOTS);
    fs::create_dir_all(&folder)?;
    let mut shown = String::new();
    for plot in plots(results) {
        let file = format!("{}.svg", plot.name);
        fs::write(folder.join(&file), draw(&plot)).with_context(|| file.clone())?;
        shown.extend(["![", plot.title, "](performance/", &file, ")\n\n"]);
    }
    let of = match runs {
        1 => format!("One run of {SECONDS} s"),
        _ => format!("Median of {runs} runs of {SECONDS} s, in brackets the least and the most"),
    };
    let section = format!(
        "{}\n{of}. Made by `cargo xtask bench --write`.\n\n{}{shown}",
        machine.markdown(),
        table::markdown(results),
    );
    fs::write(&page, renewed(&before, MARKS, &section)?).with_context(|| page.display().to_string())?;
    eprintln!("written to {} and {}", page.display(), folder.display());
    Ok(())
}

fn plots(results: &Results) -> Vec<Plot> {
    let plot = |name, title, across, up, points| Plot { name, title, across, up, points };
    let all = [
        plot(
            "packets",
            "Server's CPU per packet delivered, by subscribers",
            "subscribers",
            "µs",
            results.growth.figure("cpu_us"),
        ),
        plot(
            "joins",
            "Server's CPU per join, by participants",
            "participants",
            "ms",
            results.joins.figure("join_cpu_ms"),
        ),
    ];
    all.into_iter().filter(|plot| plot.points.len() > 1).collect()
}
