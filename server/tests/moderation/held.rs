//! What is held of somebody who goes on sending it, unmutes it, and publishes it anew.

use crate::house::House;
use bot::{Bot, Options};
use signal::{ClientMessage, ErrorCode, Hold, Mid, ModerateAct, ParticipantId, PublishTrack, Source};
use std::num::NonZeroUsize;

impl House {
    /// The first of a room, who moderates it and sends nothing.
    pub async fn moderator(&self) -> Bot {
        let seats = Options { seats: 4, ..Options::subscriber(&self.url, "tea") };
        let ada = self.admit(seats).await;
        let id = ada.participant();
        ada.until("it moderates", |_, roster| roster.moderation.moderators == [id]).await.unwrap();
        ada
    }

    /// Waits until the media plane has dropped some more of what is held.
    async fn drops_what_is_held(&self) {
        let before = self.report().await.forward.held;
        let looks = tokio::time::timeout(std::time::Duration::from_secs(30), async {
            while self.report().await.forward.held < before + 50 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        });
        assert!(looks.await.is_ok(), "nothing is held");
    }
}

pub async fn decide(moderator: &Bot, act: ModerateAct) {
    moderator.say(ClientMessage::Moderate { act }).await;
}

async fn hold(moderator: &Bot, participant: ParticipantId, what: Hold, on: bool) {
    let before = moderator.roster().moderation.held.len();
    decide(moderator, ModerateAct::Hold { participant, what, on }).await;
    moderator.until("it is held or not", |_, roster| roster.moderation.held.len() != before).await.unwrap();
}

/// How many packets of what somebody sends under this SSRC have come.
fn packets_of(bot: &Bot, ssrc: u32) -> u64 {
    bot.stats().received.values().filter(|slot| slot.source == ssrc).map(|slot| slot.packets).sum()
}

async fn hears(bot: &Bot, ssrc: u32) {
    let before = packets_of(bot, ssrc);
    bot.until("it is heard", |_, _| packets_of(bot, ssrc) > before + 50).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_comes_of_what_is_held_until_it_is_let_go_and_switched_on() {
    let house = House::open().await;
    let ada = house.moderator().await;
    let mallory = house.admit(Options::publisher(&house.url, "tea")).await;
    ada.receives(100).await.unwrap();
    for what in [Hold::Sound, Hold::Camera] {
        hold(&ada, mallory.participant(), what, true).await;
    }
    for mid in ["0", "1"] {
        mallory.say(ClientMessage::SetMuted { mid: mid.into(), muted: false }).await;
    }
    mallory.until("refused twice", |_, roster| roster.errors.len() == 2).await.unwrap();
    // Taken back and published anew, the microphone as the sound of a screen.
    for (mid, source) in [("0", Source::ScreenAudio), ("1", Source::Camera)] {
        mallory.say(ClientMessage::Unpublish { mid: mid.into() }).await;
        let track = PublishTrack { mid: mid.into(), source, muted: false };
        mallory.say(ClientMessage::Publish { track }).await;
    }
    let id = mallory.participant();
    let is_muted = |roster: &bot::Roster| {
        let all = &roster.participants[&id].publications;
        all.iter().any(|held| held.source == Source::ScreenAudio) && all.iter().all(|held| held.muted)
    };
    ada.until("published anew, and muted", |_, roster| is_muted(roster)).await.unwrap();
    house.drops_what_is_held().await;
    let before = ada.stats().packets();
    house.drops_what_is_held().await;
    assert_eq!((ada.stats().packets(), ada.roster().slots.len()), (before, 0));
    assert!(mallory.roster().errors.iter().all(|error| error.code == ErrorCode::NotAllowed));
    // Let go, it stays muted until its owner says otherwise.
    hold(&ada, id, Hold::Sound, false).await;
    ada.until("still muted", |_, roster| is_muted(roster)).await.unwrap();
    mallory.say(ClientMessage::SetMuted { mid: "0".into(), muted: false }).await;
    hears(&ada, mallory.sends().audio).await;
}

/// One is heard at a time. Mallory spoke first, and would keep the place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_held_takes_nobodys_place_among_the_loudest() {
    let house = House::with(|config| config.max_audible = 1).await;
    is_silenced_for_bob(&house).await;
}

/// Each worker decides alone who is heard there, and knows alike who is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_in_a_room_that_spans_two_workers() {
    let house = House::with(|config| {
        config.max_audible = 1;
        config.workers = NonZeroUsize::new(2).unwrap();
        config.span_at = 1;
    })
    .await;
    is_silenced_for_bob(&house).await;
}

async fn is_silenced_for_bob(house: &House) {
    let ada = house.moderator().await;
    let sound = || Options { video: None, ..Options::publisher(&house.url, "tea") };
    let mallory = house.admit(sound()).await;
    let id = mallory.participant();
    ada.until("mallory speaks", |_, roster| roster.speakers == [id]).await.unwrap();
    hears(&ada, mallory.sends().audio).await;
    hold(&ada, id, Hold::Sound, true).await;
    house.drops_what_is_held().await;
    // It has spoken for a while already: it would keep the place.
    let bob = house.admit(sound()).await;
    let eve = house.admit(Options { seats: 4, ..Options::subscriber(&house.url, "tea") }).await;
    for bot in [&ada, &eve] {
        hears(bot, bob.sends().audio).await;
        bot.until("bob speaks", |_, roster| roster.speakers == [bob.participant()]).await.unwrap();
    }
    // Nothing is published there any more, and it is sent all the same.
    mallory.say(ClientMessage::Unpublish { mid: Mid::from("0") }).await;
    ada.until("taken back", |_, roster| roster.participants[&id].publications.is_empty()).await.unwrap();
    for bot in [&ada, &eve] {
        hears(bot, bob.sends().audio).await;
        assert!(!bot.roster().speakers.contains(&id));
        bot.until("bob alone speaks", |_, roster| roster.speakers == [bob.participant()]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_holds_anything_who_does_not_moderate() {
    let house = House::open().await;
    let ada = house.moderator().await;
    let bob = house.admit(Options::publisher(&house.url, "tea")).await;
    let mallory = house.admit(Options::subscriber(&house.url, "tea")).await;
    let participant = bob.participant();
    for act in [
        ModerateAct::Hold { participant, what: Hold::Camera, on: true },
        ModerateAct::Remove { participant },
        ModerateAct::End {},
    ] {
        decide(&mallory, act).await;
    }
    mallory.until("refused", |_, roster| roster.errors.len() == 3).await.unwrap();
    assert!(mallory.roster().errors.iter().all(|error| error.code == ErrorCode::NotAllowed));
    ada.receives(100).await.unwrap();
    assert_eq!(ada.roster().participants.len(), 3);
}
