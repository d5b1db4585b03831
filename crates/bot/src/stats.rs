//! What a bot has seen so far. Plain numbers; the media thread adds to them, tests and the binary read them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Delays kept. Past it the oldest are overwritten.
const DELAYS: usize = 16_384;

/// How far the connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// No check was answered yet.
    #[default]
    Checking,
    /// ICE is up, DTLS is not.
    Handshaking,
    /// Media may flow.
    Connected,
    /// It will not come up, or went down.
    Failed(String),
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// How far the connection is.
    pub phase: Phase,
    /// From the first check to the keys.
    pub connected_after: Option<Duration>,
    /// When the first video packet came.
    pub first_video: Option<Instant>,
    /// Answers to checks: the first on each path.
    pub paths_answered: u32,
    /// The server has ended the TCP stream.
    pub stream_ended: bool,
    /// What was sent.
    pub sent: Sent,
    /// What was received, by the slot's SSRC.
    pub received: BTreeMap<u32, Received>,
    /// Received datagrams that did not open, or came before there were keys.
    pub refused: u64,
    /// Received RTP whose SSRC is no slot's.
    pub unknown_ssrc: u64,
    /// Received datagrams dropped on purpose.
    pub dropped: u64,
    /// Shapes of the runs received, with how often each came.
    pub runs: BTreeMap<RunShape, u64>,
    delays: Delays,
    /// Of sound alone.
    sound_delays: Delays,
}

/// The latest, in microseconds.
#[derive(Clone, Debug, Default)]
struct Delays {
    kept: Vec<u32>,
    seen: usize,
}

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Camera packets, retransmissions excluded.
    pub video: u64,
    /// Microphone packets.
    pub audio: u64,
    /// Keyframes begun.
    pub keyframes: u64,
    /// Packets asked for by the server.
    pub nacked: u64,
    /// Packets sent again.
    pub retransmitted: u64,
    /// PLI and FIR heard.
    pub keyframe_requests: u64,
    /// Compounds of a receiver: transport-wide feedback, reports, requests.
    pub feedback: u64,
    /// Transport-wide feedback heard.
    pub transport_feedback: u64,
}

/// What was received on one SSRC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The slot.
    pub mid: String,
    /// Pictures, not sound.
    pub video: bool,
    /// Different packets, healed ones included.
    pub packets: u64,
    /// Bytes of their datagrams.
    pub bytes: u64,
    /// Packets that came only when asked for again.
    pub healed: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets that came again as retransmissions and were not missing: the server's probes.
    pub probes: u64,
    /// Packets between the first and the last that have not come, and may yet.
    pub missing: u64,
    /// Packets given up.
    pub lost: u64,
    /// A packet with an earlier RTP time than the one before it.
    pub time_breaks: u64,
    /// A picture id that is neither the last packet's nor the one after it.
    pub picture_breaks: u64,
    /// Keyframes begun.
    pub keyframes: u64,
    /// Times the slot's source changed, the first included.
    pub sources: u64,
    /// Of those, the ones that did not begin with a keyframe.
    pub bad_starts: u64,
    /// The SSRC the present source sends with.
    pub source: u32,
    /// Sender reports.
    pub sender_reports: u64,
    /// When something came last.
    pub heard: Option<Instant>,
    /// The longest silence between two packets, and when it was over.
    pub gap: Option<(Duration, Instant)>,
}

/// A GSO run as it arrived: so many datagrams, all of `segment` bytes but the last of `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunShape {
    /// Datagrams.
    pub segments: usize,
    /// Bytes of each.
    pub segment: usize,
    /// Bytes of the last.
    pub last: usize,
}

impl Received {
    /// A packet came.
    pub(crate) fn hear(&mut self, now: Instant) {
        let silence = self.heard.replace(now).map(|before| now.saturating_duration_since(before));
        if let Some(silence) =
            silence.filter(|silence| self.gap.is_none_or(|(longest, _)| *silence > longest))
        {
            self.gap = Some((silence, now));
        }
    }

    /// The longest silence so far, one that still lasts included, and when it was over.
    pub fn silence(&self, now: Instant) -> Option<(Duration, Instant)> {
        let lasting = self.heard.map(|heard| (now.saturating_duration_since(heard), now));
        self.gap.into_iter().chain(lasting).max()
    }

    /// Forgets it. Whoever has heard nothing yet has nothing to miss.
    pub(crate) fn forget_gap(&mut self, now: Instant) {
        self.gap = None;
        self.heard = self.heard.map(|_| now);
    }

    /// Whether every packet came, in order, and the numbers in it go on without a jump.
    pub fn is_seamless(&self) -> bool {
        self.packets > 0
            && [self.missing, self.lost, self.time_breaks, self.picture_breaks, self.bad_starts] == [0; 5]
    }
}

impl Stats {
    /// Whether media may flow.
    pub fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// Whether that holds of every slot on which anything came: see [`Received::is_seamless`].
    pub fn is_seamless(&self) -> bool {
        self.received.values().all(|slot| slot.packets == 0 || slot.is_seamless())
    }

    /// Packets received on all slots.
    pub fn packets(&self) -> u64 {
        self.received.values().map(|received| received.packets).sum()
    }

    /// What came on a slot.
    pub fn slot(&self, mid: &str) -> Option<&Received> {
        self.received.values().find(|received| received.mid == mid)
    }

    /// From a packet's sending to its arrival at this machine's socket, in microseconds, unordered.
    pub fn delays(&self) -> &[u32] {
        &self.delays.kept
    }

    /// The same of sound alone.
    pub fn sound_delays(&self) -> &[u32] {
        &self.sound_delays.kept
    }

    pub(crate) fn forget_delays(&mut self) {
        (self.delays, self.sound_delays) = (Delays::default(), Delays::default());
    }

    pub(crate) fn add_delay(&mut self, video: bool, delay: Duration) {
        let delay = u32::try_from(delay.as_micros()).unwrap_or(u32::MAX);
        self.delays.add(delay);
        if !video {
            self.sound_delays.add(delay);
        }
    }
}

impl Delays {
    fn add(&mut self, delay: u32) {
        match self.kept.get_mut(self.seen % DELAYS) {
            Some(place) => *place = delay,
            None => self.kept.push(delay),
        }
        self.seen += 1;
    }
}
