//! Sender and receiver reports, both ways.

use crate::support::link::Path;
use crate::support::oracle::frames;
use crate::support::publisher::{Dress, Traits};
use crate::support::receiver::Wants;
use crate::support::room::Room;
use crate::support::wire::{self, Rtcp, Rtp};

const GOOD: Path = Path { loss_permille: 0, delay_millis: 10, jitter_millis: 0 };

#[test]
fn a_receiver_report_by_hand() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let from = room.publishers[publisher].key;
    (room.publishers[publisher].publisher.audio, room.publishers[publisher].publisher.video) = (false, false);
    // 65530..=65549 less four: numbers wrap once; of 20 expected 4 are missing, 4/20 × 256 = 51.2.
    for step in (0..20_u16).filter(|step| ![3, 4, 9, 15].contains(step)) {
        let packet = Rtp {
            payload_type: 96,
            seq: 65_530_u16.wrapping_add(step),
            time: u32::from(step) * 90,
            ssrc: 0x1000,
            payload: vec![0x10, 0, 0],
            ..Rtp::default()
        };
        room.plane.ingest_rtp(from, &packet.write(), forward::Time(room.now * 1000 + u64::from(step) * 1000));
    }
    let ntp = 0x0001_0002_0003_0004;
    room.now += 500;
    room.plane.ingest_rtcp(from, &wire::sender_report(0x1000, ntp, 7), room.time());
    room.run(600);
    let (at, report) = room.publishers[publisher].publisher.reports[0].clone();
    assert_eq!(at, 2000, "a second after the first packet");
    assert_eq!((report.count, report.body.len()), (1, 28));
    assert_eq!(report.word(0), 0xfeed);
    assert_eq!(report.word(1), 0x1000);
    assert_eq!(report.word(2), (51 << 24) | 4);
    assert_eq!(report.word(3), 0x1_000d, "one cycle, number 13");
    assert_eq!(report.word(4), 0, "a packet a millisecond, sent and received");
    assert_eq!(report.word(5), 0x0002_0003);
    assert_eq!(report.word(6), 32_768, "half a second after the sender report");
    room.run(3000);
    assert_eq!(room.publishers[publisher].publisher.reports.len(), 1, "nothing heard, nothing reported");
}

/// A slot's latest sender report as (NTP in ms, RTP time).
fn latest(room: &Room, receiver: usize, ssrc: u32) -> (f64, u32, Rtcp) {
    let reports = &room.receivers[receiver].receiver.reports;
    let (_, report) = reports.iter().rfind(|(_, report)| report.word(0) == ssrc).expect("a report");
    let ntp = (u64::from(report.word(1)) << 32) | u64::from(report.word(2));
    (ntp as f64 / (1_u64 << 32) as f64 * 1000.0, report.word(3), report.clone())
}

/// What a receiver takes for the capture time of its last audio and video, less the true one, in ms.
fn skews(room: &Room, receiver: usize) -> (f64, f64) {
    let got = &room.receivers[receiver].receiver;
    let by_report = |ssrc: u32, time: u32, rate: f64| {
        let (ntp, rtp, _) = latest(room, receiver, ssrc);
        ntp + f64::from(time.wrapping_sub(rtp).cast_signed()) / rate
    };
    let audio = got.streams[&got.audio_ssrc(0)].last_key_value().unwrap().1;
    let captured = u32::from_be_bytes(audio.payload[80..].try_into().unwrap());
    // The server's NTP time is 100 s at millisecond zero.
    let audio = by_report(got.audio_ssrc(0), audio.time, 48.0) - f64::from(captured) - 100_000.0;
    let frames = frames(&got.streams[&got.video_ssrc(0)], |_| Dress::Vp8 { wide: true });
    let frame = frames.last().unwrap();
    let video = by_report(got.video_ssrc(0), frame.time, 90.0) - f64::from(frame.captured) - 100_000.0;
    (audio, video)
}

#[test]
fn sound_and_picture_stay_in_sync() {
    let jittery = Path { loss_permille: 10, delay_millis: 20, jitter_millis: 25 };
    let mut room = Room::new();
    let clocks = [5_000, -3_600_000 / 60, 123_456_789];
    for (id, clock_millis) in (1..).zip(clocks) {
        room.publish(Traits { clock_millis, ..Traits::new(id) }, jittery);
    }
    let receiver = room.receive(Wants::default(), GOOD);
    room.run(5000);
    for switch in 0..9 {
        room.seat(receiver, 0, Some(switch % 3));
        room.run(2500);
        let (audio, video) = skews(&room, receiver);
        assert!((audio - video).abs() < 1.0, "after {switch} switches: audio {audio}, video {video}");
        assert!((20.0..46.0).contains(&audio), "the fastest way of some report: {audio}");
    }
}

#[test]
fn until_the_publisher_reports_arrival_stands_in() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), GOOD);
    let receiver = room.receive(Wants::default(), Path::default());
    room.run(105); // its report of this second has passed by, unheard: link to the plane takes 10 ms
    room.seat(receiver, 0, Some(publisher));
    room.run(3);
    room.publishers[publisher].publisher.audio = false;
    let got = &room.receivers[receiver].receiver;
    let video = got.video_ssrc(0);
    let reported = |room: &Room| latest(room, receiver, video).0;
    // It begins at once, with the keyframe that has just come; the publisher's report is still on its way.
    assert!(reported(&room) > 100_000.0);
    room.run(100);
    assert!(reported(&room) > 100_000.0);
}

#[test]
fn sender_reports_come_soon_after_a_source_change_then_each_second() {
    let mut room = Room::new();
    let publishers = [1, 2].map(|id| room.publish(Traits::new(id), Path::default()));
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publishers[0]));
    room.run(4000);
    room.seat(receiver, 0, Some(publishers[1]));
    let switched = room.now;
    room.run(5000);
    let got = &room.receivers[receiver].receiver;
    let of = |ssrc: u32| got.reports.iter().filter(move |(_, report)| report.word(0) == ssrc);
    let times: Vec<u64> = of(got.video_ssrc(0)).map(|(at, _)| *at).filter(|at| *at > switched).collect();
    assert!(times[0] <= switched + 70, "{times:?} after {switched}");
    let steps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Sound goes out every 20 ms: a report that is due with it leaves with it, the others wait 10 ms for it.
    assert_eq!(steps, [260, 260, 260, 1000, 1000, 1000, 1000], "{times:?}");

    let (_, last) = of(got.video_ssrc(0)).next_back().unwrap();
    let sent = &got.streams[&got.video_ssrc(0)];
    let until = room.now - (room.now - times.last().unwrap());
    assert!(until <= room.now);
    assert!(usize::try_from(last.word(4)).unwrap() <= sent.len());
    assert!(usize::try_from(last.word(4)).unwrap() + 100 > sent.len());
    let bytes: usize = sent.values().take(last.word(4) as usize).map(|packet| packet.payload.len()).sum();
    assert_eq!(last.word(5) as usize, bytes);
}

#[test]
fn a_silent_slot_sends_no_reports() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    room.run(2000);
    (room.publishers[publisher].publisher.audio, room.publishers[publisher].publisher.video) = (false, false);
    room.run(2000);
    let before = room.receivers[receiver].receiver.reports.len();
    room.run(10_000);
    assert_eq!(room.receivers[receiver].receiver.reports.len(), before);
    assert_eq!(room.plane.poll_timeout(), None, "nothing to do, nothing to wake for");
    room.publishers[publisher].publisher.video = true;
    room.run(100);
    assert_eq!(room.receivers[receiver].receiver.reports.len(), before + 1);
}

#[test]
fn a_receivers_report_gives_loss_and_round_trip() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    room.run(1000);
    let (key, ssrc) = (room.receivers[receiver].key, room.receivers[receiver].receiver.video_ssrc(0));
    let (at, report) = room.receivers[receiver].receiver.reports.last().unwrap().clone();
    // Sent at `at`; the receiver held it 30 ms; 80 ms on the way in all.
    room.now = at + 110;
    let last_sr = (report.word(1) << 16) | (report.word(2) >> 16);
    let bytes = wire::receiver_report(ssrc, (12 << 24) | 0x00ff_fffe, last_sr, 30 * 65_536 / 1000);
    room.plane.ingest_rtcp(key, &bytes, room.time());
    let stats = room.plane.slot_stats(key, &"v0".into()).unwrap();
    let rtt = stats.rtt.unwrap().as_micros();
    assert!((79_000..=81_000).contains(&rtt), "{rtt} µs");
    assert_eq!((stats.fraction_lost, stats.cumulative_lost, stats.jitter), (12, -2, 77));
    let line = room.plane.publication_stats(room.publishers[publisher].key, &"v".into()).unwrap();
    assert_eq!((line.subscribers, line.keyframes, line.cumulative_lost), (1, 1, 0));
    assert_eq!(line.ssrc, Some(forward::Ssrc(0x1000)));
}
