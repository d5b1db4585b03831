//! Those who take their time (slow loris): each is cut off, whatever it is slow at.

use crate::certificates;
use crate::house::House;
use crate::wire::{are_refused, drip, rest, status};
use futures::SinkExt;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// For whoever drips; a test's own requests never take so long, however full the machine is.
const SOON: Duration = Duration::from_secs(5);

/// One without much patience.
async fn house() -> House {
    House::with(|config| {
        config.front.head_timeout = SOON;
        config.front.request_timeout = SOON;
        config.front.handshake_timeout = SOON;
        certificates::self_signed(config);
    })
    .await
}

async fn connect(house: &House) -> TcpStream {
    TcpStream::connect(house.running.http_addr()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_drips_is_not_waited_for() {
    let house = house().await;
    let mut stream = connect(&house).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    drip(stream, b"X-Slow: slow\r\n").await;
    are_refused(&house, "slow", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_without_a_request_is_closed_before_one_and_after() {
    let house = house().await;
    rest(&mut connect(&house).await).await;
    let mut stream = connect(&house).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(status(&rest(&mut stream).await), Some(200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_drips_is_not_waited_for() {
    let house = house().await;
    let mut stream = connect(&house).await;
    let head = "POST /whip/tea HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\nContent-Length: 9999\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = drip(stream, b"v=0\r\n").await;
    assert!(answer.is_empty() || status(&answer) == Some(408), "{answer}");
    are_refused(&house, "slow", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_drips_is_not_waited_for() {
    let house = house().await;
    let stream = TcpStream::connect(house.running.https_addr().unwrap()).await.unwrap();
    // The head of a record of the largest size.
    drip(stream, &[22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3]).await;
    are_refused(&house, "tls", 1).await;
}

/// A frame that never ends is no message: the room closes the socket as one that has said nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_that_drips_is_closed() {
    let house = house().await;
    let stream = connect(&house).await;
    let (mut socket, _) = tokio_tungstenite::client_async(&house.url, stream).await.unwrap();
    socket.flush().await.unwrap();
    // A masked text frame of 64 KiB.
    let mut stream = socket.into_inner();
    stream.write_all(&[0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
    drip(stream, b"{").await;
    assert_eq!(house.counts().await.connections, 0);
}

/// Somebody who asks for much and reads none of it holds a connection, and nothing of the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_served_beside_all_of_them() {
    let house = House::with(certificates::self_signed).await;
    let mut lingering = Vec::new();
    for _ in 0..200 {
        let mut stream = connect(&house).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap();
        lingering.push(stream);
        lingering.push(TcpStream::connect(house.running.https_addr().unwrap()).await.unwrap());
    }
    let mut stream = connect(&house).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    house.running.stop().await;
    drop(lingering);
}
