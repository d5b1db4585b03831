//! The floor: the same bytes sealed with the same sealer and sent in runs of the same lengths to as many sockets, on
//! the server's core, with no SFU around. Once at the same pace, as cold between the runs as the server, and once as
//! fast as it goes.

use super::cases::SECONDS;
use super::figures::float;
use super::running::{Pinned, program};
use super::{LOAD_CORE, MEASURED_CORE};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{path::Path, process::Command};

/// Microseconds for a packet at the server's pace.
pub fn paced(programs: &Path, runs: &Value, subscribers: u64) -> Result<f64> {
    let list = runs.as_array().context("the runs are no list")?;
    let total = list.iter().map(|run| number(run, "count")).sum::<Result<u64>>()?;
    // Runs each socket got in a second.
    let rounds = (total / (subscribers * SECONDS)).max(1);
    measure(programs, runs, subscribers, Some(rounds))
}

/// Microseconds for a packet as fast as it goes.
pub fn flat_out(programs: &Path, runs: &Value, subscribers: u64) -> Result<f64> {
    measure(programs, runs, subscribers, None)
}

fn measure(programs: &Path, runs: &Value, subscribers: u64, rounds: Option<u64>) -> Result<f64> {
    let path = programs.join(program("floor"));
    let mut receive = Command::new(&path);
    receive.args(["receive", "--sockets", &subscribers.to_string()]);
    let mut receiver = Pinned::start(&receive, LOAD_CORE)?;
    let ports = receiver.line("")?;
    let mut send = Command::new(&path);
    send.args(["send", "--ports", ports.trim(), "--seconds", &(SECONDS / 2).to_string()]);
    if let Some(rounds) = rounds {
        send.args(["--rounds", &rounds.to_string()]);
    }
    let mut sender = Pinned::start(&send, MEASURED_CORE)?;
    sender.write_all(&runs.to_string())?;
    let result: Value = serde_json::from_str(&sender.line("sent ")?)?;
    sender.end()?;
    let (packets, on_cpu_ns) = (number(&result, "packets")?, number(&result, "on_cpu_ns")?);
    Ok(float(on_cpu_ns) / 1000.0 / float(packets.max(1)))
}

fn number(value: &Value, key: &str) -> Result<u64> {
    value.get(key).and_then(Value::as_u64).with_context(|| format!("no number `{key}` in {value}"))
}
