//! `cargo xtask deny`: the dependencies against `deny.toml`. Licences, bans and sources are in the tree; advisories come
//! over the network, and where that cannot be reached it is said that they were not looked at.

use crate::{process, steps::Steps, tools, workspace::Workspace};
use anyhow::{Context, Result, ensure};
use std::process::Command;

const NAME: &str = "cargo-deny";

/// All of it.
pub fn deny(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`cargo xtask deny` takes no arguments");
    let workspace = Workspace::find()?;
    Steps::new(1).step("dependencies", "seconds, unless cargo-deny must be built", || check(&workspace))
}

/// The same as a step of something else.
pub fn check(workspace: &Workspace) -> Result<()> {
    if tools::find(workspace, NAME).is_none() {
        tools::install(workspace, NAME)?;
    }
    let program = tools::find(workspace, NAME).context("cargo-deny was built and is not there")?;
    let deny = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(&workspace.root).args(["--log-level", "error"]).args(words);
        command
    };
    let way_on = "drop or replace the crate it names, or say in deny.toml why it may stay";
    process::run(
        &mut deny(&[
            "check",
            "--hide-inclusion-graph",
            "--allow",
            "duplicate",
            "licenses",
            "bans",
            "sources",
        ]),
        way_on,
    )?;
    if process::succeeds(&mut deny(&["fetch", "db"])) {
        process::run(&mut deny(&["check", "advisories"]), way_on)
    } else {
        eprintln!("      advisories were not looked at: their database cannot be reached from here");
        Ok(())
    }
}
