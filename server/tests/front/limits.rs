//! How much of one address is too much, and whose address that is.

use crate::house::House;
use crate::wire::{PATIENCE, are_refused, rest, status};
use bot::http::request;
use futures::{SinkExt, StreamExt};
use server::{AccessMode, FrontLimits};
use signal::ErrorCode;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// One that counts this machine's own like anybody's.
async fn house(change: impl FnOnce(&mut FrontLimits)) -> House {
    House::with(|config| {
        config.front.unlimited_address.clear();
        // With a proxy in front they would be closed.
        config.access.mode = AccessMode::Open;
        change(&mut config.front);
    })
    .await
}

/// One behind a proxy on this machine.
async fn behind_a_proxy(change: impl FnOnce(&mut FrontLimits)) -> House {
    house(|limits| {
        limits.trusted_proxy = vec!["127.0.0.1".parse().unwrap()];
        change(limits);
    })
    .await
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A WebSocket of whom the proxy names; or else the status that refuses it.
async fn socket(house: &House, of: &str) -> Result<Socket, u16> {
    let mut request = house.url.as_str().into_client_request().unwrap();
    request.headers_mut().insert("x-forwarded-for", of.parse().unwrap());
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => {
            assert!(answer.headers().contains_key("retry-after"));
            Err(answer.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

/// What it is told that asks to join.
async fn join(socket: &mut Socket) -> ErrorCode {
    let text = r#"{"type":"join","version":1,"room":"tea","name":"x","offer":"","publish":[]}"#;
    socket.send(Message::text(text)).await.unwrap();
    let told = socket.next().await.unwrap().unwrap();
    let value: serde_json::Value = serde_json::from_str(told.to_text().unwrap()).unwrap();
    serde_json::from_value(value["code"].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_websockets_are_one_households() {
    let house = behind_a_proxy(|limits| limits.sockets_per_address = 2).await;
    let first = socket(&house, "2001:db8::1").await.unwrap();
    let _second = socket(&house, "2001:db8::2").await.unwrap();
    assert_eq!(socket(&house, "2001:db8::3").await.unwrap_err(), 429);
    are_refused(&house, "websockets_of_address", 1).await;
    let _neighbour = socket(&house, "2001:db8:0:1::1").await.unwrap();
    drop(first);
    let looks = tokio::time::timeout(PATIENCE, async {
        while socket(&house, "2001:db8::3").await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    looks.await.expect("a place is given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_joins_a_minute_are_one_addresss() {
    let house = behind_a_proxy(|limits| limits.joins_per_address = 2).await;
    let mut socket_of_one = socket(&house, "192.0.2.1").await.unwrap();
    for expected in [ErrorCode::BadOffer, ErrorCode::BadOffer, ErrorCode::TooManyFromNetwork] {
        assert_eq!(join(&mut socket_of_one).await, expected);
    }
    let head = [("Content-Type", "application/sdp"), ("X-Forwarded-For", "192.0.2.1")];
    let whip = request(house.running.http_addr(), "POST", "/whip/tea", &head, b"v=0").await.unwrap();
    assert_eq!((whip.status, whip.header("retry-after").is_some()), (429, true));
    assert!(whip.body.contains("too_many_from_network"), "{}", whip.body);
    are_refused(&house, "joins_of_address", 2).await;
    let mut socket_of_another = socket(&house, "192.0.2.2").await.unwrap();
    assert_eq!(join(&mut socket_of_another).await, ErrorCode::BadOffer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_trusted_proxy_is_not_believed() {
    let house = house(|limits| limits.sockets_per_address = 1).await;
    let _first = socket(&house, "192.0.2.1").await.unwrap();
    assert_eq!(socket(&house, "192.0.2.2").await.unwrap_err(), 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_machine_is_not_limited_unless_somebody_says_so() {
    let house = House::with(|config| config.front.sockets_per_address = 1).await;
    let own = "127.0.0.1";
    let _sockets = [socket(&house, own).await.unwrap(), socket(&house, own).await.unwrap()];
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_connections_are_one_addresss_and_so_many_all_together() {
    for (each, all, expected) in [(3, 100, 429), (100, 3, 503)] {
        let house =
            house(|limits| (limits.connections_per_address, limits.max_connections) = (each, all)).await;
        let http = house.running.http_addr();
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(TcpStream::connect(http).await.unwrap());
        }
        let mut refused = TcpStream::connect(http).await.unwrap();
        assert_eq!(status(&rest(&mut refused).await), Some(expected));
        drop(held);
        let looks = tokio::time::timeout(PATIENCE, async {
            while !matches!(request(http, "GET", "/healthz", &[], b"").await, Ok(answer) if answer.status == 200)
            {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        });
        looks.await.expect("places are given back");
    }
}

/// A proxy brings everybody's connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_has_as_many_connections_as_there_are() {
    let house = behind_a_proxy(|limits| limits.connections_per_address = 1).await;
    let _held = [
        TcpStream::connect(house.running.http_addr()).await.unwrap(),
        TcpStream::connect(house.running.http_addr()).await.unwrap(),
    ];
    assert_eq!(request(house.running.http_addr(), "GET", "/healthz", &[], b"").await.unwrap().status, 200);
}
