//! Rust's standard library for WebAssembly or another target, fetched when it is missing.

use crate::{process, workspace::Workspace};
use anyhow::{Result, bail};
use std::{path::Path, process::Command};

/// Rust's name for a browser.
pub const TRIPLE: &str = "wasm32-unknown-unknown";

/// Adds the target unless the toolchain that builds this workspace has it, wherever that came from.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    ensure_has(workspace, TRIPLE)
}

/// The same for another.
pub fn ensure_has(workspace: &Workspace, triple: &str) -> Result<()> {
    if installed(workspace, triple) {
        return Ok(());
    }
    let Some(rustup) = process::find(&["rustup"], &[]) else {
        bail!(
            "this Rust cannot build for {triple}, and there is no rustup to teach it\n  \
             what to do: install Rust by rustup (https://rustup.rs), or the package of your system that \
             holds the target (Debian, for WebAssembly: libstd-rust-dev-wasm32)"
        );
    };
    process::run(
        Command::new(rustup).args(["target", "add", triple]).current_dir(&workspace.root),
        "see whether the network is there, then try again",
    )
}

fn installed(workspace: &Workspace, triple: &str) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", triple]).current_dir(&workspace.root);
    process::output(&mut rustc).is_ok_and(|folder| Path::new(folder.trim_end()).is_dir())
}
