//! `cargo xtask fuzz`: each fuzzer of `fuzz/` for a while, and what it did in a table. `--write` renews docs/fuzzing.md.
//!
//! Looks for what nobody thought of; what was found is replayed from `fuzz/corpus` by the crates' tests, which need none
//! of this. What is new goes into `fuzz/corpus` only by hand: the runs keep theirs under `target`.

mod page;
mod run;

use crate::{process, workspace::Workspace};
use anyhow::{Context, Result, bail, ensure};
use run::Ran;
use std::panic::resume_unwind;
use std::{fs, process::Command, thread, time::Duration};

/// Bytes of memory, in megabytes, that a fuzzer may take: more is a finding.
const MEMORY: u32 = 1024;
/// Megabytes that it may ask for at once.
const ALLOCATION: u32 = 64;
/// Seconds that one input may take: more is a finding.
const PATIENCE: u32 = 10;
/// Minutes without a word.
const MINUTES: u32 = 1;

/// What was typed.
struct Options {
    minutes: u32,
    only: Option<String>,
    jobs: usize,
    write: bool,
}

/// The command.
pub fn fuzz(arguments: &[String]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let workspace = Workspace::find()?;
    let targets = targets(&workspace, options.only.as_deref())?;
    is_there()?;
    // The versions that the server is built with.
    fs::copy(workspace.root.join("Cargo.lock"), workspace.root.join("fuzz/Cargo.lock"))
        .context("fuzz/Cargo.lock cannot be written")?;
    eprintln!("building {} fuzzers, some minutes the first time", targets.len());
    process::run(&mut cargo(&workspace, "build"), "read the compiler's message above")?;
    let all = run_all(&workspace, &targets, &options);
    print!("{}", page::table(&all));
    if options.write {
        page::write(&workspace, &all, (options.minutes, options.jobs))?;
    }
    let found: Vec<&str> =
        all.iter().filter(|ran| ran.finding.is_some()).map(|ran| ran.target.as_str()).collect();
    ensure!(found.is_empty(), "there are findings of {}: see above how to run them again", found.join(", "));
    Ok(())
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { minutes: MINUTES, only: None, jobs: 1, write: false };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--minutes" => options.minutes = value()?.parse().context("--minutes takes a number")?,
                "--jobs" => options.jobs = value()?.parse().context("--jobs takes a number")?,
                "--only" => options.only = Some(value()?.clone()),
                "--write" => options.write = true,
                other => bail!(
                    "`cargo xtask fuzz` knows --minutes N, --only TARGET, --jobs N and --write, not {other}"
                ),
            }
        }
        ensure!(options.minutes > 0 && options.jobs > 0, "--minutes and --jobs are at least 1");
        let alone = options.only.is_some() && options.write;
        ensure!(!alone, "--write records a run of all fuzzers, and --only runs one");
        Ok(options)
    }
}

/// The names of all fuzzers, or the one that was asked for.
fn targets(workspace: &Workspace, only: Option<&str>) -> Result<Vec<String>> {
    let folder = workspace.root.join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    let known = names.join(", ");
    names.retain(|name| only.is_none_or(|only| only == name));
    ensure!(!names.is_empty(), "there is no fuzzer of that name, but {known}");
    Ok(names)
}

/// What it takes, besides what this repository builds with.
fn is_there() -> Result<()> {
    let has = |arguments: &[&str]| {
        process::succeeds(process::bare_cargo().args(arguments).env_remove("RUSTUP_TOOLCHAIN"))
    };
    let nightly = process::succeeds(Command::new("rustup").args(["run", "nightly", "cargo", "--version"]));
    ensure!(
        nightly,
        "fuzzers need a nightly compiler\n  what to do: rustup toolchain install nightly --profile minimal"
    );
    ensure!(
        has(&["fuzz", "--version"]),
        "there is no cargo-fuzz\n  what to do: cargo install cargo-fuzz --locked"
    );
    Ok(())
}

/// `cargo fuzz` by the nightly compiler, whatever `rust-toolchain.toml` says.
fn cargo(workspace: &Workspace, verb: &str) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(&workspace.root).args([
        "run",
        "nightly",
        "cargo",
        "fuzz",
        verb,
        "--sanitizer",
        "none",
    ]);
    // It has a folder of its own to build in, and flags.
    for name in ["CARGO_TARGET_DIR", "RUSTUP_TOOLCHAIN", "CARGO", "RUSTC"] {
        command.env_remove(name);
    }
    command
}

fn run_all(workspace: &Workspace, targets: &[String], options: &Options) -> Vec<Ran> {
    let mut all = Vec::new();
    for some in targets.chunks(options.jobs) {
        let together = thread::scope(|scope| {
            let started: Vec<_> = some
                .iter()
                .map(|target| {
                    scope.spawn(move || {
                        run::run(workspace, target, Duration::from_mins(options.minutes.into()))
                    })
                })
                .collect();
            let ended =
                started.into_iter().map(|ran| ran.join().unwrap_or_else(|panic| resume_unwind(panic)));
            ended.collect::<Vec<_>>()
        });
        all.extend(together);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options> {
        Options::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_may_be_typed() {
        let options = parse("--minutes 30 --jobs 2 --write").unwrap();
        assert_eq!((options.minutes, options.jobs, options.write, options.only), (30, 2, true, None));
        assert_eq!(parse("").unwrap().minutes, MINUTES);
        for wrong in
            ["--minutes", "--minutes none", "--minutes 0", "--jobs 0", "--often", "--only stun --write"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
