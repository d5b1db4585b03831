//! A relay between real sockets on loopback. What arrives is asserted, never when: times belong to the
//! links, and they are tested in virtual time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has found something")]

use netsim::{LinkConfig, Loss, MAX_DATAGRAM, MAX_FLOWS, PerMille, Relay, RelayConfig, RelayStats};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

/// Until a test gives up on a datagram that must come.
const PATIENCE: Duration = Duration::from_secs(10);

const NOTHING: LinkConfig = LinkConfig { loss: Loss::Random(PerMille::ALL), ..LinkConfig::PERFECT };

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// A relay to a server of ours.
struct Place {
    server: UdpSocket,
    relay: Relay,
}

impl Place {
    fn new(up: LinkConfig, down: LinkConfig) -> Self {
        let server = socket();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let to = server.local_addr().unwrap();
        let relay = Relay::start(RelayConfig { listen, to, up, down, seed: 1 }).unwrap();
        Self { server, relay }
    }

    fn perfect() -> Self {
        Self::new(LinkConfig::PERFECT, LinkConfig::PERFECT)
    }

    fn client(&self) -> UdpSocket {
        let client = socket();
        client.connect(self.relay.local_addr()).unwrap();
        client
    }

    /// From the client to the server; gives where the server saw it come from.
    fn up(&self, client: &UdpSocket, datagram: &[u8]) -> SocketAddr {
        client.send(datagram).unwrap();
        let mut buffer = [0; MAX_DATAGRAM + 1];
        let (len, from) = self.server.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], datagram);
        from
    }

    /// From the server to the client that it sees there.
    fn down(&self, client: &UdpSocket, seen_at: SocketAddr, datagram: &[u8]) {
        self.server.send_to(datagram, seen_at).unwrap();
        assert_eq!(received(client), datagram);
    }

    /// Until the relay says so; it counts before it answers, but the kernel may still hold a datagram.
    fn wait_for(&self, what: impl Fn(&RelayStats) -> bool) -> RelayStats {
        for _ in 0..10_000 {
            let stats = self.relay.stats();
            if what(&stats) {
                return stats;
            }
            std::thread::yield_now();
        }
        panic!("{:?}", self.relay.stats());
    }
}

fn received(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; MAX_DATAGRAM + 1];
    let len = socket.recv(&mut buffer).unwrap();
    buffer[..len].to_vec()
}

fn has_nothing(socket: &UdpSocket) -> bool {
    socket.set_nonblocking(true).unwrap();
    let nothing = socket.recv(&mut [0; 1]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    socket.set_nonblocking(false).unwrap();
    nothing
}

#[test]
fn both_ways_and_each_client_by_itself() {
    let place = Place::perfect();
    let clients = [place.client(), place.client(), place.client()];
    let seen_at: Vec<_> = clients.iter().map(|client| place.up(client, b"hello")).collect();
    assert_eq!(seen_at.iter().collect::<BTreeSet<_>>().len(), 3, "each has its own port");
    for (number, (client, seen_at)) in clients.iter().zip(&seen_at).enumerate() {
        place.down(client, *seen_at, format!("to {number}").as_bytes());
        assert_eq!(place.up(client, b"again"), *seen_at);
    }
    let addresses: Vec<_> = clients.iter().map(|client| client.local_addr().unwrap()).collect();
    assert_eq!(place.relay.clients(), addresses);
    let stats = place.relay.stats();
    assert_eq!((stats.flows, stats.up.delivered, stats.down.delivered), (3, 6, 3));
    assert_eq!(stats.up.bytes_delivered, 3 * 10);
}

#[test]
fn a_delayed_datagram_arrives_by_itself() {
    let place = Place::new(LinkConfig { delay: Duration::from_millis(30), ..LinkConfig::PERFECT }, NOTHING);
    place.up(&place.client(), b"later");
}

#[test]
fn a_link_that_loses_all_passes_nothing() {
    let place = Place::new(NOTHING, LinkConfig::PERFECT);
    let client = place.client();
    for _ in 0..50 {
        client.send(b"x").unwrap();
    }
    let stats = place.wait_for(|stats| stats.up.lost == 50);
    assert_eq!(stats.up.delivered, 0);
    assert!(has_nothing(&place.server));

    place.relay.set_up(LinkConfig::PERFECT);
    place.relay.set_down(NOTHING);
    let seen_at = place.up(&client, b"y");
    place.server.send_to(b"z", seen_at).unwrap();
    place.wait_for(|stats| stats.down.lost == 1);
    assert!(has_nothing(&client));
}

#[test]
fn one_client_can_have_links_of_its_own() {
    let place = Place::perfect();
    let (good, bad) = (place.client(), place.client());
    let (good_at, bad_at) = (place.up(&good, b"g"), place.up(&bad, b"b"));
    let bad_address = bad.local_addr().unwrap();
    assert!(place.relay.set_down_for(bad_address, NOTHING));
    place.server.send_to(b"x", bad_at).unwrap();
    place.down(&good, good_at, b"x");
    place.wait_for(|stats| stats.down.lost == 1);
    assert!(has_nothing(&bad));

    assert!(place.relay.set_up_for(bad_address, NOTHING));
    bad.send(b"x").unwrap();
    place.wait_for(|stats| stats.up.lost == 1);
    assert!(!place.relay.set_up_for(place.relay.local_addr(), NOTHING), "no such client");
}

#[test]
fn rebinding_changes_the_port_and_nothing_else() {
    let place = Place::perfect();
    let clients = [place.client(), place.client()];
    let before = clients.each_ref().map(|client| place.up(client, b"before"));
    place.relay.rebind().unwrap();
    for (client, before) in clients.iter().zip(before) {
        let after = place.up(client, b"after");
        assert_ne!(after, before);
        place.down(client, after, b"back");
        place.server.send_to(b"to the old port", before).unwrap();
        place.down(client, after, b"only this");
    }
    assert_eq!(place.relay.stats().flows, 2);
}

#[test]
fn a_blocked_relay_passes_nothing_until_it_is_unblocked() {
    let place = Place::perfect();
    let client = place.client();
    let seen_at = place.up(&client, b"1");
    place.relay.block(true);
    client.send(b"2").unwrap();
    place.server.send_to(b"2", seen_at).unwrap();
    place.wait_for(|stats| stats.blocked == 2);
    place.relay.block(false);
    assert_eq!(place.up(&client, b"3"), seen_at);
    place.down(&client, seen_at, b"3");
}

#[test]
fn datagrams_have_a_longest() {
    let place = Place::perfect();
    let client = place.client();
    client.send(&[7; MAX_DATAGRAM + 1]).unwrap();
    place.up(&client, &[8; MAX_DATAGRAM]);
    assert_eq!(place.relay.stats().oversized, 1);
}

#[test]
fn clients_past_the_most_are_refused() {
    let place = Place::perfect();
    let clients: Vec<_> = (0..MAX_FLOWS).map(|_| place.client()).collect();
    for client in &clients {
        place.up(client, b"in");
    }
    place.client().send(b"one too many").unwrap();
    let stats = place.wait_for(|stats| stats.refused == 1);
    assert_eq!(stats.flows, MAX_FLOWS);
    place.up(&clients[0], b"still in");
}

#[test]
fn dropping_it_frees_its_port() {
    let place = Place::perfect();
    let address = place.relay.local_addr();
    place.up(&place.client(), b"x");
    drop(place);
    UdpSocket::bind(address).unwrap();
}

#[test]
fn a_server_that_is_not_there_ends_nothing() {
    let place = Place::perfect();
    let Place { server, relay } = place;
    let to = server.local_addr().unwrap();
    drop(server);
    let client = socket();
    for _ in 0..5 {
        client.send_to(b"anybody?", relay.local_addr()).unwrap();
    }
    let server = UdpSocket::bind(to).unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    let place = Place { server, relay };
    // Those before may have come or not, and an old refusal may take one with it.
    client.connect(place.relay.local_addr()).unwrap();
    client.send(b"now").unwrap();
    client.send(b"now").unwrap();
    while received(&place.server) != b"now" {}
}
