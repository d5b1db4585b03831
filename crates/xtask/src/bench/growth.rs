//! What a packet and a join cost as a room grows: one server and one room, filled stage by stage.

use super::cases::{OPEN_EVERY, measured};
use super::figures::{Run, Series, float};
use super::running::{Clock, Pinned, Server, program};
use super::{LOAD_CORE, MEASURED_CORE};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{path::Path, process::Command};

/// Subscribers of one publisher, stage by stage.
const SUBSCRIBERS: &[u64] = &[10, 20, 50, 100, 200, 500, 1000];
/// Half the neutral load's frames: a thousand subscribers of the whole one are 260,000 packets a second.
const LOAD: &[&str] = &["--publishers", "1", "--frame-rate", "15", "--seconds", "4", "--settle", "2500"];
/// Participants of a room in which nobody sends anything.
const PARTICIPANTS: &[u64] = &[2, 10, 25, 50, 100, 200, 350, 500];
/// Between stages, what those who are there cost is measured, so that it is not taken for the next ones' joining.
const SILENT: &[&str] = &["--publishers", "0", "--seats", "4", "--seconds", "2"];
/// How many join at the same time.
const AT_ONCE: u64 = 8;

/// CPU per packet delivered, by subscribers.
pub fn packets(programs: &Path, series: &mut Series) -> Result<()> {
    let server = Server::start(programs, MEASURED_CORE)?;
    let mut bots = Pinned::start(&bots(programs, &server.url, SUBSCRIBERS, LOAD), LOAD_CORE)?;
    for size in SUBSCRIBERS {
        let (run, _) = measured(&server.process, &mut bots).with_context(|| format!("{size} subscribers"))?;
        series.push(*size, run);
    }
    Ok(())
}

/// CPU per join, by how many there are when the stage is full.
pub fn joins(programs: &Path, series: &mut Series) -> Result<()> {
    let server = Server::start(programs, MEASURED_CORE)?;
    let empty = server.process.resident()?;
    let mut bots = Pinned::start(&bots(programs, &server.url, PARTICIPANTS, SILENT), LOAD_CORE)?;
    let mut idle_before = 0.0;
    for size in PARTICIPANTS {
        bots.line("joining ")?;
        let clock = Clock::start(&server.process)?;
        let text = bots.line("joined ").with_context(|| format!("{size} participants"))?;
        let joining = clock.stop(&server.process)?;
        let joined: Value = serde_json::from_str(&text)?;
        let (silence, _) = measured(&server.process, &mut bots)?;
        let idle = silence.get("server_core").copied().unwrap_or_default();
        let count = joined.get("joins").and_then(Value::as_f64).context("the bots counted no joins")?;
        // Those who were there cost something meanwhile: on average as much as before and after.
        let meanwhile = joining.wall * f64::midpoint(idle_before, idle);
        idle_before = idle;
        let full = server.process.resident()?;
        let mut run = Run::from([
            ("join_cpu_ms", 1000.0 * (joining.on_cpu - meanwhile).max(0.0) / count.max(1.0)),
            ("join_wall_ms", 1000.0 * joining.wall / count.max(1.0)),
            ("idle_core", idle),
            ("resident_kb_per_peer", float(full.saturating_sub(empty)) / float(*size)),
        ]);
        for (name, pointer) in
            [("connected_p50_us", "/connected_us/p50"), ("connected_p99_us", "/connected_us/p99")]
        {
            run.extend(joined.pointer(pointer).and_then(Value::as_f64).map(|value| (name, value)));
        }
        series.push(*size, run);
    }
    Ok(())
}

fn bots(programs: &Path, url: &str, stages: &[u64], load: &[&str]) -> Command {
    let stages = stages.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let mut bot = Command::new(programs.join(program("bot")));
    bot.args(["--json", "--url", url, "--subscribers", &stages]).args(load);
    bot.args(["--at-once", &AT_ONCE.to_string(), "--open-every", &OPEN_EVERY.to_string()]);
    bot
}
