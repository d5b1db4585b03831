//! Who hears what.

use crate::house::House;
use crate::wire::{BOTH, hear, hears, one, say, send, until};
use bot::{Bot, Channel, Options};
use signal::limits::MAX_DATA_MESSAGE;
use signal::{DataKind, DataTo, ParticipantId};
use std::num::NonZeroUsize;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_all_reaches_all_others() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let eve = house.admit_with_data("tea", "Eve").await;
    say(&ada, DataTo::Everybody, "good morning");
    say(&bob, DataTo::Everybody, "and to you");
    hears(&bob, &[(&ada, "good morning")]).await;
    hears(&ada, &[(&bob, "and to you")]).await;
    let heard = hear(&eve, Channel::Reliable, 2).await;
    assert_eq!(heard.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_one_reaches_that_one_alone() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let eve = house.admit_with_data("tea", "Eve").await;
    say(&ada, one(&bob), "a secret");
    // It is behind the secret, had that gone to her.
    say(&ada, one(&eve), "none");
    hears(&bob, &[(&ada, "a secret")]).await;
    hears(&eve, &[(&ada, "none")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_and_bytes_arrive_as_what_they_are_over_both_channels() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let largest: Vec<u8> = (0..MAX_DATA_MESSAGE).map(|k| k.to_le_bytes()[0]).collect();
    for channel in BOTH {
        for (kind, payload) in [
            (DataKind::Text, "마당 🦦".as_bytes()),
            (DataKind::Binary, &[0xff, 0]),
            (DataKind::Text, &[]),
            (DataKind::Binary, &[]),
            (DataKind::Binary, &largest),
        ] {
            send(&ada, channel, one(&bob), kind, payload);
            assert_eq!(hear(&bob, channel, 1).await, [(ada.participant(), kind, payload.to_vec())]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_leaves_its_room() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let spy = house.admit_with_data("coffee", "Spy").await;
    let friend = house.admit_with_data("coffee", "Friend").await;
    say(&ada, DataTo::Everybody, "among us");
    say(&ada, one(&spy), "to nobody here");
    say(&ada, one(&bob), "the end");
    hears(&bob, &[(&ada, "among us"), (&ada, "the end")]).await;
    // All that was for the spy has passed the server.
    say(&friend, DataTo::Everybody, "quiet today");
    hears(&spy, &[(&friend, "quiet today")]).await;
    assert_eq!(house.running.data_counts().unknown, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_did_not_ask_is_told_nothing_and_may_ask_later() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let mut bob = house.admit(Options::subscriber(&house.url, "tea").named("Bob")).await;
    say(&ada, DataTo::Everybody, "hello?");
    say(&ada, one(&bob), "hello?");
    until("both have passed", || house.running.data_counts().unknown == 1).await;
    bob.ask_for_data();
    bob.renegotiate(2, false).await.unwrap();
    house.opens(&bob, 2).await;
    say(&ada, DataTo::Everybody, "there you are");
    hears(&bob, &[(&ada, "there you are")]).await;
    say(&bob, one(&ada), "here I am");
    hears(&ada, &[(&bob, "here I am")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ice_restart_interrupts_nothing() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let mut bob = house.admit_with_data("tea", "Bob").await;
    bob.renegotiate(2, true).await.unwrap();
    say(&ada, DataTo::Everybody, "still there?");
    hears(&bob, &[(&ada, "still there?")]).await;
    say(&bob, DataTo::Everybody, "still");
    hears(&ada, &[(&bob, "still")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_on_several_workers_is_one_room() {
    let house = House::with(|config| {
        (config.workers, config.span_at) = (NonZeroUsize::new(2).unwrap(), 1);
    })
    .await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let eve = house.admit_with_data("tea", "Eve").await;
    let port = |bot: &Bot| bot.answer().candidates[0].port();
    assert!([&bob, &eve].iter().any(|bot| port(bot) != port(&ada)), "it spans both");
    say(&ada, DataTo::Everybody, "all here?");
    hears(&bob, &[(&ada, "all here?")]).await;
    hears(&eve, &[(&ada, "all here?")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_sent_nothing_any_more() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let ParticipantId(bob_was) = bob.participant();
    bob.leave().await.unwrap();
    until("one is left", || house.running.data_counts().members == 1).await;
    say(&ada, DataTo::One(ParticipantId(bob_was)), "goodbye");
    until("it was for nobody", || house.running.data_counts().unknown == 1).await;
    assert_eq!(house.counts().await.participants, 1);
    assert_eq!(ada.data(|data| data.is_lost()), Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_one_channel_closes_both() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    bob.data(|data| data.close(Channel::Unreliable)).unwrap();
    until("Bob's are closed", || house.running.data_counts().members == 1).await;
    say(&ada, one(&bob), "are you there?");
    until("it was for nobody", || house.running.data_counts().unknown == 1).await;
    assert!(bob.stats().is_connected(), "media goes on");
}
