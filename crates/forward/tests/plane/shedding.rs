//! Sending less video than paths bear, since the worker has too much to do.

use crate::support::link::Path;
use crate::support::publisher::Traits;
use crate::support::receiver::Wants;
use crate::support::room::Room;
use forward::{Counters, Share};

const GOOD: Path = Path { loss_permille: 0, delay_millis: 10, jitter_millis: 0 };
const CROWD: usize = 50;

/// One camera of one encoding, many who watch.
fn crowd() -> Room {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), GOOD);
    for _ in 0..CROWD {
        let receiver = room.receive(Wants::default(), GOOD);
        room.seat(receiver, 0, Some(publisher));
    }
    room.run(2000);
    room
}

/// Packets of sound, and of video, that each receives while it runs for two seconds, after one in which what was
/// decided takes hold.
fn received(room: &mut Room) -> Vec<(usize, usize)> {
    let count = |room: &Room| -> Vec<(usize, usize)> {
        let receivers = room.receivers.iter().map(|receiving| &receiving.receiver);
        let of = |streams: &std::collections::BTreeMap<u32, std::collections::BTreeMap<u64, _>>, ssrc| {
            streams.get(&ssrc).map_or(0, std::collections::BTreeMap::len)
        };
        receivers.map(|r| (of(&r.streams, r.audio_ssrc(0)), of(&r.streams, r.video_ssrc(0)))).collect()
    };
    room.run(1000);
    let before = count(room);
    room.run(2000);
    count(room).iter().zip(before).map(|(now, before)| (now.0 - before.0, now.1 - before.1)).collect()
}

fn watching(received: &[(usize, usize)]) -> Vec<bool> {
    received.iter().map(|(_, video)| *video > 0).collect()
}

#[test]
fn a_video_of_one_encoding_is_left_to_a_part_of_its_receivers_and_sound_to_all() {
    let mut room = crowd();
    let mut before = vec![true; CROWD];
    for (share, least, most) in [(999, 45, 50), (700, 33, 37), (300, 13, 17), (20, 0, 2), (0, 0, 0)] {
        room.plane.shed(Share::of_permille(share));
        let now = received(&mut room);
        assert!(now.iter().all(|(audio, _)| *audio == 100), "{share}: {now:?}");
        let watching = watching(&now);
        let count = watching.iter().filter(|watches| **watches).count();
        assert!((least..=most).contains(&count), "{count} watch at {share}");
        assert!(
            watching.iter().zip(&before).all(|(now, before)| *before || !now),
            "nobody begins at {share}"
        );
        let sizes = room.plane.sizes();
        assert_eq!((sizes.slots_shed, sizes.slots_shed_whole), (CROWD - count, CROWD - count));
        let survey = room.plane.survey();
        assert_eq!((survey.encodings, survey.paused), ([count, 0, 0], CROWD - count), "{survey:?}");
        before = watching;
    }
    room.plane.shed(Share::WHOLE);
    let again = received(&mut room);
    let all = |(audio, video): &(usize, usize)| *audio == 100 && *video > 100;
    assert!(again.iter().all(all), "{again:?}");
    assert_eq!((room.plane.sizes().slots_shed, room.plane.sizes().slots_shed_whole), (0, 0));
}

#[test]
fn the_same_ones_are_sent_video_for_as_long_as_the_share_is_the_same() {
    let mut room = crowd();
    room.plane.shed(Share::of_permille(400));
    let first = watching(&received(&mut room));
    let changes = |room: &Room| room.plane.counters().source_changes;
    let before = changes(&room);
    room.run(10_000);
    assert_eq!(watching(&received(&mut room)), first);
    assert_eq!(changes(&room), before);
}

#[test]
fn what_is_sent_is_repaired_all_the_same() {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), GOOD);
    let lossy = Path { loss_permille: 50, ..GOOD };
    let receiver = room.receive(Wants::default(), lossy);
    room.seat(receiver, 0, Some(publisher));
    room.run(1000);
    // The first receiver of all has a number low enough to keep its picture.
    room.plane.shed(Share::of_permille(900));
    room.run(5000);
    let Counters { nacked_in, nacked_in_unanswered, rtx_out, .. } = *room.plane.counters();
    assert!(rtx_out > 10 && nacked_in > 10 && nacked_in_unanswered < nacked_in / 2);
    let of_video = &room.receivers[receiver].receiver;
    assert!(of_video.streams[&of_video.video_ssrc(0)].len() > 300);
}
