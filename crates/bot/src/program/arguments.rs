//! The command line.

use bot::Video;
use clap::Parser;
use std::time::Duration;

/// Publishers and subscribers without browsers. They send synthetic camera and microphone, check the
/// packets they receive, and at the end say what came.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[command(name = "bot", version)]
pub(crate) struct Arguments {
    /// The server's signaling socket
    #[arg(long, default_value = "ws://127.0.0.1:8080/ws")]
    pub(crate) url: String,
    /// The room they all join
    #[arg(long, default_value = "bots")]
    pub(crate) room: String,
    /// How many send camera and microphone
    #[arg(long, default_value_t = 1)]
    pub(crate) publishers: usize,
    /// How many only receive; several numbers fill the room stage by stage, and the
    /// same number again measures again
    #[arg(long, value_delimiter = ',', default_value = "1")]
    pub(crate) subscribers: Vec<usize>,
    /// How many publishers each one receives; all of them when not given
    #[arg(long)]
    pub(crate) seats: Option<usize>,
    /// How long to measure, once everybody receives
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u64,
    /// Milliseconds between everybody's first packet and the measurement
    #[arg(long, default_value_t = 0)]
    pub(crate) settle: u64,
    /// How many join at the same time
    #[arg(long, default_value_t = 1)]
    pub(crate) at_once: usize,
    /// Of so many received packets one is opened; of the others only the header is read
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) open_every: u16,
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
    /// Subscribers report no arrivals: the server sends them all that there is, whatever their path bears
    #[arg(long)]
    pub(crate) blind: bool,
    /// Each stage after the first begins with a line on standard input
    #[arg(long)]
    pub(crate) cue: bool,
    /// Everybody opens data channels, and says nothing over them
    #[arg(long)]
    pub(crate) data: bool,
    /// No microphones
    #[arg(long)]
    pub(crate) no_audio: bool,
    /// Received packets out of a thousand that each one drops
    #[arg(long, default_value_t = 0)]
    pub(crate) loss: u32,
    /// Say it as one line of JSON after the word `measured`
    #[arg(long)]
    pub(crate) json: bool,
}

impl Arguments {
    /// What a camera sends.
    pub(crate) fn video(&self) -> Video {
        Video {
            frame_rate: self.frame_rate,
            packets_per_frame: self.packets_per_frame,
            packet_len: usize::from(self.packet_len),
            burst: self.burst,
            keyframe_every: Duration::from_secs(self.keyframe_every),
        }
    }

    /// How many publishers each one receives.
    pub(crate) fn seats(&self) -> usize {
        self.seats.unwrap_or(self.publishers)
    }
}
