//! The command line, and the links it describes.

use clap::{Parser, ValueEnum};
use netsim::{Jitter, LinkConfig, Loss, PerMille, Queue, Rate, RelayConfig, Reorder};
use std::net::SocketAddr;
use std::time::Duration;

/// Relays UDP datagrams between browsers and a server over bad links, one pair of them for each client
/// address, and prints every second what went over them.
///
/// Durations are written 500us, 30ms or 2s, rates 64000, 500k or 2M bits per second, shares 5% or 0.5%.
/// While it runs, type `rebind` for new ports towards the server, `block` to drop everything, `unblock` to
/// end that.
#[derive(Debug, Parser)]
#[command(name = "netsim", version)]
pub struct Options {
    /// Where clients send to; the server must advertise it as its candidate
    #[arg(long, default_value = "127.0.0.1:9000")]
    pub listen: SocketAddr,
    /// The server's UDP address
    #[arg(long)]
    pub to: SocketAddr,
    /// How fast each client's link to the server is; unlimited if not given
    #[arg(long)]
    pub up_rate: Option<Rate>,
    /// How fast each client's link from the server is; unlimited if not given
    #[arg(long)]
    pub down_rate: Option<Rate>,
    /// Which direction the following apply to; the other has its rate only
    #[arg(long, value_enum, default_value_t = Way::Both)]
    pub way: Way,
    /// How long packets may wait for the rate before more are dropped
    #[arg(long, default_value = "300ms", value_parser = duration)]
    pub queue: Duration,
    /// From end to end, each way
    #[arg(long, default_value = "0ms", value_parser = duration)]
    pub delay: Duration,
    /// Extra delay between zero and this, order kept
    #[arg(long, default_value = "0ms", value_parser = duration)]
    pub jitter: Duration,
    /// How long one extra delay holds, so that the line pauses and then bursts; each packet has its own if
    /// not given
    #[arg(long, value_parser = duration)]
    pub jitter_every: Option<Duration>,
    /// Packets lost
    #[arg(long, default_value = "0%")]
    pub loss: PerMille,
    /// Packets lost in a row, on average; lost independently if not given
    #[arg(long)]
    pub burst: Option<u32>,
    /// Packets that later ones overtake
    #[arg(long, default_value = "0%")]
    pub reorder: PerMille,
    /// How long a packet to be overtaken is held back
    #[arg(long, default_value = "20ms", value_parser = duration)]
    pub reorder_by: Duration,
    /// Packets that arrive twice
    #[arg(long, default_value = "0%")]
    pub duplicate: PerMille,
    /// The same seed makes the same throws of the dice
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Ends after so many seconds
    #[arg(long)]
    pub seconds: Option<u64>,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// To and from the server.
    Both,
    /// To the server.
    Up,
    /// From the server.
    Down,
}

impl Options {
    /// What the relay is to do.
    pub fn relay_config(&self) -> RelayConfig {
        RelayConfig {
            listen: self.listen,
            to: self.to,
            up: self.link(self.up_rate, Way::Up),
            down: self.link(self.down_rate, Way::Down),
            seed: self.seed,
        }
    }

    fn link(&self, rate: Option<Rate>, way: Way) -> LinkConfig {
        if self.way != Way::Both && self.way != way {
            return LinkConfig { rate, ..LinkConfig::PERFECT };
        }
        LinkConfig {
            rate,
            queue: Queue::Delay(self.queue),
            delay: self.delay,
            jitter: match (self.jitter, self.jitter_every) {
                (Duration::ZERO, _) => Jitter::None,
                (at_most, None) => Jitter::Uniform(at_most),
                (at_most, Some(every)) => Jitter::Steps { at_most, every },
            },
            loss: match (self.loss, self.burst) {
                (PerMille::NONE, _) => Loss::None,
                (share, None) => Loss::Random(share),
                (share, Some(mean_len)) => Loss::Burst { share, mean_len },
            },
            reorder: Reorder { share: self.reorder, by: self.reorder_by },
            duplicate: self.duplicate,
        }
    }
}

/// `500us`, `30ms`, `2s`.
fn duration(text: &str) -> Result<Duration, String> {
    let units = [("us", 1), ("ms", 1000), ("s", 1_000_000)];
    let written = units.iter().find_map(|(unit, micros)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*micros).map(Duration::from_micros)
    });
    written.ok_or_else(|| "a duration is a whole number with us, ms or s after it: 30ms".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let table = [
            ("500us", Some(Duration::from_micros(500))),
            ("30ms", Some(Duration::from_millis(30))),
            ("2s", Some(Duration::from_secs(2))),
            ("2", None),
            ("ms", None),
            ("-1ms", None),
            ("99999999999999999999s", None),
        ];
        for (text, expected) in table {
            assert_eq!(duration(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_whole_command_line() {
        let line = "netsim --listen 127.0.0.1:9000 --to 127.0.0.1:7000 --down-rate 500k --up-rate 1M \
                    --delay 30ms --loss 5% --burst 10 --jitter 200ms --queue 150ms --way down";
        let config = Options::try_parse_from(line.split_whitespace()).unwrap().relay_config();
        assert_eq!(config.up, LinkConfig { rate: Some(Rate::mbps(1)), ..LinkConfig::PERFECT });
        let down = LinkConfig {
            rate: Some(Rate::kbps(500)),
            queue: Queue::Delay(Duration::from_millis(150)),
            delay: Duration::from_millis(30),
            jitter: Jitter::Uniform(Duration::from_millis(200)),
            loss: Loss::Burst { share: PerMille::percent(5), mean_len: 10 },
            reorder: Reorder { share: PerMille::NONE, by: Duration::from_millis(20) },
            duplicate: PerMille::NONE,
        };
        assert_eq!(config.down, down);
    }
}
