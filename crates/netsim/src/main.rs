//! `netsim`: puts any browser behind a bad network by hand.
//!
//! Reads the command line, keeps a [`Relay`] running, prints what it does each second and obeys the lines
//! typed meanwhile.

mod program {
    //! The command line and what is printed.
    pub mod options;
    pub mod report;
}

use anyhow::Result;
use clap::Parser;
use netsim::{Relay, RelayStats};
use program::options::Options;
use program::report;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Between two printed lines.
const PERIOD: Duration = Duration::from_secs(1);

fn main() -> Result<()> {
    let options = Options::parse();
    let relay = Relay::start(options.relay_config())?;
    println!("relaying {} → {}; type rebind, block or unblock", relay.local_addr(), options.to);
    println!("{}", report::HEAD);
    let lines = typed_lines();
    let mut before = RelayStats::default();
    for second in 1_u64.. {
        obey_until_next(&relay, &lines);
        let stats = relay.stats();
        println!("{}", report::line(second, &before, &stats));
        before = stats;
        if options.seconds == Some(second) {
            break;
        }
    }
    Ok(())
}

/// Obeys what is typed, for one period.
#[expect(clippy::disallowed_methods, reason = "a person's second is a real one")]
fn obey_until_next(relay: &Relay, lines: &Receiver<String>) {
    let end = Instant::now() + PERIOD;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) => obey(relay, line.trim()),
            Err(RecvTimeoutError::Timeout) => return,
            // The input has ended: only time is left to wait for.
            Err(RecvTimeoutError::Disconnected) => return thread::sleep(left),
        }
    }
}

fn obey(relay: &Relay, line: &str) {
    match line {
        "" => {}
        "rebind" => match relay.rebind() {
            Ok(()) => println!("new ports towards the server"),
            Err(error) => println!("no new ports: {error}"),
        },
        "block" => relay.block(true),
        "unblock" => relay.block(false),
        other => println!("{other}? type rebind, block or unblock"),
    }
}

fn typed_lines() -> Receiver<String> {
    // A person types; the thread waits with the next line until the last is taken.
    let (typed, lines) = mpsc::sync_channel(1);
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if typed.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
