//! A program that runs for a test and dies with the value: the server, or a browser's driver.
//!
//! It stays in the test's process group, so that a runner which ends the test ends it too.

use crate::{Seen, until};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// See the module. What it prints goes to a log.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it, its log in `folder`.
    pub fn start(name: &str, folder: &Path, command: &mut Command) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("{}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{name}: {} cannot be started", command.get_program().display()))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it prints a line with `before` in it, and gives what stands between that and the next
    /// white space.
    pub async fn says(&mut self, before: &str) -> Result<String> {
        until(&format!("{:?} from {}", before, self.name), async || {
            let log = self.log();
            let word = log.split_once(before).and_then(|(_, after)| {
                // All of the word is there once something follows it.
                after.split_once(char::is_whitespace).map(|(word, _)| word.to_owned())
            });
            match (word, self.child.try_wait()?) {
                (Some(word), _) => Ok(Seen::Yes(word)),
                (None, None) => Ok(Seen::NotYet(log)),
                (None, Some(status)) => bail!("{} ended with {status}:\n{log}", self.name),
            }
        })
        .await
    }

    /// All it printed.
    pub fn log(&self) -> String {
        fs::read(&self.log).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.kill();
    }
}

/// The program that `variable` names, or the first of `names` on PATH.
pub fn find(variable: &str, names: &[&str]) -> Result<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found = names.iter().flat_map(|name| {
        env::split_paths(&path).map(move |folder| folder.join(name)).filter(|program| program.is_file())
    });
    found.next().with_context(|| {
        format!("no {} on PATH, and {variable} is not set; `cargo xtask test` finds it", names.join(" or "))
    })
}
