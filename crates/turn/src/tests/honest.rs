//! A client that others wrote (`rtc-turn`) gets its media through, by UDP, both ways.

use super::{House, REAL, TOLD, at, config, seconds};
use crate::{AllocationId, Client as Who, Now, Output, Way};
use rtc::sansio::Protocol;
use rtc::shared::{TransportContext, TransportMessage, TransportProtocol};
use rtc::turn::client::{Client, ClientConfig, Event};
use std::net::SocketAddr;
use std::time::Instant;

const ADA: &str = "192.0.2.1:5000";

/// Their client beside our relay, in one virtual time.
struct Pair {
    house: House,
    client: Client,
    started: Instant,
    now: Now,
    to_peers: Vec<(SocketAddr, Vec<u8>)>,
}

impl Pair {
    fn new(password: Option<&str>) -> Self {
        let house = House::new(config());
        let credentials = house.mint(1, seconds(0));
        let client = Client::new(
            ClientConfig {
                stun_serv_addr: String::new(),
                turn_serv_addr: "203.0.113.7:3478".to_owned(),
                local_addr: at(ADA),
                transport_protocol: TransportProtocol::UDP,
                username: credentials.username,
                password: password.map_or(credentials.password, str::to_owned),
                realm: String::new(),
                software: String::new(),
                rto_in_ms: 0,
                allocation_refresh_interval_cap: None,
            },
            rtc::crypto::default_provider().unwrap(),
        )
        .unwrap();
        // Their clock has no other beginning.
        #[expect(clippy::disallowed_methods, reason = "any moment will do; time passes by hand from here on")]
        let started = Instant::now();
        Self { house, client, started, now: seconds(0), to_peers: vec![] }
    }

    fn instant(&self) -> Instant {
        self.started + self.now
    }

    /// Lets both say all they have to say.
    fn settle(&mut self) -> Vec<Event> {
        let who = Who { address: at(ADA), way: Way::Datagram };
        loop {
            let mut quiet = true;
            while let Some(message) = self.client.poll_write() {
                quiet = false;
                self.house.relay.handle_client(who, &message.message, self.now);
            }
            for output in self.house.outputs() {
                quiet = false;
                match output {
                    Output::ToClient { client, bytes, .. } => {
                        assert_eq!(client, who);
                        let transport = TransportContext {
                            local_addr: at(ADA),
                            peer_addr: at("203.0.113.7:3478"),
                            transport_protocol: TransportProtocol::UDP,
                            ecn: None,
                        };
                        let message = bytes.as_slice().into();
                        let read = TransportMessage { now: self.started + self.now, transport, message };
                        self.client.handle_read(read).unwrap();
                    }
                    Output::ToPeer { to, bytes, .. } => self.to_peers.push((to, bytes)),
                    Output::Open { .. } | Output::Close { .. } => {}
                }
            }
            if quiet {
                return std::iter::from_fn(|| self.client.poll_event()).collect();
            }
        }
    }

    fn pass(&mut self, by: Now) -> Vec<Event> {
        self.now += by;
        let instant = self.instant();
        self.client.handle_timeout(instant).unwrap();
        self.house.relay.handle_timeout(self.now);
        self.settle()
    }

    fn allocate(&mut self) -> SocketAddr {
        self.client.allocate(self.instant()).unwrap();
        match self.settle().as_slice() {
            [Event::AllocateResponse(_, relayed)] => *relayed,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn media_goes_both_ways() {
    let mut pair = Pair::new(None);
    let relayed = pair.allocate();
    assert_eq!(relayed, at("10.0.0.5:50000"));
    let now = pair.instant();
    pair.client.relay(relayed).unwrap().create_permission(now, at(TOLD)).unwrap();
    let events = pair.settle();
    assert!(
        matches!(events.as_slice(), [Event::CreatePermissionResponse(_, peer)] if *peer == at(TOLD)),
        "{events:?}"
    );
    for round in 0..3u8 {
        let now = pair.instant();
        pair.client.relay(relayed).unwrap().send_to(now, &[round; 100], at(TOLD)).unwrap();
        assert!(pair.settle().is_empty());
        assert_eq!(pair.to_peers.pop(), Some((at(REAL), vec![round; 100])));
        pair.house.relay.handle_peer(AllocationId(0), at(REAL), &[round, 9], pair.now);
        let events = pair.settle();
        let [Event::DataIndicationOrChannelData(channel, from, data)] = events.as_slice() else {
            panic!("{events:?}")
        };
        assert_eq!((*from, data.as_ref()), (at(TOLD), &[round, 9][..]));
        // Their client binds a channel with the first datagram.
        assert!(channel.is_some(), "{round}");
    }
    let counters = pair.house.relay.counters();
    assert_eq!((counters.allocations, counters.bytes_in, counters.bytes_out), (1, 300, 6));
}

#[test]
fn a_call_outlives_its_credentials() {
    let mut pair = Pair::new(None);
    let relayed = pair.allocate();
    let now = pair.instant();
    pair.client.relay(relayed).unwrap().create_permission(now, at(TOLD)).unwrap();
    pair.settle();
    for minute in 0..50u8 {
        for _ in 0..6 {
            pair.pass(seconds(10));
            pair.house.relay.handle_peer(AllocationId(0), at(REAL), b"there", pair.now);
        }
        let now = pair.instant();
        pair.client.relay(relayed).unwrap().send_to(now, &[minute], at(TOLD)).unwrap();
        pair.settle();
        assert_eq!(pair.to_peers.pop(), Some((at(REAL), vec![minute])), "{minute}");
    }
    assert_eq!(pair.house.relay.counters().allocated, 1);
}

#[test]
fn a_wrong_password_allocates_nothing() {
    let mut pair = Pair::new(Some("guess"));
    pair.client.allocate(pair.instant()).unwrap();
    let events = pair.settle();
    assert!(matches!(events.as_slice(), [Event::AllocateError(..)]), "{events:?}");
    assert_eq!(pair.house.relay.counters().allocations, 0);
}
