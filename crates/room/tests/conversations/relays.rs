//! Media that finds no way takes a relay, and only then.

use crate::world::{Ice, World};
use session::{Connectivity, Input};
use signal::IceServer;
use std::time::Duration;

fn relay(credential: &str) -> IceServer {
    IceServer {
        urls: vec!["turn:meet.example.org:3478?transport=udp".to_owned()],
        username: Some("300:1".to_owned()),
        credential: Some(credential.to_owned()),
    }
}

/// A world with a relay, and somebody in it whose ICE does so.
fn inside(ice: Ice, relays: Vec<IceServer>) -> World {
    let mut world = World::new();
    world.relays = relays;
    world.enter_bare("ada", "tea");
    world.person("ada").ice = ice;
    world.pass_secs(1);
    world
}

/// With which credentials relays were taken.
fn taken(world: &mut World) -> Vec<String> {
    let relays = world.person("ada").relays.iter().flat_map(|(_, relays)| relays.clone());
    relays.filter_map(|relay| relay.credential).collect()
}

#[test]
fn who_connects_takes_none() {
    let mut world = inside(Ice::Connects, vec![relay("a")]);
    world.pass_secs(60);
    assert_eq!((taken(&mut world), world.person("ada").restarts), (vec![], 0));
}

#[test]
fn who_is_not_connected_four_seconds_after_the_answer_takes_one() {
    let mut world = inside(Ice::Hangs, vec![relay("a")]);
    world.pass(Duration::from_millis(2900));
    assert_eq!(taken(&mut world), Vec::<String>::new());
    world.person("ada").ice = Ice::Connects;
    world.pass_secs(2);
    assert_eq!((taken(&mut world), world.person("ada").restarts), (vec!["a".to_owned()], 1));
    assert_eq!(world.snapshot("ada").connectivity, Some(Connectivity::Connected));
    world.pass_secs(60);
    assert_eq!(world.person("ada").restarts, 1);
}

#[test]
fn who_fails_takes_one_at_once() {
    let mut world = inside(Ice::Hangs, vec![relay("a")]);
    world.input("ada", Input::Connectivity(Connectivity::Failed));
    assert_eq!(taken(&mut world), ["a"]);
}

#[test]
fn without_relays_nobody_is_hurried() {
    let mut world = inside(Ice::Hangs, vec![]);
    world.pass_secs(14);
    assert_eq!(world.person("ada").restarts, 0);
}

/// Another network is tried without first; the answer to that brings credentials that are fresh.
#[test]
fn who_was_connected_takes_one_with_the_second_restart() {
    let mut world = inside(Ice::Connects, vec![relay("old")]);
    world.pass_secs(600);
    world.relays = vec![relay("new")];
    world.person("ada").ice = Ice::Hangs;
    world.input("ada", Input::Connectivity(Connectivity::Failed));
    world.pass_secs(2);
    assert_eq!((taken(&mut world), world.person("ada").restarts), (vec![], 1));
    world.pass_secs(7);
    assert_eq!((taken(&mut world), world.person("ada").restarts), (vec!["new".to_owned()], 2));
}

#[test]
fn a_resume_brings_fresh_credentials() {
    let mut world = inside(Ice::Hangs, vec![relay("old")]);
    world.relays = vec![relay("new")];
    world.break_socket("ada");
    world.pass_secs(6);
    assert_eq!(taken(&mut world).first().map(String::as_str), Some("new"));
}
