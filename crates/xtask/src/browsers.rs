//! What the browser tests (`crates/e2e`) drive: Chromium, Firefox and a driver for each. Found by an
//! environment variable or on PATH; installed where this machine lets us (root on Debian or Ubuntu, and
//! cargo for geckodriver); else named, with the way to get them.

use crate::{packages, process, tools, workspace::Workspace};
use anyhow::{Result, bail};
use std::{env, ffi::OsString, path::PathBuf};

/// One program the browser tests start.
struct Wanted {
    /// Where the tests look for its path, and where a developer may put it.
    variable: &'static str,
    /// The names it goes by.
    names: &'static [&'static str],
    /// Debian's package, if one holds it.
    package: Option<&'static str>,
    /// How to get it elsewhere.
    elsewhere: &'static str,
}

const GECKODRIVER: Wanted = Wanted {
    variable: "MADANG_GECKODRIVER",
    names: &["geckodriver"],
    package: None,
    elsewhere: "cargo install geckodriver --locked",
};

const WANTED: [Wanted; 4] = [
    Wanted {
        variable: "MADANG_CHROMIUM",
        names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
        package: Some("chromium"),
        elsewhere: "install Chromium or Chrome from your system's packages",
    },
    Wanted {
        variable: "MADANG_CHROMEDRIVER",
        names: &["chromedriver"],
        package: Some("chromium-driver"),
        elsewhere: "install the chromedriver of your Chromium's version",
    },
    Wanted {
        variable: "MADANG_FIREFOX",
        names: &["firefox", "firefox-esr"],
        package: Some("firefox-esr"),
        elsewhere: "install Firefox from your system's packages",
    },
    GECKODRIVER,
];

/// Without these a page's emoji and CJK names are boxes; tests pass, pictures of them look wrong.
const FONTS: [&str; 2] = ["fonts-noto-color-emoji", "fonts-noto-cjk"];

/// Where each program lies, by the variable that tells the tests.
pub struct Browsers(Vec<(&'static str, PathBuf)>);

impl Browsers {
    /// What to set for the tests.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, OsString)> {
        self.0.iter().map(|(variable, path)| (*variable, path.clone().into_os_string()))
    }
}

/// All four programs, or an error that names those missing.
pub fn find_or_install(workspace: &Workspace) -> Result<Browsers> {
    install_packages(workspace)?;
    if find(&GECKODRIVER, workspace).is_none() {
        tools::install(workspace, "geckodriver")?;
    }
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for wanted in &WANTED {
        match find(wanted, workspace) {
            Some(path) => {
                eprintln!("      {}={}", wanted.variable, path.display());
                found.push((wanted.variable, path));
            }
            None => missing.push(wanted),
        }
    }
    if missing.is_empty() { Ok(Browsers(found)) } else { bail!(asking_for(&missing)) }
}

fn find(wanted: &Wanted, workspace: &Workspace) -> Option<PathBuf> {
    match env::var_os(wanted.variable) {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        None => process::find(wanted.names, &[tools::folder(workspace)]),
    }
}

/// Installs what Debian has, if this is Debian and we are root; anywhere else, does nothing.
fn install_packages(workspace: &Workspace) -> Result<()> {
    let programs = WANTED.iter().filter(|wanted| find(wanted, workspace).is_none());
    let mut missing: Vec<&str> = programs.filter_map(|wanted| wanted.package).collect();
    missing.extend(FONTS.iter().filter(|font| !packages::has(font)));
    packages::install(&missing)
}

/// What is missing and how to get it.
fn asking_for(missing: &[&Wanted]) -> String {
    let each = missing.iter().map(|wanted| {
        let name = wanted.names.first().unwrap_or(&wanted.variable);
        format!("\n   - {name}: {}, or set {} to its path", wanted.elsewhere, wanted.variable)
    });
    let each: String = each.collect();
    let packages: Vec<&str> = missing.iter().filter_map(|wanted| wanted.package).collect();
    let debian = match packages.as_slice() {
        [] => String::new(),
        packages => format!("\n   - on Debian: sudo apt-get install {}", packages.join(" ")),
    };
    format!("the browser tests need programs this machine does not have\n  what to do:{each}{debian}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_a_way_to_get_it() {
        let text = asking_for(&WANTED.iter().collect::<Vec<_>>());
        for wanted in &WANTED {
            assert!(text.contains(wanted.variable) && text.contains(wanted.elsewhere), "{text}");
        }
        assert!(text.ends_with("apt-get install chromium chromium-driver firefox-esr"), "{text}");
    }
}
