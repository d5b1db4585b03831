//! Processes pinned to a core, and what the kernel says of them.

use anyhow::{Context, Result, bail};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

/// A process on one core. Ended when dropped.
pub struct Pinned {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Pinned {
    /// Starts it through `taskset`, which then becomes it.
    pub fn start(command: &Command, core: &str) -> Result<Self> {
        let mut pinned = Command::new("taskset");
        pinned.args(["--cpu-list", core]).arg(command.get_program()).args(command.get_args());
        pinned.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pinned.spawn().with_context(|| format!("{pinned:?}"))?;
        let output = child.stdout.take().context("no output to read")?;
        Ok(Self { child, lines: BufReader::new(output) })
    }

    /// The rest of the next line that begins so.
    pub fn line(&mut self, beginning: &str) -> Result<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line)? > 0 {
            if let Some(rest) = line.strip_prefix(beginning) {
                return Ok(rest.to_owned());
            }
            line.clear();
        }
        bail!("the program ended before it printed `{beginning}`")
    }

    /// Writes its whole input.
    pub fn write(&mut self, text: &str) -> Result<()> {
        let mut input = self.child.stdin.take().context("no input to write to")?;
        Ok(input.write_all(text.as_bytes())?)
    }

    /// Waits for its end.
    pub fn end(mut self) -> Result<()> {
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { bail!("a program ended with {status}") }
    }

    /// Nanoseconds on a core so far, user and system together, of all its threads. `/proc/PID/stat` says
    /// the same in ticks of 10 ms, which for a cheap second is a tenth of it.
    pub fn on_cpu(&self) -> Result<u64> {
        let mut total = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end while its folder is read.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            total +=
                text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).context("schedstat")?;
        }
        Ok(total)
    }

    /// Kilobytes in memory.
    pub fn resident(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // One that has ended is ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts Madang on free ports; its process and its signaling socket.
pub fn serve(madang: &Path, core: &str) -> Result<(Pinned, String)> {
    let mut command = Command::new(madang);
    command.args(["--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"]);
    let mut server = Pinned::start(&command, core)?;
    let rest = server.line("Madang is open at http://")?;
    let address = rest.split_whitespace().next().context("no address")?;
    Ok((server, format!("ws://{address}/ws")))
}
