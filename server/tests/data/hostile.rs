//! What no honest client says. Neighbours do not notice, and the server holds no more for it.

use crate::house::House;
use crate::wire::{hear, hears, one, say, send, until};
use bot::{Bot, Channel, Protocol};
use signal::limits::MAX_DATA_MESSAGE;
use signal::{DATA_HEADER, DataKind, DataTo, RELIABLE_CHANNEL};
use std::time::Duration;

fn send_raw(bot: &Bot, stream: u16, protocol: Protocol, message: &[u8]) {
    assert_eq!(bot.data(|data| data.send_raw(stream, protocol, message)), Some(true));
}

/// DCEP's OPEN of a reliable channel without a name (RFC 8832 §5.1).
const OPEN: [u8; 12] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_dropped_and_counted() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let all = [255; 4];
    let too_large = vec![0; DATA_HEADER + MAX_DATA_MESSAGE + 1];
    for bytes in [&[1][..], &all, &[255, 255, 255, 255, 2], &[255, 255, 255, 255, 1, 0xc3], &too_large] {
        send_raw(&ada, RELIABLE_CHANNEL, Protocol::Binary, bytes);
    }
    // A message, were it not a string of the browser's.
    send_raw(&ada, RELIABLE_CHANNEL, Protocol::String, &[127, 127, 127, 127, 1, b'x']);
    send_raw(&ada, RELIABLE_CHANNEL, Protocol::BinaryEmpty, &[0]);
    say(&ada, DataTo::Everybody, "seriously");
    hears(&bob, &[(&ada, "seriously")]).await;
    assert_eq!(house.running.data_counts().malformed, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_oneself_or_to_nobody_is_dropped_and_counted() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    say(&ada, one(&ada), "note to self");
    say(&ada, DataTo::One(signal::ParticipantId(u32::MAX - 1)), "anybody?");
    say(&ada, one(&bob), "hello");
    hears(&bob, &[(&ada, "hello")]).await;
    assert_eq!(house.running.data_counts().unknown, 2);
    assert_eq!(ada.data(|data| data.take(Channel::Reliable)), Some(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sctp_does_not_take_reaches_nobody() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let eve = house.admit_with_data("tea", "Eve").await;
    send_raw(&eve, RELIABLE_CHANNEL, Protocol::Binary, &vec![255; 100_000]);
    until("all of it has left", || eve.data(|data| data.buffered(Channel::Reliable)) == Some(0)).await;
    // What she says in order after it waits for it, with her window; the others go on, and her other channel.
    send(&eve, Channel::Unreliable, DataTo::Everybody, DataKind::Text, b"fine");
    for bot in [&ada, &bob] {
        assert_eq!(
            hear(bot, Channel::Unreliable, 1).await,
            [(eve.participant(), DataKind::Text, b"fine".to_vec())]
        );
    }
    say(&ada, DataTo::Everybody, "what was that?");
    hears(&bob, &[(&ada, "what was that?")]).await;
    hears(&eve, &[(&ada, "what was that?")]).await;
    // What is heard may not be counted yet.
    until("each is counted", || house.running.data_counts().relayed == 4).await;
    assert_eq!(house.running.data_counts().malformed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_channels_are_not_taken() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    for (stream, protocol, message) in [
        (7, Protocol::Dcep, &OPEN[..]),
        (9, Protocol::Binary, &[255, 255, 255, 255, 0, 1]),
        (RELIABLE_CHANNEL, Protocol::Dcep, &OPEN),
    ] {
        let eve = house.admit_with_data("tea", "Eve").await;
        let before = house.report().await.transport.foreign_sctp;
        send_raw(&eve, stream, protocol, message);
        while house.report().await.transport.foreign_sctp == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(eve.stats().is_connected(), "media goes on");
        eve.leave().await.unwrap();
        until("she is gone", || house.running.data_counts().members == 2).await;
    }
    say(&ada, DataTo::Everybody, "where were we?");
    hears(&bob, &[(&ada, "where were we?")]).await;
}
