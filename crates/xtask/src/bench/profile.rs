//! `cargo xtask bench --profile`: where the server's time goes in one of the cases, as a flame graph.

use super::cases::Case;
use super::flame::{self, Stacks};
use super::running::{Pinned, Server};
use super::{LOAD_CORE, MEASURED_CORE};
use crate::process;
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path, process::Command};

/// Samples in a second; not a divisor of any timer's rate.
const RATE: &str = "997";
/// Functions of the list that is printed.
const SHOWN: usize = 25;

/// Samples the server while the case is measured; leaves `flame.svg` and prints where most of the time goes.
pub fn profile(programs: &Path, case: &Case, folder: &Path) -> Result<()> {
    let perf = process::find(&["perf"], &[]).context(
        "sampling needs perf\n  what to do: install it; on Debian: sudo apt-get install linux-perf",
    )?;
    let server = Server::start(programs, MEASURED_CORE)?;
    let mut bots = Pinned::start(&case.bots(programs, &server.url), LOAD_CORE)?;
    bots.line("measuring")?;
    let data = folder.join("perf.data");
    let mut record = Command::new(&perf);
    // The clock of the processor rather than its counters, which a virtual machine may lack.
    record.args(["record", "--quiet", "--event", "cpu-clock", "--freq", RATE, "--call-graph", "dwarf,8192"]);
    record.arg("--output").arg(&data).args(["--pid", &server.process.id().to_string(), "--", "sleep", "5"]);
    let way_on = "perf cannot sample here: see `perf record --event cpu-clock -- sleep 1`; \
                  often it is /proc/sys/kernel/perf_event_paranoid, which `sudo sysctl kernel.perf_event_paranoid=1` opens";
    process::run(&mut record, way_on)?;
    drop((bots, server));
    let mut script = Command::new(&perf);
    script.args(["script", "--no-inline", "--fields", "comm,ip,sym", "--input"]).arg(&data);
    let stacks = Stacks::read(&process::output(&mut script)?);
    ensure!(stacks.samples() > 0, "perf took no sample\n  what to do: {way_on}");
    let file = folder.join("flame.svg");
    fs::write(&file, flame::draw(&stacks, case.title)).with_context(|| file.display().to_string())?;
    println!("\nself time, {}, {} samples", case.title, stacks.samples());
    for (function, share) in stacks.heaviest(SHOWN) {
        println!("{:>6.1} %  {function}", 100.0 * share);
    }
    eprintln!("\nwritten to {}", file.display());
    Ok(())
}
