//! Who was told of the relay at the door gets through it to the media plane, by whatever carries it.

use crate::caller::{Caller, enter, house, house_with, turn_addr, wait_outside};
use crate::house::House;
use bot::{Bot, Options, binding_request};
use rtc::stun::message::{BINDING_SUCCESS, Message};
use std::net::{IpAddr, SocketAddr};

/// Checks connectivity with the media port through the relay, as a participant's browser would, and again and again.
/// The media plane drops a check whose number it has seen from another address, so each caller has numbers of its own.
async fn check_through(house: &House, bot: &Bot, caller: &mut Caller, first: u8) {
    let media = bot.answer().candidates[0];
    let relayed = caller.allocate().await.unwrap();
    // Beside the media port, wherever browsers are told that is.
    assert_eq!(relayed.ip(), house.running.udp_addrs()[0].ip());
    caller.permit(relayed, media).await.unwrap();
    check_again(bot, caller, (relayed, media), first).await;
}

/// Through what is allocated and permitted already.
async fn check_again(bot: &Bot, caller: &mut Caller, (relayed, media): (SocketAddr, SocketAddr), first: u8) {
    for number in first..first + 5 {
        let request = binding_request(bot.ice(), &bot.answer().ice, [number; 12], false);
        caller.send(relayed, media, &request);
        let (from, answer) = caller.data().await;
        assert_eq!(from, media);
        let mut message = Message::new();
        message.unmarshal_binary(&answer).unwrap();
        assert_eq!(message.typ, BINDING_SUCCESS);
        assert_eq!(message.transaction_id.0, [number; 12]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_udp() {
    let house = house().await;
    let (bot, relay) = enter(&house, "ada").await;
    let address = turn_addr(&house);
    assert_eq!(relay.urls, ["udp", "tcp"].map(|way| format!("turn:{address}?transport={way}")));
    let before = (house.counts().await.participants, house.report().await.addresses);
    check_through(&house, &bot, &mut Caller::udp(&house, &relay).await, 100).await;
    // To the media plane the relay is one more address of the participant's.
    assert_eq!((house.counts().await.participants, house.report().await.addresses), (before.0, before.1 + 1));
}

/// As a page does it: nothing came through before, ICE is restarted, and the answer brought credentials.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_of_what_never_connected() {
    let house = house().await;
    let options = Options { media: false, ..Options::participant(&house.url, "tea", 1) };
    let mut bot = Bot::join(options).await.unwrap();
    let first = bot.roster().relays;
    bot.renegotiate(1, true).await.unwrap();
    let relays = bot.roster().relays;
    assert!(relays.len() == 1 && relays[0].username != first[0].username, "{relays:?}");
    check_through(&house, &bot, &mut Caller::udp(&house, &relays[0]).await, 100).await;
    assert_eq!(house.report().await.addresses, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_tcp_cut_anywhere() {
    let house = house().await;
    let (bot, relay) = enter(&house, "ada").await;
    for (first, at_once) in [(100, 1), (110, 3), (120, 7), (130, 4096)] {
        check_through(&house, &bot, &mut Caller::tcp(&house, &relay, at_once).await, first).await;
    }
}

/// What TLS leaves is a stream like this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_a_stream_that_is_handed_over() {
    let house = house().await;
    let (bot, relay) = enter(&house, "ada").await;
    let (ours, theirs) = tokio::io::duplex(64);
    let from: SocketAddr = "192.0.2.1:5000".parse().unwrap();
    let mut caller = Caller::stream(Box::new(ours), from, &house, &relay, 4096);
    let checks = async {
        check_through(&house, &bot, &mut caller, 100).await;
        drop(caller);
    };
    tokio::join!(house.running.serve_turn(theirs, from), checks);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_are_fresh_after_a_resume() {
    let house = house().await;
    let (mut bot, first) = enter(&house, "ada").await;
    bot.lose_signaling().await;
    bot.resume().await.unwrap();
    let second = bot.roster().relays;
    assert_eq!(second[0].urls, first.urls);
    assert_ne!(second[0].username, first.username);
    Caller::udp(&house, &second[0]).await.allocate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_setting_nobody_is_told_of_any() {
    let house = House::open().await;
    let bot = house.admit(Options::participant(&house.url, "tea", 1)).await;
    assert_eq!(bot.roster().relays, []);
    assert_eq!(house.running.turn_addr(), None);
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_ipv6() {
    let sixth: SocketAddr = "[::1]:0".parse().unwrap();
    let house = house_with(|config| (config.udp, config.turn.turn) = (sixth, Some(sixth))).await;
    let (bot, relay) = enter(&house, "ada").await;
    assert_eq!(relay.urls[0], format!("turn:{}?transport=udp", turn_addr(&house)));
    assert!(bot.answer().candidates[0].is_ipv6());
    check_through(&house, &bot, &mut Caller::udp(&house, &relay).await, 100).await;
    check_through(&house, &bot, &mut Caller::tcp(&house, &relay, 4096).await, 110).await;
}

/// One socket for both kinds of addresses, as a server on all of them has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_a_media_port_of_both_kinds() {
    for (address, turn) in [("127.0.0.1", "127.0.0.1:0"), ("::1", "[::1]:0")] {
        let house = house_with(|config| {
            config.udp = "[::]:0".parse().unwrap();
            config.public_address = vec![ip(address)];
            config.turn.turn = Some(turn.parse().unwrap());
        })
        .await;
        let (bot, relay) = enter(&house, "ada").await;
        let mut caller = Caller::udp(&house, &relay).await;
        let (relayed, media) = (caller.allocate().await.unwrap(), bot.answer().candidates[0]);
        assert_eq!((relayed.ip(), media.ip()), (ip(address), ip(address)));
        caller.permit(relayed, media).await.unwrap();
        check_again(&bot, &mut caller, (relayed, media), 100).await;
    }
}

/// Browsers know the media port by an address that is not this machine's, and hear it speak from there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_one_to_one_nat() {
    let house = house_with(|config| config.public_address = vec![ip("203.0.113.7")]).await;
    let (bot, relay) = wait_outside(&house, "ada").await;
    assert!(relay.urls[0].starts_with("turn:203.0.113.7:"), "{relay:?}");
    assert_eq!(bot.answer().candidates[0].ip(), ip("203.0.113.7"));
    let mut caller = Caller::udp(&house, &relay).await;
    check_through(&house, &bot, &mut caller, 100).await;
    // Nobody was told of its own.
    let mut other = Caller::udp(&house, &relay).await;
    let relayed = other.allocate().await.unwrap();
    let refused = other.permit(relayed, house.running.udp_addrs()[0]).await.unwrap_err();
    assert!(refused.contains("403"), "{refused}");
}

/// A line that gets another address now and then. Who came before goes on by the old one, which leads to the same place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_an_address_that_a_stun_server_sees_later() {
    let house = house().await;
    let (ada, relay) = wait_outside(&house, "ada").await;
    let mut early = Caller::udp(&house, &relay).await;
    let before = ada.answer().candidates[0];
    let relayed = early.allocate().await.unwrap();
    early.permit(relayed, before).await.unwrap();
    house.running.seen_at(ip("203.0.113.10")).await;
    let (bo, relay) = wait_outside(&house, "bo").await;
    assert!(relay.urls[0].starts_with("turn:203.0.113.10:"), "{relay:?}");
    assert_eq!(bo.answer().candidates[0].ip(), ip("203.0.113.10"));
    check_through(&house, &bo, &mut Caller::udp(&house, &relay).await, 100).await;
    check_again(&ada, &mut early, (relayed, before), 110).await;
}
