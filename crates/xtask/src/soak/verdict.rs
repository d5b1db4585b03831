//! Whether the server stood it.

use super::watch::Sample;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is held after a quiet may be so much more than it was when the server was warm.
pub const TOLERANCE: f64 = 0.02;
/// A silence on a slot that nothing explains may last so long.
const SILENCE: Duration = Duration::from_secs(2);
/// Memory is judged from so many rounds on: at first the allocator keeps what it was given.
const ROUNDS_FOR_MEMORY: usize = 6;

/// A storm, and what was left after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Round {
    /// Since the first storm began.
    pub at: Duration,
    /// What happened, and how often.
    pub acts: BTreeMap<String, u64>,
    /// What went wrong for somebody who did nothing wrong.
    pub failed: Vec<String>,
    /// How long until only those who stay were left, or what was too much.
    pub quiet: Option<Duration>,
    /// What was too much.
    pub stuck: Vec<String>,
    /// The longest silence that nothing explains, and where.
    pub silence: (Duration, String),
    /// The longest that something does: a change of address, a path that bears no more.
    pub explained: Duration,
    /// For how long the server had too much to do, and held video back.
    pub overloaded: Duration,
    /// For how long the machine itself stood still, at most.
    pub stood: Duration,
    /// Those who should have stayed.
    pub lost: Vec<String>,
    /// What the server held.
    pub sample: Sample,
}

impl Round {
    /// Of what `chaos` and the server said.
    pub fn of(
        at: Duration,
        stormed: &Value,
        calm: &Value,
        quiet: Result<Duration, Vec<String>>,
        sample: Sample,
    ) -> Result<Self> {
        let texts = |value: &Value, name: &str| -> Result<Vec<String>> {
            let list = value.get(name).and_then(Value::as_array).with_context(|| format!("no `{name}`"))?;
            Ok(list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect())
        };
        let lasted = |pointer: &str| -> Result<Duration> {
            let millis = calm.pointer(pointer).and_then(Value::as_u64);
            Ok(Duration::from_millis(millis.with_context(|| format!("no `{pointer}`"))?))
        };
        let acts = stormed.get("acts").and_then(Value::as_object).context("no acts")?;
        let (quiet, stuck) = match quiet {
            Ok(took) => (Some(took), Vec::new()),
            Err(stuck) => (None, stuck),
        };
        let place = calm.pointer("/unexplained/at").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            at,
            acts: acts.iter().map(|(name, count)| (name.clone(), count.as_u64().unwrap_or(0))).collect(),
            failed: texts(stormed, "failed")?,
            quiet,
            stuck,
            silence: (lasted("/unexplained/ms")?, place),
            explained: lasted("/explained/ms")?,
            overloaded: Duration::ZERO,
            stood: Duration::ZERO,
            lost: texts(calm, "lost")?,
            sample,
        })
    }

    /// In a line, as it goes.
    pub fn line(&self) -> String {
        let held = |name: &str| self.sample.held.get(name).copied().unwrap_or_default();
        let quiet = self.quiet.map_or("never".to_owned(), |took| format!("{:.0} s", took.as_secs_f64()));
        format!(
            "{:4.0} s: quiet after {quiet}; {} kB, {} fds, {} threads, {} tasks; silence of {} ms, of {} ms explained",
            self.at.as_secs_f64(),
            self.sample.resident,
            held("file descriptors"),
            held("threads"),
            held("tasks"),
            self.silence.0.as_millis(),
            self.explained.as_millis(),
        )
    }
}

/// All that is wrong; nothing if it stood it.
pub fn complaints(rounds: &[Round]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, round) in (1..).zip(rounds) {
        let mut say = |what: String| found.push(format!("round {number}: {what}"));
        round.failed.iter().for_each(|failed| say(failed.clone()));
        round.stuck.iter().for_each(|stuck| say(format!("nobody is left, and {stuck}")));
        round.lost.iter().for_each(|lost| say(format!("{lost} is not there any more")));
        let (lasted, place) = &round.silence;
        if *lasted > SILENCE && round.overloaded.is_zero() {
            say(format!("nothing came for {} ms at {place}, and nothing explains it", lasted.as_millis()));
        }
    }
    let (Some(warm), Some(last)) = (rounds.first(), rounds.last()) else {
        return vec!["there was no round".to_owned()];
    };
    for (name, count) in last.sample.faults.iter().filter(|(_, count)| **count > 0) {
        found.push(format!("{name} is {count}"));
    }
    for (name, before) in &warm.sample.held {
        let after = last.sample.held.get(name).copied().unwrap_or_default();
        if has_grown(*before, after) {
            found.push(format!("{name}: {before} when it was warm, {after} in the end"));
        }
    }
    if let Some((before, after)) = memory(rounds).filter(|(before, after)| has_grown(*before, *after)) {
        found.push(format!("memory: {before} kB in the first third, {after} kB in the last"));
    }
    found
}

/// The most of the first third, and the least of the last: what lies between is no wave.
fn memory(rounds: &[Round]) -> Option<(u64, u64)> {
    if rounds.len() < ROUNDS_FOR_MEMORY {
        return None;
    }
    let third = rounds.len() / 3;
    let resident = |rounds: &[Round]| rounds.iter().map(|round| round.sample.resident).collect::<Vec<_>>();
    let before = resident(rounds.get(..third)?).into_iter().max()?;
    let after = resident(rounds.get(rounds.len() - third..)?).into_iter().min()?;
    Some((before, after))
}

#[expect(clippy::cast_precision_loss, reason = "counts and kilobytes are far below 2⁵³")]
fn has_grown(before: u64, after: u64) -> bool {
    after as f64 > before as f64 * (1.0 + TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(change: impl FnOnce(&mut Round)) -> Round {
        let held = BTreeMap::from([("file descriptors".to_owned(), 60), ("tasks".to_owned(), 100)]);
        let sample = Sample { resident: 50_000, held, ..Sample::default() };
        let mut round = Round { quiet: Some(Duration::from_secs(9)), sample, ..Round::default() };
        change(&mut round);
        round
    }

    fn check(last: Round, expected: &[&str]) {
        let found = complaints(&[round(|_| {}), last]);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} does not say {expected}");
        }
    }

    #[test]
    fn a_server_that_is_as_before_stands_it() {
        check(round(|_| {}), &[]);
        check(round(|round| *round.sample.held.get_mut("tasks").unwrap() = 102), &[]);
        check(round(|round| *round.sample.held.get_mut("file descriptors").unwrap() = 40), &[]);
    }

    #[test]
    fn what_grows_is_told() {
        check(round(|round| *round.sample.held.get_mut("tasks").unwrap() = 103), &["tasks: 100"]);
        check(
            round(|round| *round.sample.held.get_mut("file descriptors").unwrap() = 62),
            &["file descriptors: 60"],
        );
    }

    #[test]
    fn whoever_is_stuck_lost_or_left_in_silence_is_told() {
        check(
            round(|round| round.stuck = vec!["madang_participants is 9".to_owned()]),
            &["participants is 9"],
        );
        check(round(|round| round.lost = vec!["steady-0 bot 3".to_owned()]), &["bot 3 is not there"]);
        check(
            round(|round| round.failed = vec!["sockets cut: refused".to_owned()]),
            &["round 2: sockets cut"],
        );
        let silent =
            |millis| round(|round| round.silence = (Duration::from_millis(millis), "slot 3".to_owned()));
        check(silent(2000), &[]);
        check(silent(2001), &["2001 ms at slot 3"]);
        check(Round { overloaded: Duration::from_millis(250), ..silent(9000) }, &[]);
        check(round(|round| round.explained = Duration::from_mins(1)), &[]);
        let panicked = ("madang_peer_panics_total".to_owned(), 1);
        check(round(|round| round.sample.faults = [panicked].into()), &["peer_panics"]);
        assert_eq!(complaints(&[]).len(), 1);
    }

    #[test]
    fn memory_that_rises_is_told_from_a_wave() {
        let of = |kilobytes: &[u64]| {
            let rounds = kilobytes.iter().map(|kilobytes| round(|round| round.sample.resident = *kilobytes));
            complaints(&rounds.collect::<Vec<_>>())
        };
        assert_eq!(of(&[500, 510, 505, 520, 500, 515]).len(), 0);
        assert_eq!(of(&[500, 510, 520, 530, 540, 550]).len(), 1);
        assert_eq!(of(&[500, 600]).len(), 0, "too few to tell");
    }
}
