//! Other programs: finding them, running them, and saying what to do when one fails.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Cargo, in the workspace's root. What `cargo run` told this program about itself is taken away, or a
/// build script that watches such a variable would run again for each change of caller.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = bare_cargo();
    command.current_dir(&workspace.root);
    command
}

/// As [`cargo`], before the workspace is known.
pub fn bare_cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// Runs to the end, its output shown. A failure names the command and the `way_on`.
pub fn run(command: &mut Command, way_on: &str) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` cannot be started", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}\n  what to do: {way_on}", shown(command));
    }
    Ok(())
}

/// Replaces this process, so that signals reach the program itself, and what it prints is the last.
#[cfg(unix)]
pub fn become_it(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Err(error).with_context(|| format!("`{}` cannot be started", shown(command)))
}

/// Where no process can be replaced: runs it to the end.
#[cfg(not(unix))]
pub fn become_it(command: &mut Command) -> Result<()> {
    run(command, "read what it printed above")
}

/// Runs to the end and gives what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("`{}` cannot be started", shown(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}\n{}", shown(command), output.status, stderr.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no UTF-8", shown(command)))
}

/// Whether the command starts and ends well; its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The first of these programs found in `folders` or else on PATH.
pub fn find(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let everywhere: Vec<PathBuf> = folders.iter().cloned().chain(env::split_paths(&path)).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        everywhere.iter().map(|folder| folder.join(&file)).find(|program| program.is_file())
    })
}

/// The command as one would type it, the program without its folder.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_the_way_on() {
        let failing = &mut bare_cargo();
        let error = run(failing.args(["--quiet", "no-such-command"]), "try something else").unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("no-such-command") && error.contains("what to do: try something else"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_given_goes_before_the_path() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
        assert_eq!(
            find(&["nowhere", "Cargo.toml"], std::slice::from_ref(&folder)),
            Some(folder.join("Cargo.toml"))
        );
        assert_eq!(find(&["no-such-program"], &[folder]), None);
    }
}
