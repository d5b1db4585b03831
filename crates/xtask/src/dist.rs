//! `cargo xtask dist`: what an operator is given. One static binary for Linux, the client inside, with its settings
//! file, a systemd unit, a Dockerfile, the dashboard and the licences, as a folder and as an archive with its checksum.

use crate::{client, packages, process, steps::Steps, workspace::Workspace};
use anyhow::{Context, Result, bail, ensure};
use flate2::{Compression, write::GzEncoder};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What goes into the folder besides the binary.
const FILES: [&str; 8] = [
    "packaging/madang.toml",
    "packaging/madang.service",
    "packaging/Dockerfile",
    "packaging/grafana.json",
    "packaging/INSTALL.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "CHANGELOG.md",
];

/// A folder in there that stays empty: the image's, for what the server keeps.
const STATE: &str = "state";

/// Builds it.
pub fn dist(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`cargo xtask dist` takes no arguments");
    let workspace = Workspace::find()?;
    let triple = triple()?;
    let mut steps = Steps::new(client::STEPS + 3);
    steps.step("looking for what a static binary takes", "seconds, unless it must be fetched", || {
        client::target::ensure_has(&workspace, triple)?;
        a_compiler_for_musl()
    })?;
    client::build(&workspace, &mut steps)?;
    let madang = steps.step("building the server", "about 8 min the first time", || {
        let mut cargo = process::cargo(&workspace);
        cargo.args(["build", "--release", "--package", "server", "--target", triple]);
        cargo.env(format!("CC_{}", triple.replace('-', "_")), "musl-gcc");
        process::run(&mut cargo, "read the compiler's message above")?;
        Ok(workspace.target.join(triple).join("release/madang"))
    })?;
    let archive = steps.step("packing", "seconds", || pack(&workspace, &madang, triple))?;
    eprintln!("\npacked {}", archive.display());
    Ok(())
}

/// This machine's kind, with musl in place of the system's library.
fn triple() -> Result<&'static str> {
    match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => Ok("x86_64-unknown-linux-musl"),
        ("linux", "aarch64") => Ok("aarch64-unknown-linux-musl"),
        (os, arch) => bail!("a static binary is built on Linux for Linux, and this is {os} on {arch}"),
    }
}

/// For the C and assembly in `aws-lc`.
fn a_compiler_for_musl() -> Result<()> {
    if process::find(&["musl-gcc"], &[]).is_none() {
        packages::install(&["musl-tools"])?;
    }
    ensure!(
        process::find(&["musl-gcc"], &[]).is_some(),
        "there is no musl-gcc\n  what to do: install `musl-tools` (Debian, Ubuntu) or your system's package of musl"
    );
    Ok(())
}

fn pack(workspace: &Workspace, madang: &Path, triple: &str) -> Result<PathBuf> {
    is_static(madang)?;
    let version = process::output(Command::new(madang).arg("--version"))?;
    let version = version.split_whitespace().next_back().context("`madang --version` names none")?.to_owned();
    let name = format!("madang-{version}-{triple}");
    let all = workspace.target.join("dist");
    let folder = all.join(&name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let copy = |from: &Path| {
        let file = from.file_name().context("a file without a name")?;
        fs::copy(from, folder.join(file)).with_context(|| format!("copying {}", from.display()))
    };
    copy(madang)?;
    for file in FILES {
        copy(&workspace.root.join(file))?;
    }
    fs::create_dir(folder.join(STATE)).context("making the folder for what the server keeps")?;
    let archive = all.join(format!("{name}.tar.gz"));
    let file = fs::File::create(&archive).with_context(|| format!("writing {}", archive.display()))?;
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::best()));
    tar.mode(tar::HeaderMode::Deterministic);
    tar.append_dir_all(&name, &folder).with_context(|| format!("packing {}", folder.display()))?;
    tar.into_inner()?.finish()?;
    let sum = process::output(Command::new("sha256sum").arg(format!("{name}.tar.gz")).current_dir(&all))?;
    fs::write(all.join(format!("{name}.tar.gz.sha256")), &sum)?;
    eprint!("      {sum}");
    Ok(archive)
}

/// It asks for no loader (ELF, program header `PT_INTERP`), and so for no library.
fn is_static(madang: &Path) -> Result<()> {
    let elf = fs::read(madang).with_context(|| format!("reading {}", madang.display()))?;
    let interpreter = asks_for_a_loader(&elf).context("it is no 64-bit little-endian ELF file")?;
    ensure!(!interpreter, "{} is not static: it asks for a loader", madang.display());
    Ok(())
}

/// Whether an ELF file has a `PT_INTERP`; nothing when it is none.
fn asks_for_a_loader(elf: &[u8]) -> Option<bool> {
    const PT_INTERP: u32 = 3;
    if elf.get(..6)? != [0x7f, b'E', b'L', b'F', 2, 1] {
        return None;
    }
    let word = |at: usize| elf.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes);
    let offset = u64::from_le_bytes(elf.get(32..40)?.try_into().ok()?);
    let (size, count) = (u64::from(word(54)?), u64::from(word(56)?));
    for k in 0..count {
        let at = usize::try_from(offset.checked_add(k.checked_mul(size)?)?).ok()?;
        if u32::from_le_bytes(elf.get(at..at.checked_add(4)?)?.try_into().ok()?) == PT_INTERP {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_asks_for_a_loader_is_told_from_one_that_does_not() {
        // This test itself is linked against the system's library.
        let this = fs::read(env::current_exe().unwrap()).unwrap();
        assert_eq!(asks_for_a_loader(&this), Some(cfg!(all(target_os = "linux", target_env = "gnu"))));
        assert_eq!(asks_for_a_loader(b"#!/bin/sh\n"), None);
        let mut none = this.clone();
        // No program headers at all.
        none[56..58].fill(0);
        assert_eq!(asks_for_a_loader(&none), Some(false));
    }

    #[test]
    fn what_is_packed_is_there() {
        let workspace = Workspace::find().unwrap();
        for file in FILES {
            assert!(workspace.root.join(file).is_file(), "{file}");
        }
    }

    #[test]
    fn the_image_is_made_of_what_is_packed() {
        let workspace = Workspace::find().unwrap();
        let image = fs::read_to_string(workspace.root.join("packaging/Dockerfile")).unwrap();
        let copied = image.lines().filter_map(|line| line.strip_prefix("COPY "));
        let from: Vec<&str> =
            copied.filter_map(|line| line.split(' ').rfind(|word| !word.starts_with(['-', '/']))).collect();
        assert_eq!(from, ["madang", STATE]);
    }

    /// The unit's user is nobody who could read what is root's alone.
    #[test]
    fn the_unit_reads_the_settings_that_systemd_hands_it() {
        let workspace = Workspace::find().unwrap();
        let unit = fs::read_to_string(workspace.root.join("packaging/madang.service")).unwrap();
        let has = |line: &str| unit.lines().any(|found| found == line);
        assert!(
            has("DynamicUser=yes") && has("LoadCredential=madang.toml:/etc/madang/madang.toml"),
            "{unit}"
        );
        assert!(
            has("ExecStart=/usr/local/bin/madang --config ${CREDENTIALS_DIRECTORY}/madang.toml"),
            "{unit}"
        );
    }
}
