//! How large the page shows whom: the server is told what changed, in good time and not too often.

use crate::world::{DELAY, World};
use room::Output;
use signal::limits::MAX_MEDIA_SECTIONS;
use signal::{ClientMessage, ErrorCode, Mid, ServerMessage, SlotView};
use std::time::Duration;

/// Every `view` that somebody said, as (mid, width).
fn views(world: &mut World, who: &'static str) -> Vec<Vec<(Mid, u16)>> {
    let view = |message: &ClientMessage| match message {
        ClientMessage::View { slots } => {
            Some(slots.iter().map(|slot| (slot.mid.clone(), slot.width)).collect())
        }
        _ => None,
    };
    world.person(who).said.iter().filter_map(view).collect()
}

/// Ada with Bob and Eve, and the slots of their cameras.
fn three() -> (World, Mid, Mid) {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.pass_secs(1);
    let slot = |world: &World, other| world.slots("ada", other).1.unwrap();
    let (bob, eve) = (slot(&world, "bob"), slot(&world, "eve"));
    (world, bob, eve)
}

#[test]
fn the_media_plane_learns_the_sizes_shown() {
    let (mut world, bob, eve) = three();
    world.show("ada", &[(&bob, 640, 360), (&eve, 320, 180)]);
    world.pass_secs(1);
    let slot = |mid: &Mid, width, height| SlotView { mid: mid.clone(), width, height };
    let expected = vec![(world.id("ada"), vec![slot(&bob, 640, 360), slot(&eve, 320, 180)])];
    assert_eq!(world.views, expected);
}

#[test]
fn what_did_not_change_is_not_said_again() {
    let (mut world, bob, eve) = three();
    for width in [640, 640, 320] {
        world.show("ada", &[(&bob, width, 360), (&eve, 320, 180)]);
        world.pass_secs(1);
    }
    let (both, changed) = (vec![(bob.clone(), 640), (eve, 320)], vec![(bob, 320)]);
    assert_eq!(views(&mut world, "ada"), [both, changed]);
}

#[test]
fn a_slot_that_is_left_out_is_told_hidden() {
    let (mut world, bob, eve) = three();
    world.show("ada", &[(&bob, 640, 360), (&eve, 320, 180)]);
    world.pass_secs(1);
    world.show("ada", &[(&bob, 640, 360)]);
    world.pass_secs(1);
    assert_eq!(views(&mut world, "ada")[1..], [vec![(eve, 0)]]);
}

#[test]
fn a_resize_is_told_at_once_and_then_ten_times_a_second_and_in_the_end() {
    let (mut world, bob, eve) = three();
    world.show("ada", &[(&bob, 1, 1), (&eve, 9, 9)]);
    world.pass_secs(1);
    for width in 2..=32 {
        world.show("ada", &[(&bob, width, 1), (&eve, 9, 9)]);
        world.pass(Duration::from_millis(10));
    }
    world.pass_secs(1);
    let widths: Vec<_> = views(&mut world, "ada")[1..].iter().map(|view| view[0].1).collect();
    assert_eq!(widths, [2, 11, 21, 31, 32]);
}

#[test]
fn a_page_that_says_nothing_of_sizes_lets_the_server_say_nothing_of_them() {
    let (mut world, _, _) = three();
    world.pass_secs(60);
    assert!(views(&mut world, "ada").is_empty());
}

#[test]
fn a_newcomer_whom_the_page_does_not_show_is_hidden() {
    let (mut world, bob, eve) = three();
    world.show("ada", &[(&bob, 640, 360), (&eve, 320, 180)]);
    world.inside("tea", &["dan"]);
    world.pass_secs(1);
    let dan = world.slots("ada", "dan").1.unwrap();
    assert_eq!(views(&mut world, "ada")[1..], [vec![(dan, 0)]]);
}

#[test]
fn a_newcomer_whom_the_page_shows_soon_is_never_hidden() {
    let (mut world, bob, eve) = three();
    world.show("ada", &[(&bob, 640, 360), (&eve, 320, 180)]);
    world.pass_secs(1);
    world.enter("dan", "tea");
    // One resize before the page knows of the newcomer, and one layout after.
    world.pass(DELAY * 6);
    let dan = world.slots("ada", "dan").1.unwrap();
    world.show("ada", &[(&bob, 640, 360), (&eve, 321, 180)]);
    world.pass(Duration::from_millis(10));
    world.show("ada", &[(&bob, 640, 360), (&eve, 321, 180), (&dan, 320, 180)]);
    world.pass_secs(1);
    assert_eq!(views(&mut world, "ada")[1..], [vec![(eve, 321)], vec![(dan, 320)]]);
}

#[test]
fn a_resumed_socket_is_told_all_again() {
    let (mut world, bob, eve) = three();
    world.show("ada", &[(&bob, 640, 360), (&eve, 320, 180)]);
    world.pass_secs(1);
    world.person("ada").cut = true;
    world.show("ada", &[(&bob, 800, 450)]);
    world.pass_secs(1);
    world.person("ada").cut = false;
    world.break_socket("ada");
    world.pass_secs(1);
    assert_eq!(views(&mut world, "ada").last(), Some(&vec![(bob.clone(), 800), (eve.clone(), 0)]));
    let (_, told) = world.views.last().unwrap();
    let told: Vec<_> = told.iter().map(|slot| (slot.mid.clone(), slot.width)).collect();
    assert_eq!(told, [(bob, 800), (eve, 0)]);
}

#[test]
fn a_new_peer_is_told_all_again() {
    let (mut world, bob, eve) = three();
    world.show("ada", &[(&bob, 640, 360), (&eve, 320, 180)]);
    world.pass_secs(1);
    let (participant, told) = world.views[0].clone();
    world.server(room::Input::MediaFailed { participant });
    world.pass_secs(5);
    assert_eq!(world.views, [(participant, told.clone()), (world.id("ada"), told)]);
}

#[test]
fn what_changes_without_a_socket_is_told_with_the_next() {
    let (mut world, bob, _) = three();
    world.person("ada").cut = true;
    world.break_socket("ada");
    world.pass_secs(1);
    world.show("ada", &[(&bob, 640, 360)]);
    assert!(views(&mut world, "ada").is_empty());
    world.person("ada").cut = false;
    world.pass_secs(15);
    assert_eq!(views(&mut world, "ada")[0], [(bob, 640)]);
}

#[test]
fn what_is_no_video_slot_is_passed_over() {
    let (mut world, bob, _) = three();
    let audio = world.slots("ada", "bob").0.unwrap();
    let slot = |mid: &Mid| SlotView { mid: mid.clone(), width: 1, height: 1 };
    let camera = world.person("ada").browser.mid(signal::Source::Camera).unwrap().clone();
    let mut slots = vec![slot(&audio), slot(&camera), slot(&Mid::from("none"))];
    world.say("ada", &ClientMessage::View { slots: slots.clone() });
    world.pass_secs(1);
    assert!(world.views.is_empty());
    slots.push(slot(&bob));
    world.say("ada", &ClientMessage::View { slots });
    world.pass_secs(1);
    assert_eq!(world.views, [(world.id("ada"), vec![slot(&bob)])]);
}

#[test]
fn more_than_a_peer_can_have_is_cut() {
    let (mut world, bob, eve) = three();
    let slot = |mid: &Mid| SlotView { mid: mid.clone(), width: 1, height: 1 };
    let mut slots = vec![slot(&bob); MAX_MEDIA_SECTIONS];
    slots.push(slot(&eve));
    world.say("ada", &ClientMessage::View { slots });
    world.pass_secs(1);
    assert_eq!(world.views[0].1, vec![slot(&bob); MAX_MEDIA_SECTIONS]);
}

#[test]
fn whoever_is_in_no_room_has_no_view() {
    let mut rooms = room::Rooms::new(room::Config::default());
    let connection = room::ConnectionId(1);
    let token = signal::ResumeToken::from_random([1; 16]);
    rooms.handle(room::Input::Opened { connection, token }, Duration::ZERO);
    for message in
        [ClientMessage::View { slots: Vec::new() }, ClientMessage::Prefer { publications: Vec::new() }]
    {
        rooms.handle(room::Input::Message { connection, message }, Duration::ZERO);
        let Some(Output::Send { message: ServerMessage::Error(error), .. }) = rooms.poll_output() else {
            panic!("no error")
        };
        assert_eq!(error.code, ErrorCode::NotJoined);
    }
}
