//! What the server holds now: by its own account, and by the kernel's.

use crate::bench::running::Server;
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked whether the server has too much to do.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a thread sleeps that measures when the machine stands still.
const NAP: Duration = Duration::from_millis(5);

/// Figures of `/metrics` that are as before when everybody who came is gone.
const HELD: [&str; 10] = [
    "madang_tasks",
    "madang_rooms",
    "madang_websockets",
    "madang_publications",
    "madang_peers",
    "madang_streams",
    "madang_slots",
    "madang_subscriptions",
    "madang_data_members",
    "madang_history_bytes",
];

/// Faults of the server's, all of which are none in a sound one.
const FAULTS: [&str; 5] = [
    "madang_peer_panics_total",
    "madang_stranger_panics_total",
    "madang_worker_restarts_total",
    "madang_worker_still",
    "madang_errors_total{code=\"internal\"}",
];

/// At one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// Kilobytes in memory.
    pub resident: u64,
    /// What is counted, by name: file descriptors, threads, and what stands in [`HELD`].
    pub held: BTreeMap<String, u64>,
    /// Faults since the start, by name.
    pub faults: BTreeMap<String, u64>,
    /// Clients that read too slowly, since the start.
    pub too_slow: u64,
}

impl Sample {
    /// Looks.
    pub fn take(server: &Server) -> Result<Self> {
        // Before a connection is made to ask for the rest.
        let process = format!("/proc/{}", server.process.id());
        let descriptors = u64::try_from(fs::read_dir(format!("{process}/fd"))?.count())?;
        let page = figures(server)?;
        let number = |name: &str| page.get(name).copied().unwrap_or_default();
        let status = fs::read_to_string(format!("{process}/status"))?;
        let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).context("no threads")?;
        let mut held = BTreeMap::from([
            ("file descriptors".to_owned(), descriptors),
            ("threads".to_owned(), threads.trim().parse()?),
        ]);
        for name in HELD {
            let value = page.get(name).with_context(|| format!("{name} is not in /metrics"))?;
            held.insert(name.trim_start_matches("madang_").to_owned(), whole(*value));
        }
        let fault = |name: &'static str| {
            let of_all: f64 =
                page.iter().filter(|(key, _)| key.starts_with(name)).map(|(_, value)| value).sum();
            (name.to_owned(), whole(of_all))
        };
        let faults = FAULTS.map(fault);
        Ok(Self {
            resident: server.process.resident()?,
            held,
            faults: faults.into(),
            too_slow: whole(number("madang_errors_total{code=\"too_slow\"}")),
        })
    }
}

/// For how long the server had too much to do while something else goes on, and for how long the machine stood still at
/// most: what a thread of ours that does nothing has slept too long.
pub fn overloaded_while<T>(
    server: &Server,
    act: impl FnOnce() -> Result<T>,
) -> Result<(Duration, Duration, T)> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let sleeping = scope.spawn(|| {
            let mut stood = Duration::ZERO;
            while !over.load(Relaxed) {
                let asleep = Instant::now();
                thread::sleep(NAP);
                stood = stood.max(asleep.elapsed().saturating_sub(NAP));
            }
            stood
        });
        let looking = scope.spawn(|| -> Result<Duration> {
            let mut overloaded = Duration::ZERO;
            while !over.load(Relaxed) {
                let page = figures(server)?;
                let sheds = |(name, value): (&String, &f64)| {
                    let asked = name.starts_with("madang_worker_overloaded") || name == "madang_slots_shed";
                    asked && *value > 0.0
                };
                if page.iter().any(sheds) {
                    overloaded += LOOK_EVERY;
                }
                thread::sleep(LOOK_EVERY);
            }
            Ok(overloaded)
        });
        let acted = act();
        over.store(true, Relaxed);
        let overloaded = looking.join().map_err(|_| anyhow!("the watch panicked"))?;
        let stood = sleeping.join().map_err(|_| anyhow!("the watch panicked"))?;
        Ok((overloaded?, stood, acted?))
    })
}

/// All of `/metrics`, by name and labels.
pub fn figures(server: &Server) -> Result<BTreeMap<String, f64>> {
    let mut stream = TcpStream::connect(&server.address)?;
    let address = &server.address;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    Ok(read(&page))
}

fn read(page: &str) -> BTreeMap<String, f64> {
    let figure = |line: &str| {
        let (name, value) = line.trim_end().rsplit_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?)).filter(|_| name.starts_with("madang_"))
    };
    page.lines().filter_map(figure).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, far below 2⁵³")]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_name_and_labels() {
        let page = "HTTP/1.1 200 OK\r\n\r\n# HELP madang_peers Help 3\nmadang_peers 7\n\
            madang_errors_total{code=\"too_slow\"} 2\nother 5\n";
        let expected =
            [("madang_peers".to_owned(), 7.0), ("madang_errors_total{code=\"too_slow\"}".to_owned(), 2.0)];
        assert_eq!(read(page), expected.into());
    }
}
