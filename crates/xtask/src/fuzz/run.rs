//! One fuzzer's run, and what libFuzzer says of it.

use super::{ALLOCATION, MEMORY, PATIENCE, cargo};
use crate::workspace::Workspace;
use std::{fs, time::Duration};

/// What came of a run.
pub struct Ran {
    /// Its name.
    pub target: String,
    /// Inputs tried.
    pub executions: u64,
    /// Places of the program that some input reached.
    pub coverage: u64,
    /// Inputs that reach somewhere no other does.
    pub corpus: u64,
    /// What went wrong, if anything did.
    pub finding: Option<String>,
}

/// Runs it for so long, on what is known already and what it finds.
pub fn run(workspace: &Workspace, target: &str, time: Duration) -> Ran {
    let root = workspace.root.join("fuzz");
    let [found, artifacts] = ["corpus", "artifacts"].map(|name| root.join("target").join(name).join(target));
    let failed = |why: String| Ran {
        target: target.to_owned(),
        executions: 0,
        coverage: 0,
        corpus: 0,
        finding: Some(why),
    };
    for folder in [&found, &artifacts] {
        if let Err(error) = fs::create_dir_all(folder) {
            return failed(format!("{}: {error}", folder.display()));
        }
    }
    eprintln!("{target}: {} min", time.as_secs() / 60);
    let mut command = cargo(workspace, "run");
    command.args([target]).args([&found, &root.join("corpus").join(target)]).arg("--");
    command.args([
        format!("-max_total_time={}", time.as_secs()),
        format!("-rss_limit_mb={MEMORY}"),
        format!("-malloc_limit_mb={ALLOCATION}"),
        format!("-timeout={PATIENCE}"),
        format!("-artifact_prefix={}/", artifacts.display()),
        "-print_final_stats=1".to_owned(),
    ]);
    match command.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let ran = read(target, &said, output.status.success());
            if let Some(finding) = &ran.finding {
                eprintln!("{said}\n{target}: {finding}");
            }
            ran
        }
        Err(error) => failed(format!("it cannot be started: {error}")),
    }
}

/// What it says at its end.
fn read(target: &str, said: &str, is_fine: bool) -> Ran {
    let statistic = |name: &str| {
        let line = said.lines().rev().find_map(|line| line.trim().strip_prefix("stat::")?.strip_prefix(name));
        line.and_then(|rest| rest.trim_start_matches(':').trim().parse().ok()).unwrap_or_default()
    };
    // `#4096 pulse  cov: 312 ft: 590 corp: 41/9kb lim: 4096 exec/s: 2048 rss: 50Mb`
    let last = |name: &str| {
        let values = said.lines().rev().filter(|line| line.starts_with('#')).filter_map(|line| {
            let rest = line.split(name).nth(1)?.trim_start();
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        });
        values.into_iter().next().unwrap_or_default()
    };
    let finding = (!is_fine).then(|| {
        let told =
            said.lines().find(|line| line.contains("panicked at") || line.contains("ERROR: libFuzzer:"));
        let file = said.lines().find_map(|line| line.split("Test unit written to ").nth(1));
        let told = told.map_or("it ended with an error", str::trim);
        file.map_or_else(|| told.to_owned(), |file| format!("{told} ({})", file.trim()))
    });
    Ran {
        target: target.to_owned(),
        executions: statistic("number_of_executed_units"),
        coverage: last(" cov:"),
        corpus: last(" corp:"),
        finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "INFO: Seed: 1\n#3\tINITED cov: 7 ft: 8 corp: 1/1b exec/s: 0 rss: 30Mb\n\
        #4096\tpulse  cov: 312 ft: 590 corp: 41/9012b lim: 4096 exec/s: 2048 rss: 50Mb\n\
        Done 12345 runs in 61 second(s)\nstat::number_of_executed_units: 12345\nstat::average_exec_per_sec:     202\n";

    #[test]
    fn a_run_that_found_nothing_is_read() {
        let ran = read("stun", SAID, true);
        assert_eq!((ran.executions, ran.coverage, ran.corpus, ran.finding), (12_345, 312, 41, None));
    }

    #[test]
    fn a_finding_is_told_with_its_file() {
        let said = format!(
            "{SAID}thread '<unnamed>' panicked at src/a.rs:7:1:\nboom\n\
             artifact_prefix='x/'; Test unit written to x/crash-1\n"
        );
        let finding = read("stun", &said, false).finding.unwrap();
        assert!(finding.contains("panicked at src/a.rs:7:1") && finding.contains("x/crash-1"), "{finding}");
        let slow = "==1== ERROR: libFuzzer: timeout after 10 seconds\nTest unit written to x/timeout-1\n";
        assert!(read("stun", slow, false).finding.unwrap().contains("timeout after 10 seconds"));
        assert_eq!(read("stun", "", false).finding.as_deref(), Some("it ended with an error"));
    }
}
