//! HTTPS with each kind of certificate, the port that leads there, and who may enter then.

use crate::certificates::{Authority, Folder, client_of, connect, get, self_signed};
use crate::house::House;
use crate::wire::{PATIENCE, are_refused, exchange, rest, status};
use bot::http::request;
use clap::Parser;
use futures::StreamExt;
use server::Config;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn with_files(folder: &Path) -> House {
    House::with(|config| {
        config.https.https = Some("127.0.0.1:0".parse().unwrap());
        config.https.tls_certificate = Some(folder.join("certificate.pem"));
        config.https.tls_key = Some(folder.join("key.pem"));
    })
    .await
}

fn https(house: &House) -> SocketAddr {
    house.running.https_addr().unwrap()
}

fn is_strict(answer: &str) -> bool {
    answer.to_ascii_lowercase().contains("strict-transport-security: max-age=")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_this_machines_own_is_for_its_addresses_and_stays() {
    let folder = Folder::new();
    let file = folder.path().join("self-signed.pem");
    for _ in 0..2 {
        let house = House::with(|config| {
            config.https.state = Some(folder.path().to_owned());
            self_signed(config);
        })
        .await;
        let known = std::fs::read(&file).unwrap();
        let answer = get(https(&house), client_of(&file), "/healthz").await.unwrap();
        assert_eq!(status(&answer), Some(200));
        // Whoever were told so could not come by HTTP any more when the machine has no certificate.
        assert!(!is_strict(&answer) && !house.running.is_vouched_for());
        assert_eq!(house.running.https_urls(), [format!("https://{}/", https(&house))]);
        house.running.stop().await;
        assert_eq!(std::fs::read(&file).unwrap(), known);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_somebody_signed_keeps_browsers_on_https() {
    let (folder, authority) = (Folder::new(), Authority::new());
    authority.sign_into(folder.path());
    let house = with_files(folder.path()).await;
    assert!(is_strict(&get(https(&house), authority.client(), "/healthz").await.unwrap()));
    assert!(!is_strict(
        &exchange(&house, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await
    ));
    assert!(get(https(&house), Authority::new().client(), "/healthz").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signaling_goes_over_https_too() {
    let (folder, authority) = (Folder::new(), Authority::new());
    authority.sign_into(folder.path());
    let house = with_files(folder.path()).await;
    let stream = connect(https(&house), authority.client()).await.unwrap();
    let url = format!("wss://{}/ws", https(&house));
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let ping = tokio_tungstenite::tungstenite::Message::text(r#"{"type":"ping","nonce":7}"#);
    futures::SinkExt::send(&mut socket, ping).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().to_text().unwrap().contains("pong"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_and_a_bad_one_is_not() {
    let (folder, old, new) = (Folder::new(), Authority::new(), Authority::new());
    old.sign_into(folder.path());
    let house = with_files(folder.path()).await;
    let healthy = |client| get(https(&house), client, "/healthz");
    let until = async |authority: &Authority| {
        let looks = tokio::time::timeout(PATIENCE, async {
            while healthy(authority.client()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        looks.await.expect("the new certificate is not shown");
    };
    new.sign_into(folder.path());
    until(&new).await;
    assert!(healthy(old.client()).await.is_err());
    // Seen, and not taken: another that is good is taken after it.
    std::fs::write(folder.path().join("certificate.pem"), "no certificate").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(healthy(new.client()).await.is_ok());
    old.sign_into(folder.path());
    until(&old).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_is_sent_to_https_of_the_name_that_was_asked_for() {
    let house = House::with(|config| {
        self_signed(config);
        config.https.http_redirect = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let from = house.running.redirect_addr().unwrap();
    let port = https(&house).port();
    let answer = request(from, "POST", "/r/tea?name=Ada", &[], b"x").await.unwrap();
    let expected = format!("https://127.0.0.1:{port}/r/tea?name=Ada");
    assert_eq!((answer.status, answer.header("location")), (308, Some(&*expected)));
    let mut stream = TcpStream::connect(from).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n").await.unwrap();
    assert_eq!(status(&rest(&mut stream).await), Some(400));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn https_without_a_certificate_is_told_in_words() {
    for flag in ["--https", "--http-redirect"] {
        let arguments = ["madang", "--http=127.0.0.1:0", "--udp=127.0.0.1:0", flag, "127.0.0.1:0"];
        let error = server::start(&Config::parse_from(arguments)).await.err().unwrap();
        assert!(error.to_string().contains("need a certificate: --acme"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_on_the_port_of_https_is_closed_and_counted() {
    let house = House::with(self_signed).await;
    let mut stream = TcpStream::connect(https(&house)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(!rest(&mut stream).await.contains("HTTP/1.1"));
    are_refused(&house, "tls", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_are_closed_as_soon_as_any_port_is_open_to_others_than_the_local_network() {
    for (address, lan, closed) in
        [("127.0.0.1:0", false, false), ("0.0.0.0:0", false, true), ("0.0.0.0:0", true, false)]
    {
        let house = House::with(|config| {
            self_signed(config);
            config.https.lan = lan;
            config.https.https = Some(address.parse().unwrap());
        })
        .await;
        let status = request(house.running.http_addr(), "GET", "/api/rooms/tea", &[], b"").await.unwrap();
        assert_eq!(status.body.contains(r#""closed":true"#), closed, "{address}, {lan}: {}", status.body);
    }
}
