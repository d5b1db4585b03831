//! The relay in virtual time: one with somebody else's client, and one with requests made by hand, good ones and bad.

mod by_hand;
mod honest;
mod hostile;
mod limits;
mod moving;

use crate::{Authority, Config, Credentials, Now, Output, Peer, Places, Relay};
use std::net::SocketAddr;
use std::time::Duration;

/// As browsers are told of the media port, behind a 1:1 NAT, and where it is.
const TOLD: &str = "203.0.113.7:7882";
const REAL: &str = "10.0.0.5:7882";
/// A second worker's, told as it is.
const SECOND: &str = "10.0.0.5:7883";
const SIXTH: &str = "[2001:db8::5]:7882";
const NOWHERE: [SocketAddr; 0] = [];

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

const fn seconds(number: u64) -> Now {
    Duration::from_secs(number)
}

fn config() -> Config {
    let same = |text| Peer { told: at(text), real: at(text) };
    Config {
        places: Places {
            peers: vec![Peer { told: at(TOLD), real: at(REAL) }, same(SECOND), same(SIXTH)],
            relay_v4: Some([10, 0, 0, 5].into()),
            relay_v6: Some("2001:db8::5".parse().unwrap()),
        },
        max_per_person: 3,
        max_allocations: 5,
        bandwidth: 1_000_000,
    }
}

/// A relay whose sockets are pretended; each gets a port of its own.
struct House {
    relay: Relay,
    authority: Authority,
    next_port: u16,
    /// No socket is to be had.
    bare: bool,
}

impl House {
    fn new(config: Config) -> Self {
        let authority = Authority::new(&[9; 32]);
        Self { relay: Relay::new(config, authority.clone()), authority, next_port: 50_000, bare: false }
    }

    fn mint(&self, person: u64, now: Now) -> Credentials {
        self.authority.mint(person, 0, now)
    }

    /// What the relay has to say, sockets opened as it asks for them.
    fn outputs(&mut self) -> Vec<Output> {
        let mut outputs = Vec::new();
        while let Some(output) = self.relay.poll_output() {
            if let Output::Open { allocation, at } = output {
                let socket = SocketAddr::new(at, self.next_port);
                self.next_port += 1;
                self.relay.opened(allocation, (!self.bare).then_some(socket));
            } else {
                outputs.push(output);
            }
        }
        outputs
    }
}
