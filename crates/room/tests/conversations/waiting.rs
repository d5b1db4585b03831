//! Locked rooms and waiting rooms, and those who stand outside.

use crate::moderating::{by_a_new_socket, invited, join, token_of};
use crate::world::{Ice, World};
use room::{Admission, ConnectionId, Errand, Input, ResourceId};
use session::Phase;
use signal::limits::{MAX_WAITING, MAX_WAITING_OFFER, WAITING_TIMEOUT};
use signal::{
    ClientMessage, DisplayName, ErrorCode, Hold, ModerateAct, ParticipantId, ResumeToken, RoomName, Sdp,
    ServerMessage,
};
use std::time::Duration;

impl World {
    /// Some who come to a room with a waiting room.
    fn outside(&mut self, names: &[&'static str]) {
        for who in names {
            self.enter(who, "tea");
            self.person(who).room = None;
            self.pass(Duration::from_millis(100));
            assert!(self.snapshot(who).waiting, "{who}");
        }
    }

    /// Who waits, as somebody sees it.
    fn waiting(&self, who: &'static str) -> Vec<(String, ParticipantId)> {
        let waiting = self.snapshot(who).moderation.waiting.into_iter();
        waiting.map(|waiting| (waiting.name, waiting.participant)).collect()
    }

    fn waits(&self, who: &'static str, whom: &str) -> ParticipantId {
        self.waiting(who).into_iter().find(|(name, _)| name == whom).unwrap().1
    }
}

#[test]
fn nobody_comes_into_a_locked_room() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.decide("ada", ModerateAct::Lock { on: true });
    assert!(world.snapshot("bob").moderation.locked);
    world.enter("eve", "tea");
    world.person("eve").room = None;
    world.pass_secs(1);
    assert_eq!(world.refused("eve"), Some(ErrorCode::RoomLocked));
    let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse("obs").unwrap());
    let (admission, offer) = (Admission::default(), Sdp::from("0 recv audio\n"));
    let errand = Errand::Play { whom: None };
    world.server(Input::Enter { resource: ResourceId(1), room, name, errand, admission, offer });
    assert_eq!(world.answers.last().unwrap().1.as_ref().unwrap_err().code, ErrorCode::RoomLocked);
    world.agree();
    world.decide("ada", ModerateAct::Lock { on: false });
    world.inside("tea", &["eve"]);
}

#[test]
fn who_was_inside_when_it_was_locked_comes_back() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.hold("ada", "bob", Hold::Camera, true);
    world.decide("ada", ModerateAct::Lock { on: true });
    world.break_socket("eve");
    world.pass_secs(5);
    assert_eq!(world.phase("eve"), Phase::Live, "resumed");
    // Bob's media fails: he is somebody else now, and what was held of him still is.
    let participant = world.id("bob");
    world.server(Input::MediaFailed { participant });
    world.pass_secs(5);
    assert_eq!(world.phase("bob"), Phase::Live, "came back");
    assert_ne!(world.id("bob"), participant);
    let held = world.snapshot("ada").moderation.held;
    assert_eq!(held.iter().map(|held| held.participant).collect::<Vec<_>>(), [world.id("bob")]);
    assert!(world.other("eve", "bob").camera.unwrap().muted);
    // The moderator's fails: she moderates again.
    world.server(Input::MediaFailed { participant: world.id("ada") });
    world.pass_secs(5);
    assert!(world.moderators("eve").contains(&world.id("ada")));
}

#[test]
fn who_had_left_before_it_was_locked_does_not() {
    let mut world = World::new();
    world.inside("tea", &["ada", "eve"]);
    let token = token_of(&mut world, "eve");
    world.leave("eve");
    world.pass_secs(1);
    world.decide("ada", ModerateAct::Lock { on: true });
    let join = join("0 send audio\n", Some(token));
    assert_eq!(by_a_new_socket(&mut world, join, Admission::default()), Some(ErrorCode::RoomLocked));
}

#[test]
fn a_moderator_by_invitation_passes_a_lock_and_a_waiting_room() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.decide("ada", ModerateAct::Lock { on: true });
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.admitted("kim", invited(true, "kim"));
    world.inside("tea", &["kim"]);
}

#[test]
fn whoever_waits_is_let_in_by_a_moderator_and_sees_nothing_before() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve", "kim"]);
    world.pass_secs(120);
    assert_eq!(
        world.waiting("ada").iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["eve", "kim"]
    );
    assert!(world.waiting("bob").is_empty(), "moderators alone are told");
    let heard = &world.person("eve").heard;
    assert!(heard.iter().all(|said| matches!(said, ServerMessage::Waiting {} | ServerMessage::Pong { .. })));
    assert_eq!((world.in_room("tea"), world.rooms.counts().waiting), (2, 2));
    let participant = world.waits("ada", "eve");
    world.person("eve").room = Some("tea".to_owned());
    world.decide("ada", ModerateAct::Admit { participant });
    world.pass_secs(1);
    assert_eq!((world.phase("eve"), world.id("eve")), (Phase::Live, participant));
    assert!(!world.snapshot("eve").waiting);
    world.agree();
}

#[test]
fn whoever_is_denied_is_told_so() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve"]);
    let participant = world.waits("ada", "eve");
    world.decide("ada", ModerateAct::Deny { participant });
    assert_eq!(world.refused("eve"), Some(ErrorCode::Denied));
    assert!(world.waiting("ada").is_empty());
}

#[test]
fn nobody_waits_for_ever() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve"]);
    world.pass(WAITING_TIMEOUT);
    world.pass_secs(1);
    assert_eq!(world.refused("eve"), Some(ErrorCode::Denied));
    assert_eq!(world.rooms.counts().waiting, 0);
}

#[test]
fn whoever_goes_away_waits_no_longer() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve", "kim"]);
    world.leave("eve");
    world.close_tab("kim");
    world.pass_secs(1);
    assert!(world.waiting("ada").is_empty());
}

#[test]
fn when_the_waiting_room_is_opened_all_come_in() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve", "kim"]);
    for who in ["eve", "kim"] {
        world.person(who).room = Some("tea".to_owned());
    }
    world.decide("ada", ModerateAct::WaitingRoom { on: false });
    world.pass_secs(1);
    world.agree();
}

#[test]
fn a_moderator_who_takes_over_sees_who_waits() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve"]);
    world.leave("ada");
    world.pass_secs(1);
    assert_eq!(world.waiting("bob").len(), 1);
    world.leave("bob");
    world.pass_secs(1);
    assert_eq!(world.refused("eve"), Some(ErrorCode::Denied), "nobody is left to let anybody in");
    assert_eq!(world.rooms.counts(), room::Counts { connections: 0, ..world.rooms.counts() });
    assert_eq!((world.rooms.counts().rooms, world.rooms.counts().timers), (0, 0));
}

/// A second place, which was given up before the removal, is no way back past a moderator.
#[test]
fn who_was_put_out_waits_whatever_it_had_left_before() {
    for act in [ModerateAct::WaitingRoom { on: true }, ModerateAct::Lock { on: true }] {
        for (before, put_out) in [("", ""), ("eve", "eve"), ("", "eve")] {
            let mut world = World::new();
            world.admitted("eve before", invited(false, before));
            world.admitted("eve", invited(false, put_out));
            world.inside("tea", &["ada", "eve before", "eve"]);
            world.decide("ada", act.clone());
            let token = token_of(&mut world, "eve before");
            world.leave("eve before");
            world.put_out("ada", "eve");
            let connection = ConnectionId(1 << 40);
            world.server(Input::Opened { connection, token: ResumeToken::from_random([2; 16]) });
            let (message, admission) = (join("0 send audio\n", Some(token)), Ok(Admission::default()));
            world.server(Input::Join { connection, message, admission });
            let counts = world.rooms.counts();
            // Who is known by what it left is kept out.
            let waiting = usize::from(before.is_empty());
            assert_eq!((counts.waiting, counts.joining, counts.participants), (waiting, 0, 1), "{act:?}");
        }
    }
}

/// She moderated by her first place, and would put out whoever put her out.
#[test]
fn who_was_put_out_does_not_moderate_again_by_what_it_had_left_before() {
    let mut world = World::new();
    world.inside("tea", &["eve before", "ada", "eve"]);
    let token = token_of(&mut world, "eve before");
    world.leave("eve before");
    world.pass_secs(1);
    world.put_out("ada", "eve");
    let connection = ConnectionId(1 << 40);
    world.server(Input::Opened { connection, token: ResumeToken::from_random([2; 16]) });
    let (message, admission) = (join("0 send audio\n", Some(token)), Ok(Admission::default()));
    world.server(Input::Join { connection, message, admission });
    world.pass_secs(1);
    assert_eq!((world.in_room("tea"), world.moderators("ada")), (2, vec![world.id("ada")]));
}

/// The page is gone, and with it what she could return by; a stream goes on for hours.
#[test]
fn a_room_with_nothing_but_streams_in_it_is_open() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse("obs").unwrap());
    let (admission, offer) = (Admission::default(), Sdp::from("0 send audio\n"));
    let (resource, errand) = (ResourceId(1), Errand::Publish);
    world.server(Input::Enter { resource, room, name, errand, admission, offer });
    world.pass_secs(1);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve"]);
    world.decide("ada", ModerateAct::Lock { on: true });
    world.close_tab("ada");
    world.pass_secs(60);
    assert_eq!(world.refused("eve"), Some(ErrorCode::Denied), "nobody is left to let anybody in");
    world.inside("tea", &["ada"]);
    assert_eq!(world.moderators("ada"), [world.id("ada")]);
    let rules = world.snapshot("ada").moderation;
    assert!(!rules.locked && !rules.waiting_room);
}

#[test]
fn who_comes_back_does_not_wait() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.person("bob").ice = Ice::Connects;
    let participant = world.id("bob");
    world.server(Input::MediaFailed { participant });
    world.pass_secs(5);
    assert_eq!(world.phase("bob"), Phase::Live);
}

#[test]
fn one_who_waits_can_do_nothing_else() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    world.outside(&["eve"]);
    let participant = world.waits("ada", "eve");
    let token = ResumeToken::from_random([1; 16]);
    for (message, code) in [
        (ClientMessage::Chat { text: "Hello".to_owned() }, ErrorCode::NotJoined),
        (ClientMessage::Moderate { act: ModerateAct::Admit { participant } }, ErrorCode::NotJoined),
        (ClientMessage::Resume { version: 1, participant, token }, ErrorCode::AlreadyJoined),
        (join("0 send audio\n", None), ErrorCode::AlreadyJoined),
    ] {
        let connection = world.person("eve").socket.unwrap();
        let before = world.person("eve").heard.len();
        world.server(match message.clone() {
            ClientMessage::Join { .. } => {
                Input::Join { connection, message, admission: Ok(Admission::default()) }
            }
            message => Input::Message { connection, message },
        });
        world.pass(Duration::from_millis(50));
        let told = world.person("eve").heard.iter().skip(before).find_map(|said| match said {
            ServerMessage::Error(error) => Some(error.code),
            _ => None,
        });
        assert_eq!(told, Some(code));
    }
    assert_eq!(world.in_room("tea"), 1);
}

#[test]
fn so_many_wait_and_with_so_much() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.decide("ada", ModerateAct::WaitingRoom { on: true });
    let long = "x".repeat(MAX_WAITING_OFFER + 1);
    let refused = by_a_new_socket(&mut world, join(&long, None), Admission::default());
    assert_eq!(refused, Some(ErrorCode::BadOffer));
    for k in 0..u64::try_from(MAX_WAITING).unwrap() {
        let connection = ConnectionId(1 << 50 | k);
        world.server(Input::Opened { connection, token: ResumeToken::from_random([2; 16]) });
        let (message, admission) = (join("0 send audio\n", None), Ok(Admission::default()));
        world.server(Input::Join { connection, message, admission });
    }
    let refused = by_a_new_socket(&mut world, join("0 send audio\n", None), Admission::default());
    assert_eq!(refused, Some(ErrorCode::RoomFull));
    assert_eq!(world.rooms.counts().waiting, MAX_WAITING);
}
