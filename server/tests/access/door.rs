//! A closed house, the keys to it, and what is said at its door.

use crate::house::House;
use bot::http::{Response, request};
use bot::{Credentials, OfferSpec, SendSsrcs, write_offer};
use futures::{SinkExt, StreamExt};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use server::{AccessMode, AccessSettings, Secret};
use signal::{AccessToken, ClientMessage, PROTOCOL_VERSION, RoomPassword, Sdp};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

pub const ADMIN_KEY: &str = "the key of the house, kept well";
pub const TOKEN_SECRET: &str = "what signs the invitations of this house";
pub const PASSWORD: &str = "open sesame";

pub fn settings() -> AccessSettings {
    AccessSettings {
        mode: AccessMode::Closed,
        admin_key: Some(Secret::from(ADMIN_KEY.to_owned())),
        token_secret: Some(Secret::from(TOKEN_SECRET.to_owned())),
        token_key: None,
    }
}

impl House {
    /// One that nobody enters by knowing a name.
    pub async fn closed() -> Self {
        Self::with(|config| config.access = settings()).await
    }

    /// Asks the API, with the key.
    pub async fn api(&self, method: &str, target: &str, body: &Value) -> Response {
        let key = format!("Bearer {ADMIN_KEY}");
        self.ask(method, target, &[("Authorization", &key)], &body.to_string()).await
    }

    pub async fn ask(&self, method: &str, target: &str, head: &[(&str, &str)], body: &str) -> Response {
        request(self.running.http_addr(), method, target, head, body.as_bytes()).await.unwrap()
    }

    /// Makes a room; its name.
    pub async fn make(&self, room: &Value) -> String {
        let response = self.api("POST", "/api/rooms", room).await;
        assert_eq!(response.status, 201, "{response:?}");
        let made: Value = serde_json::from_str(&response.body).unwrap();
        made["room"].as_str().unwrap().to_owned()
    }

    /// What the server says to this `join`, as it stands in its frame.
    pub async fn answer(&self, join: &ClientMessage) -> String {
        let (mut socket, _) = tokio_tungstenite::connect_async(&self.url).await.unwrap();
        socket.send(Message::text(signal::encode(join))).await.unwrap();
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => text.as_str().to_owned(),
            // Only `joined` is so long.
            Message::Binary(_) => "in".to_owned(),
            other => panic!("{other:?}"),
        }
    }

    /// What it answers over HTTP, all of it but the time.
    pub async fn raw(&self, method: &str, target: &str, head: &[(&str, &str)], body: &str) -> String {
        let mut text = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (name, value) in head {
            text.extend([name, ": ", value, "\r\n"]);
        }
        text.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n", body]);
        let mut stream = TcpStream::connect(self.running.http_addr()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let timeless = answer.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
        timeless.collect::<Vec<_>>().join("\n")
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// An invitation that says this, and holds for a minute unless it says otherwise.
pub fn invitation(claims: &Value) -> String {
    signed(claims, TOKEN_SECRET.as_bytes())
}

pub fn signed(claims: &Value, secret: &[u8]) -> String {
    let mut all = json!({ "exp": now() + 60 });
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    encode(&Header::new(Algorithm::HS256), &all, &EncodingKey::from_secret(secret)).unwrap()
}

pub fn offer() -> String {
    let fingerprint = ["AB"; 32].join(":");
    let sends = SendSsrcs { audio: 1, video: 2, rtx: 3 };
    let ice = Credentials::random();
    write_offer(&OfferSpec {
        ice: &ice,
        fingerprint: &fingerprint,
        sends,
        seats: 1,
        version: 1,
        reports_arrivals: true,
        data: false,
    })
}

pub fn join(room: &str, token: Option<&str>, password: Option<&str>) -> ClientMessage {
    ClientMessage::Join {
        version: PROTOCOL_VERSION,
        room: room.to_owned(),
        name: "mallory".to_owned(),
        offer: Sdp(offer()),
        publish: Vec::new(),
        mode: None,
        direct: false,
        token: token.map(|token| AccessToken(token.to_owned())),
        password: password.map(|password| RoomPassword(password.to_owned())),
        returning: None,
    }
}
