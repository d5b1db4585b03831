//! Peers, lines, slots and SSRCs that come and go.

use crate::support::link::Path;
use crate::support::oracle::{check_contiguous, check_decodable, frames};
use crate::support::publisher::{Dress, Traits};
use crate::support::receiver::Wants;
use crate::support::room::{Room, Sent};
use crate::support::wire::{self, Rtp};
use forward::{PeerConfig, Sizes, Time, View};

#[test]
fn nothing_is_left_of_peers_that_went() {
    let mut room = Room::new();
    for id in 1..5 {
        room.publish(Traits { declared: id % 2 == 0, ..Traits::new(id) }, Path::default());
    }
    for receiver in 0..3 {
        room.receive(Wants { seats: 4, ..Wants::default() }, Path::default());
        for seat in 0..4_u32 {
            room.seat(receiver, seat, Some(usize::try_from(seat).unwrap()));
        }
    }
    room.run(1000);
    let sizes = room.plane.sizes();
    assert_eq!((sizes.peers, sizes.publications, sizes.streams, sizes.slots), (7, 8, 8, 24));
    assert_eq!(sizes.subscriptions, 24);
    let keys = room.publishers.iter().map(|p| p.key).chain(room.receivers.iter().map(|r| r.key));
    for key in keys.collect::<Vec<_>>() {
        room.plane.remove_peer(key);
    }
    room.plane.flush(room.time(), &mut Sent::default());
    assert_eq!(room.plane.sizes(), Sizes::default());
    room.plane.handle_timeout(Time(u64::MAX / 2));
    assert_eq!(room.plane.poll_timeout(), None);
}

#[test]
fn nothing_goes_out_before_the_peer_is_connected() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    room.run(500);
    let key = room.key();
    let receiver = crate::support::receiver::Receiver::new(Wants::default(), 5_000_000);
    room.plane.insert_peer(key, forward::GroupId(0));
    room.plane.configure(key, receiver.config());
    for line in ["a", "v"] {
        let source = (room.publishers[publisher].key, line.into());
        room.plane.route(key, &format!("{line}0").as_str().into(), Some(source), room.time());
    }
    room.run(1000);
    assert_eq!(room.plane.counters().rtp_packets_out, 0);
    assert_eq!(room.publishers[publisher].publisher.keyframes_asked, []);
    assert!(room.plane.counters().not_connected > 0);

    room.plane.connected(key, room.time());
    let mut sent = Sent::default();
    room.plane.flush(room.time(), &mut sent);
    let asked = sent.0.iter().filter(|(to, out, _)| *to == room.publishers[publisher].key && out.is_none());
    assert!(asked.flat_map(|(_, _, bytes)| wire::compound(bytes)).any(|packet| packet.kind == 206));
}

#[test]
fn renegotiation_keeps_what_stays() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants { seats: 2, ..Wants::default() }, Path::default());
    room.seat(receiver, 0, Some(publisher));
    for seats in [3, 4, 1, 2] {
        room.run(300);
        room.receivers[receiver].receiver.wants.seats = seats;
        let config = room.receivers[receiver].receiver.config();
        room.plane.configure(room.receivers[receiver].key, config);
        let config = room.publishers[publisher].publisher.config();
        room.plane.configure(room.publishers[publisher].key, config);
    }
    room.run(300);
    let got = &room.receivers[receiver].receiver;
    let video = &got.streams[&got.video_ssrc(0)];
    check_contiguous(video);
    let frames = frames(video, |_| Dress::Vp8 { wide: true });
    assert_eq!(check_decodable(&frames), 0);
    assert_eq!(frames.iter().filter(|frame| frame.key).count(), 1);
    // The fourth configuration brings back SSRCs that ended: their SRTP indices have been used.
    assert_eq!(room.plane.counters().refused_config, 2);
    assert_eq!(room.plane.sizes().slots, 2);
}

#[test]
fn a_slot_added_later_shows_nothing_until_its_view_is_told() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.run(300);
    room.receivers[receiver].receiver.wants.seats = 2;
    let config = room.receivers[receiver].receiver.config();
    let key = room.receivers[receiver].key;
    room.plane.configure(key, config);
    room.seat(receiver, 1, Some(publisher));
    room.run(300);
    let got = &room.receivers[receiver].receiver;
    let (audio, video) = (got.audio_ssrc(1), got.video_ssrc(1));
    assert!(got.streams.contains_key(&audio), "sound is for whoever is there");
    assert!(!got.streams.contains_key(&video));
    room.plane.view(key, &"v1".into(), View::of(640, 360), room.time());
    room.run(300);
    let got = &room.receivers[receiver].receiver;
    assert_eq!(check_decodable(&frames(&got.streams[&video], |_| Dress::Vp8 { wide: true })), 0);
}

#[test]
fn a_line_that_vanishes_stops_and_may_return() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    room.run(500);
    let from = room.publishers[publisher].key;
    room.plane.configure(from, PeerConfig::default());
    let out = room.plane.counters().rtp_packets_out;
    room.run(500);
    assert_eq!(room.plane.counters().rtp_packets_out, out);
    assert_eq!(room.plane.sizes().streams, 0);
    let config = room.publishers[publisher].publisher.config();
    room.plane.configure(from, config);
    room.run(500);
    let got = &room.receivers[receiver].receiver;
    let video = &got.streams[&got.video_ssrc(0)];
    check_contiguous(video);
    assert_eq!(check_decodable(&frames(video, |_| Dress::Vp8 { wide: true })), 1);
}

#[test]
fn bye_ends_a_stream_until_it_sends_again() {
    for declared in [true, false] {
        let mut room = Room::new();
        let publisher = room.publish(Traits { declared, ..Traits::new(1) }, Path::default());
        let receiver = room.receive(Wants::default(), Path::default());
        room.seat(receiver, 0, Some(publisher));
        room.run(500);
        room.publishers[publisher].publisher.video = false;
        let from = room.publishers[publisher].key;
        let before = room.plane.sizes();
        room.plane.ingest_rtcp(from, &wire::bye(0x1000), room.time());
        assert!(room.plane.sizes().history_bytes < before.history_bytes, "memory is given back");
        assert!(!room.plane.slot_stats(room.receivers[receiver].key, &"v0".into()).unwrap().forwarding);
        room.run(500);
        room.publishers[publisher].publisher.video = true;
        room.run(500);
        let got = &room.receivers[receiver].receiver;
        let video = &got.streams[&got.video_ssrc(0)];
        check_contiguous(video);
        assert_eq!(check_decodable(&frames(video, |_| Dress::Vp8 { wide: true })), 1);
    }
}

#[test]
fn undeclared_ssrcs_are_bound_by_mid_and_bounded() {
    let mut room = Room::new();
    let publisher = room.publish(Traits { declared: false, ..Traits::new(1) }, Path::default());
    let from = room.publishers[publisher].key;
    let packet = |ssrc: u32, mid: &str| {
        let extensions = vec![(crate::support::publisher::MID_ID, mid.as_bytes().to_vec())];
        Rtp { payload_type: 96, ssrc, extensions, payload: vec![0x10, 0, 0], ..Rtp::default() }.write()
    };
    for ssrc in 0..1000 {
        room.plane.ingest_rtp(from, &packet(ssrc, "v"), room.time());
        room.plane.ingest_rtp(from, &packet(ssrc + 5000, "other"), room.time());
    }
    assert_eq!(room.plane.sizes().streams, 64);
    assert_eq!(room.plane.counters().unknown_ssrc, 2000 - 64);
    room.now += 6000;
    room.plane.ingest_rtp(from, &packet(77_777, "v"), room.time());
    assert_eq!(room.plane.sizes().streams, 1, "whose encoding goes on by another has no history any more");
    assert_eq!(room.plane.counters().unknown_ssrc, 2000 - 64, "silent ones made room");
}

#[test]
fn many_impatient_receivers_make_few_keyframe_requests() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receivers: Vec<usize> = (0..20).map(|_| room.receive(Wants::default(), Path::default())).collect();
    for receiver in &receivers {
        room.seat(*receiver, 0, Some(publisher));
    }
    room.run(1000);
    let before = room.publishers[publisher].publisher.keyframes_asked.len();
    for at in 0..1000 {
        for (receiver, number) in receivers.iter().zip(0..) {
            let receiving = &room.receivers[*receiver];
            let ssrc = receiving.receiver.video_ssrc(0);
            let bytes = if at % 2 == 0 { wire::pli(ssrc) } else { wire::fir(ssrc, number) };
            room.plane.ingest_rtcp(receiving.key, &bytes, room.time());
        }
        room.step();
    }
    let asked = &room.publishers[publisher].publisher.keyframes_asked[before..];
    assert!((2..=4).contains(&asked.len()), "{asked:?}");
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 300), "{asked:?}");
    assert_eq!(room.plane.counters().keyframe_requests_in, 20_000);
}
