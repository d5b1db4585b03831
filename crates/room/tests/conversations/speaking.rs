//! Fewer slots than people: who is seen is who speaks, and who is preferred.

use crate::world::World;
use room::RoomId;
use session::SourceState::{Absent, Live, Muted};
use signal::Source::{Camera, Screen};
use signal::{ClientMessage, Mid, ParticipantId, PublicationId, ServerMessage};

const NAMES: [&str; 5] = ["p0", "p1", "p2", "p3", "p4"];

/// Five people, each with so many seats for the four others.
fn five(seats: usize) -> World {
    let mut world = World::new();
    world.most_seats = seats;
    world.inside("tea", &NAMES);
    world.pass_secs(1);
    world
}

/// Whose cameras somebody sees.
fn seen(world: &World, who: &'static str) -> Vec<&'static str> {
    let others = NAMES.into_iter().filter(|other| *other != who && world.person_is_in(other));
    others.filter(|other| world.slots(who, other).1.is_some()).collect()
}

/// Whose microphones somebody hears.
fn heard(world: &World, who: &'static str) -> Vec<&'static str> {
    let others = NAMES.into_iter().filter(|other| *other != who && world.person_is_in(other));
    others.filter(|other| world.slots(who, other).0.is_some()).collect()
}

#[test]
fn everybody_is_told_who_speaks_and_only_when_that_changes() {
    let mut world = five(4);
    for names in [&["p1", "p2"][..], &["p1", "p2"], &["p2", "p1"], &[]] {
        world.speak(names);
    }
    let ids = |names: &[&'static str]| names.iter().map(|who| world.id(who)).collect::<Vec<_>>();
    let expected = [ids(&["p1", "p2"]), ids(&["p2", "p1"]), vec![]];
    for who in NAMES {
        let told = world.people[who].heard.iter().filter_map(|message| match message {
            ServerMessage::Speakers { participants } => Some(participants.clone()),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{who}");
    }
}

#[test]
fn the_snapshot_says_who_speaks() {
    let mut world = five(4);
    world.speak(&["p3", "p1"]);
    assert_eq!(world.snapshot("p1").speakers, [world.id("p3"), world.id("p1")]);
}

#[test]
fn a_newcomer_learns_who_speaks() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.speak(&["bob"]);
    world.inside("tea", &["eve"]);
    assert_eq!(world.snapshot("eve").speakers, [world.id("bob")]);
    world.agree();
}

#[test]
fn one_who_left_is_never_named() {
    let mut world = five(4);
    world.speak(&["p1", "p2"]);
    let (gone, room) = (world.id("p1"), world.homes[&world.id("p0")]);
    world.leave("p1");
    world.pass_secs(1);
    assert_eq!(world.snapshot("p0").speakers, [world.id("p2")]);
    let participants = vec![gone, ParticipantId(999), world.id("p3"), world.id("p3"), world.id("p2")];
    world.server(room::Input::Speakers { room, participants });
    world.pass_secs(1);
    assert_eq!(world.snapshot("p0").speakers, [world.id("p3"), world.id("p2")]);
    world.agree();
}

#[test]
fn a_room_that_is_gone_or_another_has_no_say() {
    let mut world = five(4);
    world.inside("coffee", &["eve"]);
    let speaker = world.id("p1");
    for room in [RoomId(77), world.homes[&world.id("eve")]] {
        world.server(room::Input::Speakers { room, participants: vec![speaker] });
        world.pass_secs(1);
        assert!(world.snapshot("p0").speakers.is_empty() && world.snapshot("eve").speakers.is_empty());
    }
}

#[test]
fn a_room_that_comes_to_life_again_has_another_id() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.leave("ada");
    world.pass_secs(1);
    world.inside("tea", &["bob"]);
    let rooms: std::collections::BTreeSet<_> = world.homes.values().collect();
    assert_eq!(rooms.len(), 2);
}

#[test]
fn where_everybody_has_a_slot_nobody_moves_whoever_speaks() {
    let mut world = five(4);
    let routes = world.routes.clone();
    for names in [&["p4"][..], &["p3", "p1"], &["p0", "p2", "p4"], &[]] {
        world.speak(names);
        world.prefer("p0", &["p4"]);
        world.pass_secs(1);
        assert_eq!(world.routes, routes);
    }
    world.agree();
}

#[test]
fn with_three_slots_the_first_three_are_seen_until_somebody_speaks() {
    let world = five(3);
    assert_eq!(seen(&world, "p0"), ["p1", "p2", "p3"]);
    assert_eq!(seen(&world, "p4"), ["p0", "p1", "p2"]);
    world.agree();
}

#[test]
fn who_begins_to_speak_takes_the_slot_of_who_was_silent_longest_and_keeps_it() {
    let mut world = five(3);
    for who in ["p1", "p3", "p2"] {
        world.speak(&[who]);
    }
    assert_eq!(seen(&world, "p0"), ["p1", "p2", "p3"]);
    let (slot, stays) = (world.slots("p0", "p1").1, world.slots("p0", "p3"));
    world.speak(&["p4"]);
    assert_eq!(seen(&world, "p0"), ["p2", "p3", "p4"]);
    assert_eq!((world.slots("p0", "p4").1, world.slots("p0", "p3")), (slot, stays));
    world.speak(&[]);
    world.pass_secs(60);
    assert_eq!(seen(&world, "p0"), ["p2", "p3", "p4"]);
    world.agree();
}

#[test]
fn who_is_seen_and_speaks_moves_nobody() {
    let mut world = five(3);
    let me = world.id("p0");
    let mine = |world: &World| {
        let all = world.routes.iter().filter(|((to, _), _)| *to == me);
        all.map(|(slot, from)| (slot.clone(), from.clone())).collect::<Vec<_>>()
    };
    let before = mine(&world);
    for names in [&["p1"][..], &["p2"], &["p1", "p2"]] {
        world.speak(names);
        assert_eq!(mine(&world), before);
    }
}

#[test]
fn when_all_who_are_seen_speak_the_next_waits_until_one_is_silent() {
    let mut world = five(3);
    world.speak(&["p1", "p2", "p3"]);
    world.speak(&["p4", "p1", "p2", "p3"]);
    assert_eq!(seen(&world, "p0"), ["p1", "p2", "p3"]);
    world.speak(&["p4", "p1", "p3"]);
    assert_eq!(seen(&world, "p0"), ["p1", "p3", "p4"]);
    world.agree();
}

#[test]
fn microphones_of_speakers_are_heard() {
    let mut world = five(2);
    assert_eq!(heard(&world, "p0"), ["p1", "p2"]);
    world.speak(&["p2"]);
    world.speak(&["p4"]);
    assert_eq!(heard(&world, "p0"), ["p2", "p4"]);
    world.agree();
}

#[test]
fn who_begins_to_speak_is_seen_and_heard_in_one_seat() {
    let mut world = five(3);
    world.speak(&["p4"]);
    let number = |mid: Option<Mid>| mid.unwrap().0.parse::<u32>().unwrap();
    let (microphone, camera) = world.slots("p0", "p4");
    assert_eq!(number(camera), number(microphone) + 1);
}

#[test]
fn a_free_slot_goes_to_who_spoke_last() {
    let mut world = five(2);
    world.speak(&["p1", "p2"]);
    world.speak(&["p1", "p2", "p4"]);
    world.speak(&[]);
    assert_eq!(seen(&world, "p0"), ["p1", "p2"]);
    world.set_source("p1", Camera, Absent);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p2", "p4"]);
    world.agree();
}

#[test]
fn the_preferred_are_seen_whoever_speaks() {
    let mut world = five(3);
    world.prefer("p0", &["p4", "p3"]);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p1", "p3", "p4"]);
    world.speak(&["p1"]);
    world.speak(&["p2"]);
    assert_eq!(seen(&world, "p0"), ["p2", "p3", "p4"]);
    assert_eq!(seen(&world, "p4"), ["p0", "p1", "p2"], "others prefer others");
    world.agree();
}

#[test]
fn of_more_preferred_than_slots_the_first_are_seen() {
    let mut world = five(2);
    world.prefer("p0", &["p4", "p1", "p3", "p2"]);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p1", "p4"]);
    world.prefer("p0", &["p3", "p4", "p1"]);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p3", "p4"]);
    world.agree();
}

#[test]
fn who_is_preferred_no_more_stays_until_somebody_else_speaks() {
    let mut world = five(3);
    world.prefer("p0", &["p4"]);
    world.pass_secs(1);
    world.prefer("p0", &[]);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p1", "p2", "p4"]);
    world.speak(&["p3"]);
    assert_eq!(seen(&world, "p0"), ["p1", "p2", "p3"]);
}

#[test]
fn preferring_the_unknown_and_the_same_twice_does_no_harm() {
    let mut world = five(2);
    let id = |other| world.other("p0", other).camera.unwrap().publication;
    let (unknown, p3, p4) = (PublicationId(999), id("p3"), id("p4"));
    let own = world.other("p1", "p0").camera.unwrap().publication;
    world.say("p0", &ClientMessage::Prefer { publications: vec![unknown, own, p4, p4, p4, p3] });
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p3", "p4"]);
    world.agree();
}

#[test]
fn preferences_are_told_once_and_again_after_a_loss() {
    let mut world = five(3);
    let told = |world: &World| {
        let prefer = |message: &&ClientMessage| matches!(message, ClientMessage::Prefer { .. });
        world.people["p0"].said.iter().filter(prefer).count()
    };
    world.prefer("p0", &[]);
    assert_eq!(told(&world), 0, "nothing is what the server assumes");
    world.prefer("p0", &["p4"]);
    world.prefer("p0", &["p4"]);
    assert_eq!(told(&world), 1);
    world.break_socket("p0");
    world.pass_secs(1);
    assert_eq!(told(&world), 2);
    let participant = world.id("p0");
    world.server(room::Input::MediaFailed { participant });
    world.pass_secs(5);
    assert_eq!(told(&world), 3);
    assert!(seen(&world, "p0").contains(&"p4"));
    world.agree();
}

#[test]
fn a_preference_taken_back_without_a_socket_is_taken_back_with_the_next() {
    let mut world = five(2);
    world.prefer("p0", &["p4", "p3"]);
    world.pass_secs(1);
    world.person("p0").cut = true;
    world.prefer("p0", &[]);
    world.pass_secs(1);
    world.person("p0").cut = false;
    world.break_socket("p0");
    world.pass_secs(1);
    world.speak(&["p1", "p2"]);
    assert_eq!(seen(&world, "p0"), ["p1", "p2"]);
}

#[test]
fn a_screen_is_seen_before_any_camera() {
    let mut world = five(2);
    world.speak(&["p1", "p2"]);
    world.set_source("p4", Screen, Live);
    world.pass_secs(1);
    assert!(world.other("p0", "p4").screen.unwrap().slot.is_some());
    assert_eq!(seen(&world, "p0"), ["p1"], "the louder");
    world.agree();
}

#[test]
fn a_dark_camera_makes_place_for_one_that_is_not() {
    let mut world = five(2);
    world.set_source("p1", Camera, Muted);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p2", "p3"]);
    world.set_source("p1", Camera, Live);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p2", "p3"], "it waits like all others");
    world.agree();
}

#[test]
fn dark_cameras_keep_their_slots_while_nobody_else_needs_them() {
    let mut world = five(3);
    for who in ["p1", "p4"] {
        world.set_source(who, Camera, Muted);
    }
    world.pass_secs(1);
    world.set_source("p2", Camera, Absent);
    world.pass_secs(1);
    assert_eq!(seen(&world, "p0"), ["p1", "p3", "p4"]);
    world.agree();
}
