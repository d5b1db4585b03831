//! A thousand comings and goings leave nothing behind.

use crate::world::{DELAY, World};
use room::{Config, Counts};

#[test]
fn joining_and_leaving_a_thousand_times_leaves_nothing_behind() {
    // Whoever's tab was closed keeps a place for a while.
    let mut world = World::with(Config { max_participants: 1000, ..Config::default() });
    for round in 0..1000_u32 {
        world.enter("ada", "tea");
        // Every stage of the way in, and some time inside.
        world.pass(DELAY * (round % 8));
        if round % 3 == 0 {
            world.close_tab("ada");
        } else {
            world.leave("ada");
        }
        world.pass(DELAY * (round % 5));
    }
    world.pass_secs(45);
    assert_eq!(world.rooms.counts(), Counts::default());
    assert_eq!(world.rooms.poll_timeout(), None);
    assert!(world.routes.is_empty());
}

#[test]
fn a_room_that_people_come_to_and_go_from_all_the_time_stays_in_order() {
    let names = ["p0", "p1", "p2", "p3", "p4", "p5", "p6"];
    let mut world = World::new();
    for round in 0..200_usize {
        let who = names[round * 5 % names.len()];
        if world.people.get(who).is_some_and(|person| person.room.is_some()) {
            world.leave(who);
        } else {
            world.enter(who, "tea");
        }
        world.pass(DELAY * (round % 4).try_into().unwrap());
        if round % 20 == 19 {
            world.pass_secs(2);
            world.agree();
        }
    }
    for who in names {
        if world.people[who].room.is_some() {
            world.leave(who);
        }
    }
    world.pass_secs(2);
    assert_eq!(world.rooms.counts(), Counts::default());
}
