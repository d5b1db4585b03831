//! Programs that only chores need, built from crates and kept beside what is built.

use crate::{process, workspace::Workspace};
use anyhow::Result;
use std::path::PathBuf;

/// Where they are.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools/bin")
}

/// Where this one is, if anywhere.
pub fn find(workspace: &Workspace, name: &str) -> Option<PathBuf> {
    process::find(&[name], &[folder(workspace)])
}

/// Builds the crate of this name.
pub fn install(workspace: &Workspace, name: &str) -> Result<()> {
    let mut cargo = process::cargo(workspace);
    cargo.args(["install", name, "--locked", "--root"]).arg(workspace.target.join("tools"));
    // None of them has much to do: not worth the time to optimise them.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env_remove("CARGO_TARGET_DIR");
    process::run(&mut cargo, &format!("see whether the network is there, or put {name} on PATH"))
}
