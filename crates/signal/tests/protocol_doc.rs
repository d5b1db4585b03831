//! `PROTOCOL.md` is true: every example in it is a message, and every message, error and limit is in it.

#![cfg(test)]

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use signal::{
    ClientMessage, Embedding, ErrorCode, ErrorInfo, PeerMessage, RoomStatus, ServerMessage, limits,
};
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../PROTOCOL.md");

/// The blocks fenced with these words.
fn examples(fence: &str) -> Vec<Value> {
    let opening = format!("```json {fence}\n");
    let blocks = DOCUMENT.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|block| serde_json::from_str(block).expect(block)).collect()
}

/// The rows of the table below a heading, as cells.
fn table(heading: &str) -> Vec<Vec<String>> {
    let section = DOCUMENT.split(&format!("\n## {heading}\n")).nth(1).expect(heading);
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cell = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| row.trim_matches('|').split('|').map(cell).collect()).collect()
}

/// Reading and writing gives the same again, so no field is unknown, misspelt or left out.
fn check_round_trip<T: Serialize + DeserializeOwned>(example: &Value) {
    let message: T = serde_json::from_value(example.clone()).unwrap_or_else(|e| panic!("{e}: {example}"));
    assert_eq!(serde_json::to_value(&message).unwrap(), *example);
}

/// The types of all messages of one direction, by serde's own account.
fn message_types<T: DeserializeOwned>() -> BTreeSet<String> {
    let Err(error) = serde_json::from_str::<T>(r#"{"type":""}"#) else { panic!("a message without a type") };
    let types: BTreeSet<_> = error.to_string().split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(types.len() > 5, "{error}");
    types
}

fn types_of(examples: &[Value]) -> BTreeSet<String> {
    examples.iter().map(|example| example["type"].as_str().unwrap().to_owned()).collect()
}

/// Every error code: adding one without adding it here does not compile.
fn error_codes() -> Vec<ErrorCode> {
    use ErrorCode as E;
    let next = |code: &ErrorCode| match code {
        E::Malformed => Some(E::UnknownMessage),
        E::UnknownMessage => Some(E::UnknownField),
        E::UnknownField => Some(E::MessageTooLarge),
        E::MessageTooLarge => Some(E::TooManyMessages),
        E::TooManyMessages => Some(E::UnsupportedVersion),
        E::UnsupportedVersion => Some(E::BadRoomName),
        E::BadRoomName => Some(E::BadName),
        E::BadName => Some(E::RoomFull),
        E::RoomFull => Some(E::Overloaded),
        E::Overloaded => Some(E::TooManyRooms),
        E::TooManyRooms => Some(E::ServerFull),
        E::ServerFull => Some(E::ModeNotAllowed),
        E::ModeNotAllowed => Some(E::NotAllowed),
        E::NotAllowed => Some(E::Busy),
        E::Busy => Some(E::TooManyFromNetwork),
        E::TooManyFromNetwork => Some(E::RoomLocked),
        E::RoomLocked => Some(E::Removed),
        E::Removed => Some(E::RoomEnded),
        E::RoomEnded => Some(E::Denied),
        E::Denied => Some(E::BadOffer),
        E::BadOffer => Some(E::NotJoined),
        E::NotJoined => Some(E::AlreadyJoined),
        E::AlreadyJoined => Some(E::CannotResume),
        E::CannotResume => Some(E::BadTrack),
        E::BadTrack => Some(E::AlreadyPublished),
        E::AlreadyPublished => Some(E::NotPublished),
        E::NotPublished => Some(E::TooManyPublications),
        E::TooManyPublications => Some(E::BadChat),
        E::BadChat => Some(E::TooMuchChat),
        E::TooMuchChat => Some(E::HandshakeTimeout),
        E::HandshakeTimeout => Some(E::Silent),
        E::Silent => Some(E::TooSlow),
        E::TooSlow => Some(E::Replaced),
        E::Replaced => Some(E::MediaFailed),
        E::MediaFailed => Some(E::ShuttingDown),
        E::ShuttingDown => Some(E::Internal),
        E::Internal => Some(E::Unknown),
        E::Unknown => None,
    };
    std::iter::successors(Some(E::Malformed), next).collect()
}

#[test]
fn every_client_message_is_shown_and_every_example_is_one() {
    let examples = examples("client");
    examples.iter().for_each(check_round_trip::<ClientMessage>);
    assert_eq!(types_of(&examples), message_types::<ClientMessage>());
}

#[test]
fn every_server_message_is_shown_and_every_example_is_one() {
    let examples = examples("server");
    examples.iter().for_each(check_round_trip::<ServerMessage>);
    assert_eq!(types_of(&examples), message_types::<ServerMessage>());
}

#[test]
fn every_message_between_two_is_shown_and_every_example_is_one() {
    let examples = examples("peer");
    examples.iter().for_each(check_round_trip::<PeerMessage>);
    let types = ["state", "pictures", "received", "released"].map(str::to_owned);
    assert_eq!(types_of(&examples), types.into());
}

/// Every act stands in an example of `moderate`.
#[test]
fn every_act_is_shown() {
    let shown: BTreeSet<String> = examples("client")
        .iter()
        .filter_map(|example| Some(example.get("act")?["kind"].as_str()?.to_owned()))
        .collect();
    let acts = ["hold", "remove", "lock", "waiting_room", "admit", "deny", "hand_over", "end"];
    assert_eq!(shown, acts.map(str::to_owned).into());
}

/// Every kind of signal stands in an example of `direct`.
#[test]
fn every_signal_is_shown() {
    let shown: BTreeSet<String> = ["client", "server"]
        .into_iter()
        .flat_map(examples)
        .filter_map(|example| Some(example.get("signal")?["kind"].as_str()?.to_owned()))
        .collect();
    assert_eq!(shown, ["offer", "answer", "candidate", "back", "bye"].map(str::to_owned).into());
}

#[test]
fn every_message_has_a_section() {
    for kind in message_types::<ClientMessage>().union(&message_types::<ServerMessage>()) {
        assert!(DOCUMENT.contains(&format!("\n### {kind}\n")), "{kind}");
    }
}

#[test]
fn the_http_examples_are_what_http_answers() {
    let examples = examples("http");
    let [status, busy, closed, error, embed] = &examples[..] else { panic!("{examples:?}") };
    check_round_trip::<RoomStatus>(status);
    check_round_trip::<RoomStatus>(busy);
    check_round_trip::<RoomStatus>(closed);
    check_round_trip::<ErrorInfo>(error);
    check_round_trip::<Embedding>(embed);
    assert!(DOCUMENT.contains("`/ws`") && signal::WS_PATH == "/ws");
}

#[test]
fn no_example_escapes_the_tests() {
    let fences = DOCUMENT.lines().filter(|line| line.starts_with("```") && line.len() > 3);
    // Webhooks are compared by the server's tests.
    let known =
        ["```json client", "```json server", "```json peer", "```json http", "```json webhook", "```text"];
    for fence in fences {
        assert!(known.contains(&fence), "{fence}");
    }
}

#[test]
fn every_error_is_in_the_table_as_it_is() {
    let expected: Vec<_> = error_codes()
        .into_iter()
        .map(|code| {
            let fatal = if code.is_fatal() { "yes" } else { "no" };
            let name = serde_json::to_value(code).unwrap().as_str().unwrap().to_owned();
            vec![name, fatal.to_owned(), code.sentence().to_owned()]
        })
        .collect();
    assert_eq!(table("Errors"), expected);
}

#[test]
fn every_limit_is_in_the_table_as_it_is() {
    let secs = |limit: std::time::Duration| limit.as_secs();
    let expected: [(&str, u64); 50] = [
        ("MAX_CLIENT_MESSAGE", limits::MAX_CLIENT_MESSAGE as u64),
        ("MAX_SERVER_MESSAGE", limits::MAX_SERVER_MESSAGE as u64),
        ("COMPRESS_FROM", limits::COMPRESS_FROM as u64),
        ("MAX_MESSAGE_RATE", limits::MAX_MESSAGE_RATE.into()),
        ("MAX_MESSAGE_BURST", limits::MAX_MESSAGE_BURST.into()),
        ("MAX_ROOM_NAME", limits::MAX_ROOM_NAME as u64),
        ("MAX_DISPLAY_NAME", limits::MAX_DISPLAY_NAME as u64),
        ("MAX_ACCESS_TOKEN", limits::MAX_ACCESS_TOKEN as u64),
        ("MAX_PASSWORD", limits::MAX_PASSWORD as u64),
        ("MAX_MID_LENGTH", limits::MAX_MID_LENGTH as u64),
        ("MAX_MEDIA_SECTIONS", limits::MAX_MEDIA_SECTIONS as u64),
        ("MAX_PUBLICATIONS", limits::MAX_PUBLICATIONS as u64),
        ("DEFAULT_MAX_PARTICIPANTS", limits::DEFAULT_MAX_PARTICIPANTS.into()),
        ("DEFAULT_MAX_PARTICIPANTS_TOTAL", limits::DEFAULT_MAX_PARTICIPANTS_TOTAL.into()),
        ("DEFAULT_MAX_ROOMS", limits::DEFAULT_MAX_ROOMS.into()),
        ("DEFAULT_MAX_BITRATE", limits::DEFAULT_MAX_BITRATE.into()),
        ("DEFAULT_MAX_MESH", limits::DEFAULT_MAX_MESH.into()),
        ("MAX_DIRECT_RATE", limits::MAX_DIRECT_RATE.into()),
        ("MAX_DIRECT_BURST", limits::MAX_DIRECT_BURST.into()),
        ("MAX_DIRECT_DESCRIPTION", limits::MAX_DIRECT_DESCRIPTION as u64),
        ("MAX_DIRECT_CANDIDATE", limits::MAX_DIRECT_CANDIDATE as u64),
        ("MAX_DIRECT_CANDIDATES", limits::MAX_DIRECT_CANDIDATES as u64),
        ("MAX_PEER_MESSAGE", limits::MAX_PEER_MESSAGE as u64),
        ("MAX_SEATS", limits::MAX_SEATS as u64),
        ("MAX_PREFERRED", limits::MAX_PREFERRED as u64),
        ("MAX_CHAT", limits::MAX_CHAT as u64),
        ("MAX_CHAT_HISTORY", limits::MAX_CHAT_HISTORY as u64),
        ("MAX_CHAT_HISTORY_BYTES", limits::MAX_CHAT_HISTORY_BYTES as u64),
        ("MAX_CHAT_RATE", limits::MAX_CHAT_RATE.into()),
        ("MAX_CHAT_BURST", limits::MAX_CHAT_BURST.into()),
        ("MAX_REACTION_RATE", limits::MAX_REACTION_RATE.into()),
        ("MAX_REACTION_BURST", limits::MAX_REACTION_BURST.into()),
        ("DEFAULT_MAX_AUDIBLE", limits::DEFAULT_MAX_AUDIBLE as u64),
        ("QUALITY_INTERVAL", secs(limits::QUALITY_INTERVAL)),
        ("HANDSHAKE_TIMEOUT", secs(limits::HANDSHAKE_TIMEOUT)),
        ("PING_INTERVAL", secs(limits::PING_INTERVAL)),
        ("SILENCE_TIMEOUT", secs(limits::SILENCE_TIMEOUT)),
        ("RESUME_WINDOW", secs(limits::RESUME_WINDOW)),
        ("LOST_WINDOW", secs(limits::LOST_WINDOW)),
        ("MAX_FRAME_TEXT", limits::MAX_FRAME_TEXT as u64),
        ("MAX_DATA_MESSAGE", limits::MAX_DATA_MESSAGE as u64),
        ("MAX_DATA_RATE", limits::MAX_DATA_RATE.into()),
        ("MAX_DATA_MESSAGE_RATE", limits::MAX_DATA_MESSAGE_RATE.into()),
        ("MAX_DATA_BUFFER", limits::MAX_DATA_BUFFER as u64),
        ("DATA_STALL_TIMEOUT", secs(limits::DATA_STALL_TIMEOUT)),
        ("MAX_WAITING", limits::MAX_WAITING as u64),
        ("MAX_WAITING_OFFER", limits::MAX_WAITING_OFFER as u64),
        ("WAITING_TIMEOUT", secs(limits::WAITING_TIMEOUT)),
        ("MAX_KEPT_OUT", limits::MAX_KEPT_OUT as u64),
        ("MAX_RETURNING", limits::MAX_RETURNING as u64),
    ];
    let value = |cell: &str| cell.split(' ').next().unwrap().parse().expect(cell);
    let told: Vec<(String, u64)> =
        table("Limits").into_iter().map(|row| (row[0].clone(), value(&row[1]))).collect();
    let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    assert_eq!(told, expected);
    // And no limit is missing from this test.
    let source = include_str!("../src/limits.rs");
    assert_eq!(source.matches("pub const ").count(), expected.len());
}
