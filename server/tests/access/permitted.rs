//! Clients that do what they may not, with everything that they have: media, messages, data channels.

use crate::door::invitation;
use crate::house::House;
use bot::{Bot, Channel, Options};
use serde_json::{Value, json};
use signal::{ClientMessage, DataKind, DataOut, DataTo, ErrorCode, PublishTrack, Source};
use std::collections::BTreeSet;

impl House {
    async fn with_permissions(&self, options: Options, permissions: &Value) -> Bot {
        let token = invitation(&json!({ "room": "tea", "permissions": permissions }));
        self.admit(options.with_token(&token)).await
    }
}

fn sources(stats: &bot::Stats) -> BTreeSet<u32> {
    stats.received.values().filter(|slot| slot.packets > 0).map(|slot| slot.source).collect()
}

/// It sends all the same, as fast as it may, and asks for its tracks to be published once more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_forwarded_of_whoever_may_not_publish() {
    let house = House::closed().await;
    let watcher = house.with_permissions(Options::participant(&house.url, "tea", 4), &json!({})).await;
    let publisher = house.with_permissions(Options::publisher(&house.url, "tea"), &json!({})).await;
    let mallory =
        house.with_permissions(Options::publisher(&house.url, "tea"), &json!({ "publish": false })).await;
    for (mid, source) in [("0", Source::Microphone), ("1", Source::Camera)] {
        let track = PublishTrack { mid: mid.into(), source, muted: false };
        mallory.say(ClientMessage::Publish { track }).await;
    }
    mallory.until("refused twice", |_, roster| roster.errors.len() == 2).await.unwrap();
    assert!(mallory.roster().errors.iter().all(|error| error.code == ErrorCode::NotAllowed));
    let sent = mallory.stats().sent.audio;
    mallory.until("it goes on sending", |stats, _| stats.sent.audio > sent + 50).await.unwrap();
    watcher.receives(200).await.unwrap();
    let theirs = BTreeSet::from([publisher.sends().audio, publisher.sends().video]);
    watcher
        .until("it hears and sees the publisher", |stats, _| theirs.is_subset(&sources(stats)))
        .await
        .unwrap();
    assert_eq!(house.report().await.peers, 3);
    assert_eq!(sources(&watcher.stats()), theirs);
    assert!(!watcher.roster().speakers.contains(&mallory.participant()), "nor is it heard to speak");
    assert_eq!(watcher.roster().participants[&mallory.participant()].publications, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_to_whoever_may_not_subscribe() {
    let house = House::closed().await;
    let publisher = house.with_permissions(Options::publisher(&house.url, "tea"), &json!({})).await;
    let mallory =
        house.with_permissions(Options::subscriber(&house.url, "tea"), &json!({ "subscribe": false })).await;
    let watcher = house.with_permissions(Options::subscriber(&house.url, "tea"), &json!({})).await;
    let publications = mallory.roster().participants[&publisher.participant()].publications.clone();
    let publications = publications.iter().map(|publication| publication.id).collect();
    mallory.say(ClientMessage::Prefer { publications }).await;
    watcher.receives(300).await.unwrap();
    assert_eq!((sources(&mallory.stats()), mallory.roster().slots.len()), (BTreeSet::new(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_of_what_somebody_says_who_may_not() {
    let house = House::closed().await;
    let listener =
        house.with_permissions(Options::subscriber(&house.url, "tea").with_data(), &json!({})).await;
    let options = Options::subscriber(&house.url, "tea").with_data();
    let mallory = house.with_permissions(options, &json!({ "data": false })).await;
    for bot in [&listener, &mallory] {
        bot.until("its channels open", |_, _| bot.data(|data| data.is_open()) == Some(true)).await.unwrap();
    }
    let frame = DataOut { to: DataTo::Everybody, kind: DataKind::Text, payload: b"Buy now" }.write().unwrap();
    for channel in [Channel::Reliable, Channel::Unreliable] {
        assert_eq!(mallory.data(|data| data.send(channel, &frame)), Some(true));
    }
    mallory.until("both dropped", |_, _| house.running.data_counts().forbidden == 2).await.unwrap();
    mallory.say(ClientMessage::Chat { text: "Buy now".to_owned() }).await;
    mallory.until("refused", |_, roster| roster.errors.len() == 1).await.unwrap();
    assert_eq!(mallory.roster().errors[0].code, ErrorCode::NotAllowed);
    // It hears what others say.
    assert_eq!(listener.data(|data| data.send(Channel::Reliable, &frame)), Some(true));
    mallory
        .until("it hears", |_, _| mallory.data(|data| data.take(Channel::Reliable).len()) == Some(1))
        .await
        .unwrap();
    assert_eq!(listener.data(|data| data.take(Channel::Reliable)), Some(Vec::new()));
    assert!(listener.roster().chat.is_empty());
}
