//! `bot`: fills a room with bots, lets them talk, and says what they saw.
//!
//! With several numbers of subscribers it fills the room stage by stage; the same number again only measures again. What it prints is also a protocol: whoever
//! measures the server looks at its processor time at the lines `joining`, `joined`, `measuring` and `measured`.

mod program;

use anyhow::{Result, ensure};
use clap::Parser;
use program::{Arguments, Filling, Tally, report};
use serde_json::json;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let most = arguments.subscribers.iter().max().copied().unwrap_or_default();
    ensure!(arguments.publishers + most > 0, "nobody to join");
    let mut room = Filling::new(&arguments)?;
    for (stage, subscribers) in arguments.subscribers.iter().enumerate() {
        if arguments.cue && stage > 0 {
            cue().await?;
        }
        println!("joining {}", room.bots().len());
        let joins = room.fill(*subscribers).await?;
        println!("joined {joins}");
        let lacking = room.settle().await;
        if lacking > 0 {
            eprintln!("bot: {lacking} of {} have no picture", room.bots().len());
        }
        tokio::time::sleep(Duration::from_millis(arguments.settle)).await;
        room.bots().iter().for_each(bot::Bot::forget_delays);
        let before = Tally::of(room.bots());
        println!("measuring");
        tokio::time::sleep(Duration::from_secs(arguments.seconds)).await;
        let seen = report(&before, &Tally::of(room.bots()), arguments.seconds);
        let report = json!({"seen": seen, "first_packet_us": room.first_packets(), "lacking": lacking});
        if arguments.json {
            println!("measured {report}");
        } else {
            println!("{report:#}");
        }
    }
    room.leave().await
}

/// Waits for a line on standard input, or its end.
async fn cue() -> Result<()> {
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    Ok(())
}
