//! `floor`: what forwarding cannot cost less than. Seals and sends the runs that an SFU sent, to as many
//! sockets, and does nothing else; `cargo xtask bench` measures its CPU time beside the server's.
//!
//! `floor receive` opens the sockets and prints their ports; `floor send` reads the runs as JSON from its
//! input, sends them for so long, and prints how many packets that were and what time on a core they took.

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use serde_json::{Value, json};
use std::io::{IoSliceMut, Read};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use tokio::io::Interest;
use transport::srtp::{KeyingMaterial, Profile, Sealer};

/// Seals and sends with nothing around it.
#[derive(Debug, Parser)]
#[command(name = "floor", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Opens sockets, prints their ports on one line, and drains them until ended
    Receive {
        /// How many
        #[arg(long, default_value_t = 50)]
        sockets: usize,
    },
    /// Sends runs, as `bot --json` counted them, to these ports
    Send {
        /// The receiver's ports
        #[arg(long, value_delimiter = ',')]
        ports: Vec<u16>,
        /// For how long
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// Rounds of one run to every socket in a second; as fast as it goes when not given
        #[arg(long)]
        rounds: Option<u32>,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Receive { sockets } => receive(sockets),
        Command::Send { ports, seconds, rounds } => send(&ports, seconds, rounds),
    }
}

/// As the bots receive, or waking the receiver would cost the sender another price: one thread, all
/// sockets in one epoll, with GRO.
#[tokio::main(flavor = "current_thread")]
async fn receive(count: usize) -> Result<()> {
    let sockets = (0..count).map(|_| bind()).collect::<Result<Vec<_>>>()?;
    let port = |socket: &UdpSocket| Ok(socket.local_addr()?.port().to_string());
    let ports: Vec<String> = sockets.iter().map(port).collect::<Result<_>>()?;
    println!("{}", ports.join(","));
    let tasks: Vec<_> = sockets.into_iter().map(|socket| tokio::spawn(drain(socket))).collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

fn bind() -> Result<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

async fn drain(socket: UdpSocket) -> Result<()> {
    let socket = tokio::net::UdpSocket::from_std(socket)?;
    let state = UdpSocketState::new((&socket).into())?;
    let mut buffers = vec![vec![0; 1 << 16]; 4];
    let mut metas = [RecvMeta::default(); BATCH_SIZE];
    loop {
        socket.readable().await?;
        let mut slices: Vec<_> = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
        // Not ready after all: back to waiting.
        let _ = socket.try_io(Interest::READABLE, || state.recv((&socket).into(), &mut slices, &mut metas));
    }
}

/// A run: so many datagrams of `segment` bytes, the last of `last`.
#[derive(Clone, Copy, Debug)]
struct Run {
    segments: usize,
    segment: usize,
    last: usize,
}

impl Run {
    fn bytes(self) -> usize {
        self.segment * self.segments.saturating_sub(1) + self.last
    }
}

/// The runs in an order that spreads each kind evenly, as often as they were counted.
fn read_runs() -> Result<Vec<Run>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let counted: Value = serde_json::from_str(&text).context("the input is not JSON")?;
    let mut runs = Vec::new();
    for value in counted.as_array().context("the input is not a list")? {
        let number = |key: &str| {
            let number = value.get(key).and_then(Value::as_u64);
            number.and_then(|number| usize::try_from(number).ok()).with_context(|| format!("no {key}"))
        };
        let run = Run { segments: number("segments")?, segment: number("segment")?, last: number("last")? };
        let count = number("count")?;
        runs.extend((0..count).map(|k| ((2 * k + 1) as u64 * (1 << 32) / (2 * count as u64), run)));
    }
    runs.sort_by_key(|(place, _)| *place);
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}

/// One destination, with keys and numbers of its own, as every subscriber has.
struct Destination {
    address: SocketAddr,
    sealer: Sealer,
    index: u64,
}

const PROFILE: Profile = Profile::AeadAes128Gcm;
const HEADER_LEN: usize = 12;

fn send(ports: &[u16], seconds: u64, rounds: Option<u32>) -> Result<()> {
    let runs = read_runs()?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let state = UdpSocketState::new((&socket).into())?;
    socket.set_nonblocking(false)?;
    let mut destinations = ports
        .iter()
        .map(|port| {
            let exported: [u8; 60] =
                std::array::from_fn(|k| u8::try_from((k + usize::from(*port)) % 256).unwrap_or_default());
            let keys = KeyingMaterial::from_exporter(PROFILE, &exported).context("no keys")?;
            let address = SocketAddr::from(([127, 0, 0, 1], *port));
            Ok(Destination { address, sealer: Sealer::new(PROFILE, &keys.server)?, index: 0 })
        })
        .collect::<Result<Vec<_>>>()?;
    let source = [0x5a; 2048];
    let mut buffer = vec![0; 1 << 16];
    let cpu_before = on_cpu()?;
    let (started, length) = (Instant::now(), Duration::from_secs(seconds));
    let (mut packets, mut done) = (0, 0u32);
    for run in runs.iter().cycle() {
        if started.elapsed() >= length {
            break;
        }
        if let Some(rounds) = rounds {
            let due = Duration::from_secs(1) * done / rounds.max(1);
            std::thread::sleep(due.saturating_sub(started.elapsed()));
        }
        for destination in &mut destinations {
            let contents = destination.seal(*run, &source, &mut buffer)?;
            let segment_size = (run.segments > 1).then_some(run.segment);
            let to = destination.address;
            let transmit = Transmit { destination: to, ecn: None, contents, segment_size, src_ip: None };
            state.try_send((&socket).into(), &transmit)?;
            packets += run.segments;
        }
        done += 1;
    }
    let on_cpu_ns = on_cpu()? - cpu_before;
    println!("sent {}", json!({"packets": packets, "on_cpu_ns": on_cpu_ns}));
    Ok(())
}

/// Nanoseconds on a core so far, of this process's only thread.
fn on_cpu() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    text.split(' ').next().and_then(|first| first.parse().ok()).context("/proc/self/schedstat is odd")
}

impl Destination {
    /// Copies the run's packets from `source`, as a forwarder must, and seals each in place.
    fn seal<'a>(&mut self, run: Run, source: &[u8], buffer: &'a mut [u8]) -> Result<&'a [u8]> {
        let whole = buffer.get_mut(..run.bytes()).context("a run too long")?;
        for packet in whole.chunks_mut(run.segment.max(1)) {
            let text = packet.len().checked_sub(PROFILE.rtp_overhead()).context("a packet too short")?;
            let (body, from) = (packet.get_mut(..text), source.get(..text));
            body.context("a packet too short")?.copy_from_slice(from.context("a packet too long")?);
            if let Some(first) = packet.first_mut() {
                *first = 0x80;
            }
            self.sealer.seal_rtp(packet, HEADER_LEN, 7, self.index)?;
            self.index += 1;
        }
        Ok(whole)
    }
}
