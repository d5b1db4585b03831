//! The browser has another network: media finds another path, the socket is tried, and nobody joins afresh.

use crate::world::{DELAY, Ice, World};
use room::Config;
use session::{Connectivity, Input, Phase};
use signal::{ClientMessage, ServerMessage};
use std::time::Duration;

fn two() -> World {
    let mut world = World::with(Config { resume_window: Duration::from_mins(1), ..Config::default() });
    world.inside("tea", &["ada", "bob"]);
    world.pass_secs(20);
    world
}

fn offers(world: &World) -> usize {
    world.people["ada"].said.iter().filter(|said| matches!(said, ClientMessage::Offer { .. })).count()
}

fn joins(world: &World) -> usize {
    world.people["ada"].said.iter().filter(|said| matches!(said, ClientMessage::Join { .. })).count()
}

#[test]
fn another_network_restarts_ice_at_once_and_nobody_joins_afresh() {
    let mut world = two();
    let (me, heard) = (world.id("ada"), world.person("bob").heard.len());
    world.input("ada", Input::NetworkChanged);
    assert_eq!(world.people["ada"].restarts, 1);
    world.pass(DELAY * 5);
    assert_eq!(world.snapshot("ada").connectivity, Some(Connectivity::Connected));
    world.pass_secs(1);
    assert_eq!((world.id("ada"), joins(&world), offers(&world)), (me, 1, 1));
    assert_eq!(world.person("bob").heard.len(), heard);
    world.agree();
}

#[test]
fn changes_in_a_row_restart_once() {
    let mut world = two();
    for _ in 0..10 {
        world.input("ada", Input::NetworkChanged);
        world.pass(Duration::from_millis(1));
    }
    assert_eq!(world.people["ada"].restarts, 1);
    let pings = |said: &&ClientMessage| matches!(said, ClientMessage::Ping { .. });
    let last = world.people["ada"].said.iter().rev().take_while(pings).count();
    assert!(last <= 1, "{last} pings");
}

#[test]
fn a_restart_that_the_browser_says_nothing_of_is_no_failure() {
    let mut world = two();
    let me = world.id("ada");
    world.person("ada").ice = Ice::Stays;
    world.input("ada", Input::NetworkChanged);
    world.pass_secs(60);
    assert_eq!((world.id("ada"), world.people["ada"].restarts), (me, 1));
    world.input("ada", Input::NetworkChanged);
    assert_eq!(world.people["ada"].restarts, 2, "and the next change is another");
}

#[test]
fn a_restart_that_does_not_help_is_tried_again_and_then_a_new_peer() {
    let mut world = two();
    let me = world.id("ada");
    world.person("ada").ice = Ice::Hangs;
    world.input("ada", Input::NetworkChanged);
    world.pass_secs(10);
    assert_eq!((world.id("ada"), world.people["ada"].restarts), (me, 2));
    world.person("ada").ice = Ice::Connects;
    world.pass_secs(10);
    assert_ne!(world.id("ada"), me);
    world.agree();
}

#[test]
fn media_on_its_way_up_is_not_disturbed() {
    let mut world = World::new();
    world.enter("ada", "tea");
    world.person("ada").ice = Ice::Hangs;
    world.pass_secs(1);
    world.input("ada", Input::NetworkChanged);
    assert_eq!(world.people["ada"].restarts, 0);
}

#[test]
fn a_restart_waits_for_the_negotiation_under_way() {
    let mut world = two();
    world.set_source("ada", signal::Source::Screen, session::SourceState::Live);
    world.input("ada", Input::NetworkChanged);
    assert_eq!(world.people["ada"].restarts, 0);
    world.pass_secs(1);
    assert_eq!(world.people["ada"].restarts, 1);
    world.agree();
}

#[test]
fn a_socket_that_died_with_the_network_is_noticed_in_three_seconds() {
    let mut world = two();
    let me = world.id("ada");
    world.person("ada").cut = true;
    world.input("ada", Input::NetworkChanged);
    world.pass(Duration::from_millis(2900));
    assert_eq!(world.phase("ada"), Phase::Live);
    world.pass(Duration::from_millis(200));
    assert!(matches!(world.phase("ada"), Phase::Reconnecting { .. }));
    world.person("ada").cut = false;
    world.pass_secs(15);
    assert_eq!((world.id("ada"), world.phase("ada")), (me, Phase::Live));
    world.agree();
}

#[test]
fn a_socket_that_answers_is_kept() {
    let mut world = two();
    let socket = world.person("ada").socket;
    world.input("ada", Input::NetworkChanged);
    world.pass_secs(60);
    assert_eq!(world.person("ada").socket, socket);
    let resumed = |message: &ServerMessage| matches!(message, ServerMessage::Resumed { .. });
    assert!(!world.person("ada").heard.iter().any(resumed));
}

#[test]
fn who_waits_to_reconnect_tries_at_once() {
    let mut world = two();
    world.up = false;
    world.break_socket("ada");
    world.pass_secs(5);
    let Phase::Reconnecting { next_at, .. } = world.phase("ada") else { panic!("not waiting") };
    assert!(next_at > world.now + Duration::from_millis(500));
    world.up = true;
    world.input("ada", Input::NetworkChanged);
    world.pass(DELAY * 4);
    assert_eq!(world.phase("ada"), Phase::Live);
    world.agree();
}

#[test]
fn outside_a_room_another_network_is_no_matter() {
    let mut session = session::Session::new();
    session.handle(Input::NetworkChanged, Duration::ZERO);
    assert_eq!((session.poll_output(), session.poll_timeout()), (None, None));
}
