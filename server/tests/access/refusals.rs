//! One answer to whoever is not let in, whatever was wrong: nobody learns which rooms there are.

use crate::door::{PASSWORD, invitation, join, now, offer, settings, signed};
use crate::house::House;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bot::{Bot, Options};
use serde_json::json;
use server::{AccessMode, AccessSettings};
use signal::{ErrorCode, ErrorInfo, ServerMessage};

const SDP: (&str, &str) = ("Content-Type", "application/sdp");

/// Invitations to `tea` that do not hold, each for a reason of its own.
fn bad_invitations() -> Vec<String> {
    let good = invitation(&json!({ "room": "tea" }));
    let (body, _) = good.rsplit_once('.').unwrap();
    let (_, claims) = body.split_once('.').unwrap();
    let unsigned = |header: &str| format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header));
    vec![
        String::new(),
        "nonsense".to_owned(),
        good[..good.len() - 1].to_owned(),
        body.to_owned(),
        format!("{body}."),
        unsigned(r#"{"alg":"none"}"#),
        unsigned(r#"{"alg":"HS256"}"#),
        signed(&json!({ "room": "tea" }), &[0; 32]),
        invitation(&json!({ "room": "elsewhere" })),
        invitation(&json!({ "room": "tea", "exp": now() - 60 })),
        invitation(&json!({ "room": "tea", "exp": null })),
        invitation(&json!({ "room": "tea", "exp": "tomorrow" })),
        invitation(&json!({ "room": "tea", "nbf": now() + 3600 })),
        invitation(&json!({ "room": "tea", "name": "" })),
        invitation(&json!({})),
        "x".repeat(signal::limits::MAX_ACCESS_TOKEN + 1),
    ]
}

/// `tea` has a password, `hall` takes an invitation, and there is one that takes a link; somebody is in `tea`.
async fn house() -> (House, Bot, String) {
    let house = House::closed().await;
    house.make(&json!({ "name": "tea", "password": PASSWORD })).await;
    house.make(&json!({ "name": "hall" })).await;
    let secret = house.make(&json!({})).await;
    let options = Options { media: false, ..Options::subscriber(&house.url, "tea") };
    let inside = Bot::join(options.with_password(PASSWORD)).await.unwrap();
    (house, inside, secret)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_over_the_socket_is_the_same_to_the_byte() {
    let (house, _inside, secret) = house().await;
    let error = ErrorInfo::new(ErrorCode::NotAllowed).in_reply_to("join");
    let expected = signal::encode(&ServerMessage::Error(error));
    // The last character may have bits to spare, the first has none.
    let near = format!("{}{}", if secret.starts_with('a') { 'b' } else { 'a' }, &secret[1..]);
    let long = "x".repeat(signal::limits::MAX_PASSWORD + 1);
    for room in ["nowhere", "tea", "hall", near.as_str()] {
        for password in [None, Some(""), Some("wrong"), Some("open sesam"), Some(long.as_str())] {
            assert_eq!(house.answer(&join(room, None, password)).await, expected, "{room} {password:?}");
        }
        for token in bad_invitations() {
            assert_eq!(house.answer(&join(room, Some(&token), None)).await, expected, "{room} {token}");
        }
        // Whoever shows an invitation is judged by it.
        let said = house.answer(&join(room, Some("nonsense"), Some(PASSWORD))).await;
        assert_eq!(said, expected, "{room}");
    }
    // The same sockets' like get in with what is right.
    for (room, token, password) in [
        ("tea", None, Some(PASSWORD)),
        ("Tea", None, Some(PASSWORD)),
        ("tea", Some(invitation(&json!({ "room": "tea" }))), None),
        ("hall", Some(invitation(&json!({ "room": "hall" }))), None),
        ("nowhere", Some(invitation(&json!({ "room": "nowhere" }))), None),
        (secret.as_str(), None, None),
        (secret.to_uppercase().as_str(), None, Some("whatever")),
    ] {
        assert_eq!(house.answer(&join(room, token.as_deref(), password)).await, "in", "{room}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_over_http_is_the_same_to_the_byte() {
    let (house, _inside, secret) = house().await;
    let offer = offer();
    let expected = house.raw("POST", "/whip/nowhere", &[SDP], &offer).await;
    assert!(expected.starts_with("HTTP/1.1 401 ") && expected.contains("not_allowed"), "{expected}");
    assert!(expected.to_ascii_lowercase().contains("www-authenticate: bearer"), "{expected}");
    for target in ["/whip/nowhere", "/whip/tea", "/whip/hall", "/whep/nowhere", "/whep/tea", "/whep/hall"] {
        assert_eq!(house.raw("POST", target, &[SDP], &offer).await, expected, "{target}");
        for token in bad_invitations() {
            let head = [SDP, ("Authorization", &*format!("Bearer {token}"))];
            assert_eq!(house.raw("POST", target, &head, &offer).await, expected, "{target} {token}");
        }
    }
    let token = format!("Bearer {}", invitation(&json!({ "room": "tea" })));
    for target in ["/whip/tea", "/whep/tea"] {
        let response = house.ask("POST", target, &[SDP, ("Authorization", &token)], &offer).await;
        assert_eq!(response.status, 201, "{response:?}");
    }
    assert_eq!(house.ask("POST", &format!("/whip/{secret}"), &[SDP], &offer).await.status, 201);
}

/// RFC 9725 §4.7 leaves to us what a token without the permission is answered: the same as none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_nobody_does_what_its_invitation_does_not_say() {
    let (house, _inside, _) = house().await;
    let expected = house.raw("POST", "/whip/nowhere", &[SDP], &offer()).await;
    for (target, less) in [("/whip/tea", "publish"), ("/whep/tea", "subscribe")] {
        let token = invitation(&json!({ "room": "tea", "permissions": { less: false } }));
        let head = [SDP, ("Authorization", &*format!("Bearer {token}"))];
        assert_eq!(house.raw("POST", target, &head, &offer()).await, expected, "{target}");
    }
    assert_eq!(house.counts().await.resources, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rooms_status_tells_nothing_of_it() {
    let (house, _inside, secret) = house().await;
    let mut answers = Vec::new();
    for room in ["tea", "hall", "nowhere", secret.as_str()] {
        let answer = house.raw("GET", &format!("/api/rooms/{room}"), &[], "").await;
        let head: Vec<&str> = answer.lines().filter(|line| !line.starts_with("content-length")).collect();
        answers.push(head.join("\n").replace(room, "ROOM"));
    }
    assert!(answers[0].contains(r#""participants":0"#) && answers[0].contains(r#""closed":true"#));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_rooms_are_open_one_with_a_password_is_not() {
    let open = AccessSettings { mode: AccessMode::Open, ..settings() };
    let house = House::with(|config| config.access = open).await;
    house.make(&json!({ "name": "tea", "password": PASSWORD })).await;
    let refused = |answer: &str| answer.contains("not_allowed");
    for (room, token, password, comes) in [
        ("anywhere", None, None, true),
        ("anywhere", None, Some("whatever"), true),
        ("anywhere", Some("nonsense"), None, true),
        ("tea", None, None, false),
        ("tea", None, Some("wrong"), false),
        ("tea", Some("nonsense"), None, false),
        ("tea", None, Some(PASSWORD), true),
    ] {
        let answer = house.answer(&join(room, token, password)).await;
        assert_eq!(refused(&answer), !comes, "{room} {token:?} {password:?}: {answer}");
    }
    // Nor is anybody told who is in it, or may be.
    let status = house.raw("GET", "/api/rooms/tea", &[], "").await;
    let inside = Bot::join(
        Options { media: false, ..Options::publisher(&house.url, "tea") }
            .with_token(&invitation(&json!({ "room": "tea" }))),
    );
    let _inside = inside.await.unwrap();
    assert!(status.contains(r#""participants":0"#) && status.contains(r#""closed":true"#), "{status}");
    assert_eq!(house.raw("GET", "/api/rooms/tea", &[], "").await, status);
    assert!(!house.raw("GET", "/api/rooms/anywhere", &[], "").await.contains("closed"));
    // There an invitation gives what nobody else has, and takes what anybody else has.
    let token =
        invitation(&json!({ "room": "anywhere", "name": "Dr. Ada", "permissions": { "publish": false } }));
    let options = Options { media: false, ..Options::publisher(&house.url, "anywhere") };
    let ada = Bot::join(options.with_token(&token)).await.unwrap();
    let info = ada.roster().participants[&ada.participant()].clone();
    assert_eq!((info.name.as_str(), info.publications.len()), ("Dr. Ada", 0));
}

/// More at once than are looked at: some are told so, none gets in, and the next one is looked at again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_passwords_at_once_are_looked_at_a_few_at_a_time() {
    let (house, _inside, _) = house().await;
    let guess = join("tea", None, Some("wrong"));
    let guesses = futures::future::join_all((0..60).map(|_| house.answer(&guess))).await;
    let said = |code: &str| guesses.iter().filter(|answer| answer.contains(code)).count();
    assert_eq!(said("\"not_allowed\"") + said("\"busy\""), 60, "{guesses:?}");
    assert!(said("\"not_allowed\"") >= 1);
    assert_eq!(house.answer(&join("tea", None, Some(PASSWORD))).await, "in");
}

/// What is wrong with a name alone is told before anything is looked at: it says nothing of any room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_none_is_told() {
    let house = House::closed().await;
    assert!(house.answer(&join("no such/room", None, None)).await.contains("bad_room_name"));
}
