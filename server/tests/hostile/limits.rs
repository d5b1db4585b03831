//! Past each limit that the operator sets: an error in words, which is counted; and of media, what is too much gets
//! nowhere.

use crate::house::House;
use crate::signaling::{good_offer, is_told, join};
use bot::http::request;
use bot::signaling::Signaling;
use bot::{Bot, JoinError, Options};
use signal::{ClientMessage, ErrorCode, Mid, PublishTrack, ServerMessage, Source};

async fn figure(house: &House, name: &str) -> u64 {
    let page = request(house.running.http_addr(), "GET", "/metrics", &[], b"").await.unwrap().body;
    let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(0, |value| value.parse().unwrap())
}

async fn counted(house: &House, code: &str) -> u64 {
    figure(house, &format!("madang_errors_total{{code=\"{code}\"}}")).await
}

/// Why somebody does not come in.
async fn refusal(house: &House, room: &str) -> Option<ErrorCode> {
    let options = Options { media: false, ..Options::subscriber(&house.url, room) };
    match Bot::join(options).await {
        Ok(_) => None,
        Err(JoinError::Refused(error)) => Some(error.code),
        Err(error) => panic!("{error}"),
    }
}

async fn inside(house: &House, room: &str) -> Signaling {
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    socket.speaker.say(&join(room, good_offer())).await.unwrap();
    let answer = socket.listener.next().await;
    assert!(matches!(answer, Ok(ServerMessage::Joined { .. })), "{answer:?}");
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_room_too_many() {
    let house = House::with(|config| config.limits.max_rooms = 1).await;
    let _ada = inside(&house, "tea").await;
    let path = "/api/rooms/coffee";
    let status = request(house.running.http_addr(), "GET", path, &[], b"").await.unwrap().body;
    assert!(status.contains(r#""overloaded":true"#), "{status}");
    assert_eq!(refusal(&house, "coffee").await, Some(ErrorCode::TooManyRooms));
    assert_eq!(refusal(&house, "tea").await, None);
    assert_eq!(counted(&house, "too_many_rooms").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_too_many() {
    let house = House::with(|config| config.limits.max_participants_total = 2).await;
    let _people = [inside(&house, "tea").await, inside(&house, "coffee").await];
    for room in ["tea", "milk"] {
        assert_eq!(refusal(&house, room).await, Some(ErrorCode::ServerFull));
    }
    assert_eq!(counted(&house, "server_full").await, 2);
    let head = [("Content-Type", "application/sdp")];
    let offer = good_offer();
    let addr = house.running.http_addr();
    let answer = request(addr, "POST", "/whep/tea", &head, offer.as_bytes()).await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("10")));
    assert!(answer.body.contains("server_full"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_track_too_many() {
    let house = House::with(|config| config.limits.max_publications = 1).await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    let track = |mid: &str, source| PublishTrack { mid: Mid::from(mid), source, muted: false };
    let mut message = join("tea", good_offer());
    let ClientMessage::Join { publish, .. } = &mut message else { unreachable!() };
    *publish = vec![track(bot::AUDIO_MID, Source::Microphone), track(bot::VIDEO_MID, Source::Camera)];
    socket.speaker.say(&message).await.unwrap();
    is_told(&mut socket, ErrorCode::TooManyPublications).await;
    assert_eq!(counted(&house, "too_many_publications").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_too_large_and_messages_too_fast() {
    let house = House::with(|config| {
        config.limits.max_message_size = 40_000;
        config.limits.max_message_rate = 10;
    })
    .await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    socket.speaker.say_text(&" ".repeat(40_000)).await.unwrap();
    is_told(&mut socket, ErrorCode::Malformed).await;
    socket.speaker.say_text(&" ".repeat(40_001)).await.unwrap();
    is_told(&mut socket, ErrorCode::MessageTooLarge).await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    for _ in 0..1000 {
        if socket.speaker.feed_text(r#"{"type":"ping","nonce":1}"#).await.is_err() {
            break;
        }
    }
    // So that all of it is on its way.
    let _ = socket.speaker.say_text(r#"{"type":"ping","nonce":1}"#).await;
    // Closed with the flood still in it, the socket is reset, and what was said last may be lost.
    while let Ok(message) = socket.listener.next().await {
        match message {
            ServerMessage::Pong { .. } => {}
            ServerMessage::Error(error) => assert_eq!(error.code, ErrorCode::TooManyMessages),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(counted(&house, "message_too_large").await, 1);
    assert_eq!(counted(&house, "too_many_messages").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_too_long_and_too_many_of_them() {
    let house = House::with(|config| {
        config.limits.max_chat_length = 5;
        config.limits.max_chat_rate = 1;
    })
    .await;
    let mut socket = inside(&house, "tea").await;
    let write = |text: &str| ClientMessage::Chat { text: text.to_owned() };
    socket.speaker.say(&write("longer")).await.unwrap();
    is_told(&mut socket, ErrorCode::BadChat).await;
    for _ in 0..11 {
        socket.speaker.say(&write("short")).await.unwrap();
    }
    for _ in 0..10 {
        let said = socket.listener.next().await;
        assert!(matches!(said, Ok(ServerMessage::Chat { .. })), "{said:?}");
    }
    is_told(&mut socket, ErrorCode::TooMuchChat).await;
    assert_eq!((counted(&house, "bad_chat").await, counted(&house, "too_much_chat").await), (1, 1));
}

/// A camera of 1.9 Mbit/s where half a megabit is allowed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_is_too_much() {
    let house = House::with(|config| config.limits.max_bitrate = 500).await;
    let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
    let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
    let dropped = "madang_packets_dropped_total{cause=\"over_bitrate\"}";
    let patience = tokio::time::timeout(std::time::Duration::from_mins(1), async {
        while figure(&house, dropped).await < 500 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    assert!(patience.await.is_ok(), "{:?}", publisher.stats());
    watcher.receives(50).await.unwrap();
}
