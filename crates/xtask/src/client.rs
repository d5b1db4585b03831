//! The client, from Rust to `dist/`: what Trunk does for a developer, without Trunk, for everyone else.
//!
//! `cargo build` → `bindgen` → `optimise` → `functions` → `page` (Trunk's directives in `frontend/index.html`) →
//! `dist` (compressed siblings). The server embeds `dist/`, see `server/src/assets.rs`.

mod bindgen;
mod dist;
mod functions;
mod imports;
mod optimise;
mod page;
pub mod target;

use crate::{process, steps::Steps, workspace::Workspace};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Steps of [`build`].
pub const STEPS: usize = 3;

/// A file of `dist/`: its path there, with `/` between folders, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// `style-0123456789abcdef.css`, `assets/favicon.svg`.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Builds the client into `dist/`. What did not change is left alone, so the server is not built again.
pub fn build(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    steps.step("looking for Rust's WebAssembly target", "seconds, unless it must be fetched", || {
        target::ensure(workspace)
    })?;
    steps
        .step("building the client", "about 2 min the first time", || compile(workspace, "frontend", &[]))?;
    steps.step("packing the client into dist/", "seconds", || pack(workspace))
}

/// Builds the client with its gallery into a folder of its own, for looking at.
pub fn build_gallery(workspace: &Workspace, steps: &mut Steps) -> Result<PathBuf> {
    steps.step("looking for Rust's WebAssembly target", "seconds, unless it must be fetched", || {
        target::ensure(workspace)
    })?;
    let folder = workspace.target.join("gallery");
    steps.step("building the client with its gallery", "about 2 min the first time", || {
        compile(workspace, "frontend", &["--features", "gallery"])?;
        let assets = assets(workspace)?;
        dist::write_plain(&folder, &assets)
    })?;
    Ok(folder)
}

/// `cargo xtask example`.
pub fn example(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`cargo xtask example` takes no arguments");
    let built = build_example(&Workspace::find()?)?;
    eprintln!("\nMADANG_EXAMPLE={}", built.display());
    Ok(())
}

/// Builds `examples/minimal` into a folder of its own, for the browser tests.
pub fn build_example(workspace: &Workspace) -> Result<PathBuf> {
    target::ensure(workspace)?;
    compile(workspace, "minimal", &[])?;
    let (folder, scratch) = (workspace.root.join("examples/minimal"), workspace.target.join("xtask"));
    let bound = bindgen::bind(&program(workspace, "minimal"), &scratch)?;
    let assets = page::compose(&read_text(&folder.join("index.html"))?, &folder, bound)?;
    let built = workspace.target.join("example");
    dist::write_plain(&built, &assets)?;
    Ok(built)
}

fn compile(workspace: &Workspace, package: &str, more: &[&str]) -> Result<()> {
    let mut cargo = process::cargo(workspace);
    cargo.args(["build", "--package", package, "--bin", package]);
    cargo.args(["--target", target::TRIPLE, "--profile", "wasm-release"]).args(more);
    process::run(&mut cargo, "read the compiler's message above")
}

fn pack(workspace: &Workspace) -> Result<()> {
    let assets = assets(workspace)?;
    let written = dist::write(&workspace.root.join("dist"), &assets)?;
    match written {
        0 => eprintln!("      nothing changed"),
        _ => eprintln!("      {written} of {} files written", assets.len()),
    }
    Ok(())
}

fn assets(workspace: &Workspace) -> Result<Vec<Asset>> {
    let mut bound = bindgen::bind(&program(workspace, "frontend"), &workspace.target.join("xtask"))?;
    bound.wasm = optimise::optimise(bound.wasm, &workspace.target.join("xtask"))?;
    bound.wasm = functions::arrange(&bound.wasm)?;
    let frontend = workspace.root.join("frontend");
    page::compose(&read_text(&frontend.join("index.html"))?, &frontend, bound)
}

/// What cargo made of a package.
fn program(workspace: &Workspace, package: &str) -> PathBuf {
    workspace.target.join(target::TRIPLE).join("wasm-release").join(package).with_extension("wasm")
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
