//! Programs that tests start and that are not ours. Found by an environment variable or on PATH; installed where this
//! machine lets us (root on Debian or Ubuntu); else named, with the way to get them.

use crate::{packages, process, tools, workspace::Workspace};
use anyhow::{Result, bail};
use std::{env, ffi::OsString, path::PathBuf};

/// One of them.
pub struct Wanted {
    /// Where the tests look for its path, and where a developer may put it.
    pub variable: &'static str,
    /// The names it goes by.
    pub names: &'static [&'static str],
    /// Debian's package, if one holds it.
    pub package: Option<&'static str>,
    /// How to get it elsewhere.
    pub elsewhere: &'static str,
}

/// Where each program lies, by the variable that tells the tests.
pub struct Found(Vec<(&'static str, PathBuf)>);

impl Found {
    /// What to set for the tests.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, OsString)> {
        self.0.iter().map(|(variable, path)| (*variable, path.clone().into_os_string()))
    }
}

/// All of them, or an error that names those missing; `whose` are the tests that need them.
pub fn find_all(all: &[Wanted], whose: &str, workspace: &Workspace) -> Result<Found> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for wanted in all {
        match find(wanted, workspace) {
            Some(path) => {
                eprintln!("      {}={}", wanted.variable, path.display());
                found.push((wanted.variable, path));
            }
            None => missing.push(wanted),
        }
    }
    if missing.is_empty() { Ok(Found(found)) } else { bail!(asking_for(&missing, whose)) }
}

/// Where one is, if anywhere.
pub fn find(wanted: &Wanted, workspace: &Workspace) -> Option<PathBuf> {
    match env::var_os(wanted.variable) {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        None => process::find(wanted.names, &[tools::folder(workspace)]),
    }
}

/// Installs what Debian has of those that are missing, and these packages besides, if this is Debian and we are root;
/// anywhere else, does nothing.
pub fn install(all: &[Wanted], besides: &[&'static str], workspace: &Workspace) -> Result<()> {
    let programs = all.iter().filter(|wanted| find(wanted, workspace).is_none());
    let mut missing: Vec<&str> = programs.filter_map(|wanted| wanted.package).collect();
    missing.dedup();
    missing.extend(besides.iter().filter(|package| !packages::has(package)));
    // Where there is no such package something else may be had: what is missing then is told with all ways to get it.
    packages::install(&missing).or_else(|error| {
        eprintln!("      not installed: {error}");
        Ok(())
    })
}

/// What is missing and how to get it.
fn asking_for(missing: &[&Wanted], whose: &str) -> String {
    let each = missing.iter().map(|wanted| {
        let name = wanted.names.first().unwrap_or(&wanted.variable);
        format!("\n   - {name}: {}, or set {} to its path", wanted.elsewhere, wanted.variable)
    });
    let each: String = each.collect();
    let mut packages: Vec<&str> = missing.iter().filter_map(|wanted| wanted.package).collect();
    packages.dedup();
    let debian = match packages.as_slice() {
        [] => String::new(),
        packages => format!("\n   - on Debian: sudo apt-get install {}", packages.join(" ")),
    };
    format!("{whose} need programs this machine does not have\n  what to do:{each}{debian}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: [Wanted; 3] = [
        Wanted {
            variable: "MADANG_A",
            names: &["a", "aa"],
            package: Some("letters"),
            elsewhere: "take an a",
        },
        Wanted { variable: "MADANG_B", names: &["b"], package: Some("letters"), elsewhere: "take a b" },
        Wanted { variable: "MADANG_1", names: &["1"], package: None, elsewhere: "count" },
    ];

    #[test]
    fn what_is_missing_is_named_with_a_way_to_get_it() {
        let text = asking_for(&WANTED.iter().collect::<Vec<_>>(), "tests of letters");
        assert!(text.starts_with("tests of letters need"), "{text}");
        for wanted in &WANTED {
            assert!(text.contains(wanted.variable) && text.contains(wanted.elsewhere), "{text}");
        }
        assert!(text.ends_with("apt-get install letters"), "{text}");
    }
}
