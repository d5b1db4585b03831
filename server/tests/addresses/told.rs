//! See the module above.

use crate::house::House;
use bot::{Carrier, Options};
use std::net::{IpAddr, SocketAddr};
use tokio::net::UdpSocket;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Everybody as participants, media through one address. Both ways.
async fn media_works(house: &House, carrier: Carrier) {
    let _publisher = house.admit(Options::publisher(&house.url, "tea").by(carrier)).await;
    let watcher = house.admit(Options::subscriber(&house.url, "tea").by(carrier)).await;
    watcher.receives(200).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_address_is_a_candidate_by_udp_and_by_tcp() {
    let addresses = [ip("203.0.113.7"), ip("2001:db8::7"), ip("127.0.0.1")];
    let house = House::with(|config| config.public_address = addresses.to_vec()).await;
    let bot = house.admit(Options::subscriber(&house.url, "tea")).await;
    let port = house.running.udp_addrs()[0].port();
    let expected = addresses.map(|ip| SocketAddr::new(ip, port));
    assert_eq!((&bot.answer().candidates[..], &bot.answer().passive[..]), (&expected[..], &expected[..]));
    assert_eq!(house.counts().await.participants, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_address_is_told_as_it_is() {
    let house = House::open().await;
    let bot = house.admit(Options::subscriber(&house.url, "tea")).await;
    assert_eq!(bot.answer().candidates, house.running.udp_addrs());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_works_over_ipv6() {
    let house = House::with(|config| config.udp = "[::1]:0".parse().unwrap()).await;
    for carrier in [Carrier::Udp, Carrier::Tcp] {
        media_works(&house, carrier).await;
    }
    let report = house.report().await.transport;
    assert!(report.datagrams_out > 0 && report.stream_frames_out > 0);
}

/// One socket for both: IPv4 addresses are written as some of IPv6 there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_for_all_of_ipv6_takes_ipv4_as_well() {
    for address in ["127.0.0.1", "::1"] {
        let house = House::with(|config| {
            config.udp = "[::]:0".parse().unwrap();
            config.public_address = vec![ip(address)];
        })
        .await;
        for carrier in [Carrier::Udp, Carrier::Tcp] {
            media_works(&house, carrier).await;
        }
    }
}

/// A STUN server of a few lines: everybody is at 203.0.113.9, seen from there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_that_a_stun_server_sees_is_told_beside_the_own() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = format!("stun:{}", socket.local_addr().unwrap());
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((len, from)) = socket.recv_from(&mut buffer).await {
            let key = &buffer[4..len.min(20)];
            let masked =
                |bytes: [u8; 4]| [bytes[0] ^ key[0], bytes[1] ^ key[1], bytes[2] ^ key[2], bytes[3] ^ key[3]];
            let [p0, p1] = from.port().to_be_bytes();
            let [p0, p1, ..] = masked([p0, p1, 0, 0]);
            let mapped = [&[0, 0x20, 0, 8, 0, 1, p0, p1][..], &masked([203, 0, 113, 9])].concat();
            let answer = [&[1, 1, 0, 12], key, &mapped].concat();
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    let house = House::with(|config| config.stun_address = Some(server.parse().unwrap())).await;
    let bot = house.admit(Options::subscriber(&house.url, "tea")).await;
    let port = house.running.udp_addrs()[0].port();
    let expected = ["203.0.113.9", "127.0.0.1"].map(|text| SocketAddr::new(ip(text), port));
    assert_eq!(bot.answer().candidates, expected);
    // As when it changes: newcomers hear of the new one.
    house.running.transport().advertise(&[ip("203.0.113.10"), ip("127.0.0.1")]);
    let later = house.admit(Options::subscriber(&house.url, "tea")).await;
    assert_eq!(later.answer().candidates[0], SocketAddr::new(ip("203.0.113.10"), port));
}
