//! What the media plane says of encodings, pauses and quality, on its way to the page.

use crate::world::World;
use room::Config;
use session::SourceState::{Absent, Live};
use signal::{LinkQuality, Mid, Quality, ServerMessage, Source::Camera, Source::Screen};
use std::time::Duration;

fn two() -> World {
    let mut world = World::with(Config { resume_window: Duration::from_mins(1), ..Config::default() });
    world.inside("tea", &["ada", "bob"]);
    world.pass_secs(1);
    world
}

fn encodings(world: &mut World, who: &'static str, mid: &str, wanted: &[u8]) {
    let (participant, mid, wanted) = (world.id(who), Mid::from(mid), wanted.to_vec());
    world.server(room::Input::Encodings { participant, mid, wanted });
}

fn pause(world: &mut World, who: &'static str, slots: &[&Mid]) {
    let (participant, slots) = (world.id(who), slots.iter().map(|mid| (*mid).clone()).collect());
    world.server(room::Input::Paused { participant, slots });
}

fn quality(bitrate: u32) -> Quality {
    Quality { uplink: LinkQuality { bitrate, ..LinkQuality::default() }, ..Quality::default() }
}

fn count(world: &World, who: &'static str, is: fn(&ServerMessage) -> bool) -> usize {
    world.people[who].heard.iter().filter(|message| is(message)).count()
}

/// The m-line of somebody's screen.
fn screen_of(world: &World, who: &'static str) -> Mid {
    let mids = world.people[who].browser.mids();
    mids.into_iter().find(|(source, _)| *source == Screen).unwrap().1
}

#[test]
fn encodings_nobody_wants_are_switched_off() {
    let mut world = two();
    encodings(&mut world, "ada", "1", &[0, 2]);
    encodings(&mut world, "ada", "1", &[0, 2]);
    world.pass_secs(1);
    assert_eq!(world.people["ada"].encodings, [(Mid::from("1"), vec![0, 2])].into());
    assert_eq!(count(&world, "ada", |m| matches!(m, ServerMessage::Encodings { .. })), 1);
}

#[test]
fn encodings_of_what_is_not_published_are_passed_over() {
    let mut world = two();
    world.set_source("ada", Camera, Absent);
    world.pass_secs(1);
    for mid in ["1", "3", "none"] {
        encodings(&mut world, "ada", mid, &[0]);
    }
    world.pass_secs(1);
    assert!(world.people["ada"].encodings.is_empty());
}

#[test]
fn of_what_is_published_anew_all_encodings_are_made_until_it_is_said_again_what_is_wanted() {
    let mut world = two();
    encodings(&mut world, "ada", "1", &[0]);
    world.pass_secs(1);
    world.set_source("ada", Camera, Absent);
    world.pass_secs(1);
    world.set_source("ada", Camera, Live);
    assert_eq!(world.people["ada"].encodings, [(Mid::from("1"), vec![0, 1, 2])].into());
    world.pass_secs(1);
    assert_eq!(world.people["ada"].encodings, [(Mid::from("1"), vec![0])].into());
}

#[test]
fn encodings_wanted_while_nothing_is_published_hold_for_what_is_published_next() {
    let mut world = two();
    world.set_source("ada", Camera, Absent);
    world.pass_secs(1);
    encodings(&mut world, "ada", "1", &[]);
    world.pass_secs(1);
    assert!(world.people["ada"].encodings.is_empty());
    world.set_source("ada", Camera, Live);
    world.pass_secs(1);
    assert_eq!(world.people["ada"].encodings, [(Mid::from("1"), vec![])].into());
}

#[test]
fn a_screen_shared_again_is_told_what_is_wanted_of_it() {
    let mut world = two();
    world.set_source("ada", Screen, Live);
    world.pass_secs(1);
    let screen = screen_of(&world, "ada");
    encodings(&mut world, "ada", &screen.0, &[1]);
    world.pass_secs(1);
    for state in [Absent, Live] {
        world.set_source("ada", Screen, state);
        world.pass_secs(1);
    }
    assert_eq!(world.people["ada"].encodings[&screen], [1]);
    world.agree();
}

#[test]
fn encodings_of_an_m_line_that_is_just_negotiated_are_kept() {
    // The same in every world.
    let mut twin = two();
    twin.set_source("ada", Screen, Live);
    twin.pass_secs(1);
    let screen = screen_of(&twin, "ada");
    let mut world = two();
    encodings(&mut world, "ada", &screen.0, &[1]);
    world.set_source("ada", Screen, Live);
    world.pass_secs(1);
    assert_eq!(world.people["ada"].encodings[&screen], [1]);
}

#[test]
fn encodings_wanted_meanwhile_are_told_after_a_resume() {
    let mut world = two();
    encodings(&mut world, "ada", "1", &[0]);
    world.pass_secs(1);
    world.person("ada").cut = true;
    encodings(&mut world, "ada", "1", &[0, 1]);
    world.pass_secs(1);
    world.break_socket("ada");
    world.person("ada").cut = false;
    world.pass_secs(1);
    assert_eq!(world.people["ada"].encodings, [(Mid::from("1"), vec![0, 1])].into());
}

#[test]
fn slots_held_back_are_shown_so() {
    let mut world = two();
    let slot = world.slots("ada", "bob").1.unwrap();
    pause(&mut world, "ada", &[&slot, &Mid::from("none"), &Mid::from("2")]);
    pause(&mut world, "ada", &[&slot]);
    world.pass_secs(1);
    assert_eq!(world.snapshot("ada").paused, [slot].into());
    assert_eq!(count(&world, "ada", |m| matches!(m, ServerMessage::Paused { .. })), 1);
    pause(&mut world, "ada", &[]);
    world.pass_secs(1);
    assert!(world.snapshot("ada").paused.is_empty());
}

#[test]
fn slots_held_back_or_no_more_meanwhile_are_known_after_a_resume() {
    for (before, meanwhile) in [(true, false), (false, true), (true, true)] {
        let mut world = two();
        let slot = world.slots("ada", "bob").1.unwrap();
        let slots = |paused: bool| if paused { vec![&slot] } else { vec![] };
        pause(&mut world, "ada", &slots(before));
        world.pass_secs(1);
        world.person("ada").cut = true;
        pause(&mut world, "ada", &slots(meanwhile));
        world.pass_secs(1);
        world.break_socket("ada");
        world.person("ada").cut = false;
        world.pass_secs(1);
        assert_eq!(world.snapshot("ada").paused.contains(&slot), meanwhile, "{before} {meanwhile}");
    }
}

#[test]
fn who_speaks_is_known_after_a_resume() {
    let mut world = two();
    world.speak(&["ada"]);
    world.person("ada").cut = true;
    world.speak(&["bob"]);
    world.break_socket("ada");
    world.person("ada").cut = false;
    world.pass_secs(1);
    assert_eq!(world.snapshot("ada").speakers, [world.id("bob")]);
    world.person("ada").cut = true;
    world.speak(&[]);
    world.break_socket("ada");
    world.person("ada").cut = false;
    world.pass_secs(1);
    assert!(world.snapshot("ada").speakers.is_empty());
    world.agree();
}

#[test]
fn quality_goes_to_whom_it_concerns_and_only_while_there() {
    let mut world = two();
    let participant = world.id("ada");
    world.server(room::Input::Quality { participant, quality: quality(1) });
    world.pass_secs(1);
    assert_eq!(world.snapshot("ada").quality, Some(quality(1)));
    assert_eq!(world.snapshot("bob").quality, None);
    world.person("ada").cut = true;
    world.break_socket("ada");
    world.pass_secs(1);
    world.server(room::Input::Quality { participant, quality: quality(2) });
    world.person("ada").cut = false;
    world.pass_secs(15);
    assert_eq!(world.snapshot("ada").quality, Some(quality(1)), "old news is not kept");
}

#[test]
fn with_the_peer_goes_all_that_was_measured() {
    let mut world = two();
    let (participant, slot) = (world.id("ada"), world.slots("ada", "bob").1.unwrap());
    pause(&mut world, "ada", &[&slot]);
    world.server(room::Input::Quality { participant, quality: quality(1) });
    world.speak(&["ada"]);
    world.server(room::Input::MediaFailed { participant });
    world.pass_secs(5);
    let snapshot = world.snapshot("ada");
    assert_eq!((snapshot.speakers, snapshot.paused, snapshot.quality), (vec![], [].into(), None));
    world.agree();
}

#[test]
fn what_concerns_somebody_long_gone_changes_nothing() {
    let mut world = two();
    let (participant, slots) = (world.id("bob"), vec![world.slots("bob", "ada").1.unwrap()]);
    world.leave("bob");
    world.pass_secs(1);
    let heard = world.person("ada").heard.len();
    let mid = Mid::from("1");
    world.server(room::Input::Encodings { participant, mid, wanted: vec![0] });
    world.server(room::Input::Paused { participant, slots });
    world.server(room::Input::Quality { participant, quality: quality(1) });
    world.pass_secs(1);
    assert_eq!(world.person("ada").heard.len(), heard);
}
