//! What is relayed, both ways (RFC 8656 §11, §12.6, §12.7). Whatever may not be is dropped and counted, and nobody is
//! told.

use crate::counters::add;
use crate::message::{Class, Message, kind, method};
use crate::quota::Toward;
use crate::write::{Writer, channel_data};
use crate::{AllocationId, Client, Now, Output, Relay, Way, address};
use std::net::SocketAddr;

impl Relay {
    /// A Send indication.
    pub(crate) fn send(&mut self, client: Client, message: &Message<'_>, now: Now) {
        let Some(id) = self.by_client.get(&client).copied() else {
            return add(&mut self.counters.not_permitted, 1);
        };
        let peer = message.get(kind::XOR_PEER_ADDRESS);
        let peer = peer.and_then(|value| address::read(value, message.transaction));
        match (peer, message.get(kind::DATA)) {
            (Some(peer), Some(data)) if message.not_understood().is_empty() => {
                self.pass_to_peer(id, peer, data, now);
            }
            (Some(_) | None, _) => add(&mut self.counters.malformed, 1),
        }
    }

    /// `ChannelData`. A datagram may be longer than it says, by padding.
    pub(crate) fn channel_data(&mut self, client: Client, bytes: &[u8], now: Now) {
        let data = bytes.split_first_chunk::<4>().and_then(|(&[n0, n1, l0, l1], data)| {
            let length = usize::from(u16::from_be_bytes([l0, l1]));
            Some((u16::from_be_bytes([n0, n1]), data.get(..length)?))
        });
        let Some((number, data)) = data else { return add(&mut self.counters.malformed, 1) };
        let id = self.by_client.get(&client).copied();
        let allocation = id.and_then(|id| Some((id, self.allocations.get(&id)?)));
        let bound = allocation.and_then(|(id, allocation)| Some((id, allocation.peer_of(number, now)?)));
        match bound {
            Some((id, peer)) => self.pass_to_peer(id, peer, data, now),
            None => add(&mut self.counters.not_permitted, 1),
        }
    }

    fn pass_to_peer(&mut self, id: AllocationId, peer: SocketAddr, data: &[u8], now: Now) {
        let Some(allocation) = self.allocations.get(&id) else { return };
        // The permission says that the address is good; the port is looked at with every datagram.
        let real =
            self.peers.real(peer).filter(|_| allocation.permits(peer.ip(), now) && !allocation.is_over(now));
        let Some(to) = real else { return add(&mut self.counters.not_permitted, 1) };
        if !self.may_pass(id, Toward::Peers, data.len(), now) {
            return;
        }
        self.counters.relayed_in(data.len());
        self.output(Output::ToPeer { allocation: id, to, bytes: data.to_vec() });
    }

    /// A datagram that came to an allocation's socket.
    pub fn handle_peer(&mut self, id: AllocationId, from: SocketAddr, data: &[u8], now: Now) {
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        let told = self.peers.told(from, |ip| allocation.permits(ip, now));
        let Some(peer) = told.filter(|_| !allocation.is_over(now)) else {
            return add(&mut self.counters.not_permitted, 1);
        };
        allocation.heard = now;
        let (client, channel) = (allocation.client, allocation.channel_of(peer, now));
        if !self.may_pass(id, Toward::Client, data.len(), now) {
            return;
        }
        self.counters.relayed_out(data.len());
        let bytes = if let Some(number) = channel {
            channel_data(number, data, matches!(client.way, Way::Stream(_)))
        } else {
            // An indication is answered by nobody: any number will do.
            let mut transaction = [0; 12];
            let (head, _) = transaction.split_at_mut(8);
            head.copy_from_slice(&self.counters.bytes_out.to_be_bytes());
            Writer::new(method::DATA, Class::Indication, transaction)
                .with(kind::XOR_PEER_ADDRESS, &address::write(peer, transaction))
                .with(kind::DATA, data)
                .finish(None)
        };
        self.output(Output::ToClient { client, bytes, data: true });
    }

    fn may_pass(&mut self, id: AllocationId, toward: Toward, bytes: usize, now: Now) -> bool {
        let rate = self.bandwidth;
        let person = self.allocations.get(&id).map(|allocation| allocation.person);
        let holder = person.and_then(|person| self.holders.get_mut(&person));
        let passes = holder.is_some_and(|holder| holder.take(toward, bytes, rate, now));
        if !passes {
            add(&mut self.counters.over_bandwidth, 1);
        }
        passes
    }
}
