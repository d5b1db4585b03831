//! Spatial layers in one stream: VP9 by its payload descriptor, AV1 by the dependency descriptor.

use crate::support::room::Sent;
use crate::support::wire::{self, Rtp};
use forward::{
    Codec, CodecMap, EgressExtensionIds, ExtensionIds, GroupId, Kind, Mid, PayloadType, PeerConfig, PeerKey,
    Plane, PlaneConfig, SendLine, SlotConfig, Ssrc, Time, View,
};
use slotmap::SlotMap;

const MID_ID: u8 = 4;
const DD_ID: u8 = 9;
const VIDEO: u8 = 98;
const SENT_AS: u8 = 100;

struct Bench {
    plane: Plane,
    publisher: PeerKey,
    receiver: PeerKey,
    millis: u64,
    seq: u16,
    picture: u16,
    keyframes: u32,
    key: bool,
}

impl Bench {
    fn new(codec: Codec) -> Self {
        let mut keys = SlotMap::with_key();
        let [publisher, receiver]: [PeerKey; 2] = [keys.insert(()), keys.insert(())];
        let map =
            |payload_type| CodecMap { codec, payload_type: PayloadType(payload_type), rtx: None, nack: true };
        let line = SendLine {
            mid: "v".into(),
            kind: Kind::Video,
            codecs: vec![map(VIDEO)],
            ssrcs: vec![],
            rids: vec![],
        };
        let slot = SlotConfig {
            mid: "s".into(),
            kind: Kind::Video,
            ssrc: Ssrc(7),
            rtx: None,
            cname: "seat".into(),
            codecs: vec![map(SENT_AS)],
            first_seq: 500,
            first_rtx_seq: 0,
            first_time: 0,
        };
        let extensions =
            ExtensionIds { mid: Some(MID_ID), dependency_descriptor: Some(DD_ID), ..ExtensionIds::default() };
        let egress =
            EgressExtensionIds { dependency_descriptor: Some(DD_ID), ..EgressExtensionIds::default() };
        let mut plane = Plane::new(PlaneConfig::default());
        for (key, sends, slots) in [(publisher, vec![line], vec![]), (receiver, vec![], vec![slot])] {
            plane.insert_peer(key, GroupId(0));
            let config = PeerConfig {
                extensions,
                egress_extensions: egress,
                sends,
                slots,
                feedback_ssrc: Ssrc(99),
                ..PeerConfig::default()
            };
            plane.configure(key, config);
            plane.connected(key, Time(0));
        }
        plane.route(receiver, &"s".into(), Some((publisher, Mid::from("v"))), Time(0));
        Self { plane, publisher, receiver, millis: 0, seq: 0, picture: 0, keyframes: 0, key: true }
    }

    fn show(&mut self, width: u16, height: u16) {
        self.plane.view(self.receiver, &"s".into(), View::of(width, height), Time(self.millis * 1000));
    }

    /// One picture of two layers, a packet each; what the receiver gets of it.
    fn picture(&mut self, write: impl Fn(&Self, u8) -> (Vec<u8>, Option<Vec<u8>>)) -> Vec<Rtp> {
        self.millis += 33;
        for spatial in 0..2 {
            self.seq = self.seq.wrapping_add(1);
            let (payload, descriptor) = write(self, spatial);
            let mut extensions = vec![(MID_ID, b"v".to_vec())];
            extensions.extend(descriptor.map(|bytes| (DD_ID, bytes)));
            let packet = Rtp {
                marker: spatial == 1,
                payload_type: VIDEO,
                seq: self.seq,
                time: u32::from(self.picture) * 2970,
                ssrc: 0x5000,
                extensions,
                payload,
                ..Rtp::default()
            };
            self.plane.ingest_rtp(self.publisher, &packet.write(), Time(self.millis * 1000));
        }
        self.picture += 1;
        self.key = false;
        let mut sent = Sent::default();
        self.plane.flush(Time(self.millis * 1000), &mut sent);
        let mut got = vec![];
        for (to, out, bytes) in sent.0 {
            match out {
                Some(_) if to == self.receiver => got.push(Rtp::read(&bytes)),
                None if to == self.publisher => {
                    let asked = wire::compound(&bytes).iter().filter(|packet| packet.kind == 206).count();
                    self.key |= asked > 0;
                    self.keyframes += u32::try_from(asked).unwrap();
                }
                Some(_) | None => {}
            }
        }
        got
    }
}

/// RFC 9628 §4.2, flexible mode: I, P, L, F, B, E; a picture id; TID, U, SID, D; what it refers to.
fn vp9(bench: &Bench, spatial: u8) -> (Vec<u8>, Option<Vec<u8>>) {
    let flags = 0x80 | 0x20 | 0x10 | 0x08 | 0x04 | if bench.key { 0 } else { 0x40 };
    let [high, low] = (bench.picture | 0x8000).to_be_bytes();
    let mut payload = vec![flags, high, low, (spatial << 1) | spatial];
    if !bench.key {
        payload.push(0x02);
    }
    payload.extend([0x80 | spatial; 60]);
    (payload, None)
}

#[test]
fn a_small_view_of_vp9_gets_the_lower_layer_and_frames_end_there() {
    let mut bench = Bench::new(Codec::Vp9 { profile: 0 });
    for _ in 0..40 {
        assert_eq!(bench.picture(vp9).len(), 2);
    }
    bench.show(320, 180);
    let mut last = None;
    for _ in 0..60 {
        bench.picture(vp9);
    }
    for _ in 0..10 {
        let got = bench.picture(vp9);
        let [packet] = got.as_slice() else { panic!("{got:?}") };
        assert!(packet.marker, "the lower layer ends the frame");
        assert!(last.is_none_or(|seq: u16| packet.seq == seq + 1), "no gap");
        last = Some(packet.seq);
    }
    assert!(bench.keyframes <= 1, "going down takes none");

    bench.show(1280, 720);
    let asked = bench.keyframes;
    for _ in 0..30 {
        bench.picture(vp9);
    }
    let got = bench.picture(vp9);
    assert_eq!(got.iter().map(|packet| packet.marker).collect::<Vec<_>>(), [false, true]);
    assert_eq!(bench.keyframes, asked + 1, "going up takes one, and no more are asked for");
}

/// AV1 RTP specification, appendix A: start and end of frame, template, frame number; with a keyframe the template
/// structure of two spatial layers, one decode target each, no chains, no resolutions.
fn av1(bench: &Bench, spatial: u8) -> (Vec<u8>, Option<Vec<u8>>) {
    let number = bench.picture * 2 + u16::from(spatial);
    let template = 2 * spatial + u8::from(!bench.key);
    let [high, low] = number.to_be_bytes();
    let mut descriptor = vec![0xc0 | template, high, low];
    if bench.key && spatial == 0 {
        descriptor.extend(structure());
    }
    // Aggregation header: N with the first packet of a new coded video sequence.
    let aggregation = 0x10 | if bench.key && spatial == 0 { 0x08 } else { 0 };
    (vec![aggregation, 0x32, 0x01, spatial], Some(descriptor))
}

/// Four templates: S0 of a keyframe and of others, S1 of a keyframe and of others.
fn structure() -> Vec<u8> {
    let bits = [
        "10000",                                  // a structure follows, nothing else
        "000000",                                 // template_id_offset
        "00001",                                  // dt_cnt_minus_one: two decode targets
        "00 10 00 11",                            // next_layer_idc: same, next spatial, same, no more
        "10 10  11 11  00 10  00 11",             // dtis of both targets: SS RR -S -R
        "0  1 0001 0  1 0000 0  1 0001 1 0000 0", // fdiffs: none; 2; 1; 2 and 1
        "0",                                      // no chains
        "0",                                      // no resolutions
    ];
    let bits: String = bits.concat().split(' ').collect();
    let byte =
        |bits: &[u8]| u8::from_str_radix(&format!("{:0<8}", std::str::from_utf8(bits).unwrap()), 2).unwrap();
    bits.as_bytes().chunks(8).map(byte).collect()
}

#[test]
fn a_small_view_of_av1_gets_the_lower_layer_with_its_descriptors() {
    let mut bench = Bench::new(Codec::Av1 { profile: 0 });
    for _ in 0..40 {
        assert_eq!(bench.picture(av1).len(), 2);
    }
    bench.show(320, 180);
    for _ in 0..60 {
        bench.picture(av1);
    }
    let mut last: Option<(u16, u16)> = None;
    for _ in 0..10 {
        let got = bench.picture(av1);
        let [packet] = got.as_slice() else { panic!("{got:?}") };
        assert!(packet.marker, "the lower layer ends the picture");
        let (_, descriptor) = packet.extensions.iter().find(|(id, _)| *id == DD_ID).expect("a descriptor");
        let number = u16::from_be_bytes([descriptor[1], descriptor[2]]);
        if let Some((seq, before)) = last {
            assert_eq!(packet.seq, seq + 1, "no gap");
            assert_eq!(number, before + 2, "frame numbers keep their distance");
        }
        last = Some((packet.seq, number));
    }

    bench.show(1280, 720);
    for _ in 0..30 {
        bench.picture(av1);
    }
    assert_eq!(bench.picture(av1).len(), 2);
}
