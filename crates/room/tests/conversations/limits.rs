//! What the operator allows besides who a room holds.

use crate::world::World;
use room::{Admission, Config, Errand, Input, Limits, Pace, ResourceId};
use session::Phase;
use signal::{ClientMessage, DisplayName, ErrorCode, Mid, PublishTrack, RoomName, Sdp, Source};
use std::time::Duration;

fn with(limits: Limits) -> World {
    World::with(Config { limits, ..Config::default() })
}

fn is_overloaded(world: &World, room: &str) -> bool {
    world.rooms.status(&RoomName::parse(room).unwrap()).overloaded
}

#[test]
fn no_more_rooms_than_there_may_be() {
    let mut world = with(Limits { rooms: 2, ..Limits::default() });
    world.inside("tea", &["ada"]);
    world.inside("coffee", &["bob"]);
    assert!(is_overloaded(&world, "milk") && !is_overloaded(&world, "tea"));
    world.enter("eve", "milk");
    world.pass_secs(60);
    assert_eq!(world.refused("eve"), Some(ErrorCode::TooManyRooms));
    world.inside("tea", &["eve"]);
    world.leave("bob");
    world.pass_secs(1);
    world.inside("milk", &["bob"]);
    world.agree();
}

#[test]
fn no_more_people_than_there_may_be_in_all_rooms_together() {
    let mut world = with(Limits { participants: 3, ..Limits::default() });
    world.inside("tea", &["ada", "bob"]);
    world.inside("coffee", &["eve"]);
    assert!(is_overloaded(&world, "tea") && is_overloaded(&world, "milk"));
    for room in ["tea", "milk"] {
        world.enter("joe", room);
        world.pass_secs(1);
        assert_eq!(world.refused("joe"), Some(ErrorCode::ServerFull), "{room}");
    }
    world.leave("eve");
    world.pass_secs(1);
    world.inside("tea", &["joe"]);
    world.agree();
}

#[test]
fn who_comes_back_to_a_full_server_tries_again() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.config.limits.participants = 1;
    world.restart(Duration::from_secs(1));
    world.pass_secs(20);
    let is_live = |world: &World, who| world.phase(who) == Phase::Live;
    assert!(is_live(&world, "ada") != is_live(&world, "bob"));
    let (inside, outside) = if is_live(&world, "ada") { ("ada", "bob") } else { ("bob", "ada") };
    assert!(matches!(world.phase(outside), Phase::Reconnecting { .. }));
    world.leave(inside);
    world.pass_secs(5);
    assert!(is_live(&world, outside));
    world.agree();
}

#[test]
fn no_more_publications_than_one_may_have() {
    let mut world = with(Limits { publications: 1, ..Limits::default() });
    world.enter("ada", "tea");
    world.pass_secs(1);
    assert_eq!(world.refused("ada"), Some(ErrorCode::TooManyPublications), "two from the start");
    world.set_source("bob", Source::Microphone, session::SourceState::Live);
    world.enter_bare("bob", "tea");
    world.pass_secs(1);
    let track = PublishTrack { mid: Mid::from("1"), source: Source::Camera, muted: false };
    world.say("bob", &ClientMessage::Publish { track });
    world.pass_secs(1);
    assert_eq!(world.errors("bob"), [(ErrorCode::TooManyPublications, Some("publish".to_owned()))]);
    let (resource, admission) = (ResourceId(1), Admission::default());
    let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse("obs").unwrap());
    let offer = Sdp::from("0 send audio\n1 send video\n");
    world.server(Input::Enter { resource, room, name, errand: Errand::Publish, admission, offer });
    world.pass_secs(1);
    let (_, answer) = world.answers.last().unwrap();
    assert_eq!(answer.as_ref().map_err(|error| error.code), Err(ErrorCode::TooManyPublications));
    assert_eq!(world.rooms.counts().publications, 1);
}

#[test]
fn the_chat_is_as_long_and_as_fast_as_it_may_be() {
    let chat = Pace::per(Duration::from_mins(1), 2, 3);
    let mut world = with(Limits { chat_length: 5, chat, ..Limits::default() });
    world.inside("tea", &["ada", "bob"]);
    world.write("ada", "short");
    world.write("ada", "longer");
    world.settle();
    assert_eq!(world.person("ada").refused, [("longer".to_owned(), ErrorCode::BadChat)]);
    let written = |world: &mut World| {
        for _ in 0..4 {
            world.say("bob", &ClientMessage::Chat { text: "ha".to_owned() });
        }
        world.settle();
        world.read("ada").len()
    };
    assert_eq!(written(&mut world), 4, "Ada's one and a burst of three");
    world.pass_secs(60);
    assert_eq!(written(&mut world), 6, "two a minute");
    assert_eq!(world.errors("bob").last(), Some(&(ErrorCode::TooMuchChat, Some("chat".to_owned()))));
}

#[test]
fn who_says_more_than_a_socket_may_loses_it() {
    let mut world = with(Limits { messages: Pace::per_second(10, 20), ..Limits::default() });
    world.inside("tea", &["ada", "bob"]);
    for nonce in 0..30 {
        world.say("ada", &ClientMessage::Ping { nonce });
    }
    world.settle();
    assert_eq!(world.errors("ada"), [(ErrorCode::TooManyMessages, None)]);
    world.pass_secs(10);
    assert_eq!(world.phase("ada"), Phase::Live, "its client resumes");
    world.agree();
}
