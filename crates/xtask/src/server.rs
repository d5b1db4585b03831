//! `cargo xtask build` and `cargo xtask run`: the client first, then the server with the client inside.

use crate::{client, process, steps::Steps, workspace::Workspace};
use anyhow::{Result, ensure};
use std::{env, path::PathBuf, process::Command};

/// Steps of [`release`].
pub const STEPS: usize = client::STEPS + 1;

/// Builds everything.
pub fn build(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`cargo xtask build` takes no arguments");
    let workspace = Workspace::find()?;
    let madang = release(&workspace, &mut Steps::new(STEPS))?;
    eprintln!("\nbuilt {}", madang.display());
    Ok(())
}

/// Builds everything and becomes the server, with the arguments given.
pub fn run(arguments: &[String]) -> Result<()> {
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(STEPS + 1);
    let madang = release(&workspace, &mut steps)?;
    steps.announce("starting Madang", "until Ctrl-C");
    process::become_it(Command::new(madang).args(arguments))
}

/// Builds the client and the release server; the server's path.
pub fn release(workspace: &Workspace, steps: &mut Steps) -> Result<PathBuf> {
    client::build(workspace, steps)?;
    steps.step("building the server", "about 6 min the first time", || {
        process::run(
            process::cargo(workspace).args(["build", "--release", "--package", "server"]),
            "read the compiler's message above; a missing C compiler comes with `build-essential` \
             (Debian, Ubuntu) or `xcode-select --install` (macOS)",
        )
    })?;
    Ok(workspace.target.join("release").join(format!("madang{}", env::consts::EXE_SUFFIX)))
}
