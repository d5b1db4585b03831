//! `cargo xtask bench`: what forwarding costs, beside what it cannot cost less than.
//!
//! The server runs on one core, all participants in one `bot` process on another, over loopback. Every figure is of
//! the whole thing: repair history, transport-wide feedback, reports, estimator, pacer and allocator are at work.
//! `cases` are loads of one size, `growth` follows the cost as a room grows, `overload` asks for more than there is,
//! `floor` seals and sends the same bytes with no SFU around. Figures only: what is good enough is for a person to say.

mod cases;
pub(crate) mod figures;
mod flame;
mod floor;
mod growth;
pub(crate) mod machine;
mod overload;
mod page;
mod plot;
mod profile;
pub(crate) mod running;
mod table;

use crate::{process, steps::Steps, workspace::Workspace};
use anyhow::{Context, Result, bail, ensure};
use cases::{CASES, Case};
use figures::{Run, Series};
use machine::Machine;
use serde_json::{Value, json};
use std::{fs, path::Path, path::PathBuf};

/// Runs of everything; the median counts.
const RUNS: usize = 3;
/// Where what is measured runs, and where its load comes from.
const MEASURED_CORE: &str = "0";
const LOAD_CORE: &str = "1";
/// The measurements that are no case.
const GROWTH: &str = "growth";
const JOINS: &str = "joins";
const OVERLOAD: &str = "overload";

/// What was asked for.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    only: Option<String>,
    json: Option<PathBuf>,
    write: bool,
    profile: bool,
    runs: Option<usize>,
}

/// All that was measured.
#[derive(Debug, Default)]
pub struct Results {
    /// By case, each run.
    cases: Vec<(&'static Case, Vec<Run>)>,
    /// By number of subscribers.
    growth: Series,
    /// By number of participants.
    joins: Series,
    /// Before, at and after twice the capacity.
    overload: overload::Phases,
}

/// Builds, measures, prints; `target/bench/results.json` keeps it all.
pub fn bench(arguments: &[String]) -> Result<()> {
    let asked = parse(arguments)?;
    let workspace = Workspace::find()?;
    ensure!(
        process::find(&["taskset"], &[]).is_some() && Path::new("/proc/self/schedstat").exists(),
        "needs Linux with /proc and `taskset` (util-linux)"
    );
    let runs = asked.runs.unwrap_or(RUNS);
    let mut steps = Steps::new(1 + if asked.profile { 1 } else { 1 + runs });
    steps.step("building the server and the bots", "about 7 min the first time", || {
        let build = ["build", "--release", "--package", "server", "--package", "bot"];
        process::run(process::cargo(&workspace).args(build), "read the compiler's message above")
    })?;
    let programs = workspace.target.join("release");
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder)?;
    if asked.profile {
        let case = cases::named(asked.only.as_deref().unwrap_or("50"))?;
        return steps
            .step("sampling the server", "half a minute", || profile::profile(&programs, case, &folder));
    }
    steps.step("waiting for the machine to come to rest", "up to 3 min", || {
        Machine::rest();
        Ok(())
    })?;
    let machine = Machine::look(&workspace)?;
    let mut results = Results::default();
    for number in 1..=runs {
        let what = format!("run {number} of {runs}");
        steps.step(&what, "about 4 min, less with --only", || measure(&programs, &asked, &mut results))?;
    }
    print!("\n{}", table::text(&results));
    let json = json!({"machine": machine.to_json(), "runs": runs, "results": results.to_json()});
    let file = asked.json.clone().unwrap_or_else(|| folder.join("results.json"));
    fs::write(&file, format!("{json:#}\n")).with_context(|| file.display().to_string())?;
    eprintln!("\nwritten to {}", file.display());
    if asked.write { page::write(&workspace.root, &machine, runs, &results) } else { Ok(()) }
}

fn parse(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--write" => asked.write = true,
            "--profile" => asked.profile = true,
            "--json" => asked.json = Some(rest.next().context("--json takes a file")?.into()),
            "--runs" => {
                let number = rest.next().context("--runs takes how many")?;
                let number: usize = number.parse().with_context(|| format!("`{number}` is no number"))?;
                ensure!(number > 0, "--runs takes at least one");
                asked.runs = Some(number);
            }
            "--only" => {
                let name = rest.next().context("--only takes a name")?;
                if ![GROWTH, JOINS, OVERLOAD].contains(&name.as_str()) {
                    cases::named(name)?;
                }
                asked.only = Some(name.clone());
            }
            other => bail!(
                "what is `{other}`? There are --only NAME, --runs N, --json FILE, --write and --profile"
            ),
        }
    }
    ensure!(!(asked.write && asked.only.is_some()), "--write is for the whole table");
    Ok(asked)
}

fn measure(programs: &Path, asked: &Asked, results: &mut Results) -> Result<()> {
    let wanted = |name: &str| asked.only.as_deref().is_none_or(|only| only == name);
    for case in CASES.iter().filter(|case| wanted(case.name)) {
        eprintln!("      {}", case.title);
        let run = cases::measure(programs, case)?;
        match results.cases.iter_mut().find(|(known, _)| known.name == case.name) {
            Some((_, runs)) => runs.push(run),
            None => results.cases.push((case, vec![run])),
        }
    }
    if wanted(GROWTH) {
        eprintln!("      as a room grows: packets");
        growth::packets(programs, &mut results.growth)?;
    }
    if wanted(JOINS) {
        eprintln!("      as a room grows: joins");
        growth::joins(programs, &mut results.joins)?;
    }
    if wanted(OVERLOAD) {
        eprintln!("      at twice the capacity");
        overload::measure(programs, &mut results.overload)?;
    }
    Ok(())
}

impl Results {
    fn to_json(&self) -> Value {
        let cases: serde_json::Map<String, Value> =
            self.cases.iter().map(|(case, runs)| (case.name.to_owned(), figures::to_json(runs))).collect();
        let phase = |(name, runs): &(&str, Vec<Run>)| ((*name).to_owned(), figures::to_json(runs));
        let overload: serde_json::Map<String, Value> = self.overload.iter().map(phase).collect();
        let (growth, joins) = (self.growth.to_json(), self.joins.to_json());
        json!({"cases": cases, "growth": growth, "joins": joins, "overload": overload})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Asked> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_asked_for_is_understood_or_refused() {
        let expected = Asked { only: Some("mesh".into()), runs: Some(1), ..Asked::default() };
        assert_eq!(asked("--only mesh --runs 1").unwrap(), expected);
        assert_eq!(asked("--json a.json").unwrap().json, Some("a.json".into()));
        for wrong in ["--only", "--only nothing", "--runs 0", "--runs x", "--json", "--write --only 50", "50"]
        {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
