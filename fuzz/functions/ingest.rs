//! The media plane with one publisher and one watcher, fed with whatever a participant with good keys may
//! send. Nothing panics, nothing grows past its bounds, and no packet index is ever used for two different
//! plaintexts, which for SRTP's GCM would be fatal.
//!
//! The input is a row of packets, each behind its length in two bytes. The first bit of the length says who
//! sends it, the second that half a second passes first. Of payloads, the first byte is what the packet's header says
//! beside: see [`payload`].

use forward::{
    Codec, CodecMap, DeclaredSsrc, Egress, ExtensionIds, Kind as Media, Mid, PayloadType, PeerConfig,
    PeerKey, Plane, PlaneConfig, RtpOut, SendLine, SlotConfig, Ssrc, Time,
};
use slotmap::SlotMap;
use std::collections::HashMap;

/// What the input holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// RTP packets.
    Rtp,
    /// RTCP compounds, while media flows.
    Rtcp,
    /// Payloads of each codec, in packets that are good otherwise.
    Payload,
}

/// Checks one input.
pub fn run(data: &[u8], kind: Kind) {
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let (publisher, watcher) = (keys.insert(()), keys.insert(()));
    let mut plane = plane(publisher, watcher);
    let (mut sent, mut now, mut own) = (Sent::default(), Time(1_000_000), 0u16);
    let mut rest = data;
    while let Some((&[high, low], after)) = rest.split_first_chunk::<2>() {
        let word = u16::from_be_bytes([high, low]);
        let len = usize::from(word & 0x3fff).min(after.len());
        let (packet, next) = after.split_at(len);
        rest = next;
        now = Time(now.0 + if word & 0x4000 == 0 { 1000 } else { 500_000 });
        let from = if word & 0x8000 == 0 { publisher } else { watcher };
        match kind {
            Kind::Rtp => plane.ingest_rtp(from, packet, now),
            Kind::Payload => {
                own = own.wrapping_add(1 + (word >> 15));
                plane.ingest_rtp(publisher, &payload(packet, own), now);
            }
            Kind::Rtcp => {
                plane.ingest_rtp(publisher, &video(own), now);
                own = own.wrapping_add(1);
                plane.ingest_rtcp(from, packet, now);
            }
        }
        if plane.poll_timeout().is_some_and(|at| at <= now) {
            plane.handle_timeout(now);
        }
        plane.flush(now, &mut sent);
        let sizes = plane.sizes();
        assert_eq!((sizes.peers, sizes.slots, sizes.batch), (2, 2, 0), "{sizes:?}");
        assert!(sizes.streams <= 200 && sizes.missing <= 200 * 256, "{sizes:?}");
    }
    plane.remove_peer(publisher);
    plane.remove_peer(watcher);
    let sizes = plane.sizes();
    assert_eq!(
        (sizes.peers, sizes.publications, sizes.streams, sizes.subscriptions),
        (0, 0, 0, 0),
        "{sizes:?}"
    );
}

/// Every plaintext by its place in the key's stream.
#[derive(Default)]
struct Sent {
    packets: HashMap<(PeerKey, u32, u64), Vec<u8>>,
}

impl Egress for Sent {
    fn rtp(&mut self, to: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
        assert!(packet.header_len >= 12 && packet.header_len <= packet.len, "{packet:?}");
        assert!(packet.index < (1 << 48), "{packet:?}");
        let mut bytes = vec![0; packet.len];
        fill(&mut bytes);
        assert_eq!(bytes.first().map(|first| first >> 6), Some(2), "{packet:?}");
        let known = self.packets.entry((to, packet.ssrc.0, packet.index)).or_insert_with(|| bytes.clone());
        assert_eq!(*known, bytes, "one index, two plaintexts: {packet:?}");
    }

    fn rtcp(&mut self, _: PeerKey, compound: &[u8]) {
        assert!(compound.len() >= 8 && compound.len().is_multiple_of(4) && compound.len() <= 1500);
    }
}

fn plane(publisher: PeerKey, watcher: PeerKey) -> Plane {
    let now = Time(1_000_000);
    let mut plane = Plane::new(PlaneConfig::default());
    for (peer, config) in [(publisher, sending()), (watcher, receiving())] {
        plane.insert_peer(peer, forward::GroupId(0));
        plane.configure(peer, config);
        plane.connected(peer, now);
    }
    for (slot, source) in [("2", "0"), ("3", "1")] {
        plane.route(watcher, &Mid::from(slot), Some((publisher, Mid::from(source))), now);
    }
    plane
}

fn codecs(kind: Media) -> Vec<CodecMap> {
    let map = |codec, payload_type, rtx: Option<u8>| CodecMap {
        codec,
        payload_type: PayloadType(payload_type),
        rtx: rtx.map(PayloadType),
        nack: rtx.is_some(),
    };
    match kind {
        Media::Audio => vec![map(Codec::Opus, 111, None), map(Codec::Red, 63, None)],
        Media::Video => {
            let profile = forward::H264Profile::ConstrainedBaseline;
            vec![
                map(Codec::Vp8, 96, Some(97)),
                map(Codec::Vp9 { profile: 0 }, 98, Some(99)),
                map(Codec::H264 { profile, packetization_mode: 1 }, 100, Some(101)),
                map(Codec::Av1 { profile: 0 }, 102, Some(103)),
            ]
        }
    }
}

fn sending() -> PeerConfig {
    let declared = |ssrc, rtx: Option<u32>| vec![DeclaredSsrc { ssrc: Ssrc(ssrc), rtx: rtx.map(Ssrc) }];
    let line =
        |mid, kind, ssrcs| SendLine { mid: Mid::from(mid), kind, codecs: codecs(kind), ssrcs, rids: vec![] };
    PeerConfig {
        egress_extensions: forward::EgressExtensionIds {
            transport_cc: Some(3),
            dependency_descriptor: Some(12),
        },
        extensions: ExtensionIds {
            mid: Some(4),
            rid: Some(10),
            repaired_rid: Some(11),
            transport_cc: Some(3),
            audio_level: Some(1),
            abs_send_time: Some(2),
            dependency_descriptor: Some(12),
        },
        sends: vec![
            line("0", Media::Audio, declared(0x1111_1111, None)),
            line("1", Media::Video, declared(0x2222_2222, Some(0x3333_3333))),
        ],
        slots: Vec::new(),
        transport_cc: true,
        feedback_ssrc: Ssrc(0x4444_4444),
    }
}

fn receiving() -> PeerConfig {
    let slot = |mid, kind, ssrc, rtx: Option<u32>| SlotConfig {
        mid: Mid::from(mid),
        kind,
        ssrc: Ssrc(ssrc),
        rtx: rtx.map(Ssrc),
        cname: "seat0".to_owned(),
        codecs: codecs(kind),
        first_seq: 0x7ff0,
        first_rtx_seq: 5,
        first_time: u32::MAX - 5,
    };
    PeerConfig {
        slots: vec![
            slot("2", Media::Audio, 0x5555_5555, None),
            slot("3", Media::Video, 0x6666_6666, Some(0x7777_7777)),
        ],
        feedback_ssrc: Ssrc(0x8888_8888),
        ..PeerConfig::default()
    }
}

/// A packet of the publisher's. Of the first byte, the three low bits say which codec, the next that a frame ends here,
/// the next that it is of the same frame as the last, the next that the second byte is the length of a dependency
/// descriptor, which follows (AV1's RTP payload format, appendix A). All else is the payload.
fn payload(bytes: &[u8], seq: u16) -> Vec<u8> {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let (payload_type, ssrc) = match first & 7 {
        0 | 1 => (96, 0x2222_2222u32),
        2 | 3 => (98, 0x2222_2222),
        4 => (100, 0x2222_2222),
        5 | 6 => (102, 0x2222_2222),
        _ => (63, 0x1111_1111),
    };
    let described = first & 0x20 != 0;
    let (descriptor, rest) = match rest.split_first() {
        Some((len, after)) if described => after.split_at(usize::from(*len).min(after.len())),
        _ => (&[][..], rest),
    };
    let frame = u32::from(if first & 0x10 == 0 { seq } else { seq.wrapping_sub(1) });
    let mut packet = vec![0x80 | u8::from(described) << 4, (first & 8) << 4 | payload_type];
    packet.extend(seq.to_be_bytes());
    packet.extend((frame * 3000).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    if described {
        // The two-byte form, which takes any length (RFC 8285 §4.3).
        let len = 2 + descriptor.len();
        packet.extend([0x10, 0x00]);
        packet.extend(u16::try_from(len.div_ceil(4)).unwrap_or_default().to_be_bytes());
        packet.extend([12, u8::try_from(descriptor.len()).unwrap_or_default()]);
        packet.extend(descriptor);
        packet.resize(packet.len() + len.next_multiple_of(4) - len, 0);
    }
    packet.extend(rest);
    packet
}

/// A keyframe of one packet.
fn video(seq: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 0x80 | 96];
    packet.extend(seq.to_be_bytes());
    packet.extend((u32::from(seq) * 3000).to_be_bytes());
    packet.extend([0x22; 4]);
    let [high, low] = seq.to_be_bytes();
    packet.extend([0x90, 0xe0, 0x80 | high, low, low, 0]);
    packet.extend([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02]);
    packet
}
