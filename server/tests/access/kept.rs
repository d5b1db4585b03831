//! What outlives the server.

use crate::door::{PASSWORD, join, settings};
use crate::house::{Folder, House};
use serde_json::{Value, json};
use server::{AccessSettings, Config};

/// A closed house that makes its own secret, in this folder.
async fn open(folder: &Folder) -> House {
    House::with(at(folder)).await
}

fn at(folder: &Folder) -> impl FnOnce(&mut Config) {
    let state = folder.0.clone();
    move |config| {
        config.access = AccessSettings { token_secret: None, ..settings() };
        config.https.state = Some(state);
    }
}

async fn stop(house: House) {
    let House { running, .. } = house;
    running.stop().await;
}

/// What is on the disk.
fn written(folder: &Folder) -> String {
    std::fs::read_to_string(folder.0.join("rooms.json")).unwrap_or_default()
}

async fn invite(house: &House, one_use: bool) -> String {
    let body = json!({ "room": "tea", "one_use": one_use });
    let made: Value = serde_json::from_str(&house.api("POST", "/api/tokens", &body).await.body).unwrap();
    made["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_that_were_made_outlive_the_server() {
    let folder = Folder::new();
    let house = open(&folder).await;
    let secret = house.make(&json!({})).await;
    house.make(&json!({ "name": "mint", "password": PASSWORD, "max_participants": 3 })).await;
    house.make(&json!({ "name": "gone" })).await;
    assert!(written(&folder).contains("gone"), "as soon as it is answered");
    assert_eq!(house.api("DELETE", "/api/rooms/gone", &json!({})).await.status, 204);
    let now = written(&folder);
    assert!(!now.contains("gone") && now.contains(&secret) && !now.contains(PASSWORD), "{now}");
    let list = house.api("GET", "/api/rooms", &json!({})).await.body;
    stop(house).await;
    let house = open(&folder).await;
    assert_eq!(house.api("GET", "/api/rooms", &json!({})).await.body, list);
    assert_eq!(house.answer(&join(&secret, None, None)).await, "in");
    assert_eq!(house.answer(&join("mint", None, Some(PASSWORD))).await, "in");
    for refused in [join("mint", None, Some("another")), join("gone", None, None)] {
        assert!(house.answer(&refused).await.contains("not_allowed"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_outlive_the_server_and_those_that_were_used_are_good_once_more() {
    let folder = Folder::new();
    let house = open(&folder).await;
    let (many, one) = (invite(&house, false).await, invite(&house, true).await);
    assert_eq!(house.answer(&join("tea", Some(&one), None)).await, "in");
    assert!(house.answer(&join("tea", Some(&one), None)).await.contains("not_allowed"));
    // Soon, also if the server does not come to its end.
    while !written(&folder).contains(r#""end":"#) {
        tokio::task::yield_now().await;
    }
    stop(house).await;
    let house = open(&folder).await;
    assert_eq!(house.answer(&join("tea", Some(&many), None)).await, "in");
    // Whoever was inside comes back, and nobody after.
    assert_eq!(house.answer(&join("tea", Some(&one), None)).await, "in");
    assert!(house.answer(&join("tea", Some(&one), None)).await.contains("not_allowed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_is_another_servers_is_not_written_to() {
    let folder = Folder::new();
    let house = open(&folder).await;
    let other = open(&folder).await;
    let secret = other.make(&json!({})).await;
    assert_eq!(other.answer(&join(&secret, None, None)).await, "in");
    let kept = house.make(&json!({})).await;
    stop(other).await;
    stop(house).await;
    let house = open(&folder).await;
    assert_eq!(house.answer(&join(&kept, None, None)).await, "in");
    assert!(house.answer(&join(&secret, None, None)).await.contains("not_allowed"));
}

/// Whoever deleted a room must not believe that it is gone for good; whoever made one tries again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_written_down_is_told() {
    let folder = Folder::new();
    let house = open(&folder).await;
    house.make(&json!({ "name": "tea" })).await;
    // Not by rights: root has them all.
    std::fs::remove_dir_all(&folder.0).unwrap();
    let answer = house.api("DELETE", "/api/rooms/tea", &json!({})).await;
    assert!(answer.status == 500 && answer.body.contains("a restart undoes it"), "{answer:?}");
    let mint = json!({ "name": "mint" });
    let answer = house.api("POST", "/api/rooms", &mint).await;
    assert!(answer.status == 500 && answer.body.contains("was not made"), "{answer:?}");
    std::fs::create_dir(&folder.0).unwrap();
    assert_eq!(house.api("POST", "/api/rooms", &mint).await.status, 201);
    assert!(written(&folder).contains("mint"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_kept_and_is_not_understood_stops_the_start() {
    let folder = Folder::new();
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("rooms.json"), "nonsense").unwrap();
    let mut config =
        <Config as clap::Parser>::parse_from(["madang", "--http=127.0.0.1:0", "--udp=127.0.0.1:0"]);
    at(&folder)(&mut config);
    let Err(error) = server::start(&config).await else { panic!("it started") };
    assert!(error.to_string().contains("rooms.json"), "{error}");
}
