//! `cargo xtask sim`: the media plane in whole scenarios, in virtual time. Prints the table of figures, and fails
//! where one is not as it has to be. Runs a release build of itself: unoptimised, a minute takes a second.

use crate::{process, workspace::Workspace};
use anyhow::{Context, Result, bail};
use scenarios::{ALL, Row, Scenario, markdown, text};
use std::{fs, path::Path, time::SystemTime};

/// Where the table is kept, and between which lines.
pub const PAGE: &str = "docs/quality.md";
const MARKS: (&str, &str) = ("<!-- sim:begin -->", "<!-- sim:end -->");

/// What was asked for.
#[derive(Debug, Default)]
struct Asked {
    scenario: Option<&'static Scenario>,
    /// So many new seeds in place of the list's.
    explore: Option<u64>,
    write: bool,
}

/// Replays the fixed list, or tries new seeds.
pub fn sim(arguments: &[String]) -> Result<()> {
    let asked = parse(arguments)?;
    let workspace = Workspace::find()?;
    if cfg!(debug_assertions) {
        let mut cargo = process::cargo(&workspace);
        cargo.args(["run", "--quiet", "--release", "--package", "xtask", "--", "sim"]).args(arguments);
        return process::run(&mut cargo, "the figures and violations are in the table above");
    }
    let mut rows = vec![];
    for scenario in ALL.iter().filter(|one| asked.scenario.is_none_or(|only| only.name == one.name)) {
        for seed in seeds(scenario, &asked)? {
            rows.push(Row { scenario: *scenario, seed, outcome: (scenario.run)(seed) });
        }
    }
    print!("{}", text(&rows));
    if asked.write {
        write(&workspace.root.join(PAGE), &rows)?;
    }
    let failed: Vec<String> = rows
        .iter()
        .filter(|row| !row.outcome.is_good())
        .map(|row| format!("{} {}", row.scenario.name, row.seed))
        .collect();
    eprintln!("\n{} runs, {} not as they have to be", rows.len(), failed.len());
    if !failed.is_empty() {
        bail!(
            "{}\n  what to do: mend it; a seed found by --explore becomes one of its scenario's",
            failed.join(", ")
        );
    }
    Ok(())
}

fn parse(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--write" => asked.write = true,
            "--explore" => {
                let number = rest.next().context("--explore takes how many seeds to try")?;
                asked.explore = Some(number.parse().with_context(|| format!("`{number}` is no number"))?);
            }
            "--scenario" => {
                let name = rest.next().context("--scenario takes a name")?;
                let names = || ALL.iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
                let found = Scenario::named(name);
                asked.scenario =
                    Some(found.with_context(|| format!("no scenario `{name}`; there are {}", names()))?);
            }
            other => bail!("what is `{other}`? There are --explore N, --scenario NAME and --write"),
        }
    }
    if asked.write && (asked.explore.is_some() || asked.scenario.is_some()) {
        bail!("--write is for the whole list under its own seeds");
    }
    Ok(asked)
}

/// The list's seeds, or new ones, from the clock.
fn seeds(scenario: &Scenario, asked: &Asked) -> Result<Vec<u64>> {
    let Some(count) = asked.explore else { return Ok(scenario.seeds.to_vec()) };
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_micros();
    // Few digits, so that one can be copied.
    let first = u64::try_from(clock % 1_000_000_000)?;
    Ok((first..first + count).collect())
}

/// Renews the table between the page's marks; a page that is not there yet begins with them.
fn write(page: &Path, rows: &[Row]) -> Result<()> {
    let before =
        fs::read_to_string(page).unwrap_or_else(|_| format!("# Quality\n\n{}\n{}\n", MARKS.0, MARKS.1));
    fs::write(page, renewed(&before, MARKS, &section(rows))?).with_context(|| page.display().to_string())?;
    eprintln!("\nwritten to {}", page.display());
    Ok(())
}

fn section(rows: &[Row]) -> String {
    format!(
        "Made by `cargo xtask sim --write`: the media plane in virtual time, with synthetic browsers on simulated\n\
         links, each scenario under the fixed seeds of `crates/scenarios/src/scenario.rs`. `cargo xtask sim` prints the same run by run, and\n\
         `cargo xtask sim --explore 20` tries seeds nobody has tried yet. On every run it is checked besides that\n\
         numbers are contiguous, timestamps never go back, no frame is forwarded without those it refers to, sound\n\
         is never starved while video flows, and no link is given more than 1.2 times what it carries in any 2 s\n\
         that begin 2 s after it fell, or later.\n\n{}",
        markdown(rows)
    )
}

/// The page with this between its marks.
pub fn renewed(page: &str, (begin, end): (&str, &str), section: &str) -> Result<String> {
    let (before, rest) = page.split_once(begin).with_context(|| format!("the page has no `{begin}`"))?;
    let (_, after) = rest.split_once(end).with_context(|| format!("the page has no `{end}` after it"))?;
    Ok(format!("{before}{begin}\n{section}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood_or_refused() {
        let parse = |line: &str| parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let asked = parse("--scenario tiles --explore 5").unwrap();
        assert_eq!((asked.scenario.map(|found| found.name), asked.explore), (Some("tiles"), Some(5)));
        for wrong in ["--scenario", "--scenario tile", "--explore x", "--seeds", "--write --explore 1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_is_between_the_marks_is_renewed() {
        let page = format!("a\n{}\nold\n{}\nb\n", MARKS.0, MARKS.1);
        assert_eq!(renewed(&page, MARKS, "new\n").unwrap(), format!("a\n{}\nnew\n{}\nb\n", MARKS.0, MARKS.1));
        assert!(renewed("a\n", MARKS, "new\n").is_err());
    }
}
