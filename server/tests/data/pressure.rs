//! What is too much: for the server, and for whoever receives it.

use crate::house::House;
use crate::wire::{Heard, hear, hears, one, say, send, until};
use bot::{Bot, Channel};
use signal::limits::{MAX_DATA_BUFFER, MAX_DATA_MESSAGE_RATE};
use signal::{DataKind, DataOut, DataTo};
use std::time::{Duration, Instant};

/// Bytes of a large message.
const LARGE: usize = 16 * 1024;

/// The k-th of many of a length, which tells which it is.
fn numbered(k: u32, len: usize) -> Vec<u8> {
    let mut payload = k.to_be_bytes().to_vec();
    payload.resize(len, k.to_le_bytes()[0]);
    payload
}

fn send_numbered(bot: &Bot, channel: Channel, to: DataTo, k: u32, len: usize) {
    send(bot, channel, to, DataKind::Binary, &numbered(k, len));
}

/// Which of many these are. Each is whole.
fn numbers(heard: &[Heard], len: usize) -> Vec<u32> {
    let number = |payload: &[u8]| u32::from_be_bytes(*payload.first_chunk().unwrap());
    heard
        .iter()
        .map(|(_, _, payload)| {
            assert_eq!(*payload, numbered(number(payload), len));
            number(payload)
        })
        .collect()
}

fn buffered(bot: &Bot) -> usize {
    bot.data(|data| data.buffered(Channel::Reliable)).unwrap()
}

/// Waits until no more leaves a sender. Too early it is no error: what is asserted then holds at any time.
async fn comes_to_rest(bot: &Bot) {
    let (mut last, mut looks) = (0, 0);
    until("the sender is held back", || {
        let now = buffered(bot);
        looks = if now == last { looks + 1 } else { 0 };
        last = now;
        looks > 100
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_megabytes_arrive_whole_and_in_order_by_a_slow_reader() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    bob.data(|data| data.read(false)).unwrap();
    let (count, len) = (2048, 2048);
    (0..count).for_each(|k| send_numbered(&ada, Channel::Reliable, one(&bob), k, len));
    comes_to_rest(&ada).await;
    // Not with the server: it queues 512 messages at most, and has a window on one side and a buffer on the other.
    assert!(buffered(&ada) > 2 << 20, "{} bytes are held back", buffered(&ada));
    bob.data(|data| data.read(true)).unwrap();
    let heard = hear(&bob, Channel::Reliable, count as usize).await;
    assert_eq!(numbers(&heard, len), (0..count).collect::<Vec<_>>());
    until("nothing waits any more", || buffered(&ada) == 0).await;
    assert_eq!(house.running.data_counts().stalled, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_of_unreliable_messages_stalls_nobody() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let eve = house.admit_with_data("tea", "Eve").await;
    bob.data(|data| data.read(false)).unwrap();
    // One after another, so that the path to Eve is never full.
    let count = 40;
    for k in 0..count {
        send_numbered(&ada, Channel::Unreliable, DataTo::Everybody, k, LARGE);
        assert_eq!(numbers(&hear(&eve, Channel::Unreliable, 1).await, LARGE), [k]);
    }
    // Of the last one Bob's may come after Eve's.
    until("each is counted", || {
        let counts = house.running.data_counts();
        counts.relayed + counts.too_slow == 2 * u64::from(count)
    })
    .await;
    let counts = house.running.data_counts();
    assert!(counts.too_slow > 0, "{counts:?}");
    let taken = (counts.relayed - u64::from(count)) * LARGE as u64;
    assert!(taken <= 2 * MAX_DATA_BUFFER as u64, "his window and his buffer: {counts:?}");
    bob.data(|data| data.read(true)).unwrap();
    say(&ada, one(&bob), "good evening");
    hear(&bob, Channel::Reliable, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_takes_nothing_loses_its_channels_and_the_others_go_on() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let eve = house.admit_with_data("tea", "Eve").await;
    let senders = [&ada, &house.admit_with_data("tea", "Cy").await];
    bob.data(|data| data.read(false)).unwrap();
    let count = 30;
    for sender in senders {
        (0..count).for_each(|k| send_numbered(sender, Channel::Reliable, one(&eve), k, LARGE));
        (0..count).for_each(|k| send_numbered(sender, Channel::Reliable, one(&bob), k, LARGE));
        send_numbered(sender, Channel::Reliable, one(&eve), count, LARGE);
    }
    let heard = hear(&eve, Channel::Reliable, 2 * (count as usize + 1)).await;
    for sender in senders {
        let of = heard.iter().filter(|(from, ..)| *from == sender.participant()).cloned();
        assert_eq!(numbers(&of.collect::<Vec<_>>(), LARGE), (0..=count).collect::<Vec<_>>());
    }
    let counts = house.running.data_counts();
    assert_eq!((counts.stalled, counts.members), (1, 3), "{counts:?}");
    assert!(bob.stats().is_connected(), "media goes on");
    // He does not know yet, and is heard no more.
    say(&bob, one(&eve), "where is everybody?");
    until("it is with the server", || buffered(&bob) == 0).await;
    say(&ada, one(&eve), "it is quiet");
    hears(&eve, &[(&ada, "it is quiet")]).await;
    bob.data(|data| data.read(true)).unwrap();
    until("Bob knows", || bob.data(|data| data.is_closed(Channel::Reliable)) == Some(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_unreliable_messages_is_cut_to_the_rate() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let count = 20 * MAX_DATA_MESSAGE_RATE;
    let started = Instant::now();
    for k in 0..count {
        send(&ada, Channel::Unreliable, one(&bob), DataKind::Binary, &k.to_be_bytes());
    }
    until("the flood has passed", || {
        ada.data(|data| data.buffered(Channel::Unreliable)) == Some(0)
            && house.running.data_counts().too_many > 0
    })
    .await;
    let heard = hear(&bob, Channel::Unreliable, 1).await.len() as u64;
    let seconds = started.elapsed().as_secs() + 1;
    let counts = house.running.data_counts();
    // What may be run ahead, and what the time has brought since.
    let most = (1 + seconds) * u64::from(MAX_DATA_MESSAGE_RATE);
    assert!(counts.relayed <= most && heard <= most, "{counts:?}, {seconds} s");
    say(&ada, one(&bob), "sorry");
    hear(&bob, Channel::Reliable, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_reliable_messages_is_held_back_and_arrives() {
    let house = House::open().await;
    let ada = house.admit_with_data("tea", "Ada").await;
    let bob = house.admit_with_data("tea", "Bob").await;
    let count = 3 * MAX_DATA_MESSAGE_RATE;
    let started = Instant::now();
    let frame = |k: u32| {
        DataOut { to: one(&bob), kind: DataKind::Binary, payload: &k.to_be_bytes() }.write().unwrap()
    };
    // All at once, so that what takes time is the server's doing.
    ada.data(|data| (0..count).for_each(|k| assert!(data.send(Channel::Reliable, &frame(k))))).unwrap();
    let heard = hear(&bob, Channel::Reliable, count as usize).await;
    let numbers: Vec<u32> =
        heard.iter().map(|(_, _, payload)| u32::from_be_bytes(*payload.first_chunk().unwrap())).collect();
    assert_eq!(numbers, (0..count).collect::<Vec<_>>());
    // Never sooner than the rate allows, however fast the machine is.
    assert!(started.elapsed() >= Duration::from_secs(2));
}
