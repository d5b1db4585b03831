//! What is said over the WebSocket.

use crate::house::House;
use crate::neighbours::Neighbours;
use bot::signaling::{Signaling, SignalingError};
use bot::{Bot, Credentials, OfferSpec, Options, SendSsrcs, write_offer};
use signal::limits::{MAX_CHAT, MAX_CHAT_BURST, MAX_CLIENT_MESSAGE};
use signal::{ClientMessage, ErrorCode, PROTOCOL_VERSION, PublishTrack, Sdp, ServerMessage, Source};

pub fn join(room: &str, sdp: String) -> ClientMessage {
    ClientMessage::Join {
        version: PROTOCOL_VERSION,
        room: room.to_owned(),
        name: "mallory".to_owned(),
        offer: Sdp(sdp),
        publish: Vec::new(),
        mode: None,
        direct: false,
        token: None,
        password: None,
        returning: None,
    }
}

pub fn good_offer() -> String {
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

/// The next thing said is this error, but for who moderates.
pub async fn is_told(socket: &mut Signaling, expected: ErrorCode) {
    loop {
        match socket.listener.next().await {
            Ok(ServerMessage::Error(error)) => return assert_eq!(error.code, expected, "{error:?}"),
            // Whoever comes first moderates, and is told so.
            Ok(ServerMessage::Moderation(_)) => {}
            other => panic!("{expected:?} expected, not {other:?}"),
        }
    }
}

/// The socket is closed, and nothing else is said before. A socket closed with unread bytes in it is reset.
async fn is_closed(socket: &mut Signaling) {
    match socket.listener.next().await {
        Err(SignalingError::Closed | SignalingError::Socket(_)) => {}
        other => panic!("closed expected, not {other:?}"),
    }
}

/// The socket is as good as new.
pub async fn may_join(socket: &mut Signaling) {
    socket.speaker.say(&join("fresh", good_offer())).await.unwrap();
    let answer = socket.listener.next().await;
    assert!(matches!(answer, Ok(ServerMessage::Joined { .. })), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_is_answered_and_the_socket_stays_open() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    for (text, code) in [
        ("not json", ErrorCode::Malformed),
        ("", ErrorCode::Malformed),
        ("[[[[[[", ErrorCode::Malformed),
        ("{}", ErrorCode::Malformed),
        (r#"{"type":"dance"}"#, ErrorCode::UnknownMessage),
        (r#"{"type":"ping","nonce":-1}"#, ErrorCode::Malformed),
        (r#"{"type":"ping","nonce":1,"x":1}"#, ErrorCode::UnknownField),
        (r#"{"type":"unpublish","mid":"1"}"#, ErrorCode::NotJoined),
        (r#"{"type":"chat","text":"Hello"}"#, ErrorCode::NotJoined),
        (r#"{"type":"react","reaction":"clap"}"#, ErrorCode::NotJoined),
        (r#"{"type":"raise_hand","raised":true}"#, ErrorCode::NotJoined),
        (r#"{"type":"chat"}"#, ErrorCode::Malformed),
        (r#"{"type":"raise_hand","raised":1}"#, ErrorCode::Malformed),
    ] {
        socket.speaker.say_text(text).await.unwrap();
        is_told(&mut socket, code).await;
    }
    let deep = "[".repeat(100_000);
    socket.speaker.say_text(&deep).await.unwrap();
    is_told(&mut socket, ErrorCode::Malformed).await;
    socket.speaker.say_bytes(vec![0xff; 1000]).await.unwrap();
    is_told(&mut socket, ErrorCode::Malformed).await;
    socket.speaker.say_compressed(&[0xc3, 0x28]).await.unwrap();
    is_told(&mut socket, ErrorCode::Malformed).await;
    may_join(&mut socket).await;
    neighbours.are_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_version_is_refused() {
    let house = House::open().await;
    for version in [0, 2, 65_535] {
        let mut socket = Signaling::connect(&house.url).await.unwrap();
        let text = format!(
            r#"{{"type":"join","version":{version},"room":"tea","name":"x","offer":"","publish":[]}}"#
        );
        socket.speaker.say_text(&text).await.unwrap();
        is_told(&mut socket, ErrorCode::UnsupportedVersion).await;
        is_closed(&mut socket).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_too_large_by_one_byte_is_refused_in_words() {
    let house = House::open().await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    socket.speaker.say_text(&" ".repeat(MAX_CLIENT_MESSAGE + 1)).await.unwrap();
    is_told(&mut socket, ErrorCode::MessageTooLarge).await;
    is_closed(&mut socket).await;
}

/// The server stops reading at the limit, so the rest may meet a closed socket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_megabytes_are_not_read() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    for _ in 0..3 {
        let mut socket = Signaling::connect(&house.url).await.unwrap();
        let _ = socket.speaker.say_text(&"x".repeat(10 << 20)).await;
        match socket.listener.next().await {
            Ok(ServerMessage::Error(error)) => assert_eq!(error.code, ErrorCode::MessageTooLarge),
            Err(SignalingError::Closed | SignalingError::Socket(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    neighbours.are_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deflate_bomb_is_not_inflated() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    socket.speaker.say_compressed(&vec![b' '; 64 << 20]).await.unwrap();
    is_told(&mut socket, ErrorCode::MessageTooLarge).await;
    is_closed(&mut socket).await;
    neighbours.are_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_messages_is_cut_off() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let Signaling { mut speaker, mut listener } = Signaling::connect(&house.url).await.unwrap();
    let flood = tokio::spawn(async move {
        for _ in 0..100_000 {
            if speaker.feed_text(r#"{"type":"ping","nonce":1}"#).await.is_err() {
                return;
            }
        }
    });
    let (mut pongs, mut told) = (0, false);
    loop {
        match listener.next().await {
            Ok(ServerMessage::Pong { .. }) => pongs += 1,
            Ok(ServerMessage::Error(error)) => {
                assert_eq!(error.code, ErrorCode::TooManyMessages);
                told = true;
            }
            Ok(other) => panic!("{other:?}"),
            // Closed with the flood still in it, the socket is reset, and what was said last may be lost.
            Err(_) => break,
        }
    }
    flood.await.unwrap();
    assert!(pongs < 10_000, "{pongs} were answered");
    assert!(told || pongs > 0);
    neighbours.are_unharmed().await;
    assert_eq!(house.counts().await.connections, 2, "the flood's is forgotten");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_at_the_wrong_time_is_refused() {
    let house = House::open().await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    let track = PublishTrack { mid: "1".into(), source: Source::Camera, muted: false };
    socket.speaker.say(&ClientMessage::Publish { track: track.clone() }).await.unwrap();
    is_told(&mut socket, ErrorCode::NotJoined).await;
    may_join(&mut socket).await;
    socket.speaker.say(&join("elsewhere", good_offer())).await.unwrap();
    is_told(&mut socket, ErrorCode::AlreadyJoined).await;
    let missing = PublishTrack { mid: "nowhere".into(), ..track.clone() };
    socket.speaker.say(&ClientMessage::Publish { track: missing }).await.unwrap();
    is_told(&mut socket, ErrorCode::BadTrack).await;
    let slot = PublishTrack { mid: "3".into(), ..track };
    socket.speaker.say(&ClientMessage::Publish { track: slot }).await.unwrap();
    is_told(&mut socket, ErrorCode::BadTrack).await;
    assert_eq!(house.counts().await.rooms, 1);
}

/// Too long, empty, unknown, too often: said in words, and nobody else hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_said_to_others_is_refused() {
    let house = House::open().await;
    let listener =
        Bot::join(Options { media: false, ..Options::subscriber(&house.url, "fresh") }).await.unwrap();
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    may_join(&mut socket).await;
    let chat = |text: &str| ClientMessage::Chat { text: text.to_owned() };
    for text in ["", " \u{0}\n", &"x".repeat(MAX_CHAT + 1), &"x".repeat(MAX_CLIENT_MESSAGE - 100)] {
        socket.speaker.say(&chat(text)).await.unwrap();
        is_told(&mut socket, ErrorCode::BadChat).await;
    }
    socket.speaker.say_text(r#"{"type":"react","reaction":"spit"}"#).await.unwrap();
    is_told(&mut socket, ErrorCode::Malformed).await;
    let most = "x".repeat(MAX_CHAT);
    for _ in 0..MAX_CHAT_BURST {
        socket.speaker.say(&chat(&most)).await.unwrap();
        let told = socket.listener.next().await;
        assert!(matches!(told, Ok(ServerMessage::Chat { .. })), "{told:?}");
    }
    // A second may pass meanwhile on a slow machine, and with it one more may be said.
    let mut refused = None;
    for _ in 0..100 {
        socket.speaker.say(&chat("more")).await.unwrap();
        match socket.listener.next().await {
            Ok(ServerMessage::Chat { .. }) => {}
            Ok(ServerMessage::Error(error)) => {
                refused = Some(error.code);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, Some(ErrorCode::TooMuchChat));
    listener.until("all of it", |_, roster| roster.chat.len() >= MAX_CHAT_BURST as usize).await.unwrap();
    assert!(listener.roster().chat.iter().take(MAX_CHAT_BURST as usize).all(|said| said.text == most));
    socket.speaker.say_text(r#"{"type":"ping","nonce":1}"#).await.unwrap();
    let pong = socket.listener.next().await;
    assert!(matches!(pong, Ok(ServerMessage::Pong { nonce: 1 })), "the socket stays open: {pong:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn room_names_that_are_none_are_refused() {
    let house = House::open().await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    for name in ["", "../", "..", "a/b", "\0", &"x".repeat(10_000), "a\u{202e}b", "<script>"] {
        socket.speaker.say(&join(name, good_offer())).await.unwrap();
        is_told(&mut socket, ErrorCode::BadRoomName).await;
    }
    assert_eq!(house.counts().await.rooms, 0);
    may_join(&mut socket).await;
}

/// A guessed token, a stranger's token, one's own after leaving.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_up_anothers_place() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    for token in ["", "0", &"0".repeat(32), &"f".repeat(100_000)] {
        let participant = neighbours.watcher.participant();
        let token = signal::ResumeToken(token.to_owned());
        let resume = ClientMessage::Resume { version: PROTOCOL_VERSION, participant, token };
        socket.speaker.say(&resume).await.unwrap();
        is_told(&mut socket, ErrorCode::CannotResume).await;
    }
    let mut bot = Bot::join(Options::subscriber(&house.url, "tea")).await.unwrap();
    bot.say(ClientMessage::Leave {}).await;
    bot.until("closed", |_, roster| roster.closed).await.unwrap();
    assert!(bot.resume().await.is_err());
    neighbours.are_unharmed().await;
}
