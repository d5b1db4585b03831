//! `cargo xtask soak`: a server at half of what it can do, people who stay, and trouble beside them by a seeded plan.
//!
//! Round after round there is a storm (`bot`'s program `chaos`: people come, leave, vanish, lose their sockets, read
//! nothing, say too much), then quiet until only those who stay are left. After the first round the server is warm;
//! what it holds after each later quiet must be the same within [`TOLERANCE`](verdict::TOLERANCE). `watch` looks at the
//! server, `verdict` judges, `page` writes docs/soak.md. The server has one core, all others another, as in `bench`.

mod page;
mod verdict;
mod watch;

use crate::bench::figures::float;
use crate::bench::machine::Machine;
use crate::bench::running::{Clock, Pinned, Server, program};
use crate::{process, steps::Steps, workspace::Workspace};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use verdict::Round;
use watch::Sample;

/// Where the server runs, and everybody else.
const MEASURED_CORE: &str = "0";
const LOAD_CORE: &str = "1";
/// Of the server's core that those who stay take.
const HALF: f64 = 0.5;
/// Rooms at most, however cheap they are.
const MOST_ROOMS: f64 = 60.0;
/// Seconds of a storm, in a run of some length and in a short one.
const STORM: u64 = 30;
const SHORT_STORM: u64 = 12;
/// The first round warms the server up.
const LEAST_ROUNDS: usize = 2;
/// Whoever vanished is waited for: 30 s for a socket or for media that never came, and some more to notice.
const SETTLING: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After that the server has time to let go of what it held.
const REST: Duration = Duration::from_secs(3);

/// What was asked for.
#[derive(Debug, PartialEq)]
struct Asked {
    minutes: u64,
    seed: u64,
    rooms: Option<u64>,
    built: Option<PathBuf>,
    write: bool,
}

/// Builds, runs, prints, judges.
pub fn soak(arguments: &[String]) -> Result<()> {
    let asked = parse(arguments)?;
    let workspace = Workspace::find()?;
    ensure!(
        process::find(&["taskset"], &[]).is_some() && Path::new("/proc/self/schedstat").exists(),
        "needs Linux with /proc and `taskset` (util-linux)"
    );
    let mut steps = Steps::new(if asked.built.is_some() { 1 } else { 2 });
    let programs = if let Some(folder) = &asked.built {
        folder.clone()
    } else {
        steps.step("building the server and the bots", "about 7 min the first time", || {
            let build = ["build", "--release", "--package", "server", "--package", "bot"];
            process::run(process::cargo(&workspace).args(build), "read the compiler's message above")
        })?;
        workspace.target.join("release")
    };
    let machine = Machine::look(&workspace)?;
    let mut course = None;
    steps.step("storms and quiet", &format!("about {} min", asked.minutes), || {
        course = Some(run(&programs, &asked)?);
        Ok(())
    })?;
    let (load, rounds) = course.context("nothing was run")?;
    let complaints = verdict::complaints(&rounds);
    let told = page::text(&load, &rounds, &complaints);
    println!("\n{told}");
    if asked.write {
        page::write(&workspace.root, &machine, &asked_for(&asked), &told)?;
    }
    ensure!(complaints.is_empty(), "the server did not stand it:\n  {}", complaints.join("\n  "));
    Ok(())
}

fn asked_for(asked: &Asked) -> String {
    format!("{} minutes, seed {}", asked.minutes, asked.seed)
}

fn parse(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked { minutes: 10, seed: 1, rooms: None, built: None, write: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || -> Result<u64> {
            let text = rest.next().with_context(|| format!("{argument} takes a number"))?;
            text.parse().with_context(|| format!("`{text}` is no number"))
        };
        match argument.as_str() {
            "--minutes" => asked.minutes = number()?,
            "--seed" => asked.seed = number()?,
            "--rooms" => asked.rooms = Some(number()?.max(1)),
            "--built" => asked.built = Some(rest.next().context("--built takes a folder")?.into()),
            "--write" => asked.write = true,
            other => bail!(
                "what is `{other}`? There are --minutes N, --seed S, --rooms N, --built FOLDER and --write"
            ),
        }
    }
    ensure!(asked.minutes > 0, "--minutes takes at least one");
    Ok(asked)
}

/// What was run beside the storms: in words.
type Load = String;

fn run(programs: &Path, asked: &Asked) -> Result<(Load, Vec<Round>)> {
    let quietly = ["--log", "error,server=warn,transport=warn"];
    let server = Server::start_as(programs, MEASURED_CORE, 1, &quietly)?;
    let mut chaos = Command::new(programs.join(program("chaos")));
    chaos.args(["--server", &server.address, "--seed", &asked.seed.to_string()]);
    let mut chaos = Pinned::start(&chaos, LOAD_CORE)?;
    tell(&mut chaos, "steady 1")?;
    let share = busy(&server, REST)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped in the same line")]
    let fitting = (HALF / share.max(0.001)).clamp(1.0, MOST_ROOMS) as u64;
    let rooms = asked.rooms.unwrap_or(fitting);
    let steady = tell(&mut chaos, &format!("steady {rooms}"))?;
    let people = steady.get("participants").and_then(Value::as_u64).context("nobody stays")?;
    let load =
        format!("{rooms} rooms, {people} people who stay: {:.0} % of a core", 100.0 * busy(&server, REST)?);
    eprintln!("      {load}");
    // What was missed while rooms were filled is nobody's fault.
    tell(&mut chaos, "calm")?;
    let (begun, length) = (Instant::now(), Duration::from_mins(asked.minutes));
    let storm = if asked.minutes > 1 { STORM } else { SHORT_STORM };
    let mut rounds = Vec::new();
    while rounds.len() < LEAST_ROUNDS || begun.elapsed() < length {
        let during = || {
            let stormed = tell(&mut chaos, &format!("storm {storm}"))?;
            Ok((stormed, settle(&server, people, rooms)?))
        };
        let (overloaded, stood, (stormed, quiet)) = watch::overloaded_while(&server, during)?;
        let calm = tell(&mut chaos, "calm")?;
        let sample = Sample::take(&server)?;
        let round =
            Round { overloaded, stood, ..Round::of(begun.elapsed(), &stormed, &calm, quiet, sample)? };
        eprintln!("      {}", round.line());
        rounds.push(round);
    }
    Ok((load, rounds))
}

/// Tells the program what to do, and waits until it is done.
fn tell(chaos: &mut Pinned, what: &str) -> Result<Value> {
    chaos.write(&format!("{what}\n"))?;
    let done = chaos.line("done ").with_context(|| format!("while it did `{what}`"))?;
    Ok(serde_json::from_str(&done)?)
}

/// Which part of its core the server takes.
fn busy(server: &Server, over: Duration) -> Result<f64> {
    let clock = Clock::start(&server.process)?;
    thread::sleep(over);
    let span = clock.stop(&server.process)?;
    Ok(span.on_cpu / span.wall)
}

/// Waits until only those who stay are left, and then a little; how long that took, or what is too much.
fn settle(server: &Server, people: u64, rooms: u64) -> Result<Result<Duration, Vec<String>>> {
    let begun = Instant::now();
    loop {
        let page = watch::figures(server)?;
        let expected = [
            ("madang_participants", people),
            ("madang_websockets", people),
            ("madang_peers", people),
            ("madang_rooms", rooms),
            ("madang_participants_joining", 0),
            ("madang_participants_absent", 0),
            ("madang_http_resources", 0),
        ];
        let wrong: Vec<String> = expected
            .iter()
            .filter_map(|(name, expected)| {
                let value = page.get(*name).copied().unwrap_or(f64::NAN);
                ((value - float(*expected)).abs() > 0.5).then(|| format!("{name} is {value}, not {expected}"))
            })
            .collect();
        if wrong.is_empty() {
            let took = begun.elapsed();
            thread::sleep(REST);
            return Ok(Ok(took));
        }
        if begun.elapsed() > SETTLING {
            return Ok(Err(wrong));
        }
        thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood_or_refused() {
        let asked = |line: &str| parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let usual = Asked { minutes: 10, seed: 1, rooms: None, built: None, write: false };
        assert_eq!(asked("").unwrap(), usual);
        let short = Asked { minutes: 1, seed: 7, built: Some("a".into()), ..usual };
        assert_eq!(asked("--minutes 1 --seed 7 --built a").unwrap(), short);
        for wrong in ["--minutes 0", "--minutes", "--seed x", "--built", "fast"] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
