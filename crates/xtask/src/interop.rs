//! `cargo xtask interop`: other people's WHIP and WHEP clients against the server. They come over the network, into a
//! folder of their own below `target/`, so this is a chore and no part of `cargo xtask test`. What each of them does is
//! in `interop/clients.py`.

use crate::{process, steps::Steps, workspace::Workspace};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Builds the server, fetches the clients, lets them meet. A client that is missing is a failure, unless it is left
/// out by `--without`.
pub fn interop(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => {}
        [flag, client] if flag == "--without" && client == "gstreamer" => {}
        _ => bail!("`cargo xtask interop` takes `--without gstreamer`, or nothing"),
    }
    let workspace = Workspace::find()?;
    let folder = workspace.root.join("crates/xtask/interop");
    let mut steps = Steps::new(3);
    let python = steps.step("fetching aiortc and FFmpeg", "a minute the first time", || {
        fetch(&workspace.target.join("interop"), &folder.join("requirements.txt"))
    })?;
    let madang = steps.step("building the server", "about 3 min the first time", || {
        process::run(
            process::cargo(&workspace).args(["build", "--package", "server"]),
            "read the message above",
        )?;
        Ok(workspace.target.join("debug").join("madang"))
    })?;
    steps.step("clients meet the server", "two minutes", || {
        let server = Server::start(&madang)?;
        let mut clients = Command::new(&python);
        clients.arg(folder.join("clients.py")).arg(&server.address).args(arguments);
        process::run(&mut clients, "the lines above say which client failed at what")
    })
}

/// A Python of its own with the clients; its path.
fn fetch(folder: &Path, requirements: &Path) -> Result<PathBuf> {
    let python = folder.join("bin").join("python");
    if !python.is_file() {
        let found = process::find(&["python3"], &[]).context("no python3 on PATH")?;
        let way_on = "on Debian and Ubuntu: apt-get install python3-venv";
        process::run(Command::new(found).args(["-m", "venv"]).arg(folder), way_on)?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(requirements);
    process::run(&mut pip, "it needs the network, and Python 3.11 or newer")?;
    Ok(python)
}

/// A server on free ports. It dies with the value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(madang: &Path) -> Result<Self> {
        let mut command = Command::new(madang);
        // Media on every address: some clients leave the loopback's out.
        command.args(["--http", "127.0.0.1:0", "--udp", "0.0.0.0:0"]).stdout(Stdio::piped());
        let child = command.spawn().with_context(|| format!("{}", madang.display()))?;
        let mut server = Self { child, address: String::new() };
        let stdout = server.child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.split_whitespace().find(|word| word.starts_with("http://"));
        address.with_context(|| format!("{line:?} names no address"))?.clone_into(&mut server.address);
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
