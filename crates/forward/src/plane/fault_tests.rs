//! The plane after a panic: what is swept, who is still looked at, and which contradictions are seen.

use crate::codec::{Codec, Kind};
use crate::config::{CodecMap, DeclaredSsrc, PeerConfig, PlaneConfig, SendLine, SlotConfig};
use crate::counters::Sizes;
use crate::ids::{GroupId, Mid, PayloadType, PeerKey, Ssrc};
use crate::ingest::demux::Demux;
use crate::plane::Plane;
use crate::time::Time;
use slotmap::SlotMap;

const OPUS: CodecMap =
    CodecMap { codec: Codec::Opus, payload_type: PayloadType(111), rtx: None, nack: false };

/// Two peers, each of whom hears the other.
fn two() -> (Plane, [PeerKey; 2]) {
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let peers = [keys.insert(()), keys.insert(())];
    let mut plane = Plane::new(PlaneConfig::default());
    for (number, peer) in (1..).zip(peers) {
        plane.insert_peer(peer, GroupId(0));
        let ssrcs = vec![DeclaredSsrc { ssrc: Ssrc(number), rtx: None }];
        let send =
            SendLine { mid: Mid::from("a"), kind: Kind::Audio, codecs: vec![OPUS], rids: vec![], ssrcs };
        let slot = SlotConfig {
            mid: Mid::from("b"),
            kind: Kind::Audio,
            ssrc: Ssrc(10 + number),
            rtx: None,
            cname: String::new(),
            codecs: vec![OPUS],
            first_seq: 0,
            first_rtx_seq: 0,
            first_time: 0,
        };
        plane.configure(peer, PeerConfig { sends: vec![send], slots: vec![slot], ..PeerConfig::default() });
        plane.connected(peer, Time(1));
    }
    let [one, other] = peers;
    for (to, from) in [(one, other), (other, one)] {
        plane.route(to, &Mid::from("b"), Some((from, Mid::from("a"))), Time(1));
    }
    (plane, peers)
}

#[test]
fn what_a_peer_leaves_that_is_half_added_or_half_gone_is_swept() {
    let (mut plane, [one, other]) = two();
    let before = plane.sizes();
    assert_eq!((before.peers, before.publications, before.streams, before.slots), (2, 2, 2, 2));
    // As in the midst of its removal.
    plane.peers.remove(one);
    assert!(plane.recover(one));
    let sizes = plane.sizes();
    assert_eq!((sizes.peers, sizes.publications, sizes.streams, sizes.slots), (1, 1, 1, 1));
    assert!(plane.recover(other));
    assert_eq!(plane.sizes(), Sizes::default());
    assert_eq!(plane.poll_timeout(), None);
}

#[test]
fn who_was_to_be_looked_at_next_still_is() {
    let (mut plane, [one, other]) = two();
    plane.wake(one, Time(5));
    // As between two whose time has come.
    while plane.agenda.pop(Time(5)).is_some() {}
    assert!(plane.recover(other));
    assert!(plane.agenda.next() <= Time(5));
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let breaks: [fn(&mut Plane, PeerKey); 6] = [
        |plane, peer| plane.peers[peer].publications.clear(),
        |plane, peer| plane.peers[peer].slots.clear(),
        |plane, peer| plane.peers[peer].demux = Demux::default(),
        |plane, _| plane.streams.clear(),
        |plane, _| plane.slots.values_mut().for_each(|slot| slot.publication = None),
        |plane, _| plane.publications.values_mut().for_each(|line| line.subscribers.clear()),
    ];
    for (number, spoil) in breaks.into_iter().enumerate() {
        let (mut plane, [one, other]) = two();
        let third = {
            let mut keys = SlotMap::<PeerKey, ()>::with_key();
            (0..3).map(|_| keys.insert(())).last().unwrap()
        };
        assert!(plane.recover(third), "nobody's");
        spoil(&mut plane, one);
        assert!(!plane.recover(third), "{number}: {other:?}");
    }
}
