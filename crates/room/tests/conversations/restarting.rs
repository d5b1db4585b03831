//! The server stops, and starts again.

use crate::world::World;
use room::{ConnectionId, Counts};
use session::Phase;
use signal::{ErrorCode, ErrorInfo, ResumeToken, ServerMessage};
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
fn a_server_that_is_about_to_stop_opens_no_room_and_lets_those_that_are_there_go_on() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.server(room::Input::Drain);
    world.inside("tea", &["eve"]);
    world.enter("dan", "coffee");
    world.pass_secs(1);
    assert_eq!(world.refused("dan"), Some(ErrorCode::ShuttingDown));
    world.person("dan").room = None;
    world.break_socket("ada");
    world.pass_secs(1);
    world.agree();
    // Whoever is the last to leave a room closes it.
    for who in ["ada", "bob", "eve"] {
        world.leave(who);
    }
    world.pass_secs(1);
    world.enter("fay", "tea");
    world.pass_secs(1);
    assert_eq!(world.refused("fay"), Some(ErrorCode::ShuttingDown));
    assert_eq!(world.rooms.counts(), Counts::default());
}

#[test]
fn a_page_is_told_where_the_room_is_to_be_found_instead() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.enter("bob", "tea");
    world.pass(Duration::from_millis(25));
    for (who, code, sent_to) in [
        ("ada", ErrorCode::Internal, 0),
        ("ada", ErrorCode::ShuttingDown, 1),
        ("bob", ErrorCode::ShuttingDown, 1),
    ] {
        let go_to = Some("https://b.example".to_owned());
        let error = ErrorInfo { go_to, ..ErrorInfo::new(code) };
        world.input(who, session::Input::Message(ServerMessage::Error(error)));
        assert_eq!(world.person(who).sent_to, vec!["https://b.example"; sent_to], "{who}");
    }
    assert!(matches!(world.phase("ada"), Phase::Reconnecting { .. }), "until it is there");
}

/// What is promised to people: however long the server was away, and whether it said goodbye or not.
#[test]
fn everybody_is_back_within_five_seconds_of_the_servers_return() {
    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    for (down, says_so) in [(0, true), (1, true), (3, false), (12, true), (61, false)] {
        let mut world = World::new();
        world.inside("tea", &NAMES);
        world.pass_secs(20);
        if says_so {
            world.restart(Duration::from_secs(down));
        } else {
            world.up = false;
            world.rooms = room::Rooms::new(room::Config::default());
            world.routes.clear();
            for who in NAMES {
                world.break_socket(who);
            }
            world.pass_secs(down);
            world.up = true;
        }
        world.pass_secs(5);
        for who in NAMES {
            assert_eq!(world.phase(who), Phase::Live, "{who}, after {down} s");
        }
        world.agree();
    }
}

#[test]
fn who_comes_back_to_a_server_that_has_too_much_to_do_tries_again() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.overloaded = true;
    world.restart(Duration::from_secs(1));
    world.pass_secs(20);
    for who in ["ada", "bob"] {
        assert!(matches!(world.phase(who), Phase::Reconnecting { .. }), "{who}: {:?}", world.phase(who));
    }
    world.overloaded = false;
    world.pass_secs(5);
    world.agree();
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
