//! Invitations that are good for one entry, and keys of the wrong kind.

use crate::door::{invitation, join, offer, settings, signed};
use crate::house::House;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bot::signaling::Signaling;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use server::AccessSettings;
use signal::{ClientMessage, ErrorCode, Sdp, ServerMessage};

fn once(id: &str) -> String {
    invitation(&json!({ "room": "tea", "jti": id }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_for_one_entry_is_good_for_one() {
    let house = House::closed().await;
    assert_eq!(house.answer(&join("tea", Some(&once("a")), None)).await, "in");
    // Signed anew it is the same one still.
    for _ in 0..2 {
        let answer = house.answer(&join("tea", Some(&once("a")), None)).await;
        assert!(answer.contains("not_allowed"), "{answer}");
    }
    let again = format!("Bearer {}", once("a"));
    let head = [("Content-Type", "application/sdp"), ("Authorization", &again)];
    assert_eq!(house.ask("POST", "/whip/tea", &head, &offer()).await.status, 401);
    assert_eq!(house.answer(&join("tea", Some(&once("b")), None)).await, "in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_offer_uses_no_invitation_up() {
    let house = House::closed().await;
    let bearer = format!("Bearer {}", once("a"));
    for (kind, expected) in [("text/plain", 415), ("application/sdp", 201), ("application/sdp", 401)] {
        let head = [("Content-Type", kind), ("Authorization", &*bearer)];
        assert_eq!(house.ask("POST", "/whip/tea", &head, &offer()).await.status, expected, "{kind}");
    }
    // Nor does it say whether there is such a room.
    let head = [("Content-Type", "text/plain")];
    let answers = [
        house.raw("POST", "/whip/tea", &head, "x").await,
        house.raw("POST", "/whip/nowhere", &head, "x").await,
    ];
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_come_at_once_with_one_invitation_one_is_let_in() {
    let house = House::closed().await;
    for round in 0..5 {
        let joining = join("tea", Some(&once(&format!("round {round}"))), None);
        let answers = futures::future::join_all((0..8).map(|_| house.answer(&joining))).await;
        assert_eq!(answers.iter().filter(|answer| *answer == "in").count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.contains("not_allowed")).count(), 7);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_could_not_be_connected_may_try_again_on_the_same_socket() {
    let house = House::closed().await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    let good = join("tea", Some(&once("a")), None);
    let mut bad = good.clone();
    if let ClientMessage::Join { offer, .. } = &mut bad {
        *offer = Sdp::from("v=0\r\n");
    }
    socket.speaker.say(&bad).await.unwrap();
    match socket.listener.next().await.unwrap() {
        ServerMessage::Error(error) => assert_eq!(error.code, ErrorCode::BadOffer),
        other => panic!("{other:?}"),
    }
    assert!(house.answer(&good).await.contains("not_allowed"), "nor may anybody else");
    socket.speaker.say(&good).await.unwrap();
    assert!(matches!(socket.listener.next().await.unwrap(), ServerMessage::Joined { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shown_at_another_rooms_door_it_stays_good_for_its_own() {
    let house = House::closed().await;
    let token = once("a");
    assert!(house.answer(&join("mint", Some(&token), None)).await.contains("not_allowed"));
    assert_eq!(house.answer(&join("tea", Some(&token), None)).await, "in");
}

/// The server has a public key, which is no secret: nobody may sign with it as if it were one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_key_is_no_secret_to_sign_with() {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let mut spki = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".to_vec();
    spki.extend(pair.public_key().as_ref());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&spki));
    let file = std::env::temp_dir().join(format!("madang-access-{}.pem", std::process::id()));
    std::fs::write(&file, &pem).unwrap();
    let keys = AccessSettings { token_secret: None, token_key: Some(file.clone()), ..settings() };
    let house = House::with(|config| config.access = keys).await;
    std::fs::remove_file(&file).unwrap();
    let claims = json!({ "room": "tea", "exp": crate::door::now() + 60 });
    for secret in [pem.as_bytes(), pem.trim_end().as_bytes(), &spki, pair.public_key().as_ref()] {
        let answer = house.answer(&join("tea", Some(&signed(&claims, secret)), None)).await;
        assert!(answer.contains("not_allowed"), "{answer}");
    }
    let private = EncodingKey::from_ed_der(pkcs8.as_ref());
    let token = encode(&Header::new(Algorithm::EdDSA), &claims, &private).unwrap();
    assert_eq!(house.answer(&join("tea", Some(&token), None)).await, "in");
    // It cannot invite anybody itself, and says so.
    assert_eq!(house.api("POST", "/api/tokens", &json!({ "room": "tea" })).await.status, 501);
}
