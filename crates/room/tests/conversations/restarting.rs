//! The server stops, and starts again.

use crate::world::World;
use room::{ConnectionId, Counts};
use session::Phase;
use signal::{ErrorCode, ResumeToken, ServerMessage};
use std::time::Duration;

#[test]
fn a_stopping_server_tells_everybody_and_keeps_nothing() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.inside("coffee", &["eve"]);
    world.enter("dan", "tea");
    world.pass(Duration::from_millis(25));
    world.server(room::Input::ShutDown);
    assert_eq!(world.rooms.counts(), Counts::default());
    assert_eq!(world.rooms.poll_timeout(), None);
    assert!(world.routes.is_empty());
    world.up = false;
    world.pass(Duration::from_millis(15));
    for who in ["ada", "bob", "eve"] {
        assert!(matches!(world.phase(who), Phase::Reconnecting { .. }), "{who}");
    }
    assert_eq!(world.refused("dan"), Some(ErrorCode::ShuttingDown));
}

#[test]
fn everybody_joins_the_next_server_afresh() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.restart(Duration::from_secs(3));
    world.pass_secs(10);
    world.agree();
    assert_eq!(world.rooms.counts().participants, 3);
}

#[test]
fn a_server_that_died_without_a_word_is_joined_afresh() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    let since = |world: &World| world.snapshot("ada").me.unwrap().since;
    let before = since(&world);
    world.up = false;
    world.rooms = room::Rooms::new(room::Config::default());
    world.routes.clear();
    for who in ["ada", "bob", "eve"] {
        world.break_socket(who);
    }
    world.pass_secs(3);
    world.up = true;
    world.pass_secs(10);
    world.agree();
    assert_ne!(since(&world), before, "another stay, if perhaps by the same id");
}

#[test]
fn a_socket_that_opens_while_the_server_stops_is_told() {
    let mut world = World::new();
    world.server(room::Input::ShutDown);
    let connection = ConnectionId(1);
    let token = ResumeToken::from_random([0; 16]);
    world.rooms.handle(room::Input::Opened { connection, token }, world.now);
    let Some(room::Output::Send { message: ServerMessage::Error(error), .. }) = world.rooms.poll_output()
    else {
        panic!("no error")
    };
    assert_eq!(error.code, ErrorCode::ShuttingDown);
    assert_eq!(world.rooms.poll_output(), Some(room::Output::Close { connection }));
    assert_eq!(world.rooms.counts(), Counts::default());
}
