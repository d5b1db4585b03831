//! Cameras, microphones and screens, on and off.

use crate::world::World;
use session::SourceState::{Absent, Live, Muted};
use signal::Source::{Camera, Microphone, Screen, ScreenAudio};
use signal::{ClientMessage, ErrorCode, Mid, PublishTrack, ServerMessage};

#[test]
fn a_camera_that_goes_dark_keeps_its_slot() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let before = world.slots("ada", "bob");
    for state in [Muted, Live, Muted] {
        world.set_source("bob", Camera, state);
        world.pass_secs(1);
        world.agree();
        assert_eq!(world.slots("ada", "bob"), before);
    }
}

#[test]
fn a_camera_taken_back_gives_its_slot_back_and_can_come_again() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let before = world.slots("ada", "bob");
    world.set_source("bob", Camera, Absent);
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.fed("ada"), 1);
    world.set_source("bob", Camera, Live);
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.slots("ada", "bob"), before);
}

#[test]
fn a_camera_that_comes_later_sits_beside_its_microphone() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.set_source("bob", Microphone, Live);
    world.enter_bare("bob", "tea");
    world.pass_secs(1);
    world.inside("tea", &["eve"]);
    world.set_source("bob", Camera, Live);
    world.pass_secs(1);
    world.agree();
    let (microphone, camera) = world.slots("ada", "bob");
    let number = |mid: &Option<Mid>| mid.as_ref().unwrap().0.parse::<u32>().unwrap();
    assert_eq!(number(&camera), number(&microphone) + 1, "one seat");
}

#[test]
fn what_was_set_on_the_way_in_is_told_once_inside() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.enter("bob", "tea");
    world.pass(crate::world::DELAY * 3);
    world.set_source("bob", Camera, Muted);
    world.set_source("bob", Microphone, Absent);
    world.pass_secs(1);
    world.agree();
}

#[test]
fn a_screen_gets_an_m_line_and_a_seat_of_its_own() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.set_source("bob", Screen, Live);
    world.set_source("bob", ScreenAudio, Live);
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.fed("ada"), 4);
    world.set_source("bob", Screen, Absent);
    world.set_source("bob", ScreenAudio, Absent);
    world.pass_secs(1);
    world.agree();
    assert_eq!(world.fed("ada"), 2);
}

#[test]
fn a_source_that_never_gets_an_m_line_is_asked_for_once() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    // The session hears of a screen that the browser knows nothing of.
    let screen = session::Input::SetSource { source: Screen, state: Live };
    world.input("ada", screen.clone());
    world.pass_secs(1);
    world.input("ada", screen);
    world.pass_secs(60);
    let offers = |message: &&ClientMessage| matches!(message, ClientMessage::Offer { .. });
    assert_eq!(world.person("ada").said.iter().filter(offers).count(), 1);
}

#[test]
fn what_cannot_be_published_is_refused_and_the_rest_goes_on() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let publish = |mid: &str, source| {
        let track = PublishTrack { mid: Mid::from(mid), source, muted: false };
        ClientMessage::Publish { track }
    };
    let cases = [
        (publish("99", Screen), ErrorCode::BadTrack, "publish"),
        (publish("0", Screen), ErrorCode::BadTrack, "publish"),
        (publish("2", Screen), ErrorCode::BadTrack, "publish"),
        (publish("1", Camera), ErrorCode::AlreadyPublished, "publish"),
        (publish("1", Screen), ErrorCode::AlreadyPublished, "publish"),
        (ClientMessage::Unpublish { mid: Mid::from("7") }, ErrorCode::NotPublished, "unpublish"),
        (ClientMessage::SetMuted { mid: Mid::from("7"), muted: true }, ErrorCode::NotPublished, "set_muted"),
    ];
    for (message, code, kind) in cases {
        world.say("bob", &message);
        world.pass_secs(1);
        let heard = world.person("bob").heard.iter().rev();
        let error = heard.into_iter().find_map(|heard| match heard {
            ServerMessage::Error(error) => Some((error.code, error.in_reply_to.clone().unwrap())),
            _ => None,
        });
        assert_eq!(error, Some((code, kind.to_owned())), "{message:?}");
        world.agree();
    }
}
