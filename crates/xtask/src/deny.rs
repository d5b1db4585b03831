//! `cargo xtask deny`: the dependencies against `deny.toml`. Advisories come over the network, so this
//! is a chore of its own and no part of `cargo xtask test`.

use crate::{process, workspace::Workspace};
use anyhow::{Result, bail, ensure};

/// Runs cargo-deny.
pub fn deny(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`cargo xtask deny` takes no arguments");
    let workspace = Workspace::find()?;
    if !process::succeeds(process::cargo(&workspace).args(["deny", "--version"])) {
        bail!("cargo-deny is not installed\n  what to do: cargo install cargo-deny --locked");
    }
    process::run(
        process::cargo(&workspace).args(["deny", "check"]),
        "drop or replace the crate it names, or say in deny.toml why it may stay",
    )
}
