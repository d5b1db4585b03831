//! Locked rooms and waiting rooms, and those who try to get past them.

use crate::held::decide;
use crate::house::House;
use bot::http::request;
use bot::signaling::Signaling;
use bot::{Bot, Credentials, JoinError, OfferSpec, Options, SendSsrcs, keep_lines, write_offer};
use signal::{
    ClientMessage, ErrorCode, ModerateAct, OfferId, PROTOCOL_VERSION, PublishTrack, ResumeToken, Sdp,
    ServerMessage, Source,
};

fn offer() -> String {
    let fingerprint = ["AB"; 32].join(":");
    let sends = SendSsrcs { audio: 1, video: 2, rtx: 3 };
    let ice = Credentials::random();
    write_offer(&OfferSpec {
        ice: &ice,
        fingerprint: &fingerprint,
        sends,
        seats: 1,
        version: 1,
        reports_arrivals: true,
        data: false,
    })
}

fn join(returning: Option<ResumeToken>) -> ClientMessage {
    ClientMessage::Join {
        version: PROTOCOL_VERSION,
        room: "tea".to_owned(),
        name: "mallory".to_owned(),
        offer: Sdp(offer()),
        publish: Vec::new(),
        mode: None,
        direct: false,
        token: None,
        password: None,
        returning,
    }
}

async fn told(socket: &mut Signaling, expected: ErrorCode) {
    match socket.listener.next().await.unwrap() {
        ServerMessage::Error(error) => assert_eq!(error.code, expected),
        other => panic!("{other:?}"),
    }
}

/// Whoever comes by HTTP.
async fn over_http(house: &House, target: &str, mids: &[&str]) -> u16 {
    let head = [("Content-Type", "application/sdp")];
    let offer = keep_lines(&offer(), mids);
    request(house.running.http_addr(), "POST", target, &head, offer.as_bytes()).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_into_a_locked_room_by_any_way() {
    let house = House::open().await;
    let ada = house.moderator().await;
    let mut bob = house.admit(Options::publisher(&house.url, "tea")).await;
    decide(&ada, ModerateAct::Lock { on: true }).await;
    bob.until("it is locked", |_, roster| roster.moderation.locked).await.unwrap();
    assert!(matches!(
        Bot::join(Options::subscriber(&house.url, "tea")).await,
        Err(JoinError::Refused(error)) if error.code == ErrorCode::RoomLocked
    ));
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    // Made up, and that of somebody who is still inside.
    for token in [None, Some(ResumeToken::from_random([7; 16]))] {
        socket.speaker.say(&join(token)).await.unwrap();
        told(&mut socket, ErrorCode::RoomLocked).await;
    }
    assert_eq!(over_http(&house, "/whip/tea", &["0", "1"]).await, 403);
    assert_eq!(over_http(&house, "/whep/tea", &["2", "3"]).await, 403);
    assert_eq!((house.counts().await.participants, house.report().await.peers), (2, 2));
    // Who is inside comes back to its place.
    bob.lose_signaling().await;
    bob.resume().await.unwrap();
    decide(&ada, ModerateAct::Lock { on: false }).await;
    bob.until("it is open again", |_, roster| !roster.moderation.locked).await.unwrap();
    drop(house.admit(Options::subscriber(&house.url, "tea")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_has_no_part_in_the_room_until_it_is_let_in() {
    let house = House::open().await;
    let ada = house.moderator().await;
    let bob = house.admit(Options::publisher(&house.url, "tea")).await;
    decide(&ada, ModerateAct::WaitingRoom { on: true }).await;
    bob.until("it is on", |_, roster| roster.moderation.waiting_room).await.unwrap();
    let mut mallory = Signaling::connect(&house.url).await.unwrap();
    mallory.speaker.say(&join(None)).await.unwrap();
    assert_eq!(mallory.listener.next().await.unwrap(), ServerMessage::Waiting {});
    ada.until("told of it", |_, roster| roster.moderation.waiting.len() == 1).await.unwrap();
    assert!(bob.roster().moderation.waiting.is_empty());
    let participant = ada.roster().moderation.waiting[0].participant;
    // All that it might try.
    let track = PublishTrack { mid: "0".into(), source: Source::Microphone, muted: false };
    for (message, code) in [
        (ClientMessage::Offer { id: OfferId(1), sdp: Sdp(offer()) }, ErrorCode::NotJoined),
        (ClientMessage::Publish { track }, ErrorCode::NotJoined),
        (ClientMessage::Chat { text: "Hello".to_owned() }, ErrorCode::NotJoined),
        (ClientMessage::Moderate { act: ModerateAct::Admit { participant } }, ErrorCode::NotJoined),
        (join(None), ErrorCode::AlreadyJoined),
    ] {
        mallory.speaker.say(&message).await.unwrap();
        told(&mut mallory, code).await;
    }
    assert_eq!(over_http(&house, "/whep/tea", &["2", "3"]).await, 403);
    let counts = house.counts().await;
    assert_eq!((counts.participants, counts.joining, counts.waiting), (2, 0, 1));
    assert_eq!(house.report().await.peers, 2, "no peer is made");
    assert_eq!(ada.roster().participants.len(), 2);
    decide(&ada, ModerateAct::Admit { participant }).await;
    match mallory.listener.next().await.unwrap() {
        ServerMessage::Joined { participant: joined, .. } => assert_eq!(joined, participant),
        other => panic!("{other:?}"),
    }
    ada.until("in", |_, roster| roster.participants.contains_key(&participant)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_denied_is_told_so_and_its_socket_is_closed() {
    let house = House::open().await;
    let ada = house.moderator().await;
    decide(&ada, ModerateAct::WaitingRoom { on: true }).await;
    ada.until("it is on", |_, roster| roster.moderation.waiting_room).await.unwrap();
    let mut mallory = Signaling::connect(&house.url).await.unwrap();
    mallory.speaker.say(&join(None)).await.unwrap();
    assert_eq!(mallory.listener.next().await.unwrap(), ServerMessage::Waiting {});
    ada.until("told of it", |_, roster| roster.moderation.waiting.len() == 1).await.unwrap();
    let participant = ada.roster().moderation.waiting[0].participant;
    decide(&ada, ModerateAct::Deny { participant }).await;
    told(&mut mallory, ErrorCode::Denied).await;
    assert!(mallory.listener.next().await.is_err(), "closed");
}
