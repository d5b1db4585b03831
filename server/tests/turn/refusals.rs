//! What the relay does not do: lead elsewhere, let in strangers, or hold on to whoever came for nothing.

use crate::caller::{Caller, enter, house, turn_addr, wait_outside};
use bot::http::request;
use bot::{Credentials, binding_request};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Requests (RFC 8656 §17).
const ALLOCATE: u16 = 0x0003;
const CREATE_PERMISSION: u16 = 0x0008;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_leads_to_the_media_ports_and_nowhere_else() {
    let house = house().await;
    let (_bot, relay) = enter(&house, "ada").await;
    let mut caller = Caller::udp(&house, &relay).await;
    let relayed = caller.allocate().await.unwrap();
    let bystander = UdpSocket::bind("127.0.0.1:0").unwrap();
    bystander.set_nonblocking(true).unwrap();
    let media = house.running.udp_addrs()[0];
    let own = |address: &str| address.parse::<SocketAddr>().unwrap();
    for peer in [
        bystander.local_addr().unwrap(),
        house.running.http_addr(),
        turn_addr(&house),
        relayed,
        own("10.0.0.1:80"),
        own("169.254.169.254:80"),
    ] {
        let refused = caller.permit(relayed, peer).await.unwrap_err();
        assert!(refused.contains("403"), "{peer}: {refused}");
    }
    // A permission for the address is none for its other ports.
    caller.permit(relayed, media).await.unwrap();
    let refused = caller.permit(relayed, bystander.local_addr().unwrap()).await.unwrap_err();
    assert!(refused.contains("403"), "{refused}");
    assert!(bystander.recv(&mut [0; 64]).is_err());
    let page = request(house.running.http_addr(), "GET", "/metrics", &[], b"").await.unwrap().body;
    // Where something had to be said again, it may have been refused again.
    let (allocates, permits) = (caller.said(ALLOCATE), caller.said(CREATE_PERMISSION));
    for (name, least, most) in [
        ("madang_turn_allocations", 1, 1),
        ("madang_turn_allocations_total", 1, 1),
        ("madang_turn_refused_total{reason=\"forbidden\"}", 7, permits - 1),
        ("madang_turn_refused_total{reason=\"unauthenticated\"}", 1, allocates - 1),
        ("madang_turn_bytes_in_total", 0, 0),
    ] {
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        assert!(
            value.is_some_and(|value| (least..=most).contains(&value)),
            "{name} is {value:?}, not {least} to {most}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_lets_in_those_who_were_told_and_no_others() {
    let house = house().await;
    let (_bot, relay) = enter(&house, "ada").await;
    for (name, password) in [("9999999:7", "guess"), (relay.username.as_deref().unwrap(), "guess"), ("", "")]
    {
        let mut wrong = relay.clone();
        wrong.username = Some(name.to_owned());
        wrong.credential = Some(password.to_owned());
        let refused = Caller::udp(&house, &wrong).await.allocate().await.unwrap_err();
        assert!(refused.contains("401"), "{name}: {refused}");
    }
    Caller::udp(&house, &relay).await.allocate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_has_so_many_with_however_many_credentials() {
    let house = house().await;
    let (mut bot, relay) = enter(&house, "ada").await;
    let (_other, others) = enter(&house, "bo").await;
    let mut callers = Vec::new();
    for _ in 0..16 {
        let mut caller = Caller::udp(&house, &relay).await;
        caller.allocate().await.unwrap();
        callers.push(caller);
    }
    bot.renegotiate(1, false).await.unwrap();
    let mut told = bot.roster().relays;
    bot.lose_signaling().await;
    bot.resume().await.unwrap();
    told.extend(bot.roster().relays);
    assert!(told.len() == 2 && told.iter().all(|one| one.username != relay.username), "{told:?}");
    for relay in [vec![relay], told].concat() {
        let refused = Caller::udp(&house, &relay).await.allocate().await.unwrap_err();
        assert!(refused.contains("486"), "{refused}");
    }
    Caller::tcp(&house, &others, 4096).await.allocate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_no_turn_is_closed_at_once() {
    let house = house().await;
    for bytes in
        [&b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"[..], b"GET / HTTP/1.1\r\n\r\n", &[0x16, 3, 1, 0, 16, 1, 0, 0]]
    {
        let mut stream = TcpStream::connect(turn_addr(&house)).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let read = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut [0; 64])).await.unwrap();
        // Cut, or cut with what it said unread.
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_came_for_nothing_is_let_go() {
    let house = house().await;
    let mut stream = TcpStream::connect(turn_addr(&house)).await.unwrap();
    let read = tokio::time::timeout(Duration::from_mins(1), stream.read(&mut [0; 64])).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
}

/// All who come by the relay have its address. Who sends forged checks by it is past its own budget, not theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_forges_checks_holds_up_nobody_else_who_comes_by_the_relay() {
    let house = house().await;
    let (ada, relay) = wait_outside(&house, "ada").await;
    let (mallory, others) = wait_outside(&house, "mallory").await;
    let media = house.running.udp_addrs()[0];
    let (mut honest, mut forger) = (Caller::udp(&house, &relay).await, Caller::udp(&house, &others).await);
    let (here, there) = (honest.allocate().await.unwrap(), forger.allocate().await.unwrap());
    assert_eq!(here.ip(), there.ip());
    honest.permit(here, media).await.unwrap();
    forger.permit(there, media).await.unwrap();
    let forged = Credentials { password: "guess".to_owned(), ..mallory.answer().ice.clone() };
    let before = house.report().await.transport.stun_over_budget;
    let mut number = 0u32;
    // Until what comes from there is not even looked at any more.
    while house.report().await.transport.stun_over_budget == before {
        for _ in 0..150 {
            number += 1;
            let [a, b, c, d] = number.to_be_bytes();
            let check = binding_request(mallory.ice(), &forged, [a, b, c, d, 1, 1, 1, 1, 1, 1, 1, 1], true);
            forger.send(there, media, &check);
        }
        forger.settle().await;
    }
    honest.send(here, media, &binding_request(ada.ice(), &ada.answer().ice, [9; 12], true));
    let (from, _) = honest.data().await;
    assert_eq!(from, media);
}
