//! The way in.

use crate::world::{DELAY, World};
use room::Config;
use session::{EndReason, Phase, SourceState};
use signal::{ClientMessage, ErrorCode, ServerMessage, Source};
use std::time::Duration;

fn for_two() -> World {
    World::with(Config { max_participants: 2, ..Config::default() })
}

#[test]
fn a_first_person_is_alone() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.agree();
    assert_eq!(world.snapshot("ada").others, []);
    assert_eq!(world.rooms.counts().publications, 2);
}

#[test]
fn two_people_see_and_hear_each_other() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.agree();
    assert_eq!(world.fed("ada"), 2);
    assert_eq!(world.fed("bob"), 2);
}

#[test]
fn the_socket_opens_while_the_offer_is_made_and_one_round_trip_is_enough() {
    let mut world = World::new();
    world.enter("ada", "tea");
    // The socket and the offer take one delay together; then there, answering, and back.
    world.pass(DELAY * 4);
    assert_eq!(world.phase("ada"), Phase::Live);
    assert!(matches!(world.person("ada").said[..], [ClientMessage::Join { .. }]));
}

#[test]
fn a_late_joiner_sees_everybody_and_is_seen() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.set_source("bob", Source::Camera, SourceState::Muted);
    world.pass_secs(600);
    world.inside("tea", &["eve"]);
    world.agree();
    assert_eq!(world.fed("eve"), 4);
}

#[test]
fn rooms_do_not_see_each_other() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.inside("coffee", &["eve"]);
    world.agree();
    assert_eq!(world.fed("eve"), 0);
}

#[test]
fn upper_and_lower_case_are_one_room() {
    let mut world = World::new();
    world.inside("Tea", &["ada"]);
    world.inside("tEA", &["bob"]);
    assert_eq!(world.in_room("tea"), 2);
    assert_eq!(world.fed("ada"), 2);
}

#[test]
fn two_with_one_name_are_two_people() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.enter_bare("eve", "tea");
    world.leave("eve");
    world.person("eve").room = Some("tea".to_owned());
    world.input(
        "eve",
        session::Input::Join { room: "tea".to_owned(), name: "bob".to_owned(), mode: None, direct: false },
    );
    world.pass_secs(1);
    let names: Vec<_> = world.snapshot("ada").others.into_iter().map(|other| other.name).collect();
    assert_eq!(names, ["bob", "bob"]);
}

#[test]
fn a_full_room_says_so() {
    let mut world = for_two();
    world.inside("tea", &["ada", "bob"]);
    world.enter_bare("eve", "tea");
    world.pass_secs(1);
    assert_eq!(world.refused("eve"), Some(ErrorCode::RoomFull));
    world.person("eve").room = None;
    world.agree();
}

#[test]
fn two_who_race_for_the_last_place_do_not_both_get_it() {
    let mut world = for_two();
    world.inside("tea", &["ada"]);
    world.enter("bob", "tea");
    world.enter("eve", "tea");
    world.pass(DELAY * 2 + Duration::from_millis(1));
    assert_eq!(world.in_room("tea"), 2, "one is on the way in");
    world.pass_secs(1);
    assert_eq!(world.phase("bob"), Phase::Live);
    assert_eq!(world.refused("eve"), Some(ErrorCode::RoomFull));
}

#[test]
fn the_place_of_one_who_gave_up_on_the_way_in_is_free() {
    let mut world = for_two();
    world.inside("tea", &["ada"]);
    world.enter("bob", "tea");
    // The socket's end comes right behind the join.
    world.pass(DELAY + Duration::from_millis(1));
    world.close_tab("bob");
    world.pass_secs(1);
    world.inside("tea", &["eve"]);
    world.agree();
}

#[test]
fn a_room_that_cannot_be_opened_is_left_alone_until_the_person_tries_again() {
    let mut world = World::new();
    world.overloaded = true;
    world.enter("ada", "tea");
    world.pass_secs(60);
    assert_eq!(world.refused("ada"), Some(ErrorCode::Overloaded));
    let counts = world.rooms.counts();
    assert_eq!((counts.rooms, counts.joining), (0, 0), "nothing is left of the room");
    world.overloaded = false;
    world.enter("ada", "tea");
    world.pass_secs(1);
    assert_eq!(world.phase("ada"), Phase::Live);
    world.overloaded = true;
    world.inside("tea", &["bob"]);
    world.agree();
}

#[test]
fn a_bad_name_is_refused_and_another_may_be_tried() {
    let mut world = World::new();
    world.enter_bare("ada", "a room with spaces");
    world.pass_secs(1);
    assert_eq!(world.refused("ada"), Some(ErrorCode::BadRoomName));
    world.inside("tea", &["ada"]);
    world.agree();
}

#[test]
fn a_server_that_cannot_be_reached_ends_the_attempt() {
    let mut world = World::new();
    world.up = false;
    world.enter_bare("ada", "tea");
    world.pass_secs(1);
    assert_eq!(world.phase("ada"), Phase::Ended(EndReason::Unreachable));
}

#[test]
fn a_server_that_never_answers_ends_the_attempt() {
    let mut world = World::new();
    world.enter_bare("ada", "tea");
    world.person("ada").cut = true;
    world.pass_secs(15);
    assert_eq!(world.phase("ada"), Phase::Ended(EndReason::Unreachable));
}

#[test]
fn a_browser_that_cannot_offer_ends_the_attempt() {
    let mut world = World::new();
    world.enter_bare("ada", "tea");
    let detail = "no codecs".to_owned();
    world.input("ada", session::Input::NegotiationFailed { id: signal::OfferId(0), detail: detail.clone() });
    assert_eq!(world.phase("ada"), Phase::Ended(EndReason::Browser(detail)));
    world.pass_secs(1);
    assert_eq!(world.rooms.counts().connections, 0);
}

#[test]
fn a_socket_that_has_joined_cannot_join_again() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    let join = world.person("ada").said[0].clone();
    world.say("ada", &join);
    world.pass_secs(1);
    let heard = world.person("ada").heard.pop().unwrap();
    let ServerMessage::Error(error) = heard else { panic!("{heard:?}") };
    assert_eq!((error.code, error.in_reply_to.as_deref()), (ErrorCode::AlreadyJoined, Some("join")));
    world.agree();
}

#[test]
fn somebody_without_camera_or_microphone_sees_the_others() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.enter_bare("bob", "tea");
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.fed("bob"), 2);
    assert_eq!(world.fed("ada"), 0);
}
