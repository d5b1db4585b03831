//! Sending, sans-I/O: a camera and a microphone that never tire.

use crate::dice::random_u32;
use crate::offer::{
    AUDIO_LEVEL_ID, AUDIO_MID, MID_ID, OPUS, SendSsrcs, TRANSPORT_CC_ID, VIDEO_MID, VP8, VP8_RTX,
};
use crate::options::{PACE, Video};
use crate::rtcp::SenderInfo;
use crate::rtp::{self, HEADER_LEN, Header};
use crate::stats::Sent;
use crate::vp8::{self, Picture, Stamp};
use crate::wall;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Packets kept for retransmission: two and a half seconds of a 720p camera.
const HISTORY: usize = 512;
/// 20 ms of Opus.
const AUDIO_EVERY: Duration = Duration::from_millis(20);
const AUDIO_TICKS: u32 = 960;
/// A sender that falls behind by more than this skips what it missed.
const PATIENCE: Duration = Duration::from_millis(500);
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// A packet to be sealed and sent.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) bytes: Vec<u8>,
    pub(crate) header_len: usize,
    pub(crate) ssrc: u32,
    /// The 48-bit packet index (RFC 3711 §3.3.1).
    pub(crate) index: u64,
}

/// What of a stream goes on from packet to packet.
#[derive(Debug)]
struct Stream {
    ssrc: u32,
    index: u64,
    started: Instant,
    first_time: u32,
    rate: u32,
    next: Instant,
    sent: u32,
    octets: u32,
}

impl Stream {
    fn new(ssrc: u32, rate: u32, now: Instant) -> Self {
        // Low enough that the first packets do not wrap: a receiver guesses rollover counter 0.
        let index = u64::from(random_u32() % (1 << 14));
        Self { ssrc, index, started: now, first_time: random_u32(), rate, next: now, sent: 0, octets: 0 }
    }

    /// The RTP time of a moment.
    fn time_at(&self, now: Instant) -> u32 {
        let elapsed = now.saturating_duration_since(self.started).as_micros();
        let ticks = elapsed * u128::from(self.rate) / 1_000_000 % (1 << 32);
        self.first_time.wrapping_add(u32::try_from(ticks).unwrap_or_default())
    }

    fn seq(&self) -> u16 {
        (self.index & 0xffff) as u16
    }

    fn report(&self, now: Instant) -> SenderInfo {
        let (ntp, time) = (wall::ntp(wall::now()), self.time_at(now));
        SenderInfo { ssrc: self.ssrc, ntp, time, packets: self.sent, octets: self.octets }
    }
}

/// A packet that may be asked for again.
#[derive(Debug)]
struct Kept {
    header: Header,
    payload: Vec<u8>,
}

#[derive(Debug)]
struct Camera {
    settings: Video,
    stream: Stream,
    rtx: Stream,
    picture: Picture,
    frame_time: u32,
    /// Of the present frame.
    packets_left: u32,
    last_keyframe: Option<Instant>,
    keyframe_wanted: bool,
    history: VecDeque<Kept>,
}

/// Both, and what they share.
#[derive(Debug)]
pub(crate) struct Publisher {
    camera: Option<Camera>,
    microphone: Option<Stream>,
    transport_seq: u16,
    next_report: Instant,
}

impl Publisher {
    pub(crate) fn new(ssrcs: SendSsrcs, video: Option<Video>, audio: bool, now: Instant) -> Self {
        let camera = video.map(|settings| Camera {
            settings,
            stream: Stream::new(ssrcs.video, 90_000, now),
            rtx: Stream::new(ssrcs.rtx, 90_000, now),
            picture: Picture {
                id: (random_u32() & 0x7fff) as u16,
                tl0_index: 0,
                keyframe: false,
                first: false,
            },
            frame_time: 0,
            packets_left: 0,
            last_keyframe: None,
            keyframe_wanted: true,
            history: VecDeque::with_capacity(HISTORY),
        });
        let microphone = audio.then(|| Stream::new(ssrcs.audio, 48_000, now));
        Self { camera, microphone, transport_seq: 0, next_report: now + REPORT_EVERY }
    }

    /// Media may flow from now on.
    pub(crate) fn start(&mut self, now: Instant) {
        let camera = self.camera.as_mut().map(|camera| &mut camera.stream);
        for stream in camera.into_iter().chain(&mut self.microphone) {
            (stream.started, stream.next) = (now, now);
        }
        self.next_report = now + REPORT_EVERY;
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let camera = self.camera.as_ref().map(|camera| camera.stream.next);
        let microphone = self.microphone.as_ref().map(|stream| stream.next);
        camera.into_iter().chain(microphone).min().map(|at| at.min(self.next_report))
    }

    /// What is due.
    pub(crate) fn due(&mut self, now: Instant, sent: &mut Sent, mut emit: impl FnMut(Packet)) {
        if let Some(camera) = &mut self.camera {
            camera.due(now, &mut self.transport_seq, sent, &mut emit);
        }
        let Some(stream) = &mut self.microphone else { return };
        catch_up(&mut stream.next, now);
        while now >= stream.next {
            stream.next += AUDIO_EVERY;
            let time = stream.first_time.wrapping_add(stream.sent.wrapping_mul(AUDIO_TICKS));
            let stamp = Stamp { sent: wall::micros(wall::now()), source: stream.ssrc };
            // Voice activity, -30 dBov (RFC 6464 §3).
            let level = [0x80 | 30];
            emit(write(
                stream,
                &mut self.transport_seq,
                OPUS,
                false,
                time,
                AUDIO_MID,
                &level,
                &vp8::audio(stamp),
            ));
            sent.audio += 1;
        }
    }

    /// Sender reports, when due.
    pub(crate) fn reports(&mut self, now: Instant) -> Vec<SenderInfo> {
        if now < self.next_report {
            return Vec::new();
        }
        self.next_report = now + REPORT_EVERY;
        let camera = self.camera.as_ref().map(|camera| &camera.stream);
        let streams = camera.into_iter().chain(&self.microphone);
        streams.filter(|stream| stream.sent > 0).map(|stream| stream.report(now)).collect()
    }

    /// The next frame is a keyframe.
    pub(crate) fn want_keyframe(&mut self, media: u32, sent: &mut Sent) {
        if let Some(camera) = self.camera.as_mut().filter(|camera| camera.stream.ssrc == media) {
            camera.keyframe_wanted = true;
            sent.keyframe_requests += 1;
        }
    }

    /// Sends again what is still known (RFC 4588).
    pub(crate) fn resend(&mut self, media: u32, seqs: &[u16], sent: &mut Sent, mut emit: impl FnMut(Packet)) {
        let Some(camera) = self.camera.as_mut().filter(|camera| camera.stream.ssrc == media) else { return };
        for seq in seqs {
            sent.nacked += 1;
            let Some(kept) = camera.history.iter().rfind(|kept| kept.header.seq == *seq) else { continue };
            let mut payload = seq.to_be_bytes().to_vec();
            payload.extend(&kept.payload);
            let Header { marker, time, .. } = kept.header;
            let stream = &mut camera.rtx;
            emit(write(stream, &mut self.transport_seq, VP8_RTX, marker, time, VIDEO_MID, &[], &payload));
            sent.retransmitted += 1;
        }
    }
}

impl Camera {
    fn due(&mut self, now: Instant, transport_seq: &mut u16, sent: &mut Sent, emit: &mut impl FnMut(Packet)) {
        catch_up(&mut self.stream.next, now);
        while now >= self.stream.next {
            if self.packets_left == 0 {
                self.begin_frame(now, sent);
            }
            for _ in 0..self.settings.burst.clamp(1, self.packets_left) {
                self.send_one(transport_seq, emit);
                sent.video += 1;
            }
            self.stream.next += if self.packets_left > 0 { PACE } else { self.rest_of_frame() };
        }
    }

    fn begin_frame(&mut self, now: Instant, sent: &mut Sent) {
        let old = self.last_keyframe.is_none_or(|at| now >= at + self.settings.keyframe_every);
        self.picture.keyframe = self.keyframe_wanted || old;
        if self.picture.keyframe {
            (self.keyframe_wanted, self.last_keyframe) = (false, Some(now));
            sent.keyframes += 1;
        }
        self.picture.id = (self.picture.id + 1) & 0x7fff;
        self.picture.tl0_index = self.picture.tl0_index.wrapping_add(1);
        self.picture.first = true;
        self.frame_time = self.stream.time_at(now);
        self.packets_left = self.settings.packets_per_frame.max(1);
    }

    fn send_one(&mut self, transport_seq: &mut u16, emit: &mut impl FnMut(Packet)) {
        self.packets_left -= 1;
        let marker = self.packets_left == 0;
        let stamp = Stamp { sent: wall::micros(wall::now()), source: self.stream.ssrc };
        let payload = vp8::video(self.picture, stamp, self.settings.packet_len.saturating_sub(HEADER_LEN));
        self.picture.first = false;
        let header = Header {
            payload_type: VP8,
            marker,
            seq: self.stream.seq(),
            time: self.frame_time,
            ssrc: self.stream.ssrc,
        };
        emit(write(&mut self.stream, transport_seq, VP8, marker, self.frame_time, VIDEO_MID, &[], &payload));
        if self.history.len() >= HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(Kept { header, payload });
    }

    /// From a frame's last burst to the next frame's first.
    fn rest_of_frame(&self) -> Duration {
        let frame = Duration::from_secs(1) / self.settings.frame_rate.max(1);
        let bursts = self.settings.packets_per_frame.max(1).div_ceil(self.settings.burst.max(1));
        frame.saturating_sub(PACE * (bursts - 1)).max(Duration::from_millis(1))
    }
}

fn catch_up(next: &mut Instant, now: Instant) {
    if now.saturating_duration_since(*next) > PATIENCE {
        *next = now;
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a packet has so many parts, and every caller has them at hand"
)]
fn write(
    stream: &mut Stream,
    transport_seq: &mut u16,
    payload_type: u8,
    marker: bool,
    time: u32,
    mid: &str,
    level: &[u8],
    payload: &[u8],
) -> Packet {
    let header = Header { payload_type, marker, seq: stream.seq(), time, ssrc: stream.ssrc };
    let transport_wide = transport_seq.to_be_bytes();
    *transport_seq = transport_seq.wrapping_add(1);
    let all = [(TRANSPORT_CC_ID, &transport_wide[..]), (MID_ID, mid.as_bytes()), (AUDIO_LEVEL_ID, level)];
    let used = if level.is_empty() { 2 } else { 3 };
    let mut bytes = rtp::write(&header, all.get(..used).unwrap_or_default());
    let header_len = bytes.len();
    bytes.extend(payload);
    let packet = Packet { bytes, header_len, ssrc: stream.ssrc, index: stream.index };
    stream.index += 1;
    stream.sent = stream.sent.wrapping_add(1);
    stream.octets = stream.octets.wrapping_add(u32::try_from(payload.len()).unwrap_or_default());
    packet
}
