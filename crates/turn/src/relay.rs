//! The relay as a whole: who there is, what comes in, what is to be done.

use crate::allocation::Allocation;
use crate::config::Peers;
use crate::counters::add;
use crate::message::{Class, Message, kind, method};
use crate::quota::{Budget, Holder};
use crate::write::Writer;
use crate::{Authority, Config, Counters, Now, Places, Refusal, address};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How often what is over is looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// Who speaks to the relay: one for each 5-tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    /// From where.
    pub address: SocketAddr,
    /// By what.
    pub way: Way,
}

/// By what a client comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// UDP.
    Datagram,
    /// TCP or TLS; each stream has a number of its own.
    Stream(u64),
}

/// Which allocation. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllocationId(pub u64);

/// Something the caller must do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send to a client. It may be dropped when it is data and there is no room.
    ToClient {
        /// To whom.
        client: Client,
        /// A datagram, or so much of the stream.
        bytes: Vec<u8>,
        /// It is relayed data, not an answer.
        data: bool,
    },
    /// Send a datagram to one of the media ports, by its real address, from an allocation's socket.
    ToPeer {
        /// From whose socket.
        allocation: AllocationId,
        /// Where to.
        to: SocketAddr,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// Bind a UDP socket here, to any port, and answer with [`Relay::opened`].
    Open {
        /// Whose it will be.
        allocation: AllocationId,
        /// Where.
        at: IpAddr,
    },
    /// Close an allocation's socket.
    Close {
        /// Whose.
        allocation: AllocationId,
    },
}

/// See the crate.
#[derive(Debug)]
pub struct Relay {
    pub(crate) peers: Peers,
    /// Where sockets are bound.
    pub(crate) at_v4: Option<Ipv4Addr>,
    pub(crate) at_v6: Option<Ipv6Addr>,
    pub(crate) max_per_person: usize,
    pub(crate) max_allocations: usize,
    pub(crate) bandwidth: u64,
    pub(crate) authority: Authority,
    pub(crate) allocations: BTreeMap<AllocationId, Allocation>,
    pub(crate) by_client: BTreeMap<Client, AllocationId>,
    /// Those who have allocations.
    pub(crate) holders: BTreeMap<u64, Holder>,
    pub(crate) budget: Budget,
    pub(crate) counters: Counters,
    next: u64,
    sweep_at: Now,
    outputs: VecDeque<Output>,
}

impl Relay {
    /// A relay that nobody uses yet.
    pub fn new(config: Config, authority: Authority) -> Self {
        let Config { places, max_per_person, max_allocations, bandwidth } = config;
        Self {
            peers: Peers::new(places.peers),
            at_v4: places.relay_v4,
            at_v6: places.relay_v6,
            max_per_person,
            max_allocations,
            bandwidth,
            authority,
            allocations: BTreeMap::new(),
            by_client: BTreeMap::new(),
            holders: BTreeMap::new(),
            budget: Budget::default(),
            counters: Counters::default(),
            next: 0,
            sweep_at: Now::ZERO,
            outputs: VecDeque::new(),
        }
    }

    /// The media ports are elsewhere from now on, or told otherwise. What was allocated stays, and those who know a
    /// media port by the address that was told until now go on with it.
    pub fn lead_to(&mut self, places: Places) {
        let Places { peers, relay_v4, relay_v6 } = places;
        self.peers.change(peers);
        (self.at_v4, self.at_v6) = (relay_v4, relay_v6);
    }

    /// A datagram of a client, or a message of its stream.
    pub fn handle_client(&mut self, client: Client, bytes: &[u8], now: Now) {
        if matches!(bytes.first(), Some(0x40..=0x4f)) {
            return self.channel_data(client, bytes, now);
        }
        let Ok(message) = Message::parse(bytes) else { return add(&mut self.counters.malformed, 1) };
        match (message.class, message.method) {
            (Class::Request, method::BINDING) => self.binding(client, &message, now),
            (Class::Request, _) => self.request(client, &message, now),
            (Class::Indication, method::SEND) => self.send(client, &message, now),
            // A Binding indication keeps a NAT's binding (RFC 8445 §11) and is no mistake.
            (Class::Indication, method::BINDING) => {}
            (Class::Indication | Class::Success | Class::Error, _) => add(&mut self.counters.malformed, 1),
        }
    }

    /// What [`Output::Open`] came to: where the socket is, if there is one.
    pub fn opened(&mut self, id: AllocationId, relayed: Option<SocketAddr>) {
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        allocation.relayed = relayed;
        if relayed.is_some() {
            add(&mut self.counters.allocated, 1);
            self.tell_allocated(id);
        } else {
            let (client, transaction, key) =
                (allocation.client, allocation.transaction, allocation.key.clone());
            self.counters.refuse(Refusal::Capacity);
            let refusal = Writer::new(method::ALLOCATE, Class::Error, transaction);
            let refusal = refusal.with(kind::ERROR_CODE, &Refusal::Capacity.value());
            self.answer(client, refusal.finish(Some(&key)));
            self.forget(id);
        }
    }

    /// A stream is closed: its allocation ends with it (RFC 8656 §3.2).
    pub fn client_gone(&mut self, client: Client) {
        if let Some(id) = self.by_client.get(&client) {
            self.end(*id);
        }
    }

    /// Whether a client has an allocation.
    pub fn has_allocation(&self, client: Client) -> bool {
        self.by_client.contains_key(&client)
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called, if ever.
    pub fn poll_timeout(&self) -> Option<Now> {
        (!self.allocations.is_empty()).then_some(self.sweep_at)
    }

    /// Ends what is over.
    pub fn handle_timeout(&mut self, now: Now) {
        if now < self.sweep_at {
            return;
        }
        self.sweep_at = now.saturating_add(SWEEP);
        let over = self.allocations.iter().filter(|(_, allocation)| allocation.is_over(now));
        let over: Vec<AllocationId> = over.map(|(id, _)| *id).collect();
        for id in over {
            self.end(id);
        }
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        let allocations = u64::try_from(self.allocations.len()).unwrap_or(u64::MAX);
        Counters { allocations, ..self.counters.clone() }
    }

    /// The answer to whoever asks where it is (RFC 8489 §3): not much longer than the question.
    fn binding(&mut self, client: Client, message: &Message<'_>, now: Now) {
        if !self.is_answered(client, now) {
            return;
        }
        let mapped = address::write(canonical(client.address), message.transaction);
        let answer = Writer::new(method::BINDING, Class::Success, message.transaction);
        self.answer(client, answer.with(kind::XOR_MAPPED_ADDRESS, &mapped).finish(None));
    }

    pub(crate) fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn answer(&mut self, client: Client, bytes: Vec<u8>) {
        self.output(Output::ToClient { client, bytes, data: false });
    }

    /// Takes an allocation in, and asks for its socket.
    pub(crate) fn begin(&mut self, allocation: Allocation, at: IpAddr, now: Now) {
        let id = AllocationId(self.next);
        self.next = self.next.saturating_add(1);
        let rate = self.bandwidth;
        let holder = self.holders.entry(allocation.person);
        holder.or_insert_with(|| Holder::new(rate, now)).allocations += 1;
        self.by_client.insert(allocation.client, id);
        self.allocations.insert(id, allocation);
        self.output(Output::Open { allocation: id, at });
    }

    pub(crate) fn end(&mut self, id: AllocationId) {
        if self.allocations.get(&id).is_some_and(|allocation| allocation.relayed.is_some()) {
            self.output(Output::Close { allocation: id });
        }
        self.forget(id);
    }

    fn forget(&mut self, id: AllocationId) {
        let Some(allocation) = self.allocations.remove(&id) else { return };
        self.by_client.remove(&allocation.client);
        if let Some(holder) = self.holders.get_mut(&allocation.person) {
            holder.allocations = holder.allocations.saturating_sub(1);
            if holder.allocations == 0 {
                self.holders.remove(&allocation.person);
            }
        }
    }
}

/// As the client knows it: a socket for both kinds of addresses shows IPv4 as mapped.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
