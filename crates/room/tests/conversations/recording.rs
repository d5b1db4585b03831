//! What happened, for the caller's record.

use crate::world::{DELAY, World};
use room::{Input, RoomEvent, RoomEventKind};
use signal::{LeaveReason, RoomMode};

/// In a few words each.
fn record(world: &World) -> Vec<String> {
    let words = |event: &RoomEvent| {
        let kind = match &event.kind {
            RoomEventKind::Opened { mode: RoomMode::Auto } => "opened".to_owned(),
            RoomEventKind::Opened { mode } => format!("opened {mode:?}"),
            RoomEventKind::Joined { participant, name, over_http: false } => {
                format!("{} {} joined", name.as_str(), participant.0)
            }
            RoomEventKind::Joined { name, .. } => format!("{} over HTTP", name.as_str()),
            RoomEventKind::Left { participant, reason } => format!("{} left, {reason:?}", participant.0),
            RoomEventKind::Ended => "ended".to_owned(),
        };
        format!("{} {}: {kind}", event.name.as_str(), event.room.0)
    };
    world.record.iter().map(words).collect()
}

#[test]
fn a_room_opens_with_the_first_and_ends_with_the_last() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.leave("ada");
    world.pass(DELAY * 3);
    world.close_tab("bob");
    world.pass_secs(60);
    let id = world.record[0].room.0;
    let expected = [
        "opened".to_owned(),
        "ada 1 joined".to_owned(),
        "bob 2 joined".to_owned(),
        format!("1 left, {:?}", LeaveReason::Left),
        format!("2 left, {:?}", LeaveReason::ConnectionLost),
        "ended".to_owned(),
    ];
    let expected: Vec<String> = expected.iter().map(|words| format!("tea {id}: {words}")).collect();
    assert_eq!(record(&world), expected);
}

#[test]
fn who_is_on_the_way_in_is_no_news_and_opens_no_room() {
    let mut world = World::new();
    world.enter("ada", "tea");
    world.pass(DELAY);
    world.close_tab("ada");
    world.pass_secs(60);
    assert_eq!(record(&world), [""; 0]);
}

#[test]
fn a_server_that_stops_ends_its_rooms() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.record.clear();
    world.server(Input::ShutDown);
    let words = record(&world);
    assert_eq!(words.len(), 1);
    assert!(words[0].ends_with("ended"), "{words:?}");
}
