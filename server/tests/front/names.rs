//! Names that lead here and are not this server's: a page of elsewhere that has become ours to a browser (DNS
//! rebinding), and a proxy that nobody told of.

use crate::certificates::{client_of, connect, self_signed};
use crate::house::House;
use crate::wire::{are_refused, exchange, rest, status};
use server::{AccessMode, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What is answered to whoever asks by a name, with these lines more.
async fn asked(house: &House, request: &str, host: &str, lines: &str) -> String {
    let text = format!("{request} HTTP/1.1\r\nHost: {host}\r\n{lines}Connection: close\r\n\r\n");
    exchange(house, &text).await
}

/// The status of the same: a WebSocket says no more.
async fn told(house: &House, request: &str, host: &str, lines: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(house.running.http_addr()).await.unwrap();
    let text = format!("{request} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    status(std::str::from_utf8(&answer).unwrap())
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// By each way there is to do something, as a page does that is at this name.
async fn ways(house: &House, host: &str) -> Vec<Option<u16>> {
    let mut answers = Vec::new();
    for (request, lines) in [
        ("GET /".to_owned(), String::new()),
        ("GET /api/rooms/tea".to_owned(), String::new()),
        ("GET /metrics".to_owned(), String::new()),
        ("GET /healthz".to_owned(), String::new()),
        ("POST /whep/tea".to_owned(), format!("Origin: http://{host}\r\nContent-Type: application/sdp\r\n")),
        ("GET /ws".to_owned(), format!("Origin: http://{host}\r\n{UPGRADE}")),
    ] {
        answers.push(told(house, &request, host, &lines).await);
    }
    answers
}

fn with(change: impl FnOnce(&mut Config)) -> impl Future<Output = House> {
    House::with(|config| {
        config.front.allow_origin = vec!["http://meet.lan:8080".parse().unwrap()];
        change(config);
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_leads_here_is_not_answered_where_rooms_are_open_to_this_machine() {
    let house = with(|_| {}).await;
    let port = house.running.http_addr().port();
    for host in [format!("evil.example:{port}"), "evil.example".to_owned(), format!("localhost.evil:{port}")]
    {
        assert_eq!(ways(&house, &host).await, [Some(403); 6], "{host}");
    }
    are_refused(&house, "host", 18).await;
    for host in ["localhost", "127.0.0.1", "[::1]", "call.localhost", "192.0.2.7", "LOCALHOST"] {
        let answers = ways(&house, &format!("{host}:{port}")).await;
        assert!(answers.iter().all(|status| *status != Some(403)), "{host}: {answers:?}");
        assert_eq!(answers.last(), Some(&Some(101)), "{host}");
    }
    assert_eq!(told(&house, "GET /healthz", "meet.lan:8080", "").await, Some(200), "the operator named it");
    are_refused(&house, "host", 18).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_by_such_a_name_is_told_what_to_set() {
    let house = with(|_| {}).await;
    let answer = asked(&house, "GET /r/tea", "meet.example.org:8080", "").await;
    for word in ["--allow-origin http://meet.example.org", "--access closed", "--trusted-proxy", "text/plain"]
    {
        assert!(answer.contains(word), "{word}: {answer}");
    }
    // What is no name is not repeated.
    let answer = asked(&house, "GET /", "<b>.evil.example", "").await;
    assert!(status(&answer) == Some(400) && !answer.contains("<b>"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_local_network_a_page_of_elsewhere_is_kept_out_as_well() {
    let mut state = None;
    let house = with(|config| {
        self_signed(config);
        config.https.lan = true;
        state = config.https.state.clone();
    })
    .await;
    let state = state.unwrap();
    let https = house.running.https_addr().unwrap();
    for (host, expected) in [("evil.example", 403), ("127.0.0.1", 200), ("192.168.1.5:8443", 200)] {
        let mut stream = connect(https, client_of(&state.join("self-signed.pem"))).await.unwrap();
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(status(&rest(&mut stream).await), Some(expected), "{host}");
    }
}

/// What keeps others out is asked for there, or nobody is meant to be kept out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_name_is_answered_where_rooms_are_closed_or_open_to_all() {
    for mode in [AccessMode::Closed, AccessMode::Open] {
        let house = with(|config| config.access.mode = mode).await;
        let answers = ways(&house, "meet.example.org").await;
        // Figures are for this machine alone all the same; a proxy may have said nothing of itself.
        assert_eq!(answers[2], Some(403), "{mode:?}");
        assert!([0, 1, 3, 5].iter().all(|way| answers[*way] != Some(403)), "{mode:?}: {answers:?}");
    }
}

/// As README has it, and as it is where `--access` is forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_that_is_named_rooms_are_closed_and_the_name_is_the_proxys_to_choose() {
    for mode in [AccessMode::Closed, AccessMode::Auto] {
        let house = House::with(|config| {
            config.access.mode = mode;
            config.front.trusted_proxy = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let lines = "X-Forwarded-For: 203.0.113.9\r\n";
        let answer = asked(&house, "GET /api/rooms/tea", "meet.example.org", lines).await;
        assert!(status(&answer) == Some(200) && answer.contains(r#""closed":true"#), "{mode:?}: {answer}");
        let page = format!("Origin: https://meet.example.org\r\n{UPGRADE}");
        assert_eq!(told(&house, "GET /ws", "meet.example.org", &page).await, Some(101), "{mode:?}");
    }
}

/// A page of another site needs no name of ours to send a request here; only WHIP and WHEP would let it read the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_rooms_are_open_to_this_machine_no_page_of_elsewhere_streams_into_them() {
    let house = with(|_| {}).await;
    let port = house.running.http_addr().port();
    let host = format!("localhost:{port}");
    for request in
        ["OPTIONS /whep/tea", "POST /whep/tea", "POST /whip/tea", "DELETE /whip/tea/0", "POST /api/qr"]
    {
        for origin in ["https://evil.example", "null", "https://localhost.evil.example"] {
            let answer = asked(&house, request, &host, &format!("Origin: {origin}\r\n")).await;
            assert_eq!(status(&answer), Some(403), "{request}, {origin}");
            assert!(!answer.contains("access-control-allow-origin"), "{answer}");
        }
        for origin in ["http://meet.lan:8080", "http://localhost:8081", "http://127.0.0.1:8082"] {
            let answer = asked(&house, request, &host, &format!("Origin: {origin}\r\n")).await;
            assert_ne!(status(&answer), Some(403), "{request}, {origin}");
        }
    }
    let open = with(|config| config.access.mode = AccessMode::Open).await;
    let answer = asked(&open, "OPTIONS /whep/tea", &host, "Origin: https://evil.example\r\n").await;
    assert_eq!(status(&answer), Some(204), "{answer}");
}

/// RFC 9112 §3.2: whoever stands between may take the other for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_to_two_hosts_is_no_request() {
    for mode in [AccessMode::Auto, AccessMode::Closed] {
        let house = with(|config| config.access.mode = mode).await;
        let answer = asked(&house, "GET /healthz", "localhost", "Host: evil.example\r\n").await;
        assert_eq!(status(&answer), Some(400), "{answer}");
    }
}
