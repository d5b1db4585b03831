//! Media fails, on the server's word or the browser's.

use crate::world::{Ice, World};
use room::Config;
use session::{Connectivity, Phase};
use signal::{ClientMessage, ErrorCode, LeaveReason, ServerMessage};
use std::time::Duration;

fn offers(world: &mut World, who: &'static str) -> usize {
    let offer = |message: &&ClientMessage| matches!(message, ClientMessage::Offer { .. });
    world.person(who).said.iter().filter(offer).count()
}

#[test]
fn who_loses_its_media_on_the_server_joins_afresh() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let participant = world.id("ada");
    world.server(room::Input::MediaFailed { participant });
    world.pass_secs(1);
    assert_ne!(world.id("ada"), participant);
    world.agree();
    let left = ServerMessage::ParticipantLeft { participant, reason: LeaveReason::MediaFailed };
    assert!(world.person("bob").heard.contains(&left));
}

#[test]
fn media_that_never_connects_ends_after_one_new_peer() {
    let mut world = World::new();
    world.enter_bare("ada", "tea");
    world.person("ada").ice = Ice::Hangs;
    let mut peers = 1;
    for _ in 0..10 {
        world.pass_secs(5);
        let Phase::Live = world.phase("ada") else { break };
        let participant = world.id("ada");
        world.server(room::Input::MediaFailed { participant });
        peers += 1;
    }
    assert_eq!(world.refused("ada"), Some(ErrorCode::MediaFailed));
    assert_eq!(peers, 3, "the first, one more, and the end");
}

#[test]
fn failed_ice_is_restarted() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let me = world.id("ada");
    world.input("ada", session::Input::Connectivity(Connectivity::Failed));
    world.pass_secs(1);
    assert_eq!(offers(&mut world, "ada"), 1);
    assert_eq!(world.snapshot("ada").connectivity, Some(Connectivity::Connected));
    world.pass_secs(60);
    assert_eq!(offers(&mut world, "ada"), 1);
    assert_eq!(world.id("ada"), me);
    world.agree();
}

#[test]
fn an_interruption_that_heals_in_time_restarts_nothing() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    for _ in 0..3 {
        world.input("ada", session::Input::Connectivity(Connectivity::Disconnected));
        world.pass_secs(3);
        world.input("ada", session::Input::Connectivity(Connectivity::Connected));
        world.pass_secs(10);
    }
    assert_eq!(offers(&mut world, "ada"), 0);
}

#[test]
fn an_interruption_that_stays_is_restarted() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.input("ada", session::Input::Connectivity(Connectivity::Disconnected));
    world.pass_secs(3);
    assert_eq!(offers(&mut world, "ada"), 0);
    world.pass_secs(2);
    assert_eq!(offers(&mut world, "ada"), 1);
    assert_eq!(world.snapshot("ada").connectivity, Some(Connectivity::Connected));
    world.agree();
}

#[test]
fn an_interruption_that_outlasts_the_socket_is_restarted_with_the_next() {
    let mut world = World::with(Config { resume_window: Duration::from_mins(1), ..Config::default() });
    world.inside("tea", &["ada", "bob"]);
    world.person("ada").cut = true;
    world.break_socket("ada");
    world.pass_secs(1);
    world.input("ada", session::Input::Connectivity(Connectivity::Disconnected));
    world.pass_secs(6);
    assert_eq!(offers(&mut world, "ada"), 0);
    world.person("ada").cut = false;
    world.pass_secs(30);
    assert_eq!(offers(&mut world, "ada"), 1);
    assert_eq!(world.snapshot("ada").connectivity, Some(Connectivity::Connected));
    world.agree();
}

#[test]
fn ice_that_restarts_do_not_cure_gets_new_peers_and_then_an_end() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.pass_secs(1);
    world.person("ada").ice = Ice::Fails;
    world.input("ada", session::Input::Connectivity(Connectivity::Failed));
    world.pass_secs(300);
    assert_eq!(world.refused("ada"), Some(ErrorCode::MediaFailed));
    assert_eq!(offers(&mut world, "ada"), 8, "two restarts for each of four peers");
    world.person("ada").room = None;
    world.agree();
    assert_eq!(world.in_room("tea"), 1);
}

#[test]
fn ice_that_fails_while_the_socket_is_lost_is_restarted_afterwards() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.person("ada").cut = true;
    world.break_socket("ada");
    world.pass_secs(1);
    world.input("ada", session::Input::Connectivity(Connectivity::Failed));
    assert_eq!(offers(&mut world, "ada"), 0);
    world.person("ada").cut = false;
    world.pass_secs(30);
    assert_eq!(world.snapshot("ada").connectivity, Some(Connectivity::Connected));
    world.agree();
}
