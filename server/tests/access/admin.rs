//! The API of whoever has the admin key.

use crate::door::{ADMIN_KEY, PASSWORD, join};
use crate::house::House;
use serde_json::{Value, json};

const WAYS: [(&str, &str); 4] =
    [("POST", "/api/rooms"), ("GET", "/api/rooms"), ("DELETE", "/api/rooms/tea"), ("POST", "/api/tokens")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_set_there_is_no_api() {
    let house = House::open().await;
    for (method, target) in WAYS {
        for key in ["", "Bearer ", "Bearer x", &format!("Bearer {ADMIN_KEY}")] {
            let response = house.ask(method, target, &[("Authorization", key)], "{}").await;
            assert_eq!((response.status, response.body.as_str()), (404, ""), "{method} {target} {key}");
        }
    }
    assert_eq!(house.ask("GET", "/api/openapi.json", &[], "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_without_the_key_is_heard() {
    let house = House::closed().await;
    for (method, target) in WAYS {
        for key in [
            "",
            "Bearer",
            "Bearer x",
            &format!("Bearer {ADMIN_KEY}x"),
            &format!("Bearer {}", &ADMIN_KEY[1..]),
            &format!("Basic {ADMIN_KEY}"),
            ADMIN_KEY,
        ] {
            let response = house.ask(method, target, &[("Authorization", key)], "{}").await;
            assert_eq!(response.status, 401, "{method} {target} {key}");
            assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        }
        assert_eq!(house.ask(method, target, &[], "{}").await.status, 401);
    }
    assert_eq!(house.api("GET", "/api/rooms", &json!({})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_is_made_listed_entered_and_deleted() {
    let house = House::closed().await;
    let body = json!({ "name": "Tea", "password": PASSWORD, "max_participants": 1, "expires_in": 60 });
    let response = house.api("POST", "/api/rooms", &body).await;
    let made: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!((response.status, &made["room"], &made["path"]), (201, &json!("tea"), &json!("/r/tea")));
    assert_eq!((&made["password"], &made["secret"]), (&json!(true), &json!(false)));
    assert!(!response.body.contains(PASSWORD));
    assert_eq!(house.api("POST", "/api/rooms", &body).await.status, 409);
    let secret = house.make(&json!({})).await;
    assert!(secret.len() == 26 && secret != house.make(&json!({})).await);
    let list: Value = serde_json::from_str(&house.api("GET", "/api/rooms", &json!({})).await.body).unwrap();
    assert_eq!((list["rooms"].as_array().unwrap().len(), &list["closed"]), (3, &json!(true)));
    // It holds one, and that one stays when the room is forgotten.
    let options = bot::Options { media: false, ..bot::Options::subscriber(&house.url, "tea") };
    let _inside = bot::Bot::join(options.with_password(PASSWORD)).await.unwrap();
    assert!(house.answer(&join("tea", None, Some(PASSWORD))).await.contains("room_full"));
    assert_eq!(house.api("DELETE", "/api/rooms/tea", &json!({})).await.status, 204);
    assert_eq!(house.api("DELETE", "/api/rooms/tea", &json!({})).await.status, 404);
    assert!(house.answer(&join("tea", None, Some(PASSWORD))).await.contains("not_allowed"));
    assert_eq!(house.counts().await.participants, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_is_made_lets_in_and_says_what_it_was_told() {
    let house = House::closed().await;
    let body = json!({
        "room": "tea", "name": "Ada", "identity": "ada@example.org", "permissions": { "publish": false },
        "expires_in": 60, "one_use": true,
    });
    let response = house.api("POST", "/api/tokens", &body).await;
    assert_eq!(response.status, 201, "{response:?}");
    let made: Value = serde_json::from_str(&response.body).unwrap();
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["path"], format!("/r/tea#token={token}"));
    let options = bot::Options { media: false, ..bot::Options::publisher(&house.url, "tea") };
    let ada = bot::Bot::join(options.with_token(token)).await.unwrap();
    let info = ada.roster().participants[&ada.participant()].clone();
    assert_eq!((info.name.as_str(), info.publications.len()), ("Ada", 0));
    assert!(house.answer(&join("tea", Some(token), None)).await.contains("not_allowed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_is_told_in_words() {
    let house = House::closed().await;
    let long = "x".repeat(257);
    for (target, body) in [
        ("/api/rooms", json!({ "name": "no such/room" })),
        ("/api/rooms", json!({ "name": "" })),
        ("/api/rooms", json!({ "password": "" })),
        ("/api/rooms", json!({ "password": long })),
        ("/api/rooms", json!({ "max_participants": 0 })),
        ("/api/rooms", json!({ "max_participants": -1 })),
        ("/api/rooms", json!({ "expires_in": 0 })),
        ("/api/rooms", json!({ "nmae": "tea" })),
        ("/api/rooms", json!(7)),
        ("/api/tokens", json!({})),
        ("/api/tokens", json!({ "room": "a b" })),
        ("/api/tokens", json!({ "room": "tea", "name": "" })),
        ("/api/tokens", json!({ "room": "tea", "expires_in": 0 })),
        ("/api/tokens", json!({ "room": "tea", "expires_in": u64::MAX })),
        ("/api/tokens", json!({ "room": "tea", "permissions": { "fly": true } })),
        ("/api/tokens", json!({ "room": "tea", "identity": "x".repeat(129) })),
    ] {
        let response = house.api("POST", target, &body).await;
        assert_eq!(response.status, 400, "{target} {body}: {response:?}");
        let problem: Value = serde_json::from_str(&response.body).unwrap();
        assert!(problem["message"].as_str().is_some_and(|message| message.len() > 10), "{problem}");
    }
    let large = json!({ "name": "x".repeat(20_000) });
    assert_eq!(house.api("POST", "/api/rooms", &large).await.status, 413);
    assert_eq!(house.api("POST", "/api/rooms", &json!({ "expires_in": u64::MAX })).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_is_described_and_kept_in_no_cache() {
    let house = House::closed().await;
    let response = house.ask("GET", "/api/openapi.json", &[], "").await;
    let described: Value = serde_json::from_str(&response.body).unwrap();
    assert!(described["paths"]["/api/tokens"]["post"].is_object());
    for target in ["/api/openapi.json", "/api/rooms"] {
        let response = house.api("GET", target, &json!({})).await;
        assert_eq!(response.header("cache-control"), Some("no-store"), "{target}");
        // No page of another site may read it.
        assert_eq!(response.header("access-control-allow-origin"), None);
    }
}

/// The operator's page is there with the key alone, and lets nothing in that is not its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_there_where_there_is_a_key_and_runs_its_own_script_alone() {
    let files = ["/admin", "/admin/admin.css", "/admin/admin.js"];
    let (open, closed) = (House::open().await, House::closed().await);
    for target in files {
        assert_eq!(open.ask("GET", target, &[], "").await.status, 404, "{target}");
        let response = closed.ask("GET", target, &[], "").await;
        assert_eq!(response.status, 200, "{target}");
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    let page = closed.ask("GET", "/admin", &[], "").await.body;
    assert!(files[1..].iter().all(|file| page.contains(&format!("\"{file}\""))));
    for inline in ["<style", "style=", "onclick", "onsubmit", "<script>"] {
        assert!(!page.contains(inline), "{inline}");
    }
    // Each word of the page has its Korean.
    let script = closed.ask("GET", "/admin/admin.js", &[], "").await.body;
    for word in page.split("data-say=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(script.contains(&format!("{word}: \"")), "{word}");
    }
}
