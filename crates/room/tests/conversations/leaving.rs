//! The ways out.

use crate::world::{DELAY, World};
use room::{Config, Counts};
use session::{EndReason, Phase};
use signal::limits::RESUME_WINDOW;
use signal::{LeaveReason, ServerMessage};
use std::time::Duration;

/// Why the last one left, as somebody heard it.
fn last_reason(world: &mut World, who: &'static str) -> Option<LeaveReason> {
    let reason = |message: &ServerMessage| match message {
        ServerMessage::ParticipantLeft { reason, .. } => Some(*reason),
        _ => None,
    };
    world.person(who).heard.iter().rev().find_map(reason)
}

#[test]
fn who_leaves_is_gone_at_once() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.leave("bob");
    world.pass(DELAY * 3);
    assert_eq!(world.phase("bob"), Phase::Ended(EndReason::Left));
    assert_eq!(last_reason(&mut world, "ada"), Some(LeaveReason::Left));
    world.agree();
    assert_eq!(world.fed("ada"), 0);
}

#[test]
fn two_leave_at_once() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.leave("ada");
    world.leave("bob");
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.in_room("tea"), 1);
}

#[test]
fn the_last_one_leaves_nothing_behind() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.leave("ada");
    world.leave("bob");
    world.pass_secs(1);
    assert_eq!(world.rooms.counts(), Counts::default());
    assert!(world.routes.is_empty());
}

#[test]
fn a_closed_tab_keeps_its_place_for_the_resume_window_and_no_longer() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.close_tab("bob");
    world.pass(RESUME_WINDOW.saturating_sub(Duration::from_millis(100)));
    assert_eq!(world.snapshot("ada").others.len(), 1);
    assert_eq!(world.fed("ada"), 2, "media may still flow");
    world.pass_secs(1);
    assert_eq!(last_reason(&mut world, "ada"), Some(LeaveReason::ConnectionLost));
    world.agree();
    assert_eq!(world.fed("ada"), 0);
}

#[test]
fn a_closed_tab_whose_media_is_lost_too_is_waited_for_less_long() {
    // Whichever is noticed first, and even if media is lost when that time is over.
    for (media_at, gone_at) in [(-6, 10), (0, 10), (6, 10), (14, 14)] {
        let mut world = World::new();
        world.inside("tea", &["ada", "bob"]);
        let participant = world.id("bob");
        let path = |up| room::Input::MediaPath { participant, up };
        if media_at < 0 {
            world.server(path(false));
            world.pass_secs(6);
        }
        world.close_tab("bob");
        world.pass(DELAY);
        let closed = world.now;
        if let Ok(after) = u64::try_from(media_at) {
            world.pass_secs(after);
            world.server(path(false));
        }
        let about = Duration::from_millis(50);
        world.pass((closed + Duration::from_secs(gone_at)).saturating_sub(world.now + about));
        assert_eq!(world.snapshot("ada").others.len(), 1, "{media_at}");
        world.pass(about * 2);
        assert_eq!(last_reason(&mut world, "ada"), Some(LeaveReason::ConnectionLost));
        world.agree();
    }
}

#[test]
fn media_that_is_found_again_gives_the_whole_time_back() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let participant = world.id("bob");
    world.server(room::Input::MediaPath { participant, up: false });
    world.close_tab("bob");
    world.pass_secs(8);
    world.server(room::Input::MediaPath { participant, up: true });
    world.pass(RESUME_WINDOW.saturating_sub(Duration::from_secs(9)));
    assert_eq!(world.snapshot("ada").others.len(), 1);
    world.pass_secs(2);
    world.agree();
    assert!(world.snapshot("ada").others.is_empty());
}

#[test]
fn whoever_has_a_socket_is_not_sent_away_for_its_media_path() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let participant = world.id("bob");
    world.server(room::Input::MediaPath { participant, up: false });
    world.pass_secs(60);
    assert_eq!(world.id("bob"), participant);
    world.agree();
}

#[test]
fn a_silent_socket_is_closed_and_its_participant_waited_for() {
    let mut world = World::with(Config { resume_window: Duration::from_secs(30), ..Config::default() });
    world.inside("tea", &["ada", "bob"]);
    world.person("bob").cut = true;
    world.pass_secs(15);
    assert_eq!(world.rooms.counts().absent, 1);
    world.pass_secs(30);
    assert_eq!(last_reason(&mut world, "ada"), Some(LeaveReason::ConnectionLost));
}

#[test]
fn a_quiet_room_is_not_silent() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.pass_secs(900);
    world.agree();
    let errors = |message: &ServerMessage| matches!(message, ServerMessage::Error(_));
    assert!(!world.person("ada").heard.iter().any(errors));
    assert_eq!(world.rooms.counts().timers, 2);
}

#[test]
fn leaving_and_coming_back_is_a_new_participant() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let before = world.id("bob");
    world.leave("bob");
    world.inside("tea", &["bob"]);
    assert_ne!(world.id("bob"), before);
    world.pass_secs(1);
    world.agree();
}

#[test]
fn leaving_on_the_way_in_gives_the_place_back() {
    let mut world = World::new();
    for wait in 0..6 {
        world.enter("ada", "tea");
        world.pass(DELAY * wait);
        world.leave("ada");
        world.pass_secs(1);
        assert_eq!(world.rooms.counts(), Counts::default(), "after {wait} delays");
    }
}

#[test]
fn when_one_leaves_nobody_else_moves() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve", "dan"]);
    let before = (world.slots("ada", "eve"), world.slots("ada", "dan"));
    world.leave("bob");
    world.pass_secs(1);
    assert_eq!((world.slots("ada", "eve"), world.slots("ada", "dan")), before);
}
