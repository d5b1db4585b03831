//! In a large room those who come and go are told together.

use crate::world::{DELAY, World};
use signal::{ServerMessage, Source};
use std::time::Duration;

const TWELVE: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
/// From the entrance to when those inside are told: the socket, the join, its answer, and the news on its way.
const WAY_IN: Duration = DELAY.saturating_mul(4);

fn watched_by_twelve() -> World {
    let mut world = World::new();
    for who in TWELVE {
        world.enter_bare(who, "tea");
    }
    world.pass_secs(1);
    world.agree();
    world
}

/// How many of those who came lately somebody was told of.
fn told(world: &World, who: &str, names: &[&str]) -> usize {
    let told = |message: &&ServerMessage| matches!(message, ServerMessage::ParticipantJoined { participant } if names.contains(&participant.name.as_str()));
    world.people[who].heard.iter().filter(told).count()
}

#[test]
fn several_who_come_to_a_large_room_are_told_together() {
    let mut world = watched_by_twelve();
    for who in ["x", "y", "z"] {
        world.enter_bare(who, "tea");
        world.pass(Duration::from_millis(2));
    }
    // Twelve are there and two on the way when the first enters: 14 ms.
    world.pass(WAY_IN + Duration::from_millis(6));
    assert_eq!(told(&world, "a", &["x", "y", "z"]), 0, "not yet");
    assert_eq!(world.snapshot("x").others.len(), 12, "who comes sees everybody at once");
    world.pass(Duration::from_millis(4));
    assert_eq!(told(&world, "a", &["x", "y", "z"]), 3, "all at the same time");
    world.pass_secs(1);
    world.agree();
}

#[test]
fn who_is_heard_at_once_is_told_of_at_once() {
    let mut world = watched_by_twelve();
    world.enter_bare("w", "tea");
    world.set_source("x", Source::Microphone, session::SourceState::Live);
    world.enter_bare("x", "tea");
    world.pass(WAY_IN);
    // Slots name it, and they come after the news.
    assert_eq!(told(&world, "a", &["w", "x"]), 2);
    world.agree();
    assert_eq!(world.fed("a"), 1);
}

#[test]
fn who_is_told_already_is_not_told_again() {
    let mut world = watched_by_twelve();
    world.enter_bare("x", "tea");
    world.pass(WAY_IN);
    // Says everything that is so, of x too.
    world.break_socket("a");
    world.pass_secs(2);
    world.agree();
    world.leave("x");
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.rooms.counts().untold, 0);
}

#[test]
fn in_a_small_room_nobody_waits() {
    let mut world = World::new();
    for who in &TWELVE[..9] {
        world.enter_bare(who, "tea");
    }
    world.pass_secs(1);
    world.enter_bare("x", "tea");
    world.pass(WAY_IN);
    assert_eq!(told(&world, "a", &["x"]), 1);
}
