//! The socket is lost, media goes on, and the socket is found again.

use crate::world::{DELAY, World};
use room::{Config, ConnectionId};
use session::{Phase, SourceState};
use signal::{ClientMessage, ErrorCode, OfferId, ParticipantId, ResumeToken, ServerMessage, Source};
use std::collections::BTreeMap;
use std::time::Duration;

const STEADY: Duration = Duration::from_secs(20);

fn resumes(world: &mut World, who: &'static str) -> usize {
    let resumed = |message: &&ServerMessage| matches!(message, ServerMessage::Resumed { .. });
    world.person(who).heard.iter().filter(resumed).count()
}

#[test]
fn a_broken_socket_is_resumed_and_nobody_else_notices() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.pass(STEADY);
    let (me, routes, heard) = (world.id("ada"), world.routes.clone(), world.person("bob").heard.len());
    world.break_socket("ada");
    world.pass(DELAY * 4);
    assert_eq!(world.phase("ada"), Phase::Live);
    assert_eq!(resumes(&mut world, "ada"), 1);
    assert_eq!((world.id("ada"), &world.routes), (me, &routes));
    assert_eq!(world.person("bob").heard.len(), heard);
    world.agree();
}

#[test]
fn what_happened_in_between_is_known_afterwards() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.person("ada").cut = true;
    world.break_socket("ada");
    world.pass_secs(1);
    world.leave("bob");
    world.inside("tea", &["dan"]);
    world.set_source("eve", Source::Camera, SourceState::Absent);
    world.pass_secs(1);
    world.person("ada").cut = false;
    world.pass_secs(15);
    world.agree();
}

#[test]
fn what_the_person_did_in_between_is_told_afterwards() {
    let mut world = World::with(Config { resume_window: Duration::from_mins(1), ..Config::default() });
    world.inside("tea", &["ada", "bob"]);
    world.person("ada").cut = true;
    world.pass_secs(12);
    assert!(matches!(world.phase("ada"), Phase::Reconnecting { .. }));
    world.set_source("ada", Source::Camera, SourceState::Absent);
    world.set_source("ada", Source::Microphone, SourceState::Muted);
    world.set_source("ada", Source::Screen, SourceState::Live);
    world.person("ada").cut = false;
    world.pass_secs(15);
    assert_eq!(resumes(&mut world, "ada"), 1);
    world.agree();
    assert_eq!(world.fed("bob"), 2, "microphone and screen");
}

#[test]
fn what_was_said_into_the_dying_socket_is_said_again() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.person("ada").cut = true;
    world.set_source("ada", Source::Camera, SourceState::Muted);
    world.pass_secs(1);
    world.person("ada").cut = false;
    world.break_socket("ada");
    world.pass_secs(1);
    assert_eq!(resumes(&mut world, "ada"), 1);
    world.agree();
}

#[test]
fn a_silent_server_is_given_up_and_tried_again_ever_more_slowly() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.up = false;
    world.pass_secs(10);
    let mut waits = BTreeMap::new();
    for _ in 0..2000 {
        if let Phase::Reconnecting { attempt, next_at } = world.phase("ada") {
            let wait = next_at.saturating_sub(world.now).as_millis();
            let longest = waits.entry(attempt).or_insert(0);
            *longest = wait.max(*longest);
        }
        world.pass(Duration::from_millis(10));
    }
    let waits: Vec<_> = waits.into_values().collect();
    for (wait, most) in waits.iter().zip([500, 1000, 2000, 3000, 3000]) {
        assert!((most / 2 - 10..=most).contains(wait), "after the first, at once: {waits:?}");
    }
    assert!(waits.len() >= 5, "{waits:?}");
}

#[test]
fn resuming_too_late_joins_afresh_on_the_same_socket() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let before = world.id("ada");
    world.person("ada").cut = true;
    world.pass_secs(45);
    assert!(world.snapshot("bob").others.is_empty());
    world.person("ada").cut = false;
    let sockets = world.rooms.counts().connections;
    world.pass_secs(15);
    assert_eq!(world.rooms.counts().connections, sockets + 1);
    assert_ne!(world.id("ada"), before);
    world.agree();
    let heard = &world.person("ada").heard;
    assert!(
        heard
            .iter()
            .any(|heard| matches!(heard, ServerMessage::Error(e) if e.code == ErrorCode::CannotResume))
    );
}

#[test]
fn a_full_room_does_not_take_back_who_came_too_late() {
    let mut world = World::with(Config { max_participants: 2, ..Config::default() });
    world.inside("tea", &["ada", "bob"]);
    world.person("ada").cut = true;
    world.pass_secs(45);
    world.inside("tea", &["eve"]);
    world.person("ada").cut = false;
    world.pass_secs(15);
    assert_eq!(world.refused("ada"), Some(ErrorCode::RoomFull));
}

#[test]
fn whoever_resumes_replaces_the_older_socket() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let Some(ServerMessage::Joined { participant, token, .. }) = world.person("ada").heard.first().cloned()
    else {
        panic!("not joined")
    };
    // Another window takes the session over.
    let (window, token_of_window) = (ConnectionId(1 << 40), ResumeToken::from_random([9; 16]));
    world.server(room::Input::Opened { connection: window, token: token_of_window });
    let message = ClientMessage::Resume { version: signal::PROTOCOL_VERSION, participant, token };
    world.server(room::Input::Message { connection: window, message });
    world.pass_secs(1);
    assert_eq!(world.refused("ada"), Some(ErrorCode::Replaced));
    assert_eq!(world.in_room("tea"), 2);
}

#[test]
fn a_wrong_token_takes_nobody_over() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let thief = ConnectionId(1 << 40);
    world.server(room::Input::Opened { connection: thief, token: ResumeToken::from_random([9; 16]) });
    let (participant, token) = (world.id("ada"), ResumeToken::from_random([7; 16]));
    let message = ClientMessage::Resume { version: signal::PROTOCOL_VERSION, participant, token };
    world.rooms.handle(room::Input::Message { connection: thief, message }, world.now);
    let Some(room::Output::Send { message: ServerMessage::Error(error), .. }) = world.rooms.poll_output()
    else {
        panic!("no error")
    };
    assert_eq!(error.code, ErrorCode::CannotResume);
    world.pass_secs(1);
    world.agree();
}

#[test]
fn an_offer_lost_with_the_socket_is_made_again() {
    for lost_after in 0..6 {
        let mut world = World::new();
        world.inside("tea", &["p0", "p1", "p2", "p3", "p4"]);
        world.enter("p5", "tea");
        world.pass(DELAY * 5 + DELAY * lost_after);
        world.break_socket("p0");
        world.pass_secs(5);
        world.agree();
        assert_eq!(world.fed("p0"), 10, "broken {lost_after} delays later");
    }
}

#[test]
fn an_answer_to_an_older_offer_changes_nothing() {
    let mut world = World::new();
    world.inside("tea", &["p0", "p1", "p2", "p3", "p4"]);
    world.enter("p5", "tea");
    world.pass(DELAY * 6);
    assert!(matches!(world.person("p0").said.last(), Some(ClientMessage::Offer { id: OfferId(1), .. })));
    // The world would not take this for an answer.
    for id in [0, 2, 7] {
        let stale = ServerMessage::Answer { id: OfferId(id), sdp: "stale".into(), relays: vec![] };
        world.input("p0", session::Input::Message(stale));
    }
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.fed("p0"), 10);
}

#[test]
fn a_negotiation_of_somebody_long_gone_changes_nothing() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let gone = world.id("bob");
    world.leave("bob");
    world.pass_secs(1);
    for (participant, offer) in
        [(gone, 0), (gone, 1), (ParticipantId(77), 0), (world.id("ada"), 0), (world.id("ada"), 3)]
    {
        let result = Ok(crate::browser::negotiate(&"0 send audio".into(), true));
        world.server(room::Input::Negotiated { participant, offer: OfferId(offer), result });
    }
    world.pass_secs(1);
    world.agree();
}

#[test]
fn a_network_that_flaps_is_survived() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    for _ in 0..20 {
        world.break_socket("ada");
        world.pass(Duration::from_millis(700));
        if world.phase("bob") == Phase::Live {
            world.break_socket("bob");
        }
        world.pass_secs(5);
    }
    world.pass_secs(10);
    world.agree();
    assert_eq!(world.rooms.counts().connections, 3);
}
