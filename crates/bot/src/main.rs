//! `bot`: fills a room with bots, lets them talk, and says what they saw.

use anyhow::{Context, Result, ensure};
use bot::{Bot, Identity, Options, Received, RunShape, Stats, Video};
use clap::Parser;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Publishers and subscribers without browsers. They send synthetic camera and microphone, check every
/// packet they receive, and at the end say what came.
#[derive(Debug, Parser)]
#[command(name = "bot", version)]
struct Arguments {
    /// The server's signaling socket
    #[arg(long, default_value = "ws://127.0.0.1:8080/ws")]
    url: String,
    /// The room they all join
    #[arg(long, default_value = "bots")]
    room: String,
    /// How many send camera and microphone
    #[arg(long, default_value_t = 1)]
    publishers: usize,
    /// How many only receive
    #[arg(long, default_value_t = 1)]
    subscribers: usize,
    /// How many publishers each one receives; all of them when not given
    #[arg(long)]
    seats: Option<usize>,
    /// How long to measure, once everybody receives
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Frames of a camera in a second
    #[arg(long, default_value_t = 30)]
    frame_rate: u32,
    /// Packets of a frame
    #[arg(long, default_value_t = 7)]
    packets_per_frame: u32,
    /// Bytes of a camera's RTP packet
    #[arg(long, default_value_t = 1150, value_parser = clap::value_parser!(u16).range(100..=1400))]
    packet_len: u16,
    /// Packets sent at once; the next go out 5 ms later
    #[arg(long, default_value_t = 3)]
    burst: u32,
    /// Seconds between keyframes
    #[arg(long, default_value_t = 10)]
    keyframe_every: u64,
    /// No microphones
    #[arg(long)]
    no_audio: bool,
    /// Received packets out of a thousand that each one drops
    #[arg(long, default_value_t = 0)]
    loss: u32,
    /// Say it as one line of JSON after the word `measured`
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.publishers + arguments.subscribers > 0, "nobody to join");
    let bots = join(&arguments).await?;
    for bot in &bots {
        bot.connected().await?;
    }
    let seats = seats(&arguments).min(arguments.publishers);
    for (number, bot) in bots.iter().enumerate().filter(|_| seats > 0) {
        let others = arguments.publishers - usize::from(number < arguments.publishers);
        let wanted = seats.min(others);
        bot.until("media on every seat", |stats, _| streaming(stats) >= wanted).await?;
    }
    println!("measuring");
    let before = sum(&bots);
    tokio::time::sleep(Duration::from_secs(arguments.seconds)).await;
    let after = sum(&bots);
    let report = report(&before, &after, arguments.seconds);
    if arguments.json {
        println!("measured {report}");
    } else {
        println!("{report:#}");
    }
    for bot in bots {
        bot.leave().await?;
    }
    Ok(())
}

fn seats(arguments: &Arguments) -> usize {
    arguments.seats.unwrap_or(arguments.publishers)
}

fn streaming(stats: &Stats) -> usize {
    stats.received.values().filter(|slot| slot.video && slot.packets > 0).count()
}

/// One after the other, as people come.
async fn join(arguments: &Arguments) -> Result<Vec<Bot>> {
    let identity = Identity::generate()?;
    let video = Video {
        frame_rate: arguments.frame_rate,
        packets_per_frame: arguments.packets_per_frame,
        packet_len: usize::from(arguments.packet_len),
        burst: arguments.burst,
        keyframe_every: Duration::from_secs(arguments.keyframe_every),
    };
    let mut bots = Vec::new();
    for number in 0..arguments.publishers + arguments.subscribers {
        let publishes = number < arguments.publishers;
        let options = Options {
            seats: seats(arguments),
            video: publishes.then_some(video),
            audio: publishes && !arguments.no_audio,
            loss_per_mille: arguments.loss,
            seed: number as u64,
            ..Options::subscriber(&arguments.url, &arguments.room)
        };
        let name = format!("bot {number}");
        let bot = Bot::join_as(options.named(&name), identity.clone()).await;
        bots.push(bot.with_context(|| format!("{name} could not join"))?);
    }
    Ok(bots)
}

/// Everybody's numbers together.
#[derive(Default)]
struct Sum {
    video_sent: u64,
    audio_sent: u64,
    received: Received,
    refused: u64,
    runs: BTreeMap<RunShape, u64>,
    delays: Vec<u32>,
    connected_after: Vec<Duration>,
}

fn sum(bots: &[Bot]) -> Sum {
    let mut sum = Sum::default();
    for bot in bots {
        let stats = bot.stats();
        sum.video_sent += stats.sent.video;
        sum.audio_sent += stats.sent.audio;
        sum.refused += stats.refused + stats.unknown_ssrc;
        for slot in stats.received.values() {
            let total = &mut sum.received;
            total.packets += slot.packets;
            total.bytes += slot.bytes;
            total.healed += slot.healed;
            total.duplicates += slot.duplicates;
            total.missing += slot.missing;
            total.lost += slot.lost;
            total.time_breaks += slot.time_breaks;
            total.picture_breaks += slot.picture_breaks;
            total.bad_starts += slot.bad_starts;
        }
        for (shape, count) in &stats.runs {
            *sum.runs.entry(*shape).or_default() += count;
        }
        sum.delays.extend(stats.delays());
        sum.connected_after.extend(stats.connected_after);
    }
    sum
}

fn report(before: &Sum, after: &Sum, seconds: u64) -> Value {
    let (first, last) = (&before.received, &after.received);
    let packets = last.packets - first.packets;
    let runs: Vec<Value> = after
        .runs
        .iter()
        .filter_map(|(shape, count)| {
            let count = count - before.runs.get(shape).unwrap_or(&0);
            let RunShape { segments, segment, last } = *shape;
            (count > 0)
                .then(|| json!({"segments": segments, "segment": segment, "last": last, "count": count}))
        })
        .collect();
    let mut delays = after.delays.clone();
    delays.sort_unstable();
    let mut connecting: Vec<u32> =
        after.connected_after.iter().filter_map(|after| u32::try_from(after.as_micros()).ok()).collect();
    connecting.sort_unstable();
    json!({
        "seconds": seconds,
        "video_sent": after.video_sent - before.video_sent,
        "audio_sent": after.audio_sent - before.audio_sent,
        "packets": packets,
        "bytes": last.bytes - first.bytes,
        "healed": last.healed - first.healed,
        "lost": (last.lost + last.missing).saturating_sub(first.lost + first.missing),
        "duplicates": last.duplicates - first.duplicates,
        "jumps": last.time_breaks + last.picture_breaks + last.bad_starts,
        "refused": after.refused - before.refused,
        "delay_us": {"p50": percentile(&delays, 50), "p99": percentile(&delays, 99)},
        "connected_us": {"p50": percentile(&connecting, 50), "p99": percentile(&connecting, 99)},
        "runs": runs,
    })
}

fn percentile(sorted: &[u32], percent: usize) -> Option<u32> {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().checked_sub(1)?)).copied()
}
