//! Once streams' histories stand, a packet's way through the plane allocates nothing.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that panics has found something")]
#![allow(clippy::cast_possible_truncation, reason = "the load's numbers are the wire's")]

mod load;

use forward::{
    Codec, CodecMap, DeclaredSsrc, Egress, ExtensionIds, GroupId, Kind, Mid, PayloadType, PeerConfig,
    PeerKey, Plane, PlaneConfig, RtpOut, SendLine, SlotConfig, Ssrc, Time,
};
use load::Load;
use slotmap::SlotMap;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[expect(unsafe_code, reason = "a global allocator is unsafe to implement; this one counts and passes on")]
// SAFETY: every call is passed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as for this function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as for this function.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as for this function.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn count() {
    // While a thread ends there is nothing to count any more.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const RECEIVERS: u32 = 50;
const AUDIO: (u8, u32) = (111, 0x1000);
const VIDEO: (u8, u32) = (96, 0x2000);
const RTX: (u8, u32) = (97, 0x2001);

struct Counted {
    buffer: [u8; 1600],
    packets: u64,
    bytes: u64,
}

impl Egress for Counted {
    fn rtp(&mut self, _: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
        fill(&mut self.buffer[..packet.len]);
        self.packets += 1;
        self.bytes += u64::try_from(packet.len).unwrap();
    }

    fn rtcp(&mut self, _: PeerKey, compound: &[u8]) {
        self.packets += 1;
        self.bytes += u64::try_from(compound.len()).unwrap();
    }
}

fn codec(codec: Codec, payload_type: u8, rtx: Option<u8>) -> CodecMap {
    CodecMap {
        codec,
        payload_type: PayloadType(payload_type),
        rtx: rtx.map(PayloadType),
        nack: rtx.is_some(),
    }
}

fn publisher() -> PeerConfig {
    let line = |mid: &str, kind, codecs, ssrc: u32, rtx: Option<u32>| SendLine {
        mid: Mid::from(mid),
        kind,
        codecs,
        ssrcs: vec![DeclaredSsrc { ssrc: Ssrc(ssrc), rtx: rtx.map(Ssrc) }],
        rids: vec![],
    };
    PeerConfig {
        extensions: ExtensionIds { transport_cc: Some(5), ..ExtensionIds::default() },
        sends: vec![
            line("a", Kind::Audio, vec![codec(Codec::Opus, AUDIO.0, None)], AUDIO.1, None),
            line("v", Kind::Video, vec![codec(Codec::Vp8, VIDEO.0, Some(RTX.0))], VIDEO.1, Some(RTX.1)),
        ],
        slots: vec![],
        transport_cc: true,
        feedback_ssrc: Ssrc(1),
        ..PeerConfig::default()
    }
}

fn receiver(base: u32) -> PeerConfig {
    let slot = |mid: &str, kind, codecs, ssrc: u32, rtx: Option<u32>| SlotConfig {
        mid: Mid::from(mid),
        kind,
        ssrc: Ssrc(ssrc),
        rtx: rtx.map(Ssrc),
        cname: "seat".into(),
        codecs,
        first_seq: 1,
        first_rtx_seq: 1,
        first_time: 0,
    };
    PeerConfig {
        slots: vec![
            slot("a", Kind::Audio, vec![codec(Codec::Opus, 109, None)], base, None),
            slot("v", Kind::Video, vec![codec(Codec::Vp8, 100, Some(101))], base + 1, Some(base + 2)),
        ],
        feedback_ssrc: Ssrc(base + 3),
        ..PeerConfig::default()
    }
}

/// Writes a packet with a transport-wide number into a buffer and returns its length.
fn write(
    buffer: &mut [u8],
    (payload_type, ssrc): (u8, u32),
    seq: u16,
    wide: u16,
    time: u32,
    payload: &[u8],
) -> usize {
    buffer[..12].fill(0);
    buffer[0] = 0x90;
    buffer[1] = payload_type;
    buffer[2..4].copy_from_slice(&seq.to_be_bytes());
    buffer[4..8].copy_from_slice(&time.to_be_bytes());
    buffer[8..12].copy_from_slice(&ssrc.to_be_bytes());
    buffer[12..20].copy_from_slice(&[0xbe, 0xde, 0, 1, 0x51, 0, 0, 0]);
    buffer[17..19].copy_from_slice(&wide.to_be_bytes());
    buffer[20..20 + payload.len()].copy_from_slice(payload);
    20 + payload.len()
}

struct World {
    plane: Plane,
    publisher: PeerKey,
    receivers: Vec<PeerKey>,
    egress: Counted,
    packet: [u8; 1600],
    wide: u16,
    rtx: u16,
}

impl World {
    fn new() -> Self {
        let mut keys = SlotMap::with_key();
        let publisher_key: PeerKey = keys.insert(());
        let mut plane = Plane::new(PlaneConfig::default());
        plane.insert_peer(publisher_key, GroupId(0));
        plane.configure(publisher_key, publisher());
        plane.connected(publisher_key, Time(0));
        let receivers = (1..=RECEIVERS).map(|at| {
            let key = keys.insert(());
            plane.insert_peer(key, GroupId(0));
            plane.configure(key, receiver(at * 10));
            plane.connected(key, Time(0));
            for mid in ["a", "v"] {
                plane.route(key, &Mid::from(mid), Some((publisher_key, Mid::from(mid))), Time(0));
            }
            key
        });
        let receivers = receivers.collect();
        let egress = Counted { buffer: [0; 1600], packets: 0, bytes: 0 };
        Self { plane, publisher: publisher_key, receivers, egress, packet: [0; 1600], wide: 0, rtx: 0 }
    }

    fn send(&mut self, line: (u8, u32), seq: u16, time: u32, payload: &[u8], now: Time) {
        let len = write(&mut self.packet, line, seq, self.wide, time, payload);
        self.wide = self.wide.wrapping_add(1);
        self.plane.ingest_rtp(self.publisher, &self.packet[..len], now);
    }

    /// Ten milliseconds: four packets of video, of which some are lost and come again by RTX, sometimes
    /// audio, and NACKs from some receivers.
    fn tick(&mut self, tick: u16) {
        let now = Time(u64::from(tick) * 10_000);
        let time = u32::from(tick) * 900;
        let mut payload = [7; 1100];
        let head = if tick == 0 { [0x90, 0x80, 0x81, 2, 0] } else { [0x80, 0x80, 0x81, 2, 1] };
        payload[..5].copy_from_slice(&head);
        for seq in 4 * tick..4 * tick + 4 {
            if seq % 50 != 49 {
                self.send(VIDEO, seq, time, &payload, now);
            }
            if seq % 50 == 3 && seq > 50 {
                let mut restored = [7; 1102];
                restored[..2].copy_from_slice(&(seq - 4).to_be_bytes());
                restored[2..7].copy_from_slice(&head);
                self.send(RTX, self.rtx, time, &restored, now);
                self.rtx += 1;
            }
        }
        if tick.is_multiple_of(2) {
            self.send(AUDIO, tick / 2, u32::from(tick) * 480, &payload[..90], now);
        }
        self.plane.flush(now, &mut self.egress);
        for (at, key) in (1..).zip(&self.receivers) {
            if (tick + at).is_multiple_of(16) {
                let mut nack = [0x81, 205, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3];
                nack[8..12].copy_from_slice(&(u32::from(at) * 10 + 1).to_be_bytes());
                nack[12..14].copy_from_slice(&(4 * tick).saturating_sub(5).to_be_bytes());
                self.plane.ingest_rtcp(*key, &nack, now);
            }
        }
        if self.plane.poll_timeout().is_some_and(|due| due <= now) {
            self.plane.handle_timeout(now);
        }
        self.plane.flush(now, &mut self.egress);
    }
}

#[test]
fn one_video_and_audio_to_fifty_receivers_without_allocation() {
    let mut world = World::new();
    for tick in 0..1000 {
        world.tick(tick);
    }
    let (allocations, sent) = (ALLOCATIONS.get(), world.egress.packets);
    for tick in 1000..6000 {
        world.tick(tick);
    }
    let sent = world.egress.packets - sent;
    assert_eq!(ALLOCATIONS.get() - allocations, 0, "allocations over {sent} packets sent");
    let counters = world.plane.counters();
    assert!(sent > 50 * 4 * 4900, "{sent}");
    assert!(counters.rtx_in > 300 && counters.rtx_out > 10_000, "{counters:?}");
    assert!(counters.nacked_out > 200 && counters.transport_feedback_out > 500, "{counters:?}");
}

#[test]
fn estimated_paced_and_allocated_to_fifty_receivers_without_allocation() {
    let mut load = Load::new(RECEIVERS);
    load.run(30_000);
    let (before, sent) = (*load.plane.counters(), load.sink.packets);
    let mut allocations = 0;
    for _ in 0..30_000 {
        load.prepare();
        let so_far = ALLOCATIONS.get();
        load.serve();
        allocations += ALLOCATIONS.get() - so_far;
    }
    let (after, sent) = (load.plane.counters(), load.sink.packets - sent);
    assert_eq!(allocations, 0, "allocations over {sent} packets sent");
    assert!(sent > 50 * 30 * 255, "{sent}");
    let feedback = after.transport_feedback_in - before.transport_feedback_in;
    assert!(feedback > 50 * 30 * 5, "{feedback}");
}
