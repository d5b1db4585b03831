//! The server's public address changes while people are relayed.

use super::by_hand::{Hand, Said};
use super::{House, REAL, TOLD, at, config, seconds};
use crate::{AllocationId, Now, Output, Peer, Places, address, message::Message, message::kind};

const NOW: Now = seconds(1000);
/// What is told next, and after that.
const NEXT: &str = "203.0.113.8:7882";
const LAST: &str = "203.0.113.9:7882";

fn lead_to(house: &mut House, told: &str) {
    let peers = vec![Peer { told: at(told), real: at(REAL) }];
    house.relay.lead_to(Places { peers, relay_v4: Some([10, 0, 0, 5].into()), relay_v6: None });
}

fn inside(house: &mut House, port: u16) -> Hand {
    let mut hand = Hand::new(house, &format!("192.0.2.1:{port}"), house.mint(u64::from(port), NOW), NOW);
    assert_eq!(hand.allocate(house, NOW), Said::Done);
    hand
}

/// From where a client is told that the media port speaks.
fn heard_from(house: &mut House, allocation: u64) -> Option<std::net::SocketAddr> {
    house.relay.handle_peer(AllocationId(allocation), at(REAL), b"x", NOW);
    match house.outputs().as_slice() {
        [Output::ToClient { bytes, .. }] => {
            let message = Message::parse(bytes).unwrap();
            message.get(kind::XOR_PEER_ADDRESS).and_then(|it| address::read(it, message.transaction))
        }
        _ => None,
    }
}

#[test]
fn a_new_address_is_led_to_and_a_call_by_the_old_one_goes_on() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house, 1);
    assert_eq!(ada.permit(&mut house, at(TOLD), NOW), Said::Done);
    lead_to(&mut house, NEXT);
    let mut bo = inside(&mut house, 2);
    assert_eq!(bo.permit(&mut house, at(NEXT), NOW), Said::Done);
    for (hand, told) in [(&ada, TOLD), (&bo, NEXT)] {
        assert_eq!(hand.send(&mut house, at(told), b"x", NOW), [at(REAL)], "{told}");
    }
    // Each by the name that it knows.
    assert_eq!((heard_from(&mut house, 0), heard_from(&mut house, 1)), (Some(at(TOLD)), Some(at(NEXT))));
    assert_eq!(ada.permit(&mut house, at(TOLD), NOW), Said::Done);
}

#[test]
fn who_knows_both_hears_of_the_new_one() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house, 1);
    ada.permit(&mut house, at(TOLD), NOW);
    lead_to(&mut house, NEXT);
    ada.permit(&mut house, at(NEXT), NOW);
    assert_eq!(heard_from(&mut house, 0), Some(at(NEXT)));
}

#[test]
fn no_more_than_one_change_is_remembered_and_no_place_that_is_given_up() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house, 1);
    lead_to(&mut house, NEXT);
    // A worker's port that is no more.
    assert_eq!(ada.permit(&mut house, at(super::SECOND), NOW), Said::Refused(403));
    lead_to(&mut house, LAST);
    assert_eq!(ada.permit(&mut house, at(TOLD), NOW), Said::Refused(403));
    for told in [NEXT, LAST] {
        assert_eq!(ada.permit(&mut house, at(told), NOW), Said::Done, "{told}");
    }
}
