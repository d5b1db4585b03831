//! Nobody gets anywhere but to our media ports, and nobody gets in without credentials.

use super::by_hand::{Hand, Said, UDP};
use super::{House, NOWHERE, REAL, SECOND, SIXTH, TOLD, at, config, seconds};
use crate::credentials::NONCE_LIFE;
use crate::message::{Class, kind, method};
use crate::write::{Writer, channel_data};
use crate::{AllocationId, Client, Credentials, Output, Refusal, Way, address};
use proptest::prelude::*;

const ADA: &str = "192.0.2.1:5000";
const NOW: crate::Now = seconds(1000);

/// What must never be reached: this machine, its other ports, its network, a cloud's metadata, anybody.
const FORBIDDEN: [&str; 15] = [
    "127.0.0.1:7882",
    "127.0.0.1:8080",
    "10.0.0.5:8080",
    "10.0.0.5:22",
    // Where the media port is, by an address that nobody was told.
    REAL,
    "203.0.113.7:8080",
    "203.0.113.7:7883",
    "10.0.0.6:7882",
    "169.254.169.254:80",
    "0.0.0.0:7882",
    "[::1]:7882",
    "[2001:db8::5]:8080",
    "[::ffff:203.0.113.7]:7882",
    "[::ffff:127.0.0.1]:7882",
    "198.51.100.1:53",
];

fn inside(house: &mut House) -> Hand {
    let mut ada = Hand::new(house, ADA, house.mint(1, NOW), NOW);
    assert_eq!(ada.allocate(house, NOW), Said::Done);
    ada
}

#[test]
fn only_media_ports_get_permissions_and_channels() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house);
    for peer in FORBIDDEN {
        assert_eq!(ada.permit(&mut house, at(peer), NOW), Said::Refused(403), "{peer}");
        assert_eq!(ada.bind(&mut house, 0x4001, at(peer), NOW), Said::Refused(403), "{peer}");
    }
    for peer in [TOLD, SECOND, "203.0.113.7:0"] {
        assert_eq!(ada.permit(&mut house, at(peer), NOW), Said::Done, "{peer}");
    }
    assert_eq!(ada.permit(&mut house, at(SIXTH), NOW), Said::Refused(443));
    assert_eq!(ada.bind(&mut house, 0x4001, at("203.0.113.7:0"), NOW), Said::Refused(403));
    assert_eq!(house.relay.counters().refused[&Refusal::Forbidden], 31);
}

/// A permission is for an address, so the port is looked at again.
#[test]
fn with_every_permission_there_is_nothing_goes_elsewhere() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house);
    for peer in [TOLD, SECOND] {
        ada.permit(&mut house, at(peer), NOW);
    }
    for peer in FORBIDDEN {
        assert_eq!(ada.send(&mut house, at(peer), b"x", NOW), NOWHERE, "{peer}");
    }
    assert_eq!(ada.send(&mut house, at(TOLD), b"x", NOW), [at(REAL)]);
    assert_eq!(ada.send(&mut house, at(SECOND), b"x", NOW), [at(SECOND)]);
    assert_eq!(house.relay.counters().bytes_in, 2);
}

#[test]
fn one_bad_address_among_good_ones_spoils_the_request() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house);
    let peers = [ada.peer(at(TOLD)), ada.peer(at("127.0.0.1:80"))];
    assert_eq!(ada.ask(&mut house, method::CREATE_PERMISSION, &peers, NOW), Said::Refused(403));
    assert_eq!(ada.send(&mut house, at(TOLD), b"x", NOW), NOWHERE);
    assert_eq!(ada.ask(&mut house, method::CREATE_PERMISSION, &[], NOW), Said::Refused(400));
}

#[test]
fn strangers_send_nothing_to_a_client() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house);
    ada.permit(&mut house, at(TOLD), NOW);
    for from in ["10.0.0.5:8080", "198.51.100.1:7882", SECOND, TOLD] {
        house.relay.handle_peer(AllocationId(0), at(from), b"x", NOW);
        assert_eq!(house.outputs(), [], "{from}");
    }
    house.relay.handle_peer(AllocationId(0), at(REAL), b"x", NOW);
    assert!(matches!(house.outputs().as_slice(), [Output::ToClient { data: true, .. }]));
}

#[test]
fn credentials_are_good_for_five_minutes_of_allocating() {
    let mut house = House::new(config());
    let made = house.mint(1, seconds(0));
    let mut ada = Hand::new(&house, ADA, made.clone(), seconds(299));
    assert_eq!(ada.allocate(&mut house, seconds(299)), Said::Done);
    assert_eq!(ada.refresh(&mut house, seconds(301)), Said::Done);
    let mut late = Hand::new(&house, "192.0.2.1:5001", made, seconds(300));
    assert_eq!(late.allocate(&mut house, seconds(300)), Said::Refused(401));
    assert_eq!(house.relay.counters().refused[&Refusal::Expired], 1);
}

#[test]
fn credentials_that_are_made_up_are_refused() {
    let mut house = House::new(config());
    let good = house.mint(1, NOW);
    let longer = good.username.replace("1300", "9999");
    for credentials in [
        Credentials { username: longer, ..good.clone() },
        Credentials { password: "guess".to_owned(), ..good },
        Credentials { password: String::new(), username: String::new() },
    ] {
        let mut eve = Hand::new(&house, ADA, credentials, NOW);
        assert_eq!(eve.allocate(&mut house, NOW), Said::Refused(401));
    }
    assert_eq!(house.relay.counters().refused[&Refusal::WrongPassword], 3);
}

#[test]
fn another_ones_request_is_good_from_its_own_address_alone() {
    let mut house = House::new(config());
    let mut ada = Hand::new(&house, ADA, house.mint(1, NOW), NOW);
    let request = ada.request(method::ALLOCATE, &[(UDP.0, UDP.1.to_vec())]);
    let mut eve = Hand::new(
        &house,
        "192.0.2.66:5000",
        Credentials { username: String::new(), password: String::new() },
        NOW,
    );
    assert_eq!(eve.say(&mut house, &request, NOW), Said::Refused(438));
    assert_eq!(ada.say(&mut house, &request, NOW), Said::Done);
    // Said again by the network, it is answered again and is the same allocation.
    assert_eq!(ada.say(&mut house, &request, NOW), Said::Done);
    assert_eq!(house.relay.counters().allocated, 1);
    assert_eq!(ada.allocate(&mut house, NOW), Said::Refused(437));
}

#[test]
fn a_nonce_that_is_over_is_replaced() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house);
    let (old, over) = (ada.nonce.clone(), NOW + NONCE_LIFE);
    let mut now = NOW;
    while now < over {
        ada.permit(&mut house, at(TOLD), now);
        house.relay.handle_peer(AllocationId(0), at(REAL), b"x", now);
        ada.refresh(&mut house, now);
        now += seconds(60);
    }
    ada.nonce = old;
    assert_eq!(ada.refresh(&mut house, over.saturating_sub(seconds(1))), Said::Done);
    assert_eq!(ada.refresh(&mut house, over), Said::Refused(438));
    assert_eq!(ada.refresh(&mut house, over), Said::Done);
}

#[test]
fn an_allocation_is_its_makers() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house);
    ada.credentials = house.mint(2, NOW);
    assert_eq!(ada.refresh(&mut house, NOW), Said::Refused(441));
    let mut eve = Hand::new(&house, "192.0.2.66:1", house.mint(3, NOW), NOW);
    assert_eq!(eve.permit(&mut house, at(TOLD), NOW), Said::Refused(437));
    assert_eq!(eve.send(&mut house, at(TOLD), b"x", NOW), NOWHERE);
    assert_eq!(eve.says_to(&mut house, &channel_data(0x4000, b"x", false), NOW), NOWHERE);
}

#[test]
fn a_channel_and_a_peer_are_bound_to_each_other() {
    let mut house = House::new(config());
    let mut ada = inside(&mut house);
    assert_eq!(ada.bind(&mut house, 0x4000, at(TOLD), NOW), Said::Done);
    assert_eq!(ada.bind(&mut house, 0x4000, at(TOLD), NOW), Said::Done);
    assert_eq!(ada.bind(&mut house, 0x4000, at(SECOND), NOW), Said::Refused(400));
    assert_eq!(ada.bind(&mut house, 0x4001, at(TOLD), NOW), Said::Refused(400));
    for wrong in [0x3fff, 0x5000, 0x0000] {
        assert_eq!(ada.bind(&mut house, wrong, at(SECOND), NOW), Said::Refused(400));
    }
    assert_eq!(ada.says_to(&mut house, &channel_data(0x4000, b"x", true), NOW), [at(REAL)]);
    assert_eq!(ada.says_to(&mut house, &channel_data(0x4001, b"x", true), NOW), NOWHERE);
    assert_eq!(ada.says_to(&mut house, &[0x40, 0, 0, 9, 1], NOW), NOWHERE);
}

#[test]
fn what_is_not_understood_is_said() {
    let mut house = House::new(config());
    let mut ada = Hand::new(&house, ADA, house.mint(1, NOW), NOW);
    let (udp, even_port) = ((UDP.0, UDP.1.to_vec()), (0x0018, vec![0x80]));
    assert_eq!(ada.ask(&mut house, method::ALLOCATE, &[udp.clone(), even_port], NOW), Said::Refused(420));
    assert_eq!(ada.ask(&mut house, method::ALLOCATE, &[], NOW), Said::Refused(400));
    assert_eq!(ada.ask(&mut house, method::ALLOCATE, &[(UDP.0, vec![6, 0, 0, 0])], NOW), Said::Refused(442));
    let family = |number| (kind::REQUESTED_ADDRESS_FAMILY, vec![number, 0, 0, 0]);
    assert_eq!(ada.ask(&mut house, method::ALLOCATE, &[udp.clone(), family(3)], NOW), Said::Refused(440));
    assert_eq!(ada.ask(&mut house, method::ALLOCATE, &[udp, family(2)], NOW), Said::Done);
    assert_eq!(ada.permit(&mut house, at(SIXTH), NOW), Said::Done);
    assert_eq!(ada.permit(&mut house, at(TOLD), NOW), Said::Refused(443));
    assert_eq!(ada.send(&mut house, at(SIXTH), b"x", NOW), [at(SIXTH)]);
}

/// Browsers never say which kind they want.
#[test]
fn whoever_asks_for_no_kind_gets_what_there_is() {
    for (without_v4, peer, other) in [(false, TOLD, SIXTH), (true, SIXTH, TOLD)] {
        let mut settings = config();
        if without_v4 {
            settings.places.relay_v4 = None;
        }
        let mut house = House::new(settings);
        let mut ada = inside(&mut house);
        assert_eq!(ada.permit(&mut house, at(peer), NOW), Said::Done);
        assert_eq!(ada.permit(&mut house, at(other), NOW), Said::Refused(443));
    }
    let mut settings = config();
    settings.places = crate::Places { relay_v4: None, relay_v6: None, ..settings.places };
    let mut house = House::new(settings);
    let mut ada = Hand::new(&house, ADA, house.mint(1, NOW), NOW);
    assert_eq!(ada.allocate(&mut house, NOW), Said::Refused(440));
}

/// IP and UDP headers are part of what arrives: 28 bytes of each datagram.
#[test]
fn no_answer_to_a_stranger_is_twice_its_question() {
    let mut house = House::new(config());
    let client = Client { address: at(ADA), way: Way::Datagram };
    let questions = [
        Writer::new(method::ALLOCATE, Class::Request, [1; 12]).with(UDP.0, &UDP.1).finish(None),
        Writer::new(method::ALLOCATE, Class::Request, [1; 12]).finish(None),
        Writer::new(method::REFRESH, Class::Request, [1; 12]).finish(None),
        Writer::new(method::BINDING, Class::Request, [1; 12]).finish(None),
    ];
    for question in questions {
        house.relay.handle_client(client, &question, NOW);
        let outputs = house.outputs();
        let [Output::ToClient { bytes, .. }] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert!(bytes.len() + 28 < 2 * (question.len() + 28), "{} for {}", bytes.len(), question.len());
    }
}

#[test]
fn strangers_are_answered_so_often_and_no_more() {
    let mut house = House::new(config());
    let question = Writer::new(method::ALLOCATE, Class::Request, [1; 12]).finish(None);
    let mut answered = 0;
    for port in 1..=1000 {
        let client = Client { address: std::net::SocketAddr::new(at(ADA).ip(), port), way: Way::Datagram };
        house.relay.handle_client(client, &question, NOW);
        answered += house.outputs().len();
    }
    assert_eq!(answered, 200);
    assert_eq!(house.relay.counters().unanswered, 800);
    // Whoever has good credentials is not held back by them, nor is who comes by a stream: nobody forges that.
    inside(&mut house);
    let client = Client { address: at(ADA), way: Way::Stream(1) };
    house.relay.handle_client(client, &question, NOW);
    assert_eq!(house.outputs().len(), 1);
}

/// A message that is something, and yet anything.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let attribute = (0u16..0x30, prop::collection::vec(any::<u8>(), 0..40));
    let attributes = prop::collection::vec(attribute, 0..8);
    (0u16..12, 0u8..4, attributes).prop_map(|(method, class, attributes)| {
        let class = [Class::Request, Class::Indication, Class::Success, Class::Error][usize::from(class)];
        let mut writer = Writer::new(method, class, [1; 12]);
        for (kind, value) in attributes {
            writer = writer.with(kind, &value);
        }
        writer.finish(None)
    })
}

proptest! {
    /// Whatever somebody inside says, signed or not, what leaves goes to media ports, and nothing panics.
    #[test]
    fn nothing_that_is_said_leads_elsewhere(
        messages in prop::collection::vec((any_message(), any::<bool>(), 0u64..700), 0..12),
        peer in 0usize..FORBIDDEN.len(),
    ) {
        let mut house = House::new(config());
        let mut ada = inside(&mut house);
        let mut now = NOW;
        for (message, signed, pause) in messages {
            now += seconds(pause);
            let bytes = if signed {
                let attributes: Vec<_> = crate::message::Message::parse(&message).unwrap().attributes()
                    .map(|(kind, value)| (kind, value.to_vec())).collect();
                ada.nonce = house.authority.nonce(ada.client, now);
                ada.request(method::CHANNEL_BIND, &attributes)
            } else {
                message
            };
            house.relay.handle_client(ada.client, &bytes, now);
            house.relay.handle_timeout(now);
            for output in house.outputs() {
                if let Output::ToPeer { to, .. } = output {
                    prop_assert!([REAL, SECOND, SIXTH].map(at).contains(&to));
                }
            }
        }
        prop_assert_eq!(ada.send(&mut house, at(FORBIDDEN[peer]), b"x", now), NOWHERE);
    }

    #[test]
    fn garbage_never_panics(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..20)) {
        let mut house = House::new(config());
        let ada = inside(&mut house);
        for datagram in datagrams {
            house.relay.handle_client(ada.client, &datagram, NOW);
            house.outputs();
        }
        let _ = address::read(&[], [0; 12]);
    }
}
