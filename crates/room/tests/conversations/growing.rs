//! More people than seats: more seats.

use crate::world::World;
use session::SourceState;
use signal::{ClientMessage, ServerMessage, Source};

const NAMES: [&str; 12] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "pa", "pb"];

#[test]
fn five_people_need_no_second_offer() {
    let mut world = World::new();
    world.inside("tea", &NAMES[..5]);
    world.agree();
    let offers = |message: &ClientMessage| matches!(message, ClientMessage::Offer { .. });
    assert!(NAMES[..5].iter().all(|who| !world.people[who].said.iter().any(offers)));
    assert!(NAMES[..5].iter().all(|who| world.fed(who) == 8));
}

#[test]
fn the_sixth_person_makes_everybody_grow_from_four_seats_to_eight() {
    let mut world = World::new();
    world.inside("tea", &NAMES[..6]);
    world.pass_secs(1);
    world.agree();
    for who in &NAMES[..6] {
        assert_eq!(world.people[who].browser.seats(), 8, "{who}");
        assert_eq!(world.fed(who), 10, "{who}");
    }
}

#[test]
fn growing_again_and_again_shows_everybody() {
    let mut world = World::new();
    world.inside("tea", &NAMES);
    world.pass_secs(1);
    world.agree();
    for who in NAMES {
        assert_eq!(world.people[who].browser.seats(), 16, "{who}");
        assert_eq!(world.fed(who), 22, "{who}");
    }
}

#[test]
fn all_at_once_end_as_one_by_one() {
    let mut world = World::new();
    for who in NAMES {
        world.enter(who, "tea");
    }
    world.pass_secs(2);
    world.agree();
    assert!(NAMES.iter().all(|who| world.fed(who) == 22));
}

#[test]
fn screens_count() {
    let mut world = World::new();
    world.inside("tea", &NAMES[..5]);
    world.set_source("p1", Source::Screen, SourceState::Live);
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.fed("p0"), 9);
    assert_eq!(world.people["p1"].browser.seats(), 4, "one's own screen takes no seat");
}

#[test]
fn a_refused_offer_leaves_those_in_the_first_seats_as_they_are() {
    let mut world = World::new();
    world.refuse_offers = true;
    world.inside("tea", &NAMES[..6]);
    world.pass_secs(60);
    world.agree();
    assert_eq!(world.fed("p0"), 8);
    assert!(world.people["p0"].session.last_problem().is_some());
    let refusals = |message: &&ServerMessage| matches!(message, ServerMessage::Error(_));
    assert_eq!(world.person("p0").heard.iter().filter(refusals).count(), 1, "not tried over and over");
    // The next who comes is a new reason to try.
    world.refuse_offers = false;
    world.inside("tea", &NAMES[6..7]);
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.fed("p0"), 12);
}

#[test]
fn who_waits_longest_gets_the_seat_that_becomes_free() {
    let mut world = World::new();
    world.refuse_offers = true;
    world.inside("tea", &NAMES[..7]);
    world.pass_secs(1);
    assert_eq!(world.slots("p0", "p5"), (None, None));
    let seat = world.slots("p0", "p2");
    world.leave("p2");
    world.pass_secs(1);
    assert_eq!(world.slots("p0", "p5"), seat);
    assert_eq!(world.slots("p0", "p6"), (None, None));
    world.agree();
}
