//! Debian's packages, for programs that only tests need.

use crate::process;
use anyhow::Result;
use std::process::Command;

/// Installs these, if this is Debian and we are root; anywhere else, does nothing but say so.
pub fn install(packages: &[&str]) -> Result<()> {
    let Some(apt) = process::find(&["apt-get"], &[]) else { return Ok(()) };
    if packages.is_empty() {
        return Ok(());
    }
    if !is_root() {
        eprintln!("      missing: {} (not root, so not installed)", packages.join(", "));
        return Ok(());
    }
    let way_on = "see whether the network is there, or install the packages yourself";
    let apt = || {
        let mut command = Command::new(&apt);
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet");
        command
    };
    process::run(apt().arg("update"), way_on)?;
    process::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages), way_on)
}

/// Whether one is installed.
pub fn has(name: &str) -> bool {
    let status = process::output(Command::new("dpkg-query").args(["--show", "--showformat=${Status}", name]));
    status.is_ok_and(|status| status.ends_with(" installed"))
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_end() == "0")
}
