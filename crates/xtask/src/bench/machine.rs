//! The machine that was measured on, without which a figure says nothing.

use crate::{process, workspace::Workspace};
use anyhow::Result;
use serde_json::{Value, json};
use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// A load average above this means that others had work for the machine, too.
const QUIET: f64 = 0.7;

/// How long the machine may take to come to rest, from building above all. The load average forgets most of it in two
/// minutes.
const PATIENCE: Duration = Duration::from_mins(3);

/// What is told of it.
#[derive(Clone, Debug)]
pub struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    rustc: String,
    date: String,
    /// Of the minute before the measurement.
    load: f64,
}

impl Machine {
    /// Looks at the one that this runs on. To be called before anything is measured.
    pub fn look(workspace: &Workspace) -> Result<Self> {
        let said = |program: &str, arguments: &[&str]| -> Result<String> {
            let mut command = Command::new(program);
            Ok(process::output(command.args(arguments).current_dir(&workspace.root))?.trim().to_owned())
        };
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Ok(Self {
            processor: model.map_or("unknown", |(_, model)| model).to_owned(),
            cores: thread::available_parallelism()?.get(),
            kernel: said("uname", &["-sr"])?,
            rustc: said("rustc", &["--version"])?,
            date: said("date", &["+%Y-%m-%d"])?,
            load: load(),
        })
    }

    /// Waits until it has nothing else to do, or does not come to that.
    pub fn rest() {
        let begun = Instant::now();
        while load() > QUIET && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_secs(2));
        }
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        json!({
            "processor": self.processor,
            "cores": self.cores,
            "kernel": self.kernel,
            "rustc": self.rustc,
            "date": self.date,
            "load_average_before": self.load,
        })
    }

    /// For people.
    pub fn markdown(&self) -> String {
        let Self { processor, cores, kernel, rustc, date, load } = self;
        let busy = if *load > QUIET {
            format!(
                "\n\nThe machine was **busy** with other work (load average {load:.1} before the measurement): \
                 these are a busy machine's figures."
            )
        } else {
            String::new()
        };
        format!("{date}: {processor}, {cores} cores; {kernel}; {rustc}.{busy}\n")
    }
}

/// The load average of the last minute; not a number where there is none.
fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(f64::NAN)
}
