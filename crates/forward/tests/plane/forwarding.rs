//! The plain way: one publisher, one receiver, a good network.

use crate::support::link::Path;
use crate::support::oracle::{check_contiguous, check_decodable, frames};
use crate::support::publisher::{Dress, Traits};
use crate::support::receiver::{AUDIO, VP8, Wants};
use crate::support::room::{Room, Sent};
use forward::{PeerKey, Time};

#[test]
fn media_flows_from_the_first_keyframe_on() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    room.run(2000);

    let got = &room.receivers[receiver].receiver;
    let audio = &got.streams[&got.audio_ssrc(0)];
    check_contiguous(audio);
    assert_eq!(audio.len(), 100);
    assert!(audio.values().all(|packet| packet.payload_type == AUDIO && packet.payload[..80] == [1; 80]));

    let video = &got.streams[&got.video_ssrc(0)];
    check_contiguous(video);
    assert!(video.values().all(|packet| packet.payload_type == VP8));
    let frames = frames(video, |_| Dress::Vp8 { wide: true });
    assert_eq!(check_decodable(&frames), 0);
    assert_eq!(frames.len(), 60);
    assert_eq!(*video.first_key_value().unwrap().0, 32_000);
}

#[test]
fn a_batch_goes_out_subscriber_by_subscriber() {
    let mut room = Room::new();
    let publishers = [1, 2].map(|id| room.publish(Traits::new(id), Path::default()));
    let receivers = [0, 1, 2].map(|_| room.receive(Wants { seats: 2, ..Wants::default() }, Path::default()));
    for receiver in receivers {
        for seat in [0, 1] {
            room.seat(receiver, seat, Some(publishers[usize::try_from(seat).unwrap()]));
        }
    }
    room.run(500);

    let mut sent = Sent::default();
    for _ in 0..66 {
        room.now += 1;
        for sending in &mut room.publishers {
            for packet in sending.publisher.produce(room.now) {
                room.plane.ingest_rtp(sending.key, &packet, Time(room.now * 1000));
            }
        }
    }
    room.plane.flush(room.time(), &mut sent);
    let mut to: Vec<PeerKey> =
        sent.0.iter().filter(|(_, out, _)| out.is_some()).map(|(to, ..)| *to).collect();
    assert!(to.len() > 30);
    to.dedup();
    assert_eq!(to.len(), receivers.len());
}

#[test]
fn padding_keeps_egress_contiguous() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    for _ in 0..20 {
        room.run(50);
        let packet = room.publishers[publisher].publisher.padding(room.now);
        room.plane.ingest_rtp(room.publishers[publisher].key, &packet, room.time());
    }
    room.run(50);
    let got = &room.receivers[receiver].receiver;
    let video = &got.streams[&got.video_ssrc(0)];
    check_contiguous(video);
    assert_eq!(video.values().filter(|packet| packet.payload.is_empty() && packet.padding == 1).count(), 20);
    assert_eq!(check_decodable(&frames(video, |_| Dress::Vp8 { wide: true })), 0);
}

#[test]
fn what_the_receiver_cannot_take_is_not_forwarded() {
    let mut room = Room::new();
    let publisher = room.publish(Traits { dress: Dress::H264, ..Traits::new(1) }, Path::default());
    let receiver = room.receive(Wants { h264: false, ..Wants::default() }, Path::default());
    room.seat(receiver, 0, Some(publisher));
    room.run(5000);
    let got = &room.receivers[receiver].receiver;
    assert!(got.streams.contains_key(&got.audio_ssrc(0)));
    assert!(!got.streams.contains_key(&got.video_ssrc(0)));
    assert!(room.plane.counters().codec_mismatch > 100);
    assert!(room.publishers[publisher].publisher.keyframes_asked.len() <= 1, "nobody could show a keyframe");
}
