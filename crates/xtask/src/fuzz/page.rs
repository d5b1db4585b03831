//! What the fuzzers did, as a table for the terminal and as docs/fuzzing.md.

use super::run::Ran;
use crate::{process, workspace::Workspace};
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::process::Command;

const PAGE: &str = "docs/fuzzing.md";

/// A line for each.
pub fn table(all: &[Ran]) -> String {
    let mut table =
        String::from("| fuzzer | executions | coverage | corpus | finding |\n|---|--:|--:|--:|---|\n");
    for Ran { target, executions, coverage, corpus, finding } in all {
        // A bar would be taken for the next column.
        let finding = finding.as_deref().unwrap_or("none").replace('|', "/");
        let _ = writeln!(table, "| `{target}` | {executions} | {coverage} | {corpus} | {finding} |");
    }
    table
}

/// Records them, with when and on what.
pub fn write(workspace: &Workspace, all: &[Ran], how: (u32, usize)) -> Result<()> {
    let root = &workspace.root;
    let git = |words: &[&str]| process::output(Command::new("git").current_dir(root).args(words));
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let date = process::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    let page = page(all, how, date.trim(), commit.trim());
    fs::write(root.join(PAGE), page).with_context(|| format!("{PAGE} cannot be written"))
}

/// Of so many minutes each, so many at a time.
fn page(all: &[Ran], (minutes, jobs): (u32, usize), date: &str, commit: &str) -> String {
    format!(
        "# Fuzzing\n\n\
         What the fuzzers in `fuzz/` did the last time they all ran, on {date}, at commit `{commit}`: {minutes} minutes\n\
         each, {jobs} at a time, by `cargo xtask fuzz --minutes {minutes} --jobs {jobs} --write`. *Executions* are inputs tried,\n\
         *coverage* the places of the program that some input reached, *corpus* the inputs that reach where no other does.\n\
         [CONTRIBUTING.md](../CONTRIBUTING.md#tests) says how to run one.\n\n{}",
        table(all)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_when_for_how_long_and_what() {
        let ran = |target: &str, finding: Option<&str>| Ran {
            target: target.to_owned(),
            executions: 7,
            coverage: 8,
            corpus: 9,
            finding: finding.map(str::to_owned),
        };
        let page = page(&[ran("stun", None), ran("dtls", Some("a | b"))], (30, 2), "2026-11-22", "abc");
        assert!(page.contains("on 2026-11-22, at commit `abc`: 30 minutes\neach, 2 at a time"), "{page}");
        assert!(page.contains("| `stun` | 7 | 8 | 9 | none |\n| `dtls` | 7 | 8 | 9 | a / b |\n"), "{page}");
    }
}
