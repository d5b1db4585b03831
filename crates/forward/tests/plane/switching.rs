//! Changing what feeds a slot, and what must go on unbroken across it.

use crate::support::link::Path;
use crate::support::oracle::{
    Frame, check_contiguous, check_decodable, check_decodable_until_switches, frames,
};
use crate::support::publisher::{Dress, Traits};
use crate::support::receiver::{VP8, VP9, Wants};
use crate::support::room::Room;

/// Switches one seat between publishers of these dresses, and checks what the receiver saw.
fn check_switching(dresses: &[Dress], switches: usize, dwell: impl Fn(usize) -> u64, path: Path) {
    let mut room = Room::new();
    for (id, dress) in (1..).zip(dresses) {
        room.publish(Traits { dress: *dress, ..Traits::new(id) }, path);
    }
    let receiver = room.receive(Wants::default(), path);
    for switch in 0..=switches {
        room.seat(receiver, 0, Some(switch % dresses.len()));
        room.run(dwell(switch));
    }
    for sending in &mut room.publishers {
        (sending.publisher.audio, sending.publisher.video) = (false, false);
    }
    room.run(1500);

    let got = &room.receivers[receiver].receiver;
    let of = |payload_type| match payload_type {
        VP8 => Dress::Vp8 { wide: true },
        VP9 => *dresses.iter().find(|dress| matches!(dress, Dress::Vp9 { .. })).unwrap(),
        _ => Dress::H264,
    };
    let video = &got.streams[&got.video_ssrc(0)];
    let frames = frames(video, of);
    if path.loss_permille == 0 {
        check_contiguous(video);
        assert_eq!(check_decodable(&frames), switches);
    } else {
        assert_eq!(check_decodable_until_switches(&frames), switches);
    }

    let audio = &got.streams[&got.audio_ssrc(0)];
    let audio: Vec<_> = audio.iter().collect();
    for pair in audio.windows(2) {
        assert!(pair[1].1.time.wrapping_sub(pair[0].1.time).cast_signed() > 0, "audio time goes back");
    }
    assert_eq!(room.plane.counters().source_changes, 2 * (u64::try_from(switches).unwrap() + 1));
}

const GOOD: Path = Path { loss_permille: 0, delay_millis: 10, jitter_millis: 0 };

#[test]
fn vp8_thirty_six_times() {
    check_switching(
        &[Dress::Vp8 { wide: true }; 3],
        36,
        |at| 150 + 37 * (u64::try_from(at).unwrap() % 11),
        GOOD,
    );
}

#[test]
fn vp8_on_a_lossy_network() {
    let path = Path { loss_permille: 30, delay_millis: 15, jitter_millis: 4 };
    check_switching(&[Dress::Vp8 { wide: true }; 3], 36, |_| 1500, path);
}

#[test]
fn vp8_with_short_and_long_picture_ids() {
    check_switching(&[Dress::Vp8 { wide: false }, Dress::Vp8 { wide: true }], 10, |_| 400, GOOD);
}

#[test]
fn vp9_non_flexible_and_flexible() {
    for flexible in [false, true] {
        check_switching(&[Dress::Vp9 { flexible }; 2], 10, |_| 400, GOOD);
    }
}

#[test]
fn h264() {
    check_switching(&[Dress::H264; 2], 10, |_| 400, GOOD);
}

#[test]
fn from_codec_to_codec() {
    check_switching(
        &[Dress::Vp8 { wide: true }, Dress::H264, Dress::Vp9 { flexible: true }],
        10,
        |_| 400,
        GOOD,
    );
}

fn video_frames(room: &Room, receiver: usize) -> Vec<Frame> {
    let got = &room.receivers[receiver].receiver;
    let video = &got.streams[&got.video_ssrc(0)];
    check_contiguous(video);
    frames(video, |_| Dress::Vp8 { wide: true })
}

#[test]
fn timestamps_follow_the_wall_clock_over_a_pause() {
    let mut room = Room::new();
    let publishers = [1, 2].map(|id| room.publish(Traits::new(id), GOOD));
    let receiver = room.receive(Wants::default(), GOOD);
    room.seat(receiver, 0, Some(publishers[0]));
    room.run(1000);
    room.seat(receiver, 0, None);
    room.run(20_000);
    room.seat(receiver, 0, Some(publishers[1]));
    room.run(1000);
    let frames = video_frames(&room, receiver);
    assert_eq!(check_decodable(&frames), 1);
    let at = frames.iter().position(|frame| frame.from == 2).unwrap();
    let (last, next) = (&frames[at - 1], &frames[at]);
    let elapsed = i64::from(next.time.wrapping_sub(last.time)) / 90;
    let captured = i64::from(next.captured - last.captured);
    assert!((elapsed - captured).abs() <= 2, "{elapsed} ms of RTP time for {captured} ms");
}

#[test]
fn a_new_ssrc_on_the_same_line_is_a_source_change() {
    let mut room = Room::new();
    let publisher = room.publish(Traits { declared: false, ..Traits::new(1) }, GOOD);
    let receiver = room.receive(Wants::default(), GOOD);
    room.seat(receiver, 0, Some(publisher));
    room.run(1000);
    room.publishers[publisher].publisher.restart(0x7777);
    room.run(1000);
    let frames = video_frames(&room, receiver);
    check_decodable(&frames);
    assert_eq!(frames.iter().filter(|frame| frame.key).count(), 2);
    assert_eq!(room.plane.counters().source_changes, 4, "audio and video, twice");
    assert_eq!(room.plane.counters().unknown_ssrc, 0);
    assert!(frames.last().unwrap().captured + 50 > u32::try_from(room.now).unwrap());
}

#[test]
fn a_leap_in_sequence_numbers_is_a_source_change() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), GOOD);
    let receiver = room.receive(Wants::default(), GOOD);
    room.seat(receiver, 0, Some(publisher));
    room.run(1000);
    room.publishers[publisher].publisher.leap(20_000);
    room.run(1000);
    let frames = video_frames(&room, receiver);
    assert_eq!(check_decodable(&frames), 1);
    assert_eq!((room.plane.counters().resyncs, room.plane.counters().jumped), (1, 1));
    assert!(frames.last().unwrap().captured + 50 > u32::try_from(room.now).unwrap());
}

#[test]
fn a_keyframe_is_asked_for_at_once() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    room.run(500);
    let receiver = room.receive(Wants::default(), Path::default());
    assert_eq!(room.publishers[publisher].publisher.keyframes_asked, []);
    room.seat(receiver, 0, Some(publisher));
    room.step();
    assert_eq!(room.publishers[publisher].publisher.keyframes_asked, [room.now]);
    room.run(3000);
    assert_eq!(room.publishers[publisher].publisher.keyframes_asked.len(), 1);
}

#[test]
fn a_source_may_come_after_its_route() {
    let mut room = Room::new();
    let late = room.key();
    let receiver = room.receive(Wants::default(), GOOD);
    let to = room.receivers[receiver].key;
    room.plane.route(to, &"v0".into(), Some((late, "v".into())), room.time());
    room.run(100);
    room.adopt(late, Traits::new(1), GOOD);
    room.run(1000);
    assert_eq!(check_decodable(&video_frames(&room, receiver)), 0);
}
