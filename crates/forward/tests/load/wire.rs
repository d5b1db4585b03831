//! The load's packets, by hand: VP8 and Opus that no decoder could show, and the reports around them.

/// Payload type and SSRC of the microphone.
pub const AUDIO: (u8, u32) = (111, 0x1000);
/// Of the camera.
pub const VIDEO: (u8, u32) = (96, 0x2000);
/// Of the camera's retransmissions.
pub const RTX: (u8, u32) = (97, 0x2001);
/// Id of the header extension with the transport-wide number, both ways.
pub const TRANSPORT_CC: u8 = 5;

/// Bytes of a video packet's payload, so that the packet without header extensions has 1,150.
const VIDEO_LEN: usize = 1138;
/// 20 ms at 40 kbit/s.
const AUDIO_LEN: usize = 100;
const PACKETS_PER_FRAME: u64 = 7;
const BURST: u64 = 3;
/// Between the bursts of one frame, in milliseconds.
const PACE: u64 = 5;
/// Between frames, in milliseconds: 30 a second.
const FRAME: u64 = 33;
const AUDIO_EVERY: u64 = 20;
/// Between keyframes, in frames: ten seconds.
const KEYFRAME_EVERY: u64 = 300;

/// A camera.
#[derive(Default)]
pub struct Camera {
    /// The next frame is a keyframe.
    pub keyframe_wanted: bool,
    seq: u16,
    frames: u64,
    sent: u32,
    frame_at: u64,
    keyframe: bool,
}

impl Camera {
    /// What it sends in this millisecond.
    pub fn due(&mut self, millis: u64, number: &mut u16, send: &mut impl FnMut(Vec<u8>)) {
        let into = millis % FRAME;
        if into == 0 {
            self.frame_at = millis;
            self.keyframe =
                std::mem::take(&mut self.keyframe_wanted) || self.frames.is_multiple_of(KEYFRAME_EVERY);
            self.frames += 1;
        }
        if self.frames == 0 || !into.is_multiple_of(PACE) {
            return;
        }
        let first = into / PACE * BURST;
        for place in first..(first + BURST).min(PACKETS_PER_FRAME) {
            let [high, low] = ((self.frames & 0x7fff) as u16 | 0x8000).to_be_bytes();
            let start = if place == 0 { 0x10 } else { 0 };
            // RFC 7741 §4.2: X and S; I, L and T; a picture id with M; TL0PICIDX; TID 0. Then, in a frame's first
            // packet, RFC 6386 §9.1: the frame's tag, and a keyframe's start code and size, 1280 × 720.
            let mut head = [
                0x80 | start,
                0xe0,
                high,
                low,
                (self.frames & 0xff) as u8,
                0,
                0x11,
                2,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
            ];
            if self.keyframe {
                head = [head[0], 0xe0, high, low, head[4], 0, 0x10, 2, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2];
            }
            let marker = place + 1 == PACKETS_PER_FRAME;
            let time = ticks(self.frame_at, 90);
            send(packet(VIDEO, marker, self.seq, time, number, &head, VIDEO_LEN));
            self.seq = self.seq.wrapping_add(1);
            self.sent += 1;
        }
    }

    /// Its sender report.
    pub fn report(&self, millis: u64) -> Vec<u8> {
        sender_report(VIDEO.1, millis, ticks(millis, 90), self.sent)
    }
}

/// A microphone.
#[derive(Default)]
pub struct Microphone {
    sent: u32,
}

impl Microphone {
    /// What it sends in this millisecond.
    pub fn due(&mut self, millis: u64, number: &mut u16, send: &mut impl FnMut(Vec<u8>)) {
        if millis.is_multiple_of(AUDIO_EVERY) {
            let seq = (self.sent & 0xffff) as u16;
            send(packet(AUDIO, false, seq, ticks(millis, 48), number, &[0xf8], AUDIO_LEN));
            self.sent += 1;
        }
    }

    /// Its sender report.
    pub fn report(&self, millis: u64) -> Vec<u8> {
        sender_report(AUDIO.1, millis, ticks(millis, 48), self.sent)
    }
}

fn ticks(millis: u64, per_millisecond: u64) -> u32 {
    ((millis * per_millisecond) & 0xffff_ffff) as u32
}

fn packet(
    (payload_type, ssrc): (u8, u32),
    marker: bool,
    seq: u16,
    time: u32,
    number: &mut u16,
    head: &[u8],
    payload_len: usize,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(20 + payload_len);
    out.extend([0x90, payload_type | (u8::from(marker) << 7)]);
    out.extend(seq.to_be_bytes());
    out.extend(time.to_be_bytes());
    out.extend(ssrc.to_be_bytes());
    out.extend([0xbe, 0xde, 0, 1, TRANSPORT_CC << 4 | 1]);
    out.extend(number.to_be_bytes());
    out.push(0);
    *number = number.wrapping_add(1);
    out.extend(head);
    out.resize(20 + payload_len, 0xa5);
    out
}

/// RFC 3550 §6.4.1, on the clock of a server whose zero is 100 s after 1900.
fn sender_report(ssrc: u32, millis: u64, time: u32, packets: u32) -> Vec<u8> {
    let ntp = ((u128::from(millis + 100_000) << 32) / 1000) as u64;
    let words =
        [ssrc, (ntp >> 32) as u32, (ntp & 0xffff_ffff) as u32, time, packets, packets.wrapping_mul(1000)];
    rtcp(0, 200, &words)
}

/// A report of one block: nothing lost.
pub fn receiver_report(base: u32, highest: u16) -> Vec<u8> {
    rtcp(1, 201, &[base + 3, base + 1, 0, u32::from(highest), 0, 0, 0])
}

fn rtcp(count: u8, kind: u8, words: &[u32]) -> Vec<u8> {
    let mut out = vec![0x80 | count, kind];
    out.extend((words.len() as u16).to_be_bytes());
    out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    out
}

/// RFC 5761 §4.
pub fn is_rtcp(packet: &[u8]) -> bool {
    matches!(packet, [_, 192..=223, ..])
}

/// The number in a packet whose first header extension it is.
pub fn transport_number(packet: &[u8]) -> Option<u16> {
    let [first, ..] = packet.first_chunk::<20>()?;
    let (head, number) = packet.get(16..19)?.split_first()?;
    (first & 0x10 != 0 && head >> 4 == TRANSPORT_CC)
        .then(|| number.try_into().ok().map(u16::from_be_bytes))?
}

/// Whether one of a compound's packets is a PLI (RFC 4585 §6.3.1).
pub fn asks_for_keyframe(mut compound: &[u8]) -> bool {
    while let [flags, kind, high, low, rest @ ..] = compound {
        if (flags & 0x1f, *kind) == (1, 206) {
            return true;
        }
        compound = rest.get(4 * usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
    }
    false
}
