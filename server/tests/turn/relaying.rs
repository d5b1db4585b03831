//! Who was told of the relay at the door gets through it to the media plane, by whatever carries it.

use crate::caller::{Caller, enter, house, turn_addr};
use crate::house::House;
use bot::{Bot, Options, binding_request};
use rtc::stun::message::{BINDING_SUCCESS, Message};
use std::net::SocketAddr;

/// Checks connectivity with the media port through the relay, as a participant's browser would, and again and again.
/// The media plane drops a check whose number it has seen from another address, so each caller has numbers of its own.
async fn check_through(house: &House, bot: &Bot, caller: &mut Caller, first: u8) {
    let media = house.running.udp_addrs()[0];
    let relayed = caller.allocate().await.unwrap();
    assert_eq!(relayed.ip(), media.ip());
    caller.permit(relayed, media).await.unwrap();
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
