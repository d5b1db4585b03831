//! A panic in one peer's work ends that peer: to the others nothing is lost.

use crate::support::link::Path;
use crate::support::oracle::check_contiguous;
use crate::support::publisher::Traits;
use crate::support::receiver::Wants;
use crate::support::room::Room;

/// Two who send, to three who each see both.
fn room() -> Room {
    let mut room = Room::new();
    for id in 1..3 {
        room.publish(Traits::new(id), Path::default());
    }
    for receiver in 0..3 {
        room.receive(Wants { seats: 2, ..Wants::default() }, Path::default());
        for seat in 0..2_u32 {
            room.seat(receiver, seat, Some(usize::try_from(seat).unwrap()));
        }
    }
    room.run(1000);
    room
}

#[test]
fn whoever_is_being_sent_to_goes_and_the_others_miss_nothing() {
    for falters_after in [0, 1, 2, 3] {
        let mut room = room();
        room.falters_after = Some(falters_after);
        room.run(1000);
        let [(Some(culprit), _)] = room.culprits[..] else { panic!("{:?}", room.culprits) };
        let sizes = room.plane.sizes();
        assert_eq!((sizes.peers, sizes.publications, sizes.slots), (4, 4, 8));
        let others: Vec<_> = room.receivers.iter().filter(|other| other.key != culprit).collect();
        assert_eq!(others.len(), 2);
        for other in others {
            for stream in other.receiver.streams.values() {
                check_contiguous(stream);
            }
            for seat in 0..2 {
                let sound = &other.receiver.streams[&other.receiver.audio_ssrc(seat)];
                assert!(sound.len() >= 95, "{}", sound.len());
            }
        }
    }
}

#[test]
fn it_is_known_whose_packet_it_was() {
    let mut room = room();
    room.falters_after = Some(0);
    room.run(100);
    let [(_, Some(sender))] = room.culprits[..] else { panic!("{:?}", room.culprits) };
    assert!(room.publishers.iter().any(|publisher| publisher.key == sender));
}
