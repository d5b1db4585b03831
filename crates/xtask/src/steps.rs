//! What the one who typed the command sees: numbered steps, how long each may take and how long it took.

use anyhow::Result;
use std::time::{Duration, Instant};

/// Counts the steps of one command.
pub struct Steps {
    total: usize,
    taken: usize,
}

impl Steps {
    /// A command of `total` steps.
    pub fn new(total: usize) -> Self {
        Self { total, taken: 0 }
    }

    /// Announces a step with how long it `may_take`, does the work, says how long it took.
    pub fn step<T>(&mut self, what: &str, may_take: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.announce(what, may_take);
        let start = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "done" } else { "failed" };
        eprintln!("      {outcome} after {}", spoken(start.elapsed()));
        result
    }

    /// Announces a step that has no end to wait for.
    pub fn announce(&mut self, what: &str, note: &str) {
        self.taken += 1;
        eprintln!("[{}/{}] {what} — {note}", self.taken, self.total);
    }
}

fn spoken(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_exact_as_anybody_cares() {
        let table = [(340, "0.3 s"), (59_900, "59 s"), (60_000, "1 min 00 s"), (754_000, "12 min 34 s")];
        for (millis, text) in table {
            assert_eq!(spoken(Duration::from_millis(millis)), text);
        }
    }
}
