//! Processes pinned to a core, and what the kernel says of them.

use super::figures::float;
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Instant,
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
    pub fn write_all(&mut self, text: &str) -> Result<()> {
        self.write(text)?;
        drop(self.child.stdin.take());
        Ok(())
    }

    /// Writes some of its input.
    pub fn write(&mut self, text: &str) -> Result<()> {
        let input = self.child.stdin.as_mut().context("no input to write to")?;
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

    /// Clock ticks in user mode and in the kernel so far: coarse, but the two apart.
    fn ticks(&self) -> Result<(u64, u64)> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in brackets, may hold anything; the 12th and 13th field after it are the times (proc(5)).
        let (_, fields) = text.rsplit_once(')').context("stat")?;
        let mut fields = fields.split_whitespace().skip(11).map(str::parse);
        let (user, system) = (fields.next().context("stat")??, fields.next().context("stat")??);
        Ok((user, system))
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
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

/// Madang on free ports, and its signaling socket.
pub struct Server {
    /// It.
    pub process: Pinned,
    /// `ws://…`.
    pub url: String,
    /// Where it serves HTTP.
    pub address: String,
}

impl Server {
    /// Starts it, with room for as many as any measurement brings.
    pub fn start(programs: &Path, core: &str) -> Result<Self> {
        Self::start_with(programs, core, 1)
    }

    /// Starts it with so many workers.
    pub fn start_with(programs: &Path, core: &str, workers: u64) -> Result<Self> {
        Self::start_as(programs, core, workers, &[])
    }

    /// And so many more arguments.
    pub fn start_as(programs: &Path, core: &str, workers: u64, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(programs.join(program("madang")));
        command.args(["--http", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--max-participants", "5000"]);
        command.args(["--workers", &workers.to_string(), "--max-bitrate", "1000000"]).args(more);
        let mut process = Pinned::start(&command, core)?;
        let rest = process.line("Madang is open at http://")?;
        let address = rest.split_whitespace().next().context("no address")?;
        let (url, address) = (format!("ws://{address}/ws"), address.to_owned());
        Ok(Self { process, url, address })
    }
}

/// A program's file.
pub fn program(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

/// A process's time on a core, from one moment on.
pub struct Clock {
    started: Instant,
    on_cpu: u64,
    ticks: (u64, u64),
}

/// What lies between two moments, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// By the wall.
    pub wall: f64,
    /// On a core, user and system together.
    pub on_cpu: f64,
    /// How much of that was the kernel's work.
    pub system_share: f64,
}

impl Clock {
    /// From now on.
    pub fn start(process: &Pinned) -> Result<Self> {
        Ok(Self { started: Instant::now(), on_cpu: process.on_cpu()?, ticks: process.ticks()? })
    }

    /// Until now.
    pub fn stop(&self, process: &Pinned) -> Result<Span> {
        let (on_cpu, (user, system)) = (process.on_cpu()?, process.ticks()?);
        let wall = self.started.elapsed().as_secs_f64();
        let (user, system) = (user.saturating_sub(self.ticks.0), system.saturating_sub(self.ticks.1));
        Ok(Span {
            wall,
            on_cpu: float(on_cpu.saturating_sub(self.on_cpu)) / 1e9,
            system_share: float(system) / float((user + system).max(1)),
        })
    }
}
