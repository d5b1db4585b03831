//! Loss, and mending it from either side.

use crate::support::link::Path;
use crate::support::oracle::{check_contiguous, check_decodable, frames};
use crate::support::publisher::{Dress, Traits};
use crate::support::receiver::Wants;
use crate::support::room::{Room, Sent};
use crate::support::wire::{self, Rtp};
use forward::Time;

const LOSSY: Path = Path { loss_permille: 50, delay_millis: 20, jitter_millis: 6 };

fn check_healed(publisher_rtx: bool, receiver_rtx: bool) {
    let mut room = Room::new();
    let publisher = room.publish(Traits { rtx: publisher_rtx, ..Traits::new(1) }, LOSSY);
    let receiver = room.receive(Wants { rtx: receiver_rtx, ..Wants::default() }, LOSSY);
    room.seat(receiver, 0, Some(publisher));
    room.run(30_000);
    (room.publishers[publisher].publisher.audio, room.publishers[publisher].publisher.video) = (false, false);
    room.run(2000);

    let got = &room.receivers[receiver].receiver;
    let video = &got.streams[&got.video_ssrc(0)];
    check_contiguous(video);
    let frames = frames(video, |_| Dress::Vp8 { wide: true });
    assert_eq!(check_decodable(&frames), 0);
    assert!(frames.len() > 850, "{}", frames.len());

    let counters = room.plane.counters();
    assert!(counters.nacked_out > 50 && counters.nacked_in > 50, "{counters:?}");
    assert_eq!(counters.rtx_in > 0, publisher_rtx);
    assert_eq!(counters.rtx_out > 0, receiver_rtx);
    assert_eq!(counters.resent_out > 0, !receiver_rtx);
    assert_eq!(room.plane.sizes().missing, 0);
}

#[test]
fn nack_heals_both_hops_with_rtx() {
    check_healed(true, true);
}

#[test]
fn nack_heals_both_hops_without_rtx() {
    check_healed(false, false);
}

#[test]
fn rtx_may_be_negotiated_on_one_side_only() {
    check_healed(true, false);
    check_healed(false, true);
}

/// Feeds one publisher's packets by hand to a plane with one receiver.
struct Bench {
    room: Room,
    publisher: usize,
    receiver: usize,
}

impl Bench {
    fn new(wants: Wants) -> Self {
        let mut room = Room::new();
        let publisher = room.publish(Traits::new(1), Path::default());
        let receiver = room.receive(wants, Path::default());
        room.seat(receiver, 0, Some(publisher));
        room.publishers[publisher].publisher.audio = false;
        Self { room, publisher, receiver }
    }

    /// The packets of the next frame.
    fn frame(&mut self) -> Vec<Vec<u8>> {
        loop {
            self.room.now += 1;
            let made: Vec<_> = self.room.publishers[self.publisher].publisher.produce(self.room.now);
            let made: Vec<_> = made.into_iter().filter(|packet| packet[1] & 0x7f == 96).collect();
            if !made.is_empty() {
                return made;
            }
        }
    }

    fn ingest(&mut self, packet: &[u8]) {
        let time = self.room.time();
        self.room.plane.ingest_rtp(self.room.publishers[self.publisher].key, packet, time);
    }

    fn rtcp(&mut self, bytes: &[u8]) {
        let time = self.room.time();
        self.room.plane.ingest_rtcp(self.room.receivers[self.receiver].key, bytes, time);
    }

    /// What a flush sends to the receiver as RTP.
    fn flush(&mut self) -> Vec<Rtp> {
        let mut sent = Sent::default();
        self.room.plane.flush(self.room.time(), &mut sent);
        sent.0.iter().filter(|(_, out, _)| out.is_some()).map(|(_, _, bytes)| Rtp::read(bytes)).collect()
    }

    fn video_ssrc(&self) -> u32 {
        self.room.receivers[self.receiver].receiver.video_ssrc(0)
    }
}

#[test]
fn a_keyframe_whose_first_packet_comes_late_starts_whole() {
    let mut bench = Bench::new(Wants::default());
    let packets = bench.frame();
    for packet in &packets[1..] {
        bench.ingest(packet);
    }
    assert_eq!(bench.flush(), []);
    let delta = bench.frame();
    bench.ingest(&delta[0]);
    assert_eq!(bench.flush(), []);
    bench.ingest(&packets[0]);
    bench.ingest(&delta[1]);
    let seqs: Vec<u16> = bench.flush().iter().map(|packet| packet.seq).collect();
    assert_eq!(seqs, (32_000..32_008).collect::<Vec<_>>());
}

#[test]
fn a_late_packet_takes_its_own_place() {
    let mut bench = Bench::new(Wants::default());
    for packet in bench.frame() {
        bench.ingest(&packet);
    }
    let before = bench.flush();
    let (one, two) = (bench.frame(), bench.frame());
    for packet in [&one[0], &two[0], &two[1], &one[1], &one[1]] {
        bench.ingest(packet);
    }
    let next = before.last().unwrap().seq + 1;
    let seqs: Vec<u16> = bench.flush().iter().map(|packet| packet.seq - next).collect();
    assert_eq!(seqs, [0, 2, 3, 1]);
    assert_eq!(bench.room.plane.counters().duplicate, 1);
}

#[test]
fn a_packet_is_resent_once_a_round_trip_and_bit_identical() {
    let mut bench = Bench::new(Wants { rtx: false, ..Wants::default() });
    for packet in bench.frame() {
        bench.ingest(&packet);
    }
    let sent = bench.flush();
    let nack = wire::nack(bench.video_ssrc(), &[sent[2].seq, sent[2].seq, 5]);
    bench.rtcp(&nack);
    assert_eq!(bench.flush(), [sent[2].clone()]);
    bench.room.now += 50;
    bench.rtcp(&nack);
    assert_eq!(bench.flush(), []);
    bench.room.now += 51;
    bench.rtcp(&nack);
    assert_eq!(bench.flush(), [sent[2].clone()]);
    assert_eq!(bench.room.plane.counters().nacked_in_unanswered, 7);
}

#[test]
fn what_was_sent_before_a_switch_can_be_resent_after() {
    let mut bench = Bench::new(Wants { rtx: false, ..Wants::default() });
    for packet in bench.frame() {
        bench.ingest(&packet);
    }
    let sent = bench.flush();
    let other = bench.room.publish(Traits::new(2), Path::default());
    bench.room.seat(bench.receiver, 0, Some(other));
    bench.room.run(100);
    bench.rtcp(&wire::nack(bench.video_ssrc(), &[sent[3].seq]));
    assert_eq!(bench.flush(), [sent[3].clone()]);
}

#[test]
fn rtx_carries_the_original_number_and_its_own() {
    let mut bench = Bench::new(Wants::default());
    for packet in bench.frame() {
        bench.ingest(&packet);
    }
    let sent = bench.flush();
    bench.rtcp(&wire::nack(bench.video_ssrc(), &[sent[0].seq, sent[4].seq]));
    let resent = bench.flush();
    for ((resent, original), seq) in resent.iter().zip([&sent[0], &sent[4]]).zip(9..) {
        assert_eq!((resent.ssrc, resent.payload_type, resent.seq), (original.ssrc + 1, 101, seq));
        assert_eq!((resent.time, resent.marker), (original.time, original.marker));
        assert_eq!(resent.payload[..2], original.seq.to_be_bytes());
        assert_eq!(resent.payload[2..], original.payload);
    }
    assert_eq!(resent.len(), 2);
}

#[test]
fn a_gap_too_large_to_ask_for_asks_for_a_keyframe() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    room.run(1000);
    room.publishers[publisher].publisher.leap(1000);
    room.run(500);
    assert_eq!(room.publishers[publisher].publisher.keyframes_asked.len(), 1);
    assert_eq!(room.publishers[publisher].publisher.nacked, []);
}

#[test]
fn what_never_comes_is_given_up_for_a_keyframe() {
    let mut bench = Bench::new(Wants::default());
    bench.room.publishers[bench.publisher].publisher.answers_nacks = false;
    bench.room.run(300);
    let mut lost = bench.frame();
    let _ = lost.pop();
    for packet in &lost {
        bench.ingest(packet);
    }
    bench.room.run(2000);
    let publisher = &bench.room.publishers[bench.publisher].publisher;
    assert_eq!(publisher.nacked.len(), 6);
    assert_eq!(publisher.keyframes_asked.len(), 1);
    assert_eq!(bench.room.plane.counters().given_up, 1);
    assert_eq!(bench.room.plane.sizes().missing, 0);
}

#[test]
fn rtx_probes_are_no_error() {
    let mut bench = Bench::new(Wants::default());
    for packet in bench.frame() {
        bench.ingest(&packet);
    }
    bench.flush();
    let probe = Rtp { payload_type: 97, ssrc: 0x1002, padding: 200, seq: 50, ..Rtp::default() };
    bench.ingest(&probe.write());
    assert_eq!(bench.flush(), []);
    let counters = bench.room.plane.counters();
    assert_eq!((counters.rtx_in, counters.rtx_probes_in, counters.malformed_rtp), (1, 1, 0));
    assert_eq!(bench.room.plane.poll_timeout().map(|due| due > Time(0)), Some(true));
}
