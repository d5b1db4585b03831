//! What is told of a soak: a table for people, in the terminal and in docs/soak.md.

use super::verdict::Round;
use crate::bench::machine::Machine;
use crate::sim::renewed;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::{fs, path::Path};

const PAGE: &str = "docs/soak.md";
const MARKS: (&str, &str) = ("<!-- soak:begin -->", "<!-- soak:end -->");
/// What stands in a column of its own.
const COLUMNS: [&str; 6] = ["file descriptors", "threads", "tasks", "websockets", "peers", "streams"];

/// All of it, as Markdown.
pub fn text(load: &str, rounds: &[Round], complaints: &[String]) -> String {
    let mut text = format!("{load}.\n\n| After | Quiet in | Memory | ");
    text.extend(COLUMNS.map(|name| format!("{name} | ")));
    text.push_str("Longest silence | Explained | Overloaded | Machine stood still |\n|---|---|---|");
    text.push_str(&"---|".repeat(COLUMNS.len() + 4));
    for round in rounds {
        let held = |name: &str| round.sample.held.get(name).copied().unwrap_or_default();
        let quiet = round.quiet.map_or("never".to_owned(), |took| format!("{:.0} s", took.as_secs_f64()));
        let _ =
            write!(text, "\n| {:.0} s | {quiet} | {} kB |", round.at.as_secs_f64(), round.sample.resident);
        text.extend(COLUMNS.map(|name| format!(" {} |", held(name))));
        let millis =
            [round.silence.0, round.explained, round.overloaded, round.stood].map(|time| time.as_millis());
        text.extend(millis.map(|millis| format!(" {millis} ms |")));
    }
    let mut acts: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in rounds.iter().flat_map(|round| &round.acts) {
        *acts.entry(name).or_default() += count;
    }
    let acts: Vec<String> = acts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let full = rounds.last().map_or(0, |round| round.sample.too_slow);
    let _ = write!(text, "\n\nMeanwhile: {}. {full} queues were full.\n\n", acts.join(", "));
    if complaints.is_empty() {
        text.push_str("The server stood it.\n");
    } else {
        text.push_str("The server did **not** stand it:\n\n");
        text.extend(complaints.iter().map(|complaint| format!(" - {complaint}\n")));
    }
    text
}

/// Renews docs/soak.md between its marks.
pub fn write(root: &Path, machine: &Machine, asked: &str, told: &str) -> Result<()> {
    let page = root.join(PAGE);
    let before = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
    let section = format!("{}\n{asked}. {told}\n", machine.markdown());
    fs::write(&page, renewed(&before, MARKS, &section)?).with_context(|| page.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_has_a_row_and_the_end_a_verdict() {
        let rounds = [Round::default(), Round::default()];
        let told = text("9 rooms", &rounds, &[]);
        assert_eq!(told.lines().filter(|line| line.starts_with('|')).count(), 2 + rounds.len());
        assert!(told.ends_with("The server stood it.\n"));
        assert!(text("9 rooms", &rounds, &["tasks: 1".to_owned()]).contains(" - tasks: 1\n"));
    }
}
