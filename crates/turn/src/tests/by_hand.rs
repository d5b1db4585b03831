//! A client made by hand, which says whatever a test wants.

use super::House;
use crate::authenticate::REALM;
use crate::message::{Class, Message, kind, method};
use crate::write::{Writer, integrity_key};
use crate::{Client, Credentials, Now, Output, Way, address};
use std::net::SocketAddr;

/// UDP, as REQUESTED-TRANSPORT has it.
pub(super) const UDP: (u16, [u8; 4]) = (kind::REQUESTED_TRANSPORT, [17, 0, 0, 0]);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Done,
    Refused(u16),
}

pub(super) struct Hand {
    pub(super) client: Client,
    pub(super) credentials: Credentials,
    pub(super) nonce: String,
    transaction: u8,
}

impl Hand {
    /// A datagram client that knows its nonce already.
    pub(super) fn new(house: &House, address: &str, credentials: Credentials, now: Now) -> Self {
        let client = Client { address: super::at(address), way: Way::Datagram };
        Self::by(house, client, credentials, now)
    }

    pub(super) fn by(house: &House, client: Client, credentials: Credentials, now: Now) -> Self {
        let nonce = house.authority.nonce(client, now);
        Self { client, credentials, nonce, transaction: 0 }
    }

    pub(super) fn transaction(&self) -> [u8; 12] {
        [self.transaction; 12]
    }

    /// A signed request.
    pub(super) fn request(&mut self, method: u16, attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
        self.transaction += 1;
        let mut writer = Writer::new(method, Class::Request, self.transaction());
        for (kind, value) in attributes {
            writer = writer.with(*kind, value);
        }
        let Credentials { username, password } = &self.credentials;
        writer
            .with(kind::USERNAME, username.as_bytes())
            .with(kind::REALM, REALM.as_bytes())
            .with(kind::NONCE, self.nonce.as_bytes())
            .finish(Some(&integrity_key(username, REALM, password)))
    }

    /// Says it, and reads the answer.
    pub(super) fn say(&mut self, house: &mut House, bytes: &[u8], now: Now) -> Said {
        house.relay.handle_client(self.client, bytes, now);
        self.heard(&house.outputs())
    }

    fn heard(&mut self, outputs: &[Output]) -> Said {
        let answer = outputs.iter().find_map(|output| match output {
            Output::ToClient { client, bytes, data: false } if *client == self.client => Some(bytes),
            _ => None,
        });
        let Some(bytes) = answer else { return Said::Nothing };
        let message = Message::parse(bytes).unwrap();
        if let Some(nonce) = message.text(kind::NONCE) {
            nonce.clone_into(&mut self.nonce);
        }
        match (message.class, message.get(kind::ERROR_CODE)) {
            (Class::Success, None) => Said::Done,
            (Class::Error, Some([_, _, hundreds, rest, ..])) => {
                Said::Refused(u16::from(*hundreds) * 100 + u16::from(*rest))
            }
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn ask(
        &mut self,
        house: &mut House,
        method: u16,
        attributes: &[(u16, Vec<u8>)],
        now: Now,
    ) -> Said {
        let request = self.request(method, attributes);
        self.say(house, &request, now)
    }

    pub(super) fn allocate(&mut self, house: &mut House, now: Now) -> Said {
        self.ask(house, method::ALLOCATE, &[(UDP.0, UDP.1.to_vec())], now)
    }

    pub(super) fn refresh(&mut self, house: &mut House, now: Now) -> Said {
        self.ask(house, method::REFRESH, &[], now)
    }

    /// XOR-PEER-ADDRESS for the next request.
    pub(super) fn peer(&self, peer: SocketAddr) -> (u16, Vec<u8>) {
        (kind::XOR_PEER_ADDRESS, address::write(peer, [self.transaction + 1; 12]))
    }

    pub(super) fn permit(&mut self, house: &mut House, peer: SocketAddr, now: Now) -> Said {
        self.ask(house, method::CREATE_PERMISSION, &[self.peer(peer)], now)
    }

    pub(super) fn bind(&mut self, house: &mut House, channel: u16, peer: SocketAddr, now: Now) -> Said {
        let number = [channel.to_be_bytes(), [0, 0]].concat();
        self.ask(house, method::CHANNEL_BIND, &[(kind::CHANNEL_NUMBER, number), self.peer(peer)], now)
    }

    /// Sends data to a peer by an indication, and says where it went.
    pub(super) fn send(&self, house: &mut House, peer: SocketAddr, data: &[u8], now: Now) -> Vec<SocketAddr> {
        let transaction = [77; 12];
        let bytes = Writer::new(method::SEND, Class::Indication, transaction)
            .with(kind::XOR_PEER_ADDRESS, &address::write(peer, transaction))
            .with(kind::DATA, data)
            .finish(None);
        self.says_to(house, &bytes, now)
    }

    /// Says something that is answered by nobody, and where that went.
    pub(super) fn says_to(&self, house: &mut House, bytes: &[u8], now: Now) -> Vec<SocketAddr> {
        house.relay.handle_client(self.client, bytes, now);
        let reached = |output| match output {
            Output::ToPeer { to, .. } => Some(to),
            Output::ToClient { .. } | Output::Open { .. } | Output::Close { .. } => None,
        };
        house.outputs().into_iter().filter_map(reached).collect()
    }
}
