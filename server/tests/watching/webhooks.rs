//! Webhooks, as the server that is told sees them.

use crate::house::House;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bot::Options;
use bot::http::request;
use bot::signaling::Signaling;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use signal::{ClientMessage, ModerateAct, PROTOCOL_VERSION, ServerMessage};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATIENCE: Duration = Duration::from_mins(1);

/// One request.
#[derive(Clone, Debug)]
struct Told {
    id: String,
    time: String,
    signature: String,
    body: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// As the scheme says, by the receiver's own reckoning.
    fn check(&self) {
        let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.time, self.body).as_bytes());
        assert_eq!(self.signature, format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    }
}

/// What the receiver answers to the next requests; 204 when there is nothing more.
type Answers = Arc<Mutex<Vec<StatusCode>>>;

struct Receiver {
    url: String,
    told: mpsc::UnboundedReceiver<Told>,
}

impl Receiver {
    async fn open(answers: &[StatusCode]) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let answers: Answers = Arc::new(Mutex::new(answers.iter().rev().copied().collect()));
        let app = Router::new().route("/hook", post(take)).with_state((tell, answers));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?key=hush", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, told }
    }

    async fn next(&mut self) -> Told {
        let told = tokio::time::timeout(PATIENCE, self.told.recv()).await.expect("a webhook").unwrap();
        told.check();
        told
    }

    async fn kind(&mut self) -> String {
        self.next().await.json()["type"].as_str().unwrap().to_owned()
    }
}

async fn take(
    State((tell, answers)): State<(mpsc::UnboundedSender<Told>, Answers)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    let told = Told {
        id: header("webhook-id"),
        time: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    tell.send(told).unwrap();
    answers.lock().unwrap().pop().unwrap_or(StatusCode::NO_CONTENT)
}

async fn house(urls: &[&str]) -> House {
    House::with(|config| {
        config.telemetry.webhook = urls.iter().map(|url| url.parse().unwrap()).collect();
        config.telemetry.webhook_secret = Some(SECRET.to_owned().into());
    })
    .await
}

/// The examples of the document, by type.
fn example(kind: &str) -> Value {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../PROTOCOL.md");
    let document = std::fs::read_to_string(document).unwrap();
    let blocks = document.split("```json webhook\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let examples = blocks.map(|block| serde_json::from_str::<Value>(block).unwrap());
    examples.into_iter().find(|example| example["type"] == kind).unwrap_or_else(|| panic!("{kind}"))
}

/// Nobody looks at the offer of one who waits.
fn join() -> ClientMessage {
    ClientMessage::Join {
        version: PROTOCOL_VERSION,
        room: "tea".to_owned(),
        name: "Eve".to_owned(),
        offer: "v=0".into(),
        publish: Vec::new(),
        mode: None,
        direct: false,
        token: None,
        password: None,
        returning: None,
    }
}

fn names(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_in_a_room_is_told_in_order_as_the_document_says() {
    let mut receiver = Receiver::open(&[]).await;
    let house = house(&[&receiver.url]).await;
    let options = Options { name: "Ada".to_owned(), ..Options::publisher(&house.url, "tea") };
    let ada = house.admit(options).await;
    ada.leave().await.unwrap();
    let mut sessions = Vec::new();
    for kind in ["room.opened", "participant.joined", "participant.left", "room.ended"] {
        let told = receiver.next().await.json();
        let example = example(kind);
        assert_eq!(told["type"], kind);
        assert_eq!((names(&told), names(&told["data"])), (names(&example), names(&example["data"])));
        assert_eq!(told["data"]["room"], "tea");
        match kind {
            "participant.joined" => assert_eq!(told["data"]["name"], "Ada"),
            "participant.left" => assert_eq!(told["data"]["reason"], "left"),
            _ => {}
        }
        sessions.push(told["data"]["session"].clone());
    }
    assert!(sessions.iter().all(|session| *session == sessions[0]), "{sessions:?}");
    let again = house.admit(Options::publisher(&house.url, "tea")).await;
    assert_ne!(receiver.next().await.json()["data"]["session"], sessions[0]);
    drop(again);
}

/// Who only waits at the door is no news; the end of the room stands for everybody's leaving.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_somebody_who_was_removed_it_is_told_why_it_left() {
    let mut receiver = Receiver::open(&[]).await;
    let house = house(&[&receiver.url]).await;
    let ada = house.admit(Options::publisher(&house.url, "tea")).await;
    let eve = house.admit(Options::publisher(&house.url, "tea")).await;
    for kind in ["room.opened", "participant.joined", "participant.joined"] {
        assert_eq!(receiver.kind().await, kind);
    }
    let decide = async |act| ada.say(ClientMessage::Moderate { act }).await;
    decide(ModerateAct::Remove { participant: eve.participant() }).await;
    let told = receiver.next().await.json();
    assert_eq!(told["type"], "participant.left");
    assert_eq!(names(&told["data"]), names(&example("participant.left")["data"]));
    assert_eq!(told["data"]["participant"], json!(eve.participant()));
    assert_eq!(told["data"]["reason"], "removed");
    decide(ModerateAct::WaitingRoom { on: true }).await;
    ada.until("it is on", |_, roster| roster.moderation.waiting_room).await.unwrap();
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    socket.speaker.say(&join()).await.unwrap();
    assert_eq!(socket.listener.next().await.unwrap(), ServerMessage::Waiting {});
    decide(ModerateAct::End {}).await;
    assert_eq!(receiver.kind().await, "room.ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_receiver_could_not_take_is_told_again_and_what_comes_after_waits() {
    let mut receiver = Receiver::open(&[StatusCode::SERVICE_UNAVAILABLE]).await;
    let house = house(&[&receiver.url]).await;
    let ada = house.admit(Options::publisher(&house.url, "tea")).await;
    let (first, again) = (receiver.next().await, receiver.next().await);
    assert_eq!((&first.id, &first.body), (&again.id, &again.body));
    assert_eq!(receiver.kind().await, "participant.joined");
    drop(ada);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_receiver_refuses_is_not_told_again_and_counted() {
    let mut receiver = Receiver::open(&[StatusCode::GONE]).await;
    let house = house(&[&receiver.url]).await;
    let ada = house.admit(Options::publisher(&house.url, "tea")).await;
    assert_eq!(receiver.kind().await, "room.opened");
    assert_eq!(receiver.kind().await, "participant.joined");
    ada.leave().await.unwrap();
    assert_eq!(receiver.kind().await, "participant.left");
    let metrics = request(house.running.http_addr(), "GET", "/metrics", &[], b"").await.unwrap().body;
    assert!(metrics.contains("madang_webhooks_total{outcome=\"failed\"} 1\n"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_answer_keeps_no_other_waiting() {
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let deaf_url = format!("http://{}/", deaf.local_addr().unwrap());
    let mut receiver = Receiver::open(&[]).await;
    let house = house(&[&deaf_url, &receiver.url]).await;
    let ada = house.admit(Options::publisher(&house.url, "tea")).await;
    assert_eq!(receiver.kind().await, "room.opened");
    assert_eq!(receiver.kind().await, "participant.joined");
    drop(ada);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_tells_that_its_rooms_end() {
    let mut receiver = Receiver::open(&[]).await;
    let house = house(&[&receiver.url]).await;
    let ada = house.admit(Options::publisher(&house.url, "tea")).await;
    house.running.stop().await;
    for kind in ["room.opened", "participant.joined", "room.ended"] {
        assert_eq!(receiver.kind().await, kind);
    }
    drop(ada);
}
