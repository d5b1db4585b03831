//! `chaos`: rooms that stay as they are, and beside them people who come, go, vanish and misbehave, by a seeded plan.
//!
//! Whoever watches the server says on standard input what is to be done, a line each, and is answered by a line that
//! begins with `done`: `steady 4` (so many rooms in all), `storm 20` (so many seconds of trouble; what came of it),
//! `calm` (what those who stay lack, since this was asked last). The end of the input is the end.

mod acts;
mod plan;
mod raw;
mod steady;

use acts::Place;
use anyhow::{Context, Result, bail};
use bot::{Crowd, Dice, Identity};
use clap::Parser;
use plan::Act;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use steady::Steady;
use tokio::task::JoinSet;

/// What is begun must be over by then, longer than anything in a plan takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "chaos", version)]
struct Arguments {
    /// Where the server serves HTTP
    #[arg(long)]
    server: SocketAddr,
    /// The same seed makes the same plan
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How much begins in a second
    #[arg(long, default_value_t = 3)]
    rate: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let place = Place {
        server: arguments.server,
        url: format!("ws://{}/ws", arguments.server),
        identity: Identity::generate()?,
        crowd: Crowd::start()?,
    };
    let mut dice = Dice::new(arguments.seed);
    let mut steady = Steady::new(place.clone());
    while let Some(line) = tokio::task::spawn_blocking(|| std::io::stdin().lines().next()).await? {
        let line = line?;
        let (word, number) = line.split_once(' ').unwrap_or((&line, "0"));
        let number: u64 = number.trim().parse().with_context(|| format!("`{line}`"))?;
        let done = match word {
            "steady" => steady.grow(number).await?,
            "storm" => storm(&place, &steady, &mut dice, arguments.rate, number).await?,
            "calm" => steady.look().await,
            _ => bail!("what is `{line}`?"),
        };
        println!("done {done}");
    }
    Ok(())
}

/// So many seconds of a plan, and until all that was begun is over.
async fn storm(place: &Place, steady: &Steady, dice: &mut Dice, rate: u32, seconds: u64) -> Result<Value> {
    let steady = Arc::new(steady.clone());
    let mut under_way = JoinSet::new();
    let mut count: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    for _ in 0..seconds * u64::from(rate) {
        ticks.tick().await;
        let act = Act::roll(dice, steady.rooms());
        *count.entry(act.name()).or_default() += 1;
        let (place, steady) = (place.clone(), steady.clone());
        under_way.spawn(async move { (act.name(), acts::play(act, &place, &steady).await) });
    }
    let mut failed = Vec::new();
    let all = async {
        while let Some(over) = under_way.join_next().await {
            let (name, outcome) = over?;
            failed.extend(outcome.err().map(|error| format!("{name}: {error:#}")));
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, all).await.context("something never ended")??;
    Ok(json!({"acts": count, "failed": failed}))
}
