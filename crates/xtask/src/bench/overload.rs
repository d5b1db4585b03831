//! A server with twice as much to do as its core can: what it sends then, and how it comes back.
//!
//! Those who stay are measured alone first; what they cost says how many more there must be for two cores' worth. Those
//! are blind: they report no arrivals, so that no estimate holds the load back and all of it is there at once. Then
//! they leave.

use super::cases::{OPEN_EVERY, measured};
use super::figures::{Run, float};
use super::running::{Clock, Pinned, Server, program};
use super::{LOAD_CORE, MEASURED_CORE};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use std::{path::Path, process::Command};

/// Subscribers who stay.
const STAY: u64 = 100;
/// How many more come at most, however cheap those who stay are.
const MOST: u64 = 1500;
/// Cores' worth of work that there is with them.
const TIMES: f64 = 2.0;
/// 2520 video packets a second in bursts of fifteen, and 50 audio packets; measured for a while, after a while.
const LOAD: &[&str] = &["--packets-per-frame", "84", "--burst", "15", "--seconds", "5", "--settle", "2000"];
/// How many join at the same time.
const AT_ONCE: u64 = 16;
/// The longest that coming back is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// Over which it is looked whether all is back, which is so with so much of the packets there were before.
const LOOK: Duration = Duration::from_millis(500);
const ALL: f64 = 0.95;

/// The rows.
pub type Phases = Vec<(&'static str, Vec<Run>)>;

/// One run of the whole course.
pub fn measure(programs: &Path, phases: &mut Phases) -> Result<()> {
    let server = Server::start(programs, MEASURED_CORE)?;
    let mut stay =
        Pinned::start(&bots(programs, &server, &["--publishers", "1", "--cue"], STAY, 3), LOAD_CORE)?;
    let (mut before, seen) = measured(&server.process, &mut stay)?;
    add_figures(&mut before, &[&seen], STAY)?;
    let core = before.get("server_core").copied().unwrap_or(f64::NAN);
    add_server(&mut before, programs, &server)?;
    let rate = before.get("delivered_per_s").copied().unwrap_or(f64::NAN);
    keep(phases, "before", before);

    let more = ((TIMES / core.max(0.01) - 1.0) * float(STAY)).clamp(1.0, float(MOST));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped a line above")]
    let more = more as u64;
    eprintln!("      {STAY} take {:.0} % of a core; {more} more come", 100.0 * core);
    let blind = ["--publishers", "0", "--seats", "1", "--blind", "--cue"];
    let mut crowd = Pinned::start(&bots(programs, &server, &blind, more, 2), LOAD_CORE)?;
    // Their first measurement is the time in which the server finds what it can bear.
    crowd.line("measured ")?;
    let refused = is_refused(programs, &server)?;
    for bots in [&mut stay, &mut crowd] {
        bots.write("now\n")?;
    }
    let clock = Clock::start(&crowd)?;
    let (mut during, seen) = measured(&server.process, &mut stay)?;
    let load = clock.stop(&crowd)?;
    let others: Value = serde_json::from_str(&crowd.line("measured ")?)?;
    add_figures(&mut during, &[&seen, &others], STAY + more)?;
    *during.entry("load_core").or_default() += load.on_cpu / load.wall;
    during.insert("subscribers", float(STAY + more));
    add_load(&mut during, &server)?;
    during.insert("refused", refused);
    keep(phases, "at twice the capacity", during);

    // They leave by themselves.
    crowd.end()?;
    let left = Instant::now();
    let back = loop {
        let sent = media_rate(&server, LOOK)?;
        let back = left.elapsed();
        let sheds = metric(&server, "madang_worker_overloaded")? + metric(&server, "madang_slots_shed")?;
        if sheds < 1.0 && sent >= ALL * rate {
            break back;
        }
        ensure!(back < PATIENCE, "the server does not recover");
    };
    stay.write("now\n")?;
    let (mut after, seen) = measured(&server.process, &mut stay)?;
    add_figures(&mut after, &[&seen], STAY)?;
    add_server(&mut after, programs, &server)?;
    after.insert("back_s", back.as_secs_f64());
    keep(phases, "after they left", after);
    Ok(())
}

fn keep(phases: &mut Phases, name: &'static str, run: Run) {
    match phases.iter_mut().find(|(known, _)| *known == name) {
        Some((_, runs)) => runs.push(run),
        None => phases.push((name, vec![run])),
    }
}

fn bots(programs: &Path, server: &Server, who: &[&str], subscribers: u64, stages: usize) -> Command {
    let stages = vec![subscribers.to_string(); stages].join(",");
    let mut bot = Command::new(programs.join(program("bot")));
    bot.args(["--json", "--url", &server.url, "--subscribers", &stages]).args(who).args(LOAD);
    bot.args(["--at-once", &AT_ONCE.to_string(), "--open-every", &OPEN_EVERY.to_string()]);
    bot
}

/// What came of what was sent, of sound and video apart. The first of `seen` has the publisher.
fn add_figures(run: &mut Run, seen: &[&Value], receivers: u64) -> Result<()> {
    let sum = |pointer: &str| -> f64 { seen.iter().filter_map(|seen| seen.pointer(pointer)?.as_f64()).sum() };
    let (sound, lost) = (sum("/seen/sound/packets"), sum("/seen/sound/lost"));
    let video = sum("/seen/packets") - sound;
    let due = |pointer| sum(pointer) * float(receivers);
    ensure!(due("/seen/video_sent") > 0.0 && sound > 0.0, "nothing was sent");
    run.extend([
        ("video_share", video / due("/seen/video_sent")),
        ("sound_share", sound / due("/seen/audio_sent")),
        ("sound_lost_permille", 1000.0 * lost / (sound + lost)),
        ("delivered_per_s", sum("/seen/packets") / sum("/seen/seconds") * float(seen.len() as u64)),
        ("subscribers", float(receivers)),
    ]);
    let first = seen.first().context("nobody looked")?;
    for (name, pointer) in
        [("sound_p50_us", "/seen/sound/delay_us/p50"), ("sound_p99_us", "/seen/sound/delay_us/p99")]
    {
        run.extend(first.pointer(pointer).and_then(Value::as_f64).map(|value| (name, value)));
    }
    Ok(())
}

fn add_server(run: &mut Run, programs: &Path, server: &Server) -> Result<()> {
    add_load(run, server)?;
    run.insert("refused", is_refused(programs, server)?);
    Ok(())
}

fn add_load(run: &mut Run, server: &Server) -> Result<()> {
    run.insert("shed_share", metric(server, "madang_worker_shed_ratio")?);
    Ok(())
}

/// Whether a room that nobody is in can be opened: 1 if the server says that it has too much to do.
fn is_refused(programs: &Path, server: &Server) -> Result<f64> {
    let mut newcomer = Command::new("taskset");
    newcomer.args(["--cpu-list", LOAD_CORE]).arg(programs.join(program("bot")));
    newcomer.args(["--url", &server.url, "--room", "another", "--publishers", "0", "--seconds", "0"]);
    let output = newcomer.output().with_context(|| format!("{newcomer:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match (output.status.success(), said.contains("Overloaded")) {
        (true, _) => Ok(0.0),
        (false, true) => Ok(1.0),
        (false, false) => bail!("a bot could not open a room: {said}"),
    }
}

/// Packets a second that the server sends and that are no probes.
fn media_rate(server: &Server, over: Duration) -> Result<f64> {
    let sent = || -> Result<f64> {
        Ok(metric(server, "madang_packets_out_total")? - metric(server, "madang_probe_packets_out_total")?)
    };
    let (began, before) = (Instant::now(), sent()?);
    std::thread::sleep(over);
    Ok((sent()? - before) / began.elapsed().as_secs_f64())
}

/// One of the server's metrics; that of its one worker.
fn metric(server: &Server, name: &str) -> Result<f64> {
    let mut stream = TcpStream::connect(&server.address)?;
    let address = &server.address;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    let value = page.lines().find_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.strip_prefix("{worker=\"0\"}").unwrap_or(rest).strip_prefix(' ')
    });
    Ok(value.with_context(|| format!("no {name}"))?.trim().parse()?)
}
