//! What a publication may bring.

use crate::support::link::Path;
use crate::support::publisher::Traits;
use crate::support::receiver::Wants;
use crate::support::room::Room;
use forward::Bitrate;

/// Some 560 kbit/s of video.
const LARGE: usize = 1100;
const TWICE: u64 = 1_120_000;
const HALF: u64 = 280_000;

fn room_of_one(max_bitrate: Option<u64>) -> Room {
    let mut room = Room::limited(max_bitrate.map(Bitrate));
    let publisher = room.publish(Traits { payload_len: LARGE, ..Traits::new(1) }, Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    room
}

/// Bytes that get through in so many seconds.
fn brought(room: &mut Room, seconds: u64) -> u64 {
    let before = *room.plane.counters();
    room.run(1000 * seconds);
    let after = room.plane.counters();
    after.rtp_bytes_in - before.rtp_bytes_in
}

#[test]
fn what_is_within_it_is_left_alone() {
    let mut room = room_of_one(Some(TWICE));
    let bytes = brought(&mut room, 20);
    assert!(bytes * 8 / 20 > HALF && bytes * 8 / 20 < TWICE, "{bytes}");
    assert_eq!(room.plane.counters().over_bitrate, 0);
    assert_eq!(room.publishers[0].publisher.caps, []);
}

#[test]
fn what_is_past_it_gets_nowhere_and_the_publisher_is_told_how_much_it_may_send() {
    let mut room = room_of_one(Some(HALF));
    // Nothing is repaired: what is asked for again is too much as well.
    room.publishers[0].publisher.answers_nacks = false;
    room.run(5000);
    let pictures = |room: &Room| {
        let got = &room.receivers[0].receiver;
        got.streams[&got.video_ssrc(0)].values().map(|packet| packet.payload.len() as u64).sum::<u64>()
    };
    let before = pictures(&room);
    room.run(20_000);
    let rate = (pictures(&room) - before) * 8 / 20;
    assert!((HALF * 8 / 10..=HALF).contains(&rate), "{rate}");
    assert!(room.plane.counters().over_bitrate > 500);
    let caps = &room.publishers[0].publisher.caps;
    assert!(caps.len() >= 20, "told again with each report: {caps:?}");
    assert!(caps.iter().all(|(_, rate)| *rate <= HALF && *rate > HALF - HALF / 1000), "{caps:?}");
}

#[test]
fn the_sound_beside_a_picture_that_is_too_large_is_whole() {
    let mut room = room_of_one(Some(HALF));
    room.run(10_000);
    assert!(room.plane.counters().over_bitrate > 0);
    let got = &room.receivers[0].receiver;
    assert_eq!(got.streams[&got.audio_ssrc(0)].len(), 500);
}

/// To a sender that knows no REMB it is a path that loses.
#[test]
fn what_is_dropped_is_not_reported_as_arrived() {
    let reported = |max_bitrate| {
        let mut room = room_of_one(max_bitrate);
        room.publishers[0].publisher.answers_nacks = false;
        room.run(10_000);
        let feedback = &room.publishers[0].publisher.feedback;
        let gaps = feedback.iter().filter(|packet| !all_arrived(&packet.body)).count();
        (feedback.len(), gaps)
    };
    let (told, gaps) = reported(None);
    assert!(told > 50 && gaps == 0, "{gaps} of {told}");
    let (told, gaps) = reported(Some(HALF));
    assert!(told > 50 && gaps > 20, "{gaps} of {told}");
}

/// Whether no symbol of the chunks says "not received" (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
fn all_arrived(body: &[u8]) -> bool {
    let statuses = usize::from(u16::from_be_bytes([body[10], body[11]]));
    let mut symbols: Vec<u16> = vec![];
    for chunk in body[16..].chunks(2) {
        if symbols.len() >= statuses {
            break;
        }
        let chunk = u16::from_be_bytes([chunk[0], chunk[1]]);
        match chunk >> 14 {
            0 | 1 => symbols.extend(vec![(chunk >> 13) & 3; usize::from(chunk & 0x1fff)]),
            2 => symbols.extend((0..14).map(|bit| (chunk >> (13 - bit)) & 1)),
            _ => symbols.extend((0..7).map(|pair| (chunk >> (12 - 2 * pair)) & 3)),
        }
    }
    symbols.iter().take(statuses).all(|symbol| *symbol != 0)
}

/// An encoder that does as it is told is troubled no more.
#[test]
fn who_does_as_told_loses_nothing_any_more() {
    let mut room = room_of_one(Some(HALF));
    room.run(3000);
    while room.publishers[0].publisher.caps.is_empty() {
        room.run(100);
    }
    room.publishers[0].publisher.traits.payload_len = 300;
    room.run(5000);
    let dropped = room.plane.counters().over_bitrate;
    room.run(20_000);
    assert_eq!(room.plane.counters().over_bitrate, dropped);
}
