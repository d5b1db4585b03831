//! Data channels, for those who want them: which offers have them.

use crate::world::World;
use session::Input;

fn offers(world: &World, who: &'static str) -> Vec<(u32, bool)> {
    world.people[who].offers.iter().map(|(id, data)| (id.0, *data)).collect()
}

#[test]
fn a_plain_call_has_none() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.pass_secs(1);
    assert_eq!(offers(&world, "ada"), [(0, false)]);
}

#[test]
fn asked_for_before_joining_they_are_in_the_first_offer() {
    let mut world = World::new();
    world.people.entry("ada").or_default();
    world.input("ada", Input::WantData);
    world.inside("tea", &["ada"]);
    world.pass_secs(1);
    assert_eq!(offers(&world, "ada"), [(0, true)]);
    world.agree();
}

#[test]
fn asked_for_later_they_are_an_offer_of_their_own_and_then_in_all() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.input("ada", Input::WantData);
    world.input("ada", Input::WantData);
    world.pass_secs(1);
    assert_eq!(offers(&world, "ada"), [(0, false), (1, true)]);
    world.input("ada", Input::NetworkChanged);
    world.pass_secs(1);
    assert_eq!(offers(&world, "ada"), [(0, false), (1, true), (2, true)]);
    world.agree();
}

#[test]
fn asked_for_while_an_offer_is_under_way_they_are_in_the_next() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.input("ada", Input::NetworkChanged);
    world.input("ada", Input::WantData);
    world.pass_secs(1);
    assert_eq!(offers(&world, "ada"), [(0, false), (1, false), (2, true)]);
    world.agree();
}
