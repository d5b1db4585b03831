//! Those who are put out, and try to come back or to go on.

use crate::held::decide;
use crate::house::House;
use bot::http::request;
use bot::{Bot, JoinError, Options, Visitor};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use server::Secret;
use signal::{ClientMessage, ErrorCode, LeaveReason, ModerateAct, ParticipantId};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const TOKEN_SECRET: &str = "what signs the invitations of this house";

/// An invitation to somebody, for a minute.
fn invitation(identity: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({ "room": "tea", "sub": identity, "exp": now + 60 });
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(TOKEN_SECRET.as_bytes()))
        .unwrap()
}

async fn put_out(moderator: &Bot, participant: ParticipantId) {
    decide(moderator, ModerateAct::Remove { participant }).await;
    let gone = (participant, LeaveReason::Removed);
    moderator.until("it is out", |_, roster| roster.left.contains(&gone)).await.unwrap();
}

fn refusal(joined: Result<Bot, JoinError>) -> ErrorCode {
    match joined {
        Err(JoinError::Refused(error)) => error.code,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it is in"),
    }
}

impl House {
    /// Nothing is left but these.
    async fn has_only(&self, peers: usize) {
        let looks = tokio::time::timeout(Duration::from_secs(30), async {
            while self.report().await.peers != peers {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert!(looks.await.is_ok(), "{:#?}", self.report().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_put_out_loses_its_place_its_media_and_its_data_channels() {
    let house = House::open().await;
    let ada = house.moderator().await;
    let mut mallory = house.admit(Options::publisher(&house.url, "tea").with_data()).await;
    mallory
        .until("its channels open, on both sides", |_, _| {
            mallory.data(|data| data.is_open()) == Some(true) && house.running.data_counts().members == 1
        })
        .await
        .unwrap();
    ada.receives(100).await.unwrap();
    put_out(&ada, mallory.participant()).await;
    mallory.until("told, and closed", |_, roster| roster.closed).await.unwrap();
    assert_eq!(
        mallory.roster().errors.iter().map(|error| error.code).collect::<Vec<_>>(),
        [ErrorCode::Removed]
    );
    house.has_only(1).await;
    assert_eq!(house.running.data_counts().members, 0);
    // It goes on sending, and what it sends is nobody's.
    let goes_on = async || {
        let sent = mallory.stats().sent.audio;
        mallory.until("it goes on", |stats, _| stats.sent.audio > sent + 50).await.unwrap();
    };
    // What was on its way to Ada has come by then.
    goes_on().await;
    let before = ada.stats().packets();
    goes_on().await;
    assert_eq!((ada.stats().packets(), ada.roster().slots.len()), (before, 0));
    assert!(
        matches!(mallory.resume().await, Err(JoinError::Refused(error)) if error.code == ErrorCode::CannotResume)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_that_was_put_out_comes_in_by_no_way() {
    let house =
        House::with(|config| config.access.token_secret = Some(Secret::from(TOKEN_SECRET.to_owned()))).await;
    let ada = house.moderator().await;
    let invited = |identity| Options::publisher(&house.url, "tea").with_token(&invitation(identity));
    let (one, other) = (house.admit(invited("mallory")).await, house.admit(invited("mallory")).await);
    let bob = house.admit(invited("bob")).await;
    put_out(&ada, one.participant()).await;
    other.until("its other tab is out", |_, roster| roster.closed).await.unwrap();
    // Another token, to the same.
    assert_eq!(refusal(Bot::join(invited("mallory")).await), ErrorCode::Removed);
    let bearer = format!("Bearer {}", invitation("mallory"));
    let head = [("Content-Type", "application/sdp"), ("Authorization", bearer.as_str())];
    let answer = request(house.running.http_addr(), "POST", "/whip/tea", &head, b"v=0\r\n").await.unwrap();
    assert_eq!(answer.status, 403, "{answer:?}");
    drop(house.admit(invited("eve")).await);
    assert!(!bob.roster().closed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_over_http_is_put_out_too() {
    let house = House::open().await;
    let ada = house.moderator().await;
    let options = Options::publisher(&house.url, "tea");
    let publisher = Visitor::enter(house.running.http_addr(), "/whip/tea?name=Stage", options, &["0", "1"])
        .await
        .unwrap();
    ada.receives(100).await.unwrap();
    let stage = ada.roster().participants.values().find(|info| info.name == "Stage").unwrap().id;
    put_out(&ada, stage).await;
    house.has_only(1).await;
    let again = request(house.running.http_addr(), "DELETE", publisher.location(), &[], b"").await.unwrap();
    assert_eq!(again.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_is_for_everybody() {
    let house = House::open().await;
    let ada = house.moderator().await;
    let mut bob = house.admit(Options::publisher(&house.url, "tea")).await;
    let elsewhere = house.admit(Options::publisher(&house.url, "mint")).await;
    decide(&ada, ModerateAct::End {}).await;
    for bot in [&ada, &bob] {
        bot.until("told, and closed", |_, roster| roster.closed).await.unwrap();
        assert_eq!(bot.roster().errors.last().map(|error| error.code), Some(ErrorCode::RoomEnded));
    }
    house.has_only(1).await;
    assert!(
        matches!(bob.resume().await, Err(JoinError::Refused(error)) if error.code == ErrorCode::CannotResume)
    );
    assert_eq!(house.counts().await.participants, 1);
    // It pings by itself, too.
    let before = elsewhere.roster().pongs;
    elsewhere.say(ClientMessage::Ping { nonce: 1 }).await;
    elsewhere.until("it goes on", |_, roster| roster.pongs > before).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_ends_a_room_and_nobody_else_does_over_http() {
    const KEY: &str = "the key of the house, kept well";
    let house = House::with(|config| config.access.admin_key = Some(Secret::from(KEY.to_owned()))).await;
    let ada = house.moderator().await;
    for (key, status) in [("Bearer guessed, and guessed again", 401), (&format!("Bearer {KEY}"), 204)] {
        assert!(!ada.roster().closed);
        let head = [("Authorization", key)];
        let target = "/api/rooms/tea/end";
        let answer = request(house.running.http_addr(), "POST", target, &head, b"").await.unwrap();
        assert_eq!(answer.status, status, "{answer:?}");
    }
    ada.until("told, and closed", |_, roster| roster.closed).await.unwrap();
    assert_eq!(ada.roster().errors.last().map(|error| error.code), Some(ErrorCode::RoomEnded));
}
