//! Calls straight from one to another: begun, left for the server and taken up again, without anybody being out of
//! sight meanwhile.

use crate::straight::{Dice, camera_line};
use crate::world::World;
use session::{SourceState, Way};
use signal::{ClientMessage, DirectSignal, Mid, RoomMode, Source};
use std::time::Duration;

/// Two in a room, for long enough that they see each other directly.
pub fn pair() -> World {
    let mut world = World::new();
    world.able("tea", None, &["ada", "bob"]);
    world.straight.strict = true;
    world.pass_secs(4);
    world
}

pub fn ways(world: &World) -> [Way; 2] {
    [world.way("ada", "bob"), world.way("bob", "ada")]
}

/// Everybody sees everybody by the server, and nothing else is left.
pub fn check_by_server(world: &World, names: &[&'static str]) {
    for who in names {
        assert!(world.sends_to_server(who), "{who}");
        for other in world.snapshot(who).others {
            assert_eq!((other.way, other.direct), (Way::Server, None), "{} as {who} sees it", other.name);
        }
    }
    assert_eq!(world.open_ends(), 0);
}

#[test]
fn two_who_are_alone_connect_and_spare_the_server() {
    let mut world = World::new();
    world.able("tea", None, &["ada", "bob"]);
    world.straight.strict = true;
    world.pass_secs(1);
    check_by_server(&world, &["ada", "bob"]);
    world.pass_secs(3);
    assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
    assert!(!world.sends_to_server("ada") && !world.sends_to_server("bob"));
    assert_eq!(camera_line(&world.other("ada", "bob")), Some(&Mid::from("1")));
    assert_eq!(world.straight.glares, 0, "one begins");
    world.agree();
}

#[test]
fn a_third_takes_both_back_to_the_server_and_its_leaving_brings_them_together_again() {
    let mut world = pair();
    for _ in 0..3 {
        world.able("tea", None, &["eve"]);
        world.pass_secs(2);
        check_by_server(&world, &["ada", "bob", "eve"]);
        world.agree();
        world.leave("eve");
        world.pass_secs(5);
        assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
        assert!(!world.sends_to_server("ada") && !world.sends_to_server("bob"));
    }
}

#[test]
fn one_who_keeps_to_the_server_takes_both_there_until_it_does_no_longer() {
    for who in ["ada", "bob"] {
        let mut world = pair();
        world.input(who, session::Input::KeepToServer(true));
        world.pass_secs(2);
        check_by_server(&world, &["ada", "bob"]);
        // The other one goes on trying, ever more rarely, in vain and unseen.
        world.pass_secs(60);
        assert!(!ways(&world).contains(&Way::Direct));
        world.agree();
        world.input(who, session::Input::KeepToServer(false));
        world.pass_secs(180);
        assert_eq!(ways(&world), [Way::Direct, Way::Direct], "{who}");
    }
}

#[test]
fn a_third_may_come_at_any_moment_of_a_beginning() {
    for later in (0..1000).step_by(11) {
        let mut world = World::new();
        world.able("tea", None, &["ada", "bob"]);
        world.straight.strict = true;
        world.pass(Duration::from_millis(1700 + later));
        world.able("tea", None, &["eve"]);
        world.pass_secs(3);
        check_by_server(&world, &["ada", "bob", "eve"]);
    }
}

#[test]
fn one_may_vanish_at_any_moment_of_a_beginning() {
    for later in (0..1000).step_by(11) {
        let mut world = World::new();
        world.able("tea", None, &["ada", "bob"]);
        world.pass(Duration::from_millis(1700 + later));
        world.close_tab("bob");
        world.pass_secs(45);
        assert!(world.snapshot("ada").others.is_empty() && world.sends_to_server("ada"));
        assert!(world.open_ends() <= 1, "only what died with the tab");
    }
}

#[test]
fn a_path_that_fails_leads_back_to_the_server_and_is_tried_ever_more_rarely() {
    let mut world = pair();
    world.straight.strict = false;
    world.block("ada", "bob", true);
    world.pass_secs(2);
    assert!(world.straight.darkest < Duration::from_millis(1800), "{:?}", world.straight.darkest);
    world.pass_secs(600);
    check_by_server(&world, &["ada", "bob"]);
    let offer = |said: &&ClientMessage| {
        matches!(said, ClientMessage::Direct { signal: DirectSignal::Offer { .. }, .. })
    };
    let offers = world.people["ada"].said.iter().filter(offer).count();
    assert_eq!(offers, 5, "the first, and one after each wait");
    // Another network is worth another try.
    world.block("ada", "bob", false);
    world.input("ada", session::Input::NetworkChanged);
    world.pass_secs(5);
    assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
}

#[test]
fn a_path_that_loses_much_is_left() {
    let mut world = pair();
    world.straight.lossy = true;
    world.pass_secs(3);
    assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
    world.pass_secs(3);
    check_by_server(&world, &["ada", "bob"]);
}

#[test]
fn switches_are_told_on_the_connection_also_without_the_server() {
    let mut world = pair();
    world.up = false;
    world.set_source("bob", Source::Camera, SourceState::Muted);
    world.set_source("bob", Source::Screen, SourceState::Live);
    world.pass_secs(1);
    let bob = world.other("ada", "bob");
    assert!(bob.camera.is_some_and(|camera| camera.muted));
    let sent: Vec<_> =
        bob.direct.unwrap().tracks.into_iter().map(|track| (track.source, track.muted)).collect();
    assert_eq!(sent, [(Source::Microphone, false), (Source::Camera, true), (Source::Screen, false)]);
}

#[test]
fn a_socket_that_breaks_at_any_moment_of_a_beginning_costs_one_attempt_at_most() {
    for later in (0..1000).step_by(17) {
        for who in ["ada", "bob"] {
            let mut world = World::new();
            world.able("tea", None, &["ada", "bob"]);
            world.straight.strict = true;
            world.pass(Duration::from_millis(1700 + later));
            world.break_socket(who);
            world.pass_secs(25);
            assert_eq!(ways(&world), [Way::Direct, Way::Direct], "{who}'s, {later} ms later");
            world.agree();
        }
    }
}

/// Ada has not heard that somebody else has come, and cannot: her socket hangs. Eve sees her all the same.
#[test]
fn on_a_socket_that_hangs_nobody_stops_to_send_to_the_server() {
    let mut world = World::new();
    world.able("tea", None, &["ada", "bob"]);
    world.straight.strict = true;
    while !world.sends_pictures("ada", "bob") {
        world.pass(Duration::from_millis(1));
    }
    world.person("ada").cut = true;
    world.pass_secs(1);
    world.able("tea", None, &["eve"]);
    world.pass_secs(3);
    assert_eq!(world.other("eve", "ada").way, Way::Server);
    assert!(world.sends_to_server("ada"));
    world.person("ada").cut = false;
    world.pass_secs(20);
    check_by_server(&world, &["ada", "bob", "eve"]);
}

#[test]
fn a_direct_call_outlasts_a_lost_socket() {
    let mut world =
        World::with(room::Config { resume_window: Duration::from_mins(1), ..room::Config::default() });
    world.able("tea", None, &["ada", "bob"]);
    world.straight.strict = true;
    world.pass_secs(4);
    let me = world.id("ada");
    world.person("ada").cut = true;
    world.break_socket("ada");
    world.pass_secs(15);
    assert_ne!(world.phase("ada"), session::Phase::Live);
    assert_eq!(world.way("ada", "bob"), Way::Direct);
    world.person("ada").cut = false;
    world.pass_secs(10);
    assert_eq!(world.id("ada"), me, "it was resumed");
    assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
}

#[test]
fn in_a_room_without_the_server_all_are_connected_to_all_and_none_sends_there() {
    let mut world = World::new();
    let names = ["ada", "bob", "eve", "dan"];
    world.able("tea", Some(RoomMode::P2p), &names);
    world.pass_secs(2);
    for who in names {
        assert!(!world.sends_to_server(who) && world.fed(who) == 0, "{who}");
        for other in names.iter().filter(|other| **other != who) {
            assert_eq!(world.way(who, other), Way::Direct, "{other} as {who} sees it");
            assert!(camera_line(&world.other(who, other)).is_some());
        }
    }
    world.arrive("zoe", "tea", None);
    world.pass_secs(1);
    assert_eq!(world.refused("zoe"), Some(signal::ErrorCode::RoomFull));
    world.leave("bob");
    world.pass_secs(1);
    assert_eq!(world.open_ends(), 3 * 2);
}

#[test]
fn in_a_room_without_the_server_a_path_that_breaks_is_mended() {
    let mut world = World::new();
    world.able("tea", Some(RoomMode::P2p), &["ada", "bob"]);
    world.pass_secs(2);
    let call = |world: &World| world.other("ada", "bob").direct.map(|direct| direct.call);
    let first = call(&world);
    // Both ask for a restart at the same moment.
    world.block("ada", "bob", true);
    world.pass_secs(11);
    world.block("ada", "bob", false);
    world.pass_secs(10);
    assert_eq!(
        (ways(&world), call(&world)),
        ([Way::Direct, Way::Direct], first),
        "an ICE restart was enough"
    );
    assert!(world.straight.glares > 0, "both offered at once");
    world.block("ada", "bob", true);
    world.pass_secs(120);
    assert_eq!(camera_line(&world.other("ada", "bob")), None);
    world.block("ada", "bob", false);
    world.pass_secs(90);
    assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
    assert_ne!(call(&world), first);
}

#[test]
fn in_a_room_without_the_server_who_saves_data_is_sent_no_pictures() {
    let mut world = World::new();
    world.able("tea", Some(RoomMode::P2p), &["ada", "bob", "eve"]);
    world.pass_secs(2);
    let sent = |world: &World, to: &'static str| {
        ["ada", "bob", "eve"].map(|who| who != to && world.sends_pictures(who, to))
    };
    assert_eq!(sent(&world, "ada"), [false, true, true]);
    for _ in 0..2 {
        world.input("ada", session::Input::KeepToServer(true));
        world.pass_secs(1);
        assert_eq!(sent(&world, "ada"), [false; 3]);
        assert_eq!(sent(&world, "bob"), [true, false, true], "that is hers alone");
        world.input("ada", session::Input::KeepToServer(false));
        world.pass_secs(1);
        assert_eq!(sent(&world, "ada"), [false, true, true]);
    }
    // It holds for connections that come after.
    world.input("ada", session::Input::KeepToServer(true));
    world.able("tea", None, &["dan"]);
    world.pass_secs(5);
    assert!(!world.sends_pictures("dan", "ada") && world.sends_pictures("ada", "dan"));
    assert_eq!(world.way("ada", "dan"), Way::Direct);
}

#[test]
fn who_speaks_is_told_by_the_browser_of_those_who_are_heard_directly_and_else_by_the_server() {
    let mut world = pair();
    let [ada, bob] = ["ada", "bob"].map(|who| world.id(who));
    let speakers = |world: &World| world.snapshot("ada").speakers;
    world.input("ada", session::Input::Heard(vec![bob, ada]));
    assert_eq!(speakers(&world), [bob, ada]);
    world.speak(&["bob"]);
    world.input("ada", session::Input::Heard(vec![ada]));
    assert_eq!(speakers(&world), [ada], "what the server heard of Bob is of the past");
    // Then the server hears everybody, and what the browser said last is of the past.
    world.able("tea", None, &["eve"]);
    world.pass_secs(2);
    check_by_server(&world, &["ada", "bob", "eve"]);
    assert_eq!(speakers(&world), [bob]);
}

#[test]
fn a_restart_that_was_lost_with_a_socket_is_offered_again_when_that_is_back() {
    for (who, later) in [("ada", 1), ("ada", 12), ("bob", 1), ("bob", 12)] {
        let mut world = World::new();
        world.able("tea", Some(RoomMode::P2p), &["ada", "bob"]);
        world.pass_secs(2);
        let before = world.agreed_on(who);
        world.input(who, session::Input::NetworkChanged);
        // The browser makes the offer; what is said from now on gets lost.
        world.pass(Duration::from_millis(later));
        world.person(who).cut = true;
        world.pass(Duration::from_millis(30));
        world.break_socket(who);
        world.person(who).cut = false;
        world.pass_secs(3);
        assert_eq!(world.phase(who), session::Phase::Live);
        world.check_agreed();
        assert!(world.agreed_on(who) > before, "{who}, {later} ms later: {:?}", world.agreed_on(who));
        assert_eq!(ways(&world), [Way::Direct, Way::Direct]);
    }
}

#[test]
fn who_finds_a_room_takes_it_as_it_is_and_who_cannot_is_refused() {
    let mut world = World::new();
    world.able("tea", Some(RoomMode::Sfu), &["ada"]);
    world.able("tea", Some(RoomMode::P2p), &["bob"]);
    world.pass_secs(20);
    assert_eq!(world.snapshot("bob").mode, Some(RoomMode::Sfu));
    check_by_server(&world, &["ada", "bob"]);
    world.able("mint", Some(RoomMode::P2p), &["eve"]);
    world.enter("dan", "mint");
    world.pass_secs(1);
    assert_eq!(world.refused("dan"), Some(signal::ErrorCode::ModeNotAllowed));
}

#[test]
fn what_the_operator_forbids_is_not_to_be_had() {
    let modes = vec![RoomMode::Sfu];
    let mut world = World::with(room::Config { modes, ..room::Config::default() });
    world.able("tea", None, &["ada", "bob"]);
    assert_eq!(world.snapshot("ada").mode, Some(RoomMode::Sfu));
    world.arrive("eve", "mint", Some(RoomMode::Auto));
    world.pass_secs(1);
    assert_eq!(world.refused("eve"), Some(signal::ErrorCode::ModeNotAllowed));
    world.arrive("dan", "tea", Some(RoomMode::P2p));
    world.pass_secs(1);
    assert_eq!(world.snapshot("dan").mode, Some(RoomMode::Sfu), "it is open already");
}

/// Messages come late and unevenly, so that all kinds of them cross; somebody comes and goes, sockets break, sources
/// are switched, somebody saves data. Nobody is ever out of sight, and in the end all is as it should be.
#[test]
fn whatever_crosses_nobody_is_out_of_sight_and_both_ends_agree() {
    // Of the last ones somebody came, on a socket that was late, as two had just stopped to send to the server.
    for seed in (0..60).chain([91, 339, 1906, 2090]) {
        walk(seed);
    }
}

fn walk(seed: u64) {
    let mut world = World::new();
    world.dice = Some(Dice::new(seed));
    let mut acts = Dice::new(seed + 1_000_000);
    world.able("tea", None, &["ada", "bob"]);
    world.pass_secs(5);
    world.straight.strict = true;
    for _ in 0..12 {
        match acts.below(5) {
            0 if world.person_is_in("eve") => world.leave("eve"),
            0 | 1 if !world.person_is_in("eve") => world.arrive("eve", "tea", None),
            2 => {
                let who = ["ada", "bob"][usize::try_from(acts.below(2)).unwrap()];
                if world.phase(who) == session::Phase::Live {
                    world.break_socket(who);
                }
            }
            3 => {
                let state = [SourceState::Muted, SourceState::Live][usize::try_from(acts.below(2)).unwrap()];
                world.set_source("ada", Source::Microphone, state);
            }
            4 => {
                let who = ["ada", "bob"][usize::try_from(acts.below(2)).unwrap()];
                world.input(who, session::Input::KeepToServer(acts.below(2) == 0));
            }
            _ => {}
        }
        world.pass(Duration::from_millis(acts.below(9000)));
    }
    if world.person_is_in("eve") {
        world.leave("eve");
    }
    for who in ["ada", "bob"] {
        world.input(who, session::Input::KeepToServer(false));
    }
    world.pass_secs(150);
    assert_eq!(ways(&world), [Way::Direct, Way::Direct], "seed {seed}");
    assert_eq!(world.open_ends(), 2, "seed {seed}");
    world.check_agreed();
    assert!(!world.sends_to_server("ada") && !world.sends_to_server("bob"), "seed {seed}");
}

/// In a room without the server both sides of a broken path restart ICE, and so their offers cross.
#[test]
fn however_offers_cross_one_of_them_is_taken() {
    let mut glares = 0;
    for seed in 0..60 {
        let mut world = World::new();
        world.dice = Some(Dice::new(seed));
        let mut acts = Dice::new(seed + 1_000_000);
        let names = ["ada", "bob", "eve"];
        for who in names {
            world.arrive(who, "tea", Some(RoomMode::P2p));
            world.pass(Duration::from_millis(acts.below(4000)));
        }
        for _ in 0..12 {
            let mut one_of = || names[usize::try_from(acts.below(3)).unwrap()];
            let (who, other) = (one_of(), one_of());
            match acts.below(3) {
                0 if world.phase(who) == session::Phase::Live => world.break_socket(who),
                1 if who != other => {
                    world.block(who, other, true);
                    world.pass(Duration::from_millis(acts.below(9000)));
                    world.block(who, other, false);
                }
                _ => {
                    for who in [who, other] {
                        world.input(who, session::Input::NetworkChanged);
                    }
                }
            }
            world.pass(Duration::from_millis(acts.below(6000)));
        }
        world.pass_secs(150);
        for who in names {
            for other in names.iter().filter(|other| **other != who) {
                assert_eq!(world.way(who, other), Way::Direct, "seed {seed}: {other} as {who} sees it");
            }
        }
        assert_eq!(world.open_ends(), 6, "seed {seed}");
        world.check_agreed();
        glares += world.straight.glares;
    }
    assert!(glares > 50, "the walks get somewhere: {glares}");
}
