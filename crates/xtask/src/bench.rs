//! `cargo xtask bench`: what forwarding a packet costs, beside what it cannot cost less than.
//!
//! The server runs on one core, a publisher and fifty subscribers in one `bot` process on another, over
//! loopback. Beside it stands the floor: `floor` seals the same bytes with the same sealer and sends them
//! in runs of the same lengths to as many sockets, on the server's core, with no SFU around. Once at the
//! same pace, as cold between the runs as the server, and once as fast as it goes. Figures only: what is
//! good enough is for a person to say.

mod figures;
mod running;

use crate::{process, steps::Steps, workspace::Workspace};
use anyhow::{Context, Result, ensure};
use figures::{Figures, float, median};
use running::{Pinned, serve};
use serde_json::{Value, json};
use std::{env, fs, path::Path, process::Command};

/// Runs of everything; the median counts.
const RUNS: usize = 3;
const SUBSCRIBERS: u64 = 50;
/// Of one measurement.
const SECONDS: u64 = 8;
/// Where what is measured runs, and where its load comes from.
const MEASURED_CORE: &str = "0";
const LOAD_CORE: &str = "1";

/// Builds, measures, prints, and writes `target/bench/forward.json`.
pub fn bench(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`cargo xtask bench` takes no arguments");
    let workspace = Workspace::find()?;
    ensure!(
        process::find(&["taskset"], &[]).is_some() && Path::new("/proc/self/schedstat").exists(),
        "needs Linux with /proc and `taskset` (util-linux)"
    );
    let mut steps = Steps::new(1 + RUNS);
    steps.step("building the server and the bots", "about 7 min the first time", || {
        let build = ["build", "--release", "--package", "server", "--package", "bot"];
        process::run(process::cargo(&workspace).args(build), "read the compiler's message above")
    })?;
    let programs = workspace.target.join("release");
    let mut runs = Vec::new();
    for number in 1..=RUNS {
        let what = format!("run {number} of {RUNS}");
        runs.push(steps.step(&what, "about 40 s", || measure(&programs))?);
    }
    let result = summary(&runs)?;
    print!("\n{}", table(&result));
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("forward.json");
    fs::write(&file, format!("{result:#}\n")).with_context(|| file.display().to_string())?;
    eprintln!("\nwritten to {}", file.display());
    Ok(())
}

/// One run.
struct Run {
    server: Figures,
    floor_paced: Figures,
    floor_flat_out: Figures,
    /// Kilobytes.
    resident_per_peer: f64,
    seen: Value,
}

fn measure(programs: &Path) -> Result<Run> {
    let (server, url) = serve(&programs.join(program("madang")), MEASURED_CORE)?;
    let empty = server.resident()?;
    let mut bot = Command::new(programs.join(program("bot")));
    bot.args(["--json", "--url", &url, "--subscribers", &SUBSCRIBERS.to_string()]);
    bot.args(["--seconds", &SECONDS.to_string()]);
    let mut bot = Pinned::start(&bot, LOAD_CORE)?;
    bot.line("measuring")?;
    let before = server.on_cpu()?;
    let seen: Value = serde_json::from_str(&bot.line("measured ")?)?;
    let on_cpu = server.on_cpu()?.saturating_sub(before);
    let full = server.resident()?;
    bot.end()?;
    drop(server);
    let packets = number(&seen, "packets")?;
    let runs = seen.get("runs").context("the bots counted no runs")?.clone();
    let peers = float(1 + SUBSCRIBERS);
    Ok(Run {
        server: Figures { packets, on_cpu },
        floor_paced: floor(programs, &runs, Some(rounds(&runs)?))?,
        floor_flat_out: floor(programs, &runs, None)?,
        resident_per_peer: float(full.saturating_sub(empty)) / peers,
        seen,
    })
}

/// Runs each socket got in a second.
fn rounds(runs: &Value) -> Result<u64> {
    let runs = runs.as_array().context("the runs are no list")?;
    let total = runs.iter().map(|run| number(run, "count")).sum::<Result<u64>>()?;
    Ok((total / (SUBSCRIBERS * SECONDS)).max(1))
}

fn floor(programs: &Path, runs: &Value, rounds: Option<u64>) -> Result<Figures> {
    let path = programs.join(program("floor"));
    let mut receive = Command::new(&path);
    receive.args(["receive", "--sockets", &SUBSCRIBERS.to_string()]);
    let mut receiver = Pinned::start(&receive, LOAD_CORE)?;
    let ports = receiver.line("")?;
    let mut send = Command::new(&path);
    send.args(["send", "--ports", ports.trim(), "--seconds", &SECONDS.to_string()]);
    if let Some(rounds) = rounds {
        send.args(["--rounds", &rounds.to_string()]);
    }
    let mut sender = Pinned::start(&send, MEASURED_CORE)?;
    sender.write(&runs.to_string())?;
    let result: Value = serde_json::from_str(&sender.line("sent ")?)?;
    sender.end()?;
    Ok(Figures { packets: number(&result, "packets")?, on_cpu: number(&result, "on_cpu_ns")? })
}

fn program(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

fn number(value: &Value, key: &str) -> Result<u64> {
    value.get(key).and_then(Value::as_u64).with_context(|| format!("no number `{key}` in {value}"))
}

fn summary(runs: &[Run]) -> Result<Value> {
    let of = |read: &dyn Fn(&Run) -> f64| median(runs.iter().map(read).collect());
    let seen =
        |pointer: &str| of(&|run| run.seen.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN));
    let server = of(&|run| run.server.micros_per_packet());
    let paced = of(&|run| run.floor_paced.micros_per_packet());
    let flat_out = of(&|run| run.floor_flat_out.micros_per_packet());
    let sent = seen("/video_sent") + seen("/audio_sent");
    let datagrams = |run: &Run| -> Result<f64> {
        let list = run.seen.get("runs").and_then(Value::as_array).context("no runs")?;
        let total =
            list.iter().map(|run| number(run, "segments").and_then(|n| Ok(n * number(run, "count")?)));
        let sends = list.iter().map(|run| number(run, "count")).sum::<Result<u64>>()?;
        Ok(float(total.sum::<Result<u64>>()?) / float(sends.max(1)))
    };
    let lengths = runs.iter().map(datagrams).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "subscribers": SUBSCRIBERS,
        "seconds": SECONDS,
        "runs": RUNS,
        "cpu_us_per_packet": {"server": server, "floor_paced": paced, "floor_flat_out": flat_out},
        "ratio": {"to_floor_paced": server / paced, "to_floor_flat_out": server / flat_out},
        "datagrams_per_send": median(lengths),
        "packets_sent_per_second": sent / float(SECONDS),
        "packets_delivered_per_second": seen("/packets") / float(SECONDS),
        "added_delay_us": {"p50": seen("/delay_us/p50"), "p99": seen("/delay_us/p99")},
        "connected_us": {"p50": seen("/connected_us/p50"), "p99": seen("/connected_us/p99")},
        "resident_kb_per_peer": of(&|run| run.resident_per_peer),
        "lost": seen("/lost"),
        "healed": seen("/healed"),
        "jumps": seen("/jumps"),
        "each_run": runs.iter().map(|run| json!({
            "server": run.server.micros_per_packet(),
            "floor_paced": run.floor_paced.micros_per_packet(),
            "floor_flat_out": run.floor_flat_out.micros_per_packet(),
        })).collect::<Vec<_>>(),
    }))
}

fn table(result: &Value) -> String {
    let at = |pointer: &str| result.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN);
    format!(
        "CPU per packet delivered    server   floor at its pace   floor flat out\n\
         microseconds              {:>8.3} {:>19.3} {:>16.3}\n\
         the server's share                 {:>18.2}× {:>15.2}×\n\n\
         1 publisher → {SUBSCRIBERS} subscribers, {:.0} packets/s in, {:.0} out, {:.2} to a send call, \
         median of {RUNS} × {SECONDS} s\n\
         added delay  p50 {:.0} µs, p99 {:.0} µs (from before the sender's seal to the receiver's kernel)\n\
         connecting   p50 {:.0} ms, p99 {:.0} ms (ICE and DTLS)\n\
         memory       {:.0} kB resident per peer\n\
         lost         {:.0} packets, {:.0} more healed, {:.0} jumps\n",
        at("/cpu_us_per_packet/server"),
        at("/cpu_us_per_packet/floor_paced"),
        at("/cpu_us_per_packet/floor_flat_out"),
        at("/ratio/to_floor_paced"),
        at("/ratio/to_floor_flat_out"),
        at("/packets_sent_per_second"),
        at("/packets_delivered_per_second"),
        at("/datagrams_per_send"),
        at("/added_delay_us/p50"),
        at("/added_delay_us/p99"),
        at("/connected_us/p50") / 1000.0,
        at("/connected_us/p99") / 1000.0,
        at("/resident_kb_per_peer"),
        at("/lost"),
        at("/healed"),
        at("/jumps"),
    )
}
