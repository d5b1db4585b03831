//! How much anybody may have, and for how long.

use super::by_hand::{Hand, Said};
use super::{House, NOWHERE, REAL, SECOND, TOLD, at, config, seconds};
use crate::message::{kind, method};
use crate::{AllocationId, Client, Config, Now, Output, Refusal, Way};
use std::net::SocketAddr;

const NOW: Now = seconds(1000);

/// A client for each port, with the same credentials when the number is the same.
fn hand(house: &House, port: u16, number: u64) -> Hand {
    let address = SocketAddr::new([192, 0, 2, 1].into(), port);
    let client = Client { address, way: Way::Datagram };
    Hand::by(house, client, house.mint(number, NOW), NOW)
}

#[test]
fn one_person_has_so_many_allocations_whatever_credentials_it_makes_them_with() {
    let mut house = House::new(config());
    let mut hands: Vec<Hand> = (1..=4).map(|port| hand(&house, port, 1)).collect();
    for (hand, serial) in hands.iter_mut().zip(1..) {
        hand.credentials = house.authority.mint(1, serial, NOW);
    }
    let said: Vec<Said> = hands.iter_mut().map(|it| it.allocate(&mut house, NOW)).collect();
    assert_eq!(said, [Said::Done, Said::Done, Said::Done, Said::Refused(486)]);
    assert_eq!(hand(&house, 9, 2).allocate(&mut house, NOW), Said::Done);
    // What is given back may be taken again.
    let zero = (kind::LIFETIME, vec![0; 4]);
    assert_eq!(hands[0].ask(&mut house, method::REFRESH, &[zero], NOW), Said::Done);
    assert_eq!(hands[3].allocate(&mut house, NOW), Said::Done);
    assert_eq!(house.relay.counters().allocations, 4);
}

#[test]
fn there_are_so_many_allocations_in_all() {
    let mut house = House::new(config());
    let said: Vec<Said> =
        (1..=6).map(|number| hand(&house, number, u64::from(number)).allocate(&mut house, NOW)).collect();
    assert_eq!(said.last(), Some(&Said::Refused(508)));
    assert_eq!(house.relay.counters().allocations, 5);
}

#[test]
fn without_a_socket_there_is_no_allocation() {
    let mut house = House::new(config());
    house.bare = true;
    let mut ada = hand(&house, 1, 1);
    assert_eq!(ada.allocate(&mut house, NOW), Said::Refused(508));
    let counters = house.relay.counters();
    assert_eq!((counters.allocations, counters.allocated, counters.refused[&Refusal::Capacity]), (0, 0, 1));
    house.bare = false;
    assert_eq!(ada.allocate(&mut house, NOW), Said::Done);
}

/// Ends: which sockets are closed when time passes.
fn closed(house: &mut House, now: Now) -> usize {
    house.relay.handle_timeout(now);
    house.outputs().iter().filter(|output| matches!(output, Output::Close { .. })).count()
}

#[test]
fn what_no_media_port_answers_ends_after_two_minutes() {
    let mut house = House::new(config());
    let (mut ada, mut eve) = (hand(&house, 1, 1), hand(&house, 2, 2));
    ada.allocate(&mut house, NOW);
    ada.permit(&mut house, at(TOLD), NOW);
    eve.allocate(&mut house, NOW);
    house.relay.handle_peer(AllocationId(0), at(REAL), b"x", NOW + seconds(60));
    house.outputs();
    assert_eq!(closed(&mut house, NOW + seconds(119)), 0);
    assert_eq!(eve.refresh(&mut house, NOW + seconds(119)), Said::Done);
    assert_eq!(closed(&mut house, NOW + seconds(121)), 1);
    assert_eq!(eve.refresh(&mut house, NOW + seconds(121)), Said::Refused(437));
    assert_eq!(ada.refresh(&mut house, NOW + seconds(121)), Said::Done);
    assert_eq!(closed(&mut house, NOW + seconds(181)), 1);
    assert_eq!(house.relay.poll_timeout(), None);
}

#[test]
fn an_allocation_lives_ten_minutes_unless_refreshed() {
    let mut house = House::new(config());
    let mut ada = hand(&house, 1, 1);
    ada.allocate(&mut house, NOW);
    for second in (0..600).step_by(100) {
        let now = NOW + seconds(second);
        ada.permit(&mut house, at(TOLD), now);
        house.relay.handle_peer(AllocationId(0), at(REAL), b"x", now);
    }
    house.outputs();
    assert_eq!(closed(&mut house, NOW + seconds(599)), 0);
    assert_eq!(closed(&mut house, NOW + seconds(600)), 1);
}

#[test]
fn a_permission_lasts_five_minutes() {
    let mut house = House::new(config());
    let mut ada = hand(&house, 1, 1);
    ada.allocate(&mut house, NOW);
    ada.permit(&mut house, at(TOLD), NOW);
    for second in [0, 100, 200, 299] {
        let now = NOW + seconds(second);
        assert_eq!(ada.send(&mut house, at(TOLD), b"x", now), [at(REAL)]);
        house.relay.handle_peer(AllocationId(0), at(REAL), b"x", now);
    }
    assert_eq!(ada.send(&mut house, at(TOLD), b"x", NOW + seconds(300)), NOWHERE);
}

#[test]
fn one_person_relays_so_much_whatever_it_allocates() {
    let mut house = House::new(Config { bandwidth: 1_000_000, ..config() });
    let mut hands = [hand(&house, 1, 1), hand(&house, 2, 1)];
    for hand in &mut hands {
        hand.allocate(&mut house, NOW);
        hand.permit(&mut house, at(TOLD), NOW);
        hand.permit(&mut house, at(SECOND), NOW);
    }
    let mut passed = 0;
    for millisecond in 0..2000 {
        let now = NOW + Now::from_millis(millisecond);
        for hand in &hands {
            passed += hand.send(&mut house, at(TOLD), &[0; 1000], now).len();
            passed += hand.send(&mut house, at(SECOND), &[0; 1000], now).len();
        }
    }
    // Half a second's worth at once, and two seconds'.
    assert!((2490..=2500).contains(&passed), "{passed}");
    assert_eq!(house.relay.counters().over_bandwidth, 8000 - u64::try_from(passed).unwrap());
    // The other way has its own.
    house.relay.handle_peer(AllocationId(0), at(REAL), &[0; 1000], NOW + seconds(2));
    assert_eq!(house.outputs().len(), 1);
}

#[test]
fn what_is_over_stands_in_nobodys_way_though_it_was_not_looked_at_yet() {
    let mut house = House::new(config());
    let mut ada = hand(&house, 1, 1);
    ada.allocate(&mut house, NOW);
    ada.permit(&mut house, at(TOLD), NOW);
    let over = NOW + seconds(120);
    // Nor does what comes too late bring it back.
    house.relay.handle_peer(AllocationId(0), at(REAL), b"x", over);
    assert_eq!(house.outputs(), []);
    let request = ada.request(method::ALLOCATE, &[(super::by_hand::UDP.0, super::by_hand::UDP.1.to_vec())]);
    house.relay.handle_client(ada.client, &request, over);
    let outputs = house.outputs();
    assert!(
        matches!(
            outputs.as_slice(),
            [Output::Close { allocation: AllocationId(0) }, Output::ToClient { .. }]
        ),
        "{outputs:?}"
    );
    assert_eq!(house.relay.counters().allocated, 2);
}

#[test]
fn a_streams_allocation_ends_with_it() {
    let mut house = House::new(config());
    let client = Client { address: at("192.0.2.1:1"), way: Way::Stream(3) };
    let mut ada = Hand::by(&house, client, house.mint(1, NOW), NOW);
    assert_eq!(ada.allocate(&mut house, NOW), Said::Done);
    assert!(house.relay.has_allocation(client));
    house.relay.client_gone(client);
    assert_eq!(house.outputs(), [Output::Close { allocation: AllocationId(0) }]);
    assert!(!house.relay.has_allocation(client));
}
