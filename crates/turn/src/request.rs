//! Requests of clients: allocate, refresh, permit, bind (RFC 8656 §7 to §12).

use crate::address::{self, Family};
use crate::allocation::{Allocation, LIFETIME};
use crate::authenticate::User;
use crate::message::{Class, Message, kind, method};
use crate::relay::canonical;
use crate::write::Writer;
use crate::{AllocationId, Client, Now, Refusal, Relay};
use std::net::{IpAddr, SocketAddr};

/// UDP, as REQUESTED-TRANSPORT has it.
const UDP: u8 = 17;

/// What is told besides that it was done. Nothing is told yet when there is none.
type Done = Option<Vec<(u16, Vec<u8>)>>;

impl Relay {
    pub(crate) fn request(&mut self, client: Client, message: &Message<'_>, now: Now) {
        let user = match self.authenticate(client, message, now) {
            Ok(user) => user,
            Err(refusal) => return self.turn_away(client, message, refusal, now),
        };
        let key = user.key.clone();
        match self.serve(client, user, message, now) {
            Ok(None) => {}
            Ok(Some(attributes)) => {
                let mut answer = Writer::new(message.method, Class::Success, message.transaction);
                for (kind, value) in attributes {
                    answer = answer.with(kind, &value);
                }
                self.answer(client, answer.finish(Some(&key)));
            }
            Err(refusal) => {
                self.counters.refuse(refusal);
                let mut answer = Writer::new(message.method, Class::Error, message.transaction)
                    .with(kind::ERROR_CODE, &refusal.value());
                if refusal == Refusal::Expired {
                    answer = self.with_nonce(answer, client, now);
                }
                if refusal == Refusal::UnknownAttribute {
                    let list: Vec<u8> =
                        message.not_understood().into_iter().flat_map(u16::to_be_bytes).collect();
                    answer = answer.with(kind::UNKNOWN_ATTRIBUTES, &list);
                }
                self.answer(client, answer.finish(Some(&key)));
            }
        }
    }

    fn serve(
        &mut self,
        client: Client,
        user: User,
        message: &Message<'_>,
        now: Now,
    ) -> Result<Done, Refusal> {
        if !message.not_understood().is_empty() {
            return Err(Refusal::UnknownAttribute);
        }
        if message.method == method::ALLOCATE {
            return self.allocate(client, user, message, now);
        }
        let id = *self.by_client.get(&client).ok_or(Refusal::Mismatch)?;
        let allocation = self.allocations.get(&id).filter(|allocation| !allocation.is_over(now));
        let allocation = allocation.ok_or(Refusal::Mismatch)?;
        if allocation.username != user.username {
            return Err(Refusal::OthersAllocation);
        }
        match message.method {
            method::REFRESH => self.refresh(id, message, now),
            method::CREATE_PERMISSION => self.permit(id, message, now),
            method::CHANNEL_BIND => self.bind(id, message, now),
            _ => Err(Refusal::BadRequest),
        }
    }

    fn allocate(
        &mut self,
        client: Client,
        user: User,
        message: &Message<'_>,
        now: Now,
    ) -> Result<Done, Refusal> {
        if let Some(id) = self.by_client.get(&client).copied() {
            let again =
                |it: &Allocation| it.transaction == message.transaction && it.username == user.username;
            match self.allocations.get(&id).filter(|it| !it.is_over(now)) {
                Some(it) if again(it) => {
                    self.tell_allocated(id);
                    return Ok(None);
                }
                Some(_) => return Err(Refusal::Mismatch),
                None => self.end(id),
            }
        }
        if !user.is_current {
            return Err(Refusal::Expired);
        }
        match message.get(kind::REQUESTED_TRANSPORT) {
            Some([UDP, ..]) => {}
            Some([_, ..]) => return Err(Refusal::TransportNotSupported),
            Some([]) | None => return Err(Refusal::BadRequest),
        }
        let family = match message.get(kind::REQUESTED_ADDRESS_FAMILY) {
            // RFC 8656 §7.2 says IPv4. Browsers never ask for a kind, so where there is none of IPv4 it is the other.
            None if self.at_v4.is_none() => Family::V6,
            None => Family::V4,
            Some([family, ..]) => Family::from_wire(*family).ok_or(Refusal::FamilyNotSupported)?,
            Some([]) => return Err(Refusal::BadRequest),
        };
        let at = match family {
            Family::V4 => self.at_v4.map(IpAddr::V4),
            Family::V6 => self.at_v6.map(IpAddr::V6),
        };
        let at = at.ok_or(Refusal::FamilyNotSupported)?;
        let has = self.holders.get(&user.person).map_or(0, |holder| holder.allocations);
        if has >= self.max_per_person {
            return Err(Refusal::Quota);
        }
        if self.allocations.len() >= self.max_allocations {
            return Err(Refusal::Capacity);
        }
        let allocation = Allocation::new(client, user, message.transaction, family, now);
        self.begin(allocation, at, now);
        Ok(None)
    }

    /// Tells a client of its allocation, once it has a socket.
    pub(crate) fn tell_allocated(&mut self, id: AllocationId) {
        let Some(allocation) = self.allocations.get(&id) else { return };
        let Some(relayed) = allocation.relayed else { return };
        let (client, transaction) = (allocation.client, allocation.transaction);
        let answer = Writer::new(method::ALLOCATE, Class::Success, transaction)
            .with(kind::XOR_RELAYED_ADDRESS, &address::write(relayed, transaction))
            .with(kind::LIFETIME, &lifetime())
            .with(kind::XOR_MAPPED_ADDRESS, &address::write(canonical(client.address), transaction))
            .finish(Some(&allocation.key));
        self.answer(client, answer);
    }

    fn refresh(&mut self, id: AllocationId, message: &Message<'_>, now: Now) -> Result<Done, Refusal> {
        let Some(allocation) = self.allocations.get_mut(&id) else { return Err(Refusal::Mismatch) };
        let wanted = message.get(kind::REQUESTED_ADDRESS_FAMILY).and_then(|family| family.first());
        if wanted.is_some_and(|family| Family::from_wire(*family) != Some(allocation.family)) {
            return Err(Refusal::PeerFamily);
        }
        if message.get(kind::LIFETIME).is_some_and(|wanted| wanted == [0; 4]) {
            self.end(id);
            return Ok(Some(vec![(kind::LIFETIME, vec![0; 4])]));
        }
        allocation.refresh(now);
        Ok(Some(vec![(kind::LIFETIME, lifetime().to_vec())]))
    }

    fn permit(&mut self, id: AllocationId, message: &Message<'_>, now: Now) -> Result<Done, Refusal> {
        let values = message.attributes().filter(|(kind, _)| *kind == kind::XOR_PEER_ADDRESS);
        let peers: Option<Vec<SocketAddr>> =
            values.map(|(_, value)| address::read(value, message.transaction)).collect();
        let peers = peers.filter(|peers| !peers.is_empty()).ok_or(Refusal::BadRequest)?;
        for peer in &peers {
            self.check_peer(id, *peer, Ports::AnyIfZero)?;
        }
        let Some(allocation) = self.allocations.get_mut(&id) else { return Err(Refusal::Mismatch) };
        for peer in peers {
            allocation.permit(peer.ip(), now);
        }
        Ok(Some(vec![]))
    }

    fn bind(&mut self, id: AllocationId, message: &Message<'_>, now: Now) -> Result<Done, Refusal> {
        let number = match message.get(kind::CHANNEL_NUMBER) {
            Some(&[n0 @ 0x40..=0x4f, n1, _, _]) => u16::from_be_bytes([n0, n1]),
            _ => return Err(Refusal::BadRequest),
        };
        let peer = message.get(kind::XOR_PEER_ADDRESS);
        let peer = peer.and_then(|value| address::read(value, message.transaction));
        let peer = peer.ok_or(Refusal::BadRequest)?;
        self.check_peer(id, peer, Ports::Media)?;
        let Some(allocation) = self.allocations.get_mut(&id) else { return Err(Refusal::Mismatch) };
        if allocation.bind(number, peer, now) { Ok(Some(vec![])) } else { Err(Refusal::BadRequest) }
    }

    /// Whether it is one of our media ports, and of the allocation's kind.
    fn check_peer(&self, id: AllocationId, peer: SocketAddr, ports: Ports) -> Result<(), Refusal> {
        let any_port = peer.port() == 0 && ports == Ports::AnyIfZero;
        let ours = self.peers.real(peer).is_some() || any_port && self.peers.has(peer.ip());
        if !ours {
            return Err(Refusal::Forbidden);
        }
        let family = self.allocations.get(&id).map(|allocation| allocation.family);
        if family == Some(Family::of(peer.ip())) { Ok(()) } else { Err(Refusal::PeerFamily) }
    }
}

/// Which ports a peer's address may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ports {
    Media,
    /// A permission is for an address, and its port means nothing (RFC 8656 §10.2); but one that says a port of
    /// somebody else's means no good.
    AnyIfZero,
}

fn lifetime() -> [u8; 4] {
    u32::try_from(LIFETIME.as_secs()).unwrap_or_default().to_be_bytes()
}
