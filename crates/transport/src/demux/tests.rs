//! Who may claim which 5-tuple.

#![allow(clippy::cast_possible_truncation, reason = "small numbers made here")]

use super::*;
use crate::stun::Stun;
use slotmap::SlotMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// Of the next check: no two have the same transaction id.
static TRANSACTION: AtomicU32 = AtomicU32::new(0);

/// A check as a browser writes it.
fn check(ufrag: &str, password: &str, use_candidate: bool) -> Vec<u8> {
    let mut attributes = Vec::new();
    let mut add = |kind: u16, value: &[u8]| {
        attributes.extend(kind.to_be_bytes());
        attributes.extend((value.len() as u16).to_be_bytes());
        attributes.extend(value);
        attributes.resize(attributes.len().next_multiple_of(4), 0);
    };
    add(0x0006, format!("{ufrag}:theirs").as_bytes());
    if use_candidate {
        add(0x0025, &[]);
    }
    let mut message = vec![0, 1];
    message.extend(((attributes.len() + 24) as u16).to_be_bytes());
    message.extend([0x21, 0x12, 0xa4, 0x42]);
    message.extend([7; 8]);
    message.extend(TRANSACTION.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    message.extend(&attributes);
    let tag = hmac::sign(&stun::integrity_key(password), &message);
    message.extend([0, 8, 0, 20]);
    message.extend(tag.as_ref());
    message
}

fn believe(demux: &mut Demux, datagram: &[u8], from: Path) -> Result<PeerKey, Disbelief> {
    match Stun::parse(datagram) {
        Ok(Stun::Check(check)) => demux.believe(&check, from, |_| false),
        other => panic!("{other:?}"),
    }
}

fn at(port: u16) -> Path {
    Path::Udp(SocketAddr::from(([192, 0, 2, 1], port)))
}

/// A stream from the same address.
fn stream(port: u16, number: u64) -> Path {
    Path::Tcp(StreamId { place: 0, number }, SocketAddr::from(([192, 0, 2, 1], port)))
}

fn two_peers() -> (Demux, PeerKey, PeerKey) {
    let mut keys = SlotMap::with_key();
    let (a, b) = (keys.insert(()), keys.insert(()));
    let mut demux = Demux::default();
    demux.add_credentials(a, "aaaa".into(), "password-a");
    demux.add_credentials(b, "bbbb".into(), "password-b");
    (demux, a, b)
}

#[test]
fn first_bytes_tell_protocols_apart() {
    for (datagram, expected) in [
        (&[0, 1][..], Class::Stun),
        (&[3], Class::Stun),
        (&[4], Class::Unknown),
        (&[20], Class::Dtls),
        (&[63], Class::Dtls),
        (&[64], Class::Unknown),
        (&[128, 96], Class::Srtp),
        (&[144, 0x80 | 111], Class::Srtp),
        (&[128, 200], Class::Srtcp),
        (&[128, 206], Class::Srtcp),
        (&[128], Class::Unknown),
        (&[255, 1], Class::Unknown),
        (&[], Class::Unknown),
    ] {
        assert_eq!(Class::of(datagram), expected, "{datagram:?}");
    }
}

#[test]
fn a_verified_check_makes_a_5_tuple_the_peers() {
    let (mut demux, a, _) = two_peers();
    assert_eq!(demux.peer_at(at(1)), None);
    assert_eq!(believe(&mut demux, &check("aaaa", "password-a", false), at(1)), Ok(a));
    assert_eq!((demux.peer_at(at(1)), demux.selected(a)), (Some(a), Some(at(1))));
}

#[test]
fn a_wrong_password_moves_nobody() {
    let (mut demux, a, _) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
    let forged = check("aaaa", "password-b", true);
    assert_eq!(believe(&mut demux, &forged, at(666)), Err(Disbelief::BadIntegrity));
    assert_eq!(believe(&mut demux, &check("cccc", "x", true), at(666)), Err(Disbelief::UnknownUfrag));
    assert_eq!((demux.peer_at(at(666)), demux.selected(a)), (None, Some(at(1))));
}

#[test]
fn media_moves_on_nomination_only() {
    let (mut demux, a, _) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
    believe(&mut demux, &check("aaaa", "password-a", false), at(2)).unwrap();
    assert_eq!(demux.selected(a), Some(at(1)));
    believe(&mut demux, &check("aaaa", "password-a", true), at(2)).unwrap();
    assert_eq!(demux.selected(a), Some(at(2)));
}

#[test]
fn a_consent_check_moves_media_only_when_the_selected_path_is_silent() {
    let (mut demux, a, _) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
    let consent = check("aaaa", "password-a", false);
    let Ok(Stun::Check(consent)) = Stun::parse(&consent) else { panic!("a check") };
    demux.believe(&consent, at(2), |_| false).unwrap();
    assert_eq!(demux.selected(a), Some(at(1)));
    let later = check("aaaa", "password-a", false);
    let Ok(Stun::Check(later)) = Stun::parse(&later) else { panic!("a check") };
    demux.believe(&later, at(2), |peer| peer == a).unwrap();
    assert_eq!(demux.selected(a), Some(at(2)));
}

#[test]
fn a_copy_of_a_check_is_believed_from_its_own_address_only() {
    let (mut demux, a, _) = two_peers();
    let original = check("aaaa", "password-a", true);
    assert_eq!(believe(&mut demux, &original, at(1)), Ok(a));
    assert_eq!(believe(&mut demux, &original, at(1)), Ok(a), "a retransmission");
    assert_eq!(believe(&mut demux, &original, at(666)), Err(Disbelief::Replayed));
    assert_eq!((demux.peer_at(at(666)), demux.selected(a)), (None, Some(at(1))));
}

#[test]
fn what_is_remembered_of_checks_is_bounded() {
    let (mut demux, a, _) = two_peers();
    for _ in 0..10 * REMEMBERED_CHECKS {
        believe(&mut demux, &check("aaaa", "password-a", false), at(1)).unwrap();
    }
    assert_eq!(demux.peers.get(a).map(|entry| entry.checks.len()), Some(REMEMBERED_CHECKS));
}

#[test]
fn during_an_ice_restart_both_credentials_hold() {
    let (mut demux, a, _) = two_peers();
    demux.add_credentials(a, "aaa2".into(), "password-2");
    for (ufrag, password) in [("aaaa", "password-a"), ("aaa2", "password-2")] {
        assert_eq!(believe(&mut demux, &check(ufrag, password, true), at(1)), Ok(a));
    }
    demux.add_credentials(a, "aaa3".into(), "password-3");
    let old = check("aaaa", "password-a", true);
    assert_eq!(believe(&mut demux, &old, at(1)), Err(Disbelief::UnknownUfrag));
}

#[test]
fn an_address_that_changes_hands_is_the_new_peers_alone() {
    let (mut demux, a, b) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
    believe(&mut demux, &check("bbbb", "password-b", true), at(1)).unwrap();
    assert_eq!((demux.peer_at(at(1)), demux.selected(a), demux.selected(b)), (Some(b), None, Some(at(1))));
    demux.remove(a);
    assert_eq!(demux.peer_at(at(1)), Some(b));
}

#[test]
fn addresses_per_peer_are_bounded_and_the_selected_one_stays() {
    let (mut demux, a, _) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
    for port in 2..100 {
        believe(&mut demux, &check("aaaa", "password-a", false), at(port)).unwrap();
    }
    assert_eq!(demux.sizes().1, MAX_ADDRESSES);
    assert_eq!((demux.peer_at(at(1)), demux.selected(a)), (Some(a), Some(at(1))));
}

#[test]
fn nothing_is_left_of_a_removed_peer() {
    let (mut demux, a, b) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
    demux.remove(a);
    demux.remove(b);
    assert_eq!(demux.sizes(), (0, 0));
}

#[test]
fn tables_that_contradict_each_other_are_seen() {
    let spoils: [fn(&mut Demux, PeerKey); 4] = [
        |demux, a| drop(demux.peers.remove(a)),
        |demux, _| demux.by_ufrag.clear(),
        |demux, _| demux.by_address.clear(),
        |demux, a| demux.peers[a].paths.clear(),
    ];
    for spoil in spoils {
        let (mut demux, a, _) = two_peers();
        believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
        assert!(demux.is_sound());
        spoil(&mut demux, a);
        assert!(!demux.is_sound());
    }
}

#[test]
fn a_stream_is_not_udp_from_the_same_address_nor_a_later_stream_from_there() {
    let (mut demux, a, b) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), stream(1, 1)).unwrap();
    assert_eq!((demux.peer_at(stream(1, 1)), demux.selected(a)), (Some(a), Some(stream(1, 1))));
    assert_eq!((demux.peer_at(at(1)), demux.peer_at(stream(1, 2))), (None, None));
    believe(&mut demux, &check("bbbb", "password-b", true), at(1)).unwrap();
    assert_eq!((demux.peer_at(stream(1, 1)), demux.selected(b)), (Some(a), Some(at(1))));
    assert!(demux.is_sound());
}

#[test]
fn the_end_of_a_stream_is_the_end_of_that_path_and_the_next_check_selects_another() {
    let (mut demux, a, _) = two_peers();
    believe(&mut demux, &check("aaaa", "password-a", true), at(1)).unwrap();
    believe(&mut demux, &check("aaaa", "password-a", true), stream(2, 1)).unwrap();
    demux.end(StreamId { place: 0, number: 1 }, stream(2, 1).address());
    assert_eq!((demux.peer_at(stream(2, 1)), demux.selected(a)), (None, None));
    believe(&mut demux, &check("aaaa", "password-a", false), at(1)).unwrap();
    assert_eq!((demux.selected(a), demux.sizes().1), (Some(at(1)), 1));
    assert!(demux.is_sound());
    assert_eq!(demux.orphan(), None, "it is closed already");
}

#[test]
fn streams_of_a_removed_peer_and_those_too_many_are_to_be_closed() {
    let (mut demux, a, _) = two_peers();
    for number in 0..=8 {
        believe(&mut demux, &check("aaaa", "password-a", true), stream(1, number)).unwrap();
    }
    assert_eq!(demux.orphan(), Some(StreamId { place: 0, number: 0 }), "the oldest");
    assert_eq!(demux.orphan(), None);
    demux.remove(a);
    assert_eq!(std::iter::from_fn(|| demux.orphan()).count(), 8);
    assert_eq!(demux.sizes().1, 0);
}
