//! Figures that a test measured, kept for who writes them into `docs/quality.md`: a line of JSON each, into the
//! file that `MADANG_FIGURES` names. Without it they are only printed.

use anyhow::{Context, Result};
use serde::Serialize;
use std::{env, fs::OpenOptions, io::Write};

/// A measured promise.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What happens, and to whom.
    pub scenario: &'static str,
    /// What was measured.
    pub name: &'static str,
    /// What is asked of it, in words.
    pub target: &'static str,
    /// In words, with its unit.
    pub measured: String,
    /// Who measured, with its version.
    pub browser: String,
}

impl Figure {
    /// Keeps it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(self) -> Result<()> {
        let Self { scenario, name, target, measured, browser } = &self;
        eprintln!("{scenario}: {name}: {measured} (asked: {target}; {browser})");
        let Some(path) = env::var_os("MADANG_FIGURES") else { return Ok(()) };
        let line = serde_json::to_string(&self)? + "\n";
        let mut file = OpenOptions::new().create(true).append(true).open(&path).context("MADANG_FIGURES")?;
        file.write_all(line.as_bytes()).context("MADANG_FIGURES")
    }
}
