//! Loads of one size: each a room, filled once and measured for some seconds.

use super::figures::{Run, float};
use super::floor;
use super::running::{Clock, Pinned, Server, program};
use super::{LOAD_CORE, MEASURED_CORE};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{path::Path, process::Command};

/// Seconds of one measurement.
pub const SECONDS: u64 = 8;
/// Milliseconds between everybody's first packet and the measurement: estimates have found what the path bears.
const SETTLE: u64 = 3000;
/// Of so many received packets the bots open one: their own cost stays below the server's.
pub const OPEN_EVERY: u64 = 8;

/// A load.
#[derive(Debug)]
pub struct Case {
    /// For `--only`.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    publishers: u64,
    subscribers: u64,
    /// Of `bot`, besides.
    load: &'static [&'static str],
    /// Whether the floor is measured in the same run.
    floor: bool,
    /// Threads of the server that forward; they share its core.
    workers: u64,
    /// How many join at the same time.
    at_once: u64,
}

/// 210 video packets a second of 1,150 bytes, three every 5 ms, and 50 audio packets.
const NEUTRAL: &[&str] = &[];
/// Eight times as many video packets, in bursts of ten.
const EIGHTFOLD: &[&str] = &["--packets-per-frame", "56", "--burst", "10"];

/// Half of the neutral load's frames: a core carries no more to a thousand.
const HALF: &[&str] = &["--frame-rate", "15"];

/// All of them.
pub const CASES: &[Case] = &[
    Case {
        name: "50",
        title: "1 → 50",
        publishers: 1,
        subscribers: 50,
        load: NEUTRAL,
        floor: true,
        workers: 1,
        at_once: 1,
    },
    Case {
        name: "100",
        title: "1 → 100",
        publishers: 1,
        subscribers: 100,
        load: NEUTRAL,
        floor: false,
        workers: 1,
        at_once: 1,
    },
    Case {
        name: "rate",
        title: "1 → 50 at 8 × the packet rate",
        publishers: 1,
        subscribers: 50,
        load: EIGHTFOLD,
        floor: true,
        workers: 1,
        at_once: 1,
    },
    Case {
        name: "mesh",
        title: "full mesh 10 × 10",
        publishers: 10,
        subscribers: 0,
        load: NEUTRAL,
        floor: true,
        workers: 1,
        at_once: 1,
    },
    Case {
        name: "span",
        title: "1 → 1,000 on two workers, half the frames",
        publishers: 1,
        subscribers: 1000,
        load: HALF,
        floor: false,
        workers: 2,
        at_once: 8,
    },
];

/// The case of this name.
pub fn named(name: &str) -> Result<&'static Case> {
    let found = CASES.iter().find(|case| case.name == name);
    let names = || CASES.iter().map(|case| case.name).collect::<Vec<_>>().join(", ");
    found.with_context(|| {
        format!("nothing is called `{name}`; there are {}, growth, joins and overload", names())
    })
}

impl Case {
    /// The bots that make it, over this signaling socket.
    pub fn bots(&self, programs: &Path, url: &str) -> Command {
        let mut bot = Command::new(programs.join(program("bot")));
        bot.args(["--json", "--url", url]).args(self.load);
        for (option, number) in [
            ("--publishers", self.publishers),
            ("--subscribers", self.subscribers),
            ("--seconds", SECONDS),
            ("--settle", SETTLE),
            ("--open-every", OPEN_EVERY),
            ("--at-once", self.at_once),
        ] {
            bot.args([option, &number.to_string()]);
        }
        bot
    }
}

/// One run of a case.
pub fn measure(programs: &Path, case: &Case) -> Result<Run> {
    let server = Server::start_with(programs, MEASURED_CORE, case.workers)?;
    let empty = server.process.resident()?;
    let mut bots = Pinned::start(&case.bots(programs, &server.url), LOAD_CORE)?;
    let joins: Value = serde_json::from_str(&bots.line("joined ")?)?;
    let (mut run, seen) = measured(&server.process, &mut bots)?;
    let full = server.process.resident()?;
    let peers = float(case.publishers + case.subscribers);
    run.insert("resident_kb_per_peer", float(full.saturating_sub(empty)) / peers);
    for (name, pointer) in [
        ("answered_p50_us", "/answered_us/p50"),
        ("answered_p99_us", "/answered_us/p99"),
        ("connected_p50_us", "/connected_us/p50"),
        ("connected_p99_us", "/connected_us/p99"),
    ] {
        run.extend(joins.pointer(pointer).and_then(Value::as_f64).map(|value| (name, value)));
    }
    let on_each = joins.pointer("/on_each_port").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let least = on_each.iter().filter_map(Value::as_f64).fold(f64::INFINITY, f64::min);
    if case.workers > 1 {
        run.extend([("workers_used", float(on_each.len() as u64)), ("least_on_a_worker", least)]);
    }
    drop((server, bots));
    if case.floor {
        let runs = seen.pointer("/seen/runs").context("the bots counted no runs")?;
        let server = run.get("cpu_us").copied().unwrap_or(f64::NAN);
        // In a mesh those who send receive.
        let receivers = if case.subscribers == 0 { case.publishers } else { case.subscribers };
        let paced = floor::paced(programs, runs, receivers)?;
        let flat_out = floor::flat_out(programs, runs, receivers)?;
        run.extend([("floor_us", paced), ("floor_flat_out_us", flat_out)]);
        run.extend([("to_floor_ratio", server / paced), ("to_floor_flat_out_ratio", server / flat_out)]);
    }
    Ok(run)
}

/// What lies between the bots' next `measuring` and `measured`, and all that they say of it.
pub fn measured(server: &Pinned, bots: &mut Pinned) -> Result<(Run, Value)> {
    bots.line("measuring")?;
    let (clock, load) = (Clock::start(server)?, Clock::start(bots)?);
    let text = bots.line("measured ")?;
    let (server, load) = (clock.stop(server)?, load.stop(bots)?);
    let seen: Value = serde_json::from_str(&text)?;
    let of = |pointer: &str| seen.pointer(pointer).and_then(Value::as_f64);
    let Some(packets) = of("/seen/packets") else { bail!("the bots counted no packets") };
    let sent = of("/seen/video_sent").unwrap_or_default() + of("/seen/audio_sent").unwrap_or_default();
    let mut run = Run::from([
        ("server_core", server.on_cpu / server.wall),
        ("load_core", load.on_cpu / load.wall),
        ("system_share", server.system_share),
        ("delivered_per_s", packets / server.wall),
        ("sent_per_s", sent / server.wall),
    ]);
    if packets > 0.0 {
        run.extend([("cpu_us", 1e6 * server.on_cpu / packets), ("load_us", 1e6 * load.on_cpu / packets)]);
        run.insert("datagrams_per_send", datagrams_per_send(&seen));
        run.insert("lost_permille", 1000.0 * of("/seen/lost").unwrap_or_default() / packets);
    }
    for (name, pointer) in [
        ("delay_p50_us", "/seen/delay_us/p50"),
        ("delay_p99_us", "/seen/delay_us/p99"),
        ("first_packet_p50_us", "/first_packet_us/p50"),
        ("first_packet_p99_us", "/first_packet_us/p99"),
        ("lost", "/seen/lost"),
        ("healed", "/seen/healed"),
        ("probes", "/seen/probes"),
        ("feedback", "/seen/feedback"),
        ("lacking", "/lacking"),
    ] {
        run.extend(of(pointer).map(|value| (name, value)));
    }
    Ok((run, seen))
}

fn datagrams_per_send(seen: &Value) -> f64 {
    let runs = seen.pointer("/seen/runs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let number = |run: &Value, key| run.get(key).and_then(Value::as_f64).unwrap_or_default();
    let datagrams: f64 = runs.iter().map(|run| number(run, "segments") * number(run, "count")).sum();
    let sends: f64 = runs.iter().map(|run| number(run, "count")).sum();
    datagrams / sends.max(1.0)
}
