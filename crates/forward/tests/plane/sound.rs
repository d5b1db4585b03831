//! Sound: RED for those who have it, and the loudest of a large room.

use crate::support::room::Sent;
use crate::support::wire::Rtp;
use forward::{
    Codec, CodecMap, ExtensionIds, GroupId, Kind, Mid, PayloadType, PeerConfig, PeerKey, Plane, PlaneConfig,
    PlaneEvent, SendLine, SlotConfig, Ssrc, Time,
};
use slotmap::SlotMap;

const MID_ID: u8 = 4;
const LEVEL_ID: u8 = 7;
const OPUS: u8 = 111;
const RED: u8 = 63;
/// RFC 6464: this many dB below the loudest.
const SPEECH: u8 = 30;
const HUM: u8 = 70;

fn map(codec: Codec, payload_type: u8) -> CodecMap {
    CodecMap { codec, payload_type: PayloadType(payload_type), rtx: None, nack: false }
}

/// Sends on "a", and receives on "s0", "s1", ….
fn config(at: usize, codecs: &[CodecMap], slots: usize) -> PeerConfig {
    let base = 1000 * u32::try_from(at + 1).unwrap();
    let slot = |k: usize| SlotConfig {
        mid: Mid::from(format!("s{k}").as_str()),
        kind: Kind::Audio,
        ssrc: Ssrc(base + u32::try_from(k).unwrap()),
        rtx: None,
        cname: "seat".into(),
        codecs: codecs.to_vec(),
        first_seq: 100,
        first_rtx_seq: 0,
        first_time: 0,
    };
    let line = SendLine {
        mid: "a".into(),
        kind: Kind::Audio,
        codecs: vec![map(Codec::Opus, OPUS), map(Codec::Red, RED)],
        ssrcs: vec![],
        rids: vec![],
    };
    PeerConfig {
        extensions: ExtensionIds {
            mid: Some(MID_ID),
            audio_level: Some(LEVEL_ID),
            ..ExtensionIds::default()
        },
        sends: vec![line],
        slots: (0..slots).map(slot).collect(),
        feedback_ssrc: Ssrc(base + 999),
        ..PeerConfig::default()
    }
}

struct Party {
    plane: Plane,
    keys: Vec<PeerKey>,
    millis: u64,
    seq: u16,
}

impl Party {
    /// Everybody hears everybody: slot k is the k-th of the others.
    fn new(count: usize, codecs: &[CodecMap]) -> Self {
        let mut keys = SlotMap::with_key();
        let keys: Vec<PeerKey> = (0..count).map(|_| keys.insert(())).collect();
        let mut plane = Plane::new(PlaneConfig { max_audible: 6, ..PlaneConfig::default() });
        for (at, key) in keys.iter().enumerate() {
            plane.insert_peer(*key, GroupId(5));
            plane.configure(*key, config(at, codecs, count - 1));
            plane.connected(*key, Time(0));
        }
        for receiver in &keys {
            for (k, sender) in keys.iter().filter(|key| *key != receiver).enumerate() {
                let slot = Mid::from(format!("s{k}").as_str());
                plane.route(*receiver, &slot, Some((*sender, "a".into())), Time(0));
            }
        }
        Self { plane, keys, millis: 0, seq: 0 }
    }

    /// Twenty milliseconds of everybody's sound; what the first hears.
    fn tick(&mut self, payload_type: u8, payload: &[u8], dbov: impl Fn(usize) -> u8) -> Vec<Rtp> {
        self.millis += 20;
        self.seq += 1;
        let now = Time(self.millis * 1000);
        for (at, key) in self.keys.iter().enumerate() {
            let packet = Rtp {
                payload_type,
                seq: self.seq,
                time: u32::from(self.seq) * 960,
                ssrc: 7_000_000 + u32::try_from(at).unwrap(),
                extensions: vec![(MID_ID, b"a".to_vec()), (LEVEL_ID, vec![dbov(at)])],
                payload: payload.to_vec(),
                ..Rtp::default()
            };
            self.plane.ingest_rtp(*key, &packet.write(), now);
        }
        let mut sent = Sent::default();
        self.plane.flush(now, &mut sent);
        let to_first = |(to, out, bytes): &(PeerKey, Option<_>, Vec<u8>)| {
            (*to == self.keys[0] && out.is_some()).then(|| Rtp::read(bytes))
        };
        sent.0.iter().filter_map(to_first).collect()
    }

    fn speakers(&mut self) -> Option<Vec<PeerKey>> {
        let mut last = None;
        while let Some(event) = self.plane.poll_event() {
            if let PlaneEvent::Speakers { group, speakers } = event {
                assert_eq!(group, GroupId(5));
                last = Some(speakers);
            }
        }
        last
    }
}

/// Two earlier frames and the frame itself, as RFC 2198 has it.
const REDUNDANT: [u8; 12] = [0xef, 0x04, 0x04, 0x01, 0xef, 0, 0, 0, 0x6f, 1, 0xaa, 0xbb];

#[test]
fn red_goes_whole_to_whom_has_it() {
    let mut party = Party::new(2, &[map(Codec::Opus, 111), map(Codec::Red, 64)]);
    let heard = party.tick(RED, &REDUNDANT, |_| HUM);
    assert_eq!((heard[0].payload_type, heard[0].payload.as_slice()), (64, &REDUNDANT[..]));
}

/// The blocks name Opus by the publisher's payload type.
#[test]
fn red_whose_blocks_would_mean_nothing_is_stripped() {
    let mut party = Party::new(2, &[map(Codec::Opus, 109), map(Codec::Red, 64)]);
    let heard = party.tick(RED, &REDUNDANT, |_| HUM);
    assert_eq!((heard[0].payload_type, heard[0].payload.as_slice()), (109, &[0xaa, 0xbb][..]));
}

#[test]
fn of_red_others_get_the_frame_itself() {
    let mut party = Party::new(2, &[map(Codec::Opus, 109)]);
    let heard = party.tick(RED, &REDUNDANT, |_| HUM);
    assert_eq!((heard[0].payload_type, heard[0].payload.as_slice()), (109, &[0xaa, 0xbb][..]));
}

#[test]
fn a_small_room_forwards_all() {
    let mut party = Party::new(6, &[map(Codec::Opus, 109)]);
    for tick in 0..200 {
        let heard = party.tick(OPUS, &[1, 2], |at| if at == tick % 6 { SPEECH } else { HUM });
        assert_eq!(heard.len(), 5, "at {tick}");
    }
    assert_eq!(party.plane.counters().audible_changes, 0);
}

#[test]
fn of_a_large_room_the_loudest_are_heard_and_who_begins_to_speak_soon_is() {
    let mut party = Party::new(9, &[map(Codec::Opus, 109)]);
    for _ in 0..50 {
        party.tick(OPUS, &[1, 2], |at| if at < 3 { SPEECH } else { HUM });
    }
    let heard = party.tick(OPUS, &[1, 2], |at| if at < 3 { SPEECH } else { HUM });
    assert_eq!(heard.len(), 5, "six of nine, and the first hears itself not");
    let speakers = party.speakers().expect("a change");
    assert_eq!(speakers.len(), 3);
    assert!(party.keys[..3].iter().all(|key| speakers.contains(key)));

    let begins = party.millis;
    let mut first_heard = None;
    let mut last_seq = None;
    for _ in 0..50 {
        let heard = party.tick(OPUS, &[1, 2], |at| if at < 3 || at == 8 { SPEECH } else { HUM });
        assert!(heard.len() <= 6, "six at most, of whom the first may be none");
        for packet in heard.iter().filter(|packet| packet.ssrc == 1000 + 7) {
            first_heard.get_or_insert(party.millis);
            let expected = last_seq.map_or(packet.seq, |seq: u16| seq + 1);
            assert_eq!(packet.seq, expected, "no gap");
            last_seq = Some(packet.seq);
        }
    }
    let waited = first_heard.expect("who speaks is heard") - begins;
    assert!(waited <= 300, "{waited} ms");
    assert!(party.speakers().expect("a change").contains(&party.keys[8]));
    assert!(party.plane.counters().inaudible > 0);
}
