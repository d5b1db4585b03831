//! Direct calls that are to come back, or to be left for good, though something gets lost meanwhile or somebody looks
//! in for a moment.

use crate::direct::{check_by_server, pair, ways};
use session::{Input, Phase, Way};
use std::time::Duration;

#[test]
fn visits_shorter_than_the_way_back_are_no_failures() {
    let mut world = pair();
    for visit in 0..8 {
        world.arrive("eve", "tea", None);
        world.pass(Duration::from_millis(100));
        world.leave("eve");
        world.pass_secs(5);
        assert_eq!(ways(&world), [Way::Direct, Way::Direct], "after visit {visit}");
    }
}

#[test]
fn who_wants_back_to_the_server_says_so_again_to_one_who_had_no_socket() {
    for who in ["ada", "bob"] {
        let other = if who == "ada" { "bob" } else { "ada" };
        let mut world = pair();
        world.break_socket(other);
        world.pass(Duration::ZERO);
        assert_ne!(world.phase(other), Phase::Live);
        world.input(who, Input::KeepToServer(true));
        world.pass_secs(2);
        assert_eq!(world.phase(other), Phase::Live);
        assert_eq!(world.way(other, who), Way::Direct, "it did not hear of it");
        world.pass_secs(3);
        check_by_server(&world, &["ada", "bob"]);
    }
}

#[test]
fn another_network_is_worth_another_try_also_when_it_cost_the_socket() {
    let mut world = pair();
    world.straight.strict = false;
    world.block("ada", "bob", true);
    world.pass_secs(600);
    check_by_server(&world, &["ada", "bob"]);
    world.block("ada", "bob", false);
    world.break_socket("ada");
    world.pass(Duration::ZERO);
    assert_ne!(world.phase("ada"), Phase::Live);
    world.input("ada", Input::NetworkChanged);
    world.pass_secs(10);
    assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
}
