//! `cargo xtask quality`: the browser tests that measure something, on real browsers and bad networks, and their
//! figures as a table. `--write` keeps it in `docs/quality.md`, beside what `cargo xtask sim` writes there.

use crate::{browsers, process, server, sim, steps::Steps, workspace::Workspace};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{fs, path::Path};

/// Between which lines of the page the table is kept.
const MARKS: (&str, &str) = ("<!-- browsers:begin -->", "<!-- browsers:end -->");

/// The modules of tests that keep figures.
const MEASURING: [&str; 11] = [
    "bad_networks",
    "coming_and_going",
    "direct",
    "joining",
    "looking",
    "moving",
    "neighbours",
    "quality",
    "returning",
    "simulcast",
    "weight",
];

/// Measures, prints, and keeps what was measured if that is asked for.
pub fn quality(arguments: &[String]) -> Result<()> {
    let (write, modules) = asked(arguments)?;
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(2 + server::STEPS);
    let browsers = steps.step(
        "looking for browsers and their drivers",
        "seconds, unless they must be fetched",
        || browsers::find_or_install(&workspace),
    )?;
    let madang = server::release(&workspace, &mut steps)?;
    let figures = workspace.target.join("figures-now.jsonl");
    if figures.exists() {
        fs::remove_file(&figures).with_context(|| figures.display().to_string())?;
    }
    let measured = steps.step("measuring in browsers", "about 20 min", || {
        let mut cargo = process::cargo(&workspace);
        cargo.env("MADANG_BIN", &madang).env("MADANG_FIGURES", &figures).envs(browsers.environment());
        cargo.args(["nextest", "run", "--package", "e2e", "--no-fail-fast", "-E"]);
        cargo.arg(format!("package(e2e) & test(/^({})::/)", modules.join("|")));
        process::run(&mut cargo, "what is not as it has to be is named above")
    });
    // What was measured is told even if something is not as it has to be.
    let now = fs::read_to_string(&figures).with_context(|| figures.display().to_string())?;
    let now = rows(&now)?;
    print!("{}", table(&now));
    measured?;
    let is_all = modules.len() == MEASURING.len();
    if write { renew(&workspace.root.join(sim::PAGE), &now, is_all) } else { Ok(()) }
}

/// Whether the page is to be renewed, and what is to be measured.
fn asked(arguments: &[String]) -> Result<(bool, &'static [&'static str])> {
    let (mut write, mut modules) = (false, &MEASURING[..]);
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match argument.as_str() {
            "--write" => write = true,
            "--only" => modules = one(left.next().map_or("", String::as_str))?,
            other => bail!("what is `{other}`? There are --write and --only NAME"),
        }
    }
    Ok((write, modules))
}

/// The rows of a table that was kept, those of the scenarios that were measured now replaced.
fn replaced(before: &str, now: &[String]) -> Vec<String> {
    let mut left = now.to_vec();
    let mut all = Vec::new();
    for row in before.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let of_it = left.extract_if(.., |new| scenario(new) == scenario(row)).collect::<Vec<_>>();
        if now.iter().all(|new| scenario(new) != scenario(row)) {
            all.push(row.to_owned());
        }
        all.extend(of_it);
    }
    all.extend(left);
    all
}

/// What a row is about.
fn scenario(row: &str) -> &str {
    row.split(" | ").next().unwrap_or_default()
}

/// The module of this name.
fn one(name: &str) -> Result<&'static [&'static str]> {
    let place = MEASURING.iter().position(|module| *module == name);
    let found = place.and_then(|place| MEASURING.get(place..=place));
    found.with_context(|| format!("nothing is called `{name}`; there are {}", MEASURING.join(", ")))
}

/// Of what was not measured now, what was measured last stands.
fn renew(page: &Path, now: &[String], is_all: bool) -> Result<()> {
    let before = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let (begin, end) = MARKS;
    let before = if before.contains(begin) { before } else { format!("{before}\n{begin}\n{end}\n") };
    let kept = before.split(begin).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_default();
    let table = table(&if is_all { now.to_vec() } else { replaced(kept, now) });
    let section = format!(
        "Made by `cargo xtask quality --write`: real browsers on one machine, with a relay between them and the\n\
         server as it ships. The browser's own `getStats` counts.\n\n{table}"
    );
    fs::write(page, sim::renewed(&before, MARKS, &section)?).with_context(|| page.display().to_string())?;
    eprintln!("\nwritten to {}", page.display());
    Ok(())
}

/// Of the lines that `crates/e2e/src/figures.rs` writes; each scenario's stand together, in the order in which
/// they came.
fn rows(lines: &str) -> Result<Vec<String>> {
    let mut rows: Vec<String> = Vec::new();
    for line in lines.lines() {
        let figure: Value = serde_json::from_str(line).with_context(|| format!("`{line}` is no figure"))?;
        let of = |name: &str| {
            let text = figure.get(name).and_then(Value::as_str);
            text.map(|text| text.replace('|', "\\|")).with_context(|| format!("no {name} in `{line}`"))
        };
        let cells = [of("scenario")?, of("name")?, of("measured")?, of("target")?, of("browser")?];
        let row = format!("| {} |", cells.join(" | "));
        let after = rows.iter().rposition(|known| scenario(known) == scenario(&row));
        rows.insert(after.map_or(rows.len(), |last| last + 1), row);
    }
    Ok(rows)
}

fn table(rows: &[String]) -> String {
    let head = "| Scenario | Figure | Measured | Asked for | Browser |\n|---|---|--:|--:|---|\n";
    rows.iter().fold(head.to_owned(), |table, row| table + row + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenarios_figures_stand_together() {
        let line = |scenario: &str, name: &str| {
            format!(
                r#"{{"scenario":"{scenario}","name":"{name}","target":"t","measured":"1 | 2","browser":"b"}}"#
            )
        };
        let lines = [line("a", "x"), line("b", "y"), line("a", "z")].join("\n");
        let rows = rows(&lines).unwrap();
        let expected =
            ["| a | x | 1 \\| 2 | t | b |", "| a | z | 1 \\| 2 | t | b |", "| b | y | 1 \\| 2 | t | b |"];
        assert_eq!(rows, expected);
        assert!(table(&rows).ends_with("| b |\n"));
        assert!(super::rows("{}").is_err());
    }

    #[test]
    fn what_is_measured_again_takes_the_place_of_what_was() {
        let row = |scenario: &str, measured: u32| format!("| {scenario} | x | {measured} |");
        let before = [row("a", 1), row("a", 2), row("b", 3), row("c", 4)];
        let now = [row("b", 5), row("b", 6), row("d", 7)];
        let expected = [row("a", 1), row("a", 2), row("b", 5), row("b", 6), row("c", 4), row("d", 7)];
        let page = format!("Words.\n\n{}", table(&before));
        assert_eq!(replaced(&page, &now), expected);
        assert_eq!(replaced(&page, &[]), before);
    }

    #[test]
    fn what_is_asked_for_is_understood_or_refused() {
        let asked = |words: &str| asked(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(asked("").unwrap(), (false, &MEASURING[..]));
        assert_eq!(asked("--only weight --write").unwrap(), (true, &["weight"][..]));
        assert!(asked("--only").is_err() && asked("--right").is_err());
    }

    #[test]
    fn one_module_is_chosen_by_its_name() {
        assert_eq!(one("joining").unwrap(), ["joining"]);
        assert!(one("join").is_err());
    }
}
