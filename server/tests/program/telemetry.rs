//! The log and the traces, as the built program writes them.

use crate::madang::Madang;
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use bot::{Bot, Options};
use serde_json::Value;
use std::process::Command;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Somebody with a name that is in no log comes to a room with such a name, and goes.
async fn visit(url: &str) {
    let options = Options { name: "Adeline".to_owned(), ..Options::publisher(url, "quiet-otter") };
    let bot = Bot::join(options).await.unwrap();
    // The server says so once its own side is connected too.
    bot.until("how media flows", |_, roster| roster.quality.is_some()).await.unwrap();
    bot.leave().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_can_be_read_by_programs_and_names_nobody() {
    let madang = Madang::start(&["--log-format=json"]);
    visit(&madang.url).await;
    let log = madang.log().await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let said = |words: &str| lines.iter().find(|line| line["fields"]["message"] == words).expect(words);
    let (opened, joined) = (said("a room opens"), said("somebody is in"));
    assert_eq!(opened["fields"]["room"], joined["fields"]["room"]);
    assert!(joined["fields"]["participant"].is_string(), "{joined}");
    assert_eq!(said("media is connected")["span"]["name"], "join");
    assert!(!log.contains("Adeline") && !log.contains("quiet-otter") && !log.contains("127.0.0.1"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_in_the_log_for_whoever_asks_for_them() {
    let madang = Madang::start(&["--log=server=debug"]);
    visit(&madang.url).await;
    let log = madang.log().await;
    assert!(log.contains("Adeline") && log.contains("quiet-otter"), "{log}");
    assert!(!log.contains('\u{1b}'), "colours where there is no terminal: {log:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_the_trace_of_a_join() {
    let (tell, mut told) = mpsc::unbounded_channel::<Bytes>();
    let take = move |body: Bytes| async move { tell.send(body).unwrap() };
    let app = Router::new().route("/v1/traces", post(take));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let collector = format!("--otlp=http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let madang = Madang::start(&[&collector]);
    visit(&madang.url).await;
    // What it has not sent yet it sends at its end.
    madang.log().await;
    let mut traces = Vec::new();
    while let Ok(more) = told.try_recv() {
        traces.extend_from_slice(&more);
    }
    // Texts stand in protobuf as they are.
    let has = |text: &str| traces.windows(text.len()).any(|window| window == text.as_bytes());
    for text in ["service.name", "madang", "join", "answer", "participant"] {
        assert!(has(text), "{text} is in no trace");
    }
    assert!(!has("Adeline") && !has("quiet-otter"), "a trace names somebody");
}

#[test]
fn what_cannot_be_logged_is_told() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_madang")).args(arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&["--log=server=loud"]).contains("--log \"server=loud\""));
    assert!(run(&["--otlp=localhost:4317"]).contains("is no URL"));
    assert!(run(&["--webhook=https://example.org/"]).contains("--webhook needs --webhook-secret"));
}
