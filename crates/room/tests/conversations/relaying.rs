//! What two people say to each other about a connection: what is passed on, and what is not.

use crate::world::{DELAY, World};
use room::{Admission, Errand, ResourceId};
use signal::limits::{MAX_DIRECT_BURST, MAX_DIRECT_CANDIDATE, MAX_DIRECT_DESCRIPTION, MAX_DIRECT_RATE};
use signal::{
    CallNumber, ClientMessage, DirectSignal, DisplayName, ErrorCode, IceCandidate, OfferId, ParticipantId,
    RoomMode, RoomName, Sdp, ServerMessage,
};
use std::time::Duration;

/// Ada and Bob can, Eve cannot; Zoe is elsewhere.
fn world(mode: RoomMode) -> World {
    let mut world = World::new();
    world.able("tea", Some(mode), &["ada", "bob"]);
    world.inside("tea", &["eve"]);
    world.able("mint", None, &["zoe"]);
    for person in world.people.values_mut() {
        person.heard.clear();
    }
    world
}

fn candidate(length: usize) -> DirectSignal {
    DirectSignal::Candidate(IceCandidate { candidate: "x".repeat(length), mid: None, line: None })
}

fn say(world: &mut World, who: &'static str, to: ParticipantId, signal: DirectSignal) {
    // Of a connection that no session has, so that none acts on it.
    world.say(who, &ClientMessage::Direct { to, call: CallNumber(0), signal });
    world.pass(DELAY * 3);
}

/// What somebody heard of connections, and from whom.
fn heard(world: &World, who: &'static str) -> Vec<(ParticipantId, DirectSignal)> {
    let signal = |message: &ServerMessage| match message {
        ServerMessage::Direct { from, call: CallNumber(0), signal } => Some((*from, signal.clone())),
        _ => None,
    };
    world.people[who].heard.iter().filter_map(signal).collect()
}

fn refusals(world: &World, who: &'static str) -> Vec<ErrorCode> {
    let code = |message: &ServerMessage| match message {
        ServerMessage::Error(error) => {
            assert_eq!(error.in_reply_to.as_deref(), Some("direct"));
            Some(error.code)
        }
        _ => None,
    };
    world.people[who].heard.iter().filter_map(code).collect()
}

#[test]
fn it_reaches_the_one_it_is_for() {
    let mut world = world(RoomMode::Auto);
    let (ada, bob) = (world.id("ada"), world.id("bob"));
    let offer = DirectSignal::Offer { id: OfferId(0), sdp: Sdp("v=0".to_owned()) };
    say(&mut world, "ada", bob, offer.clone());
    assert_eq!(heard(&world, "bob"), [(ada, offer)]);
    assert_eq!((heard(&world, "ada").len(), heard(&world, "eve").len()), (0, 0));
}

#[test]
fn to_whom_it_may_not_go_it_goes_without_a_word() {
    let mut world = world(RoomMode::Auto);
    let room = RoomName::parse("tea").unwrap();
    let name = DisplayName::parse("Stage").unwrap();
    let offer = Sdp::from("0 send audio\n");
    world.server(room::Input::Enter {
        resource: ResourceId(7),
        room,
        name,
        errand: Errand::Publish,
        admission: Admission::default(),
        offer,
    });
    world.pass(DELAY * 3);
    let stage = world.other("ada", "Stage").id;
    for to in [world.id("eve"), world.id("zoe"), world.id("ada"), stage, ParticipantId(999)] {
        say(&mut world, "ada", to, DirectSignal::Bye {});
    }
    // Nor from who cannot.
    let bob = world.id("bob");
    say(&mut world, "eve", bob, DirectSignal::Bye {});
    for who in ["ada", "bob", "eve", "zoe"] {
        assert_eq!((heard(&world, who).len(), refusals(&world, who).len()), (0, 0), "{who}");
    }
}

#[test]
fn in_a_room_of_the_server_alone_nothing_is_passed_on() {
    let mut world = world(RoomMode::Sfu);
    let bob = world.id("bob");
    say(&mut world, "ada", bob, DirectSignal::Bye {});
    assert_eq!(refusals(&world, "ada"), [ErrorCode::ModeNotAllowed]);
    assert_eq!(heard(&world, "bob"), []);
}

#[test]
fn who_has_not_joined_says_nothing_to_anybody() {
    let mut world = world(RoomMode::Auto);
    world.leave("zoe");
    world.pass_secs(1);
    let socket = room::ConnectionId(1 << 40);
    let token = signal::ResumeToken::from_random([9; 16]);
    world.server(room::Input::Opened { connection: socket, token });
    let message =
        ClientMessage::Direct { to: world.id("bob"), call: CallNumber(0), signal: DirectSignal::Bye {} };
    world.rooms.handle(room::Input::Message { connection: socket, message }, world.now);
    let Some(room::Output::Send { message: ServerMessage::Error(error), .. }) = world.rooms.poll_output()
    else {
        panic!("no error")
    };
    assert_eq!(error.code, ErrorCode::NotJoined);
}

#[test]
fn what_is_too_long_or_empty_is_refused() {
    let mut world = world(RoomMode::Auto);
    let bob = world.id("bob");
    let sdp = |length: usize| Sdp("x".repeat(length));
    let mut long_mid =
        IceCandidate { candidate: String::new(), mid: Some("x".repeat(16).as_str().into()), line: None };
    for (signal, fits) in [
        (DirectSignal::Offer { id: OfferId(0), sdp: sdp(MAX_DIRECT_DESCRIPTION) }, true),
        (DirectSignal::Offer { id: OfferId(0), sdp: sdp(MAX_DIRECT_DESCRIPTION + 1) }, false),
        (DirectSignal::Answer { id: OfferId(0), sdp: sdp(MAX_DIRECT_DESCRIPTION + 1) }, false),
        (DirectSignal::Answer { id: OfferId(0), sdp: sdp(0) }, false),
        (candidate(0), true),
        (candidate(MAX_DIRECT_CANDIDATE), true),
        (candidate(MAX_DIRECT_CANDIDATE + 1), false),
        (DirectSignal::Candidate(long_mid.clone()), true),
        (
            {
                long_mid.mid = Some("x".repeat(17).as_str().into());
                DirectSignal::Candidate(long_mid)
            },
            false,
        ),
    ] {
        let before = (heard(&world, "bob").len(), refusals(&world, "ada").len());
        say(&mut world, "ada", bob, signal.clone());
        let after = (heard(&world, "bob").len(), refusals(&world, "ada").len());
        let expected = if fits { (before.0 + 1, before.1) } else { (before.0, before.1 + 1) };
        assert_eq!(after, expected, "{signal:?}");
    }
    assert!(refusals(&world, "ada").iter().all(|code| *code == ErrorCode::Malformed));
}

#[test]
fn who_says_too_much_is_not_passed_on_any_more() {
    let mut world = world(RoomMode::Auto);
    let bob = world.id("bob");
    // Within what may be said at all.
    for _ in 0..MAX_DIRECT_BURST + 40 {
        world.say("ada", &ClientMessage::Direct { to: bob, call: CallNumber(0), signal: candidate(1) });
    }
    world.pass(DELAY * 3);
    let burst = usize::try_from(MAX_DIRECT_BURST).unwrap();
    assert_eq!(heard(&world, "bob").len(), burst);
    world.pass_secs(1);
    for _ in 0..40 {
        world.say("ada", &ClientMessage::Direct { to: bob, call: CallNumber(0), signal: candidate(1) });
    }
    world.pass(DELAY * 3);
    let in_a_second = usize::try_from(MAX_DIRECT_RATE).unwrap();
    assert_eq!(heard(&world, "bob").len(), burst + in_a_second);
    world.pass(Duration::from_secs(1));
    assert_eq!(refusals(&world, "ada"), []);
}
