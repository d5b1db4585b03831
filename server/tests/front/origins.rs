//! Sockets that pages of other sites open (cross-site WebSocket hijacking).

use crate::house::House;
use crate::wire::are_refused;
use bot::http::request;
use server::AccessMode;

async fn upgrade(house: &House, host: &str, origin: Option<&str>) -> u16 {
    let http = house.running.http_addr();
    let mut head = vec![
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    head.extend(origin.map(|origin| ("Origin", origin)));
    let mut text = format!("GET /ws HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in head {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.push_str("\r\n");
    let mut stream = tokio::net::TcpStream::connect(http).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, text.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer).await.unwrap();
    std::str::from_utf8(&answer[9..]).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_is_for_our_own_pages_and_those_that_are_named() {
    let house = House::with(|config| {
        config.access.mode = AccessMode::Open;
        config.front.allow_origin = vec!["https://friend.example".parse().unwrap()];
    })
    .await;
    for (host, origin, expected) in [
        ("meet.example", Some("https://meet.example"), 101),
        ("meet.example", Some("https://friend.example"), 101),
        ("meet.example", None, 101),
        ("127.0.0.1:8080", Some("http://127.0.0.1:8081"), 101),
        ("meet.example", Some("https://evil.example"), 403),
        ("meet.example", Some("null"), 403),
        ("127.0.0.1:8080", Some("https://evil.example"), 403),
    ] {
        assert_eq!(upgrade(&house, host, origin).await, expected, "{origin:?} asks {host}");
    }
    are_refused(&house, "origin", 3).await;
}

/// Trunk names its backend as the host, without the port, and leaves the page's origin as it is (`proxy.rs` of Trunk
/// 0.21): a page of this machine may connect so, and one that was opened from elsewhere may when it is named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_trunk_serves_may_connect_through_it() {
    let house =
        House::with(|config| config.front.allow_origin = vec!["http://192.168.1.5:8081".parse().unwrap()])
            .await;
    for (origin, expected) in [
        ("http://127.0.0.1:8081", 101),
        ("http://localhost:8081", 101),
        ("http://localhost.:8081", 101),
        ("http://192.168.1.5:8081", 101),
        ("http://192.168.1.6:8081", 403),
    ] {
        assert_eq!(upgrade(&house, "127.0.0.1", Some(origin)).await, expected, "{origin}");
    }
}

/// Who may show a room in a frame has our page do it, which comes from here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_frame_a_room_may_not_connect_by_that() {
    let house =
        House::with(|config| config.embed_origin = vec!["https://friend.example".parse().unwrap()]).await;
    assert_eq!(upgrade(&house, "localhost", Some("https://friend.example")).await, 403);
}

/// Nothing goes by cookies, so a page of another site can do nothing that anybody could not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_rooms_is_open_to_no_other_origin() {
    let house = House::open().await;
    let head = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")];
    for path in ["/api/rooms", "/api/tokens", "/api/rooms/tea"] {
        let answer = request(house.running.http_addr(), "OPTIONS", path, &head, b"").await.unwrap();
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
}
