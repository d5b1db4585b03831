//! Requests that nobody means well: paths out of the house, heads and bodies without end, pages in frames.

use crate::house::House;
use crate::wire::{exchange, status};
use bot::http::request;
use server::Secret;
use std::fmt::Write;

/// Asks for a target as it stands, which no library would send.
async fn get(house: &House, target: &str) -> String {
    exchange(house, &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_leads_out_of_the_clients_files() {
    let house = House::open().await;
    for up in
        ["..", "%2e%2e", "%2E.", "..%2f..", "..%5c..", "..\\..", "%252e%252e", "..%00", "assets/../../.."]
    {
        for file in ["Cargo.toml", "server/Cargo.toml", "etc/passwd", "proc/self/environ"] {
            for target in [
                format!("/{up}/{file}"),
                format!("//{up}/{up}/{up}/{up}/{up}/{file}"),
                format!("/assets/{up}/{up}/{file}"),
                format!("http://x/{up}/{file}"),
            ] {
                let answer = get(&house, &target).await;
                for secret in ["[package]", "[workspace]", "root:x", "PATH="] {
                    assert!(!answer.contains(secret), "{target} shows {file}");
                }
                let known = [200, 400, 404, 503];
                assert!(status(&answer).is_some_and(|status| known.contains(&status)), "{target}: {answer}");
            }
        }
    }
    for target in
        ["//etc/passwd", "/etc/passwd", "file:///etc/passwd", "/%2fetc%2fpasswd", "/proc/self/environ"]
    {
        let answer = get(&house, target).await;
        assert!(!answer.contains("root:x") && !answer.contains("PATH="), "{target}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_end_is_not_read() {
    let house = House::open().await;
    let long = "x".repeat(1 << 20);
    assert!(matches!(status(&get(&house, &format!("/{long}")).await), None | Some(414 | 431)));
    let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {long}\r\n\r\n");
    assert!(matches!(status(&exchange(&house, &head).await), None | Some(431)));
    let mut many = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n".to_owned();
    for number in 0..1000 {
        write!(many, "X-{number}: x\r\n").unwrap();
    }
    many.push_str("\r\n");
    assert!(matches!(status(&exchange(&house, &many).await), None | Some(431)));
    assert_eq!(request(house.running.http_addr(), "GET", "/healthz", &[], b"").await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_too_clearly_twice_is_no_request() {
    let house = House::open().await;
    for head in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "X Y: z\r\n",
        " folded: x\r\n",
    ] {
        let text =
            format!("POST /whip/tea HTTP/1.1\r\nHost: localhost\r\n{head}Connection: close\r\n\r\nhello");
        let answer = exchange(&house, &text).await;
        assert!(matches!(status(&answer), None | Some(400..=499)), "{head}: {answer}");
    }
}

/// What a proxy took for this one's body would otherwise be a request of its own (RFC 9112 §6.1, §11.2). It is the
/// library that sees to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_heard_behind_a_body_of_two_lengths() {
    let house = House::open().await;
    for lengths in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ] {
        let text = format!(
            "POST /api/qr HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n0\r\n\r\n\
             GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
        let answers = exchange(&house, &text).await;
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answers}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_without_end_is_not_read() {
    let key = "the key of the house, kept well";
    let house = House::with(|config| config.access.admin_key = Some(Secret::from(key.to_owned()))).await;
    let bearer = format!("Authorization: Bearer {key}\r\n");
    for (path, head) in [
        ("/api/rooms", &*bearer),
        ("/api/tokens", &*bearer),
        ("/whip/tea", "Content-Type: application/sdp\r\n"),
        ("/whep/tea", "Content-Type: application/sdp\r\n"),
    ] {
        let much = "x".repeat(1 << 20);
        let chunk = format!("100000\r\n{much}\r\n");
        for (how, body) in
            [("Content-Length: 1000000000", much.repeat(4)), ("Transfer-Encoding: chunked", chunk.repeat(4))]
        {
            let answer = exchange(
                &house,
                &format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}{how}\r\n\r\n{body}"),
            )
            .await;
            // Closed with unread bytes, the connection is reset, and the answer may be lost.
            assert!(matches!(status(&answer), None | Some(413)), "{path}, {how}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_is_shown_in_a_frame_of_another_site() {
    let house = House::with(|config| {
        config.access.admin_key = Some(Secret::from("the key of the house, kept well".to_owned()));
    })
    .await;
    for (path, expected) in [
        ("/", "frame-ancestors 'self'"),
        ("/r/tea", "frame-ancestors 'self'"),
        ("/gone.js", "frame-ancestors 'self'"),
        ("/admin", "frame-ancestors 'none'"),
    ] {
        let answer = request(house.running.http_addr(), "GET", path, &[], b"").await.unwrap();
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains(expected) && policy.contains("default-src 'none'"), "{path}: {policy}");
    }
    for path in ["/", "/api/rooms/tea", "/healthz", "/metrics", "/nowhere.txt"] {
        let answer = request(house.running.http_addr(), "GET", path, &[], b"").await.unwrap();
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}
