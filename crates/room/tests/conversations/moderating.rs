//! Moderation, from one person's page to another's: and what a client does that will not have it.

use crate::world::World;
use room::{Admission, Errand, Input, ResourceId};
use session::{Phase, SourceState};
use signal::{
    ClientMessage, DisplayName, ErrorCode, Hold, ModerateAct, ParticipantId, Permissions, PublishTrack,
    ResumeToken, RoomMode, RoomName, Sdp, ServerMessage, Source,
};
use std::time::Duration;

/// What an invitation grants.
pub fn invited(moderate: bool, identity: &str) -> Admission {
    let permissions = Permissions { moderate, ..Permissions::default() };
    let identity = (!identity.is_empty()).then(|| identity.to_owned());
    Admission { permissions, invited: true, identity, ..Admission::default() }
}

impl World {
    /// Somebody decides, by its page.
    pub fn decide(&mut self, who: &'static str, act: ModerateAct) {
        self.input(who, session::Input::Moderate(act));
        self.pass(Duration::from_millis(100));
    }

    pub fn hold(&mut self, by: &'static str, whom: &'static str, what: Hold, on: bool) {
        let participant = self.id(whom);
        self.decide(by, ModerateAct::Hold { participant, what, on });
    }

    pub fn put_out(&mut self, by: &'static str, whom: &'static str) {
        let participant = self.id(whom);
        self.person(whom).room = None;
        self.decide(by, ModerateAct::Remove { participant });
    }

    pub fn moderators(&self, who: &'static str) -> Vec<ParticipantId> {
        self.snapshot(who).moderation.moderators
    }

    /// Comes by an invitation.
    pub fn admitted(&mut self, who: &'static str, admission: Admission) {
        self.people.entry(who).or_default().admission = Ok(admission);
    }

    /// The errors that a socket got for what no page says.
    fn answered(&mut self, who: &'static str, message: &ClientMessage) -> Vec<ErrorCode> {
        let before = self.person(who).heard.len();
        self.say(who, message);
        self.pass(Duration::from_millis(100));
        let news = self.person(who).heard.iter().skip(before);
        news.filter_map(|message| match message {
            ServerMessage::Error(error) => Some(error.code),
            _ => None,
        })
        .collect()
    }

    /// The sources of somebody's that anybody is sent.
    fn reaching(&self, who: &'static str) -> Vec<Source> {
        let id = self.id(who);
        let lines = self.people[who].browser.mids();
        let sent =
            |mid: &signal::Mid| self.routes.values().any(|(sender, line)| (sender, line) == (&id, mid));
        lines.into_iter().filter(|(_, mid)| sent(mid)).map(|(source, _)| source).collect()
    }
}

fn moderate(act: ModerateAct) -> ClientMessage {
    ClientMessage::Moderate { act }
}

#[test]
fn who_comes_first_moderates_and_then_who_has_been_there_longest() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    for who in ["ada", "bob", "eve"] {
        assert_eq!(world.moderators(who), [world.id("ada")], "{who}");
    }
    world.leave("ada");
    world.pass_secs(1);
    assert_eq!(world.moderators("eve"), [world.id("bob")]);
    world.agree();
}

#[test]
fn an_invitation_makes_a_moderator_and_no_other_takes_over_meanwhile() {
    let mut world = World::new();
    world.admitted("kim", invited(true, "kim"));
    world.inside("tea", &["kim", "ada", "bob"]);
    assert_eq!(world.moderators("bob"), [world.id("kim")]);
    world.leave("kim");
    world.pass_secs(1);
    assert_eq!(world.moderators("bob"), [world.id("ada")]);
}

/// Whoever invites decides.
#[test]
fn who_is_invited_to_no_more_does_not_moderate_for_having_come_first() {
    let mut world = World::new();
    world.admitted("eve", invited(false, "eve"));
    world.inside("tea", &["eve"]);
    assert!(world.moderators("eve").is_empty());
    assert_eq!(world.answered("eve", &moderate(ModerateAct::Lock { on: true })), [ErrorCode::NotAllowed]);
    world.inside("tea", &["ada"]);
    assert_eq!(world.moderators("eve"), [world.id("ada")]);
}

#[test]
fn nobody_else_decides_anything() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    let participant = world.id("ada");
    for act in [
        ModerateAct::Hold { participant, what: Hold::Sound, on: true },
        ModerateAct::Remove { participant },
        ModerateAct::Lock { on: true },
        ModerateAct::WaitingRoom { on: true },
        ModerateAct::Admit { participant },
        ModerateAct::Deny { participant },
        ModerateAct::HandOver { participant: world.id("eve") },
        ModerateAct::End {},
    ] {
        assert_eq!(world.answered("eve", &moderate(act.clone())), [ErrorCode::NotAllowed], "{act:?}");
    }
    assert_eq!(world.moderators("eve"), [participant]);
    assert!(!world.snapshot("ada").moderation.locked && world.held.is_empty());
    world.agree();
}

/// Ids are the server's, not a room's: a moderator may know some of elsewhere.
#[test]
fn nobody_decides_about_another_room() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.inside("mint", &["bob", "eve"]);
    world.hold("ada", "eve", Hold::Sound, true);
    world.decide("ada", ModerateAct::Remove { participant: world.id("eve") });
    world.decide("ada", ModerateAct::HandOver { participant: world.id("eve") });
    assert!(world.held.is_empty());
    assert_eq!(
        (world.moderators("ada"), world.moderators("eve")),
        (vec![world.id("ada")], vec![world.id("bob")])
    );
    world.agree();
}

#[test]
fn what_is_held_reaches_nobody_and_its_owner_sees_it_muted() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.hold("ada", "eve", Hold::Sound, true);
    assert_eq!(world.reaching("eve"), [Source::Camera]);
    assert!(world.other("bob", "eve").microphone.unwrap().muted);
    let line = world.person("eve").browser.mid(Source::Microphone).cloned().unwrap();
    assert_eq!(world.held[&world.id("eve")], [line]);
    let held = world.snapshot("eve").moderation.held;
    assert_eq!((held.len(), held[0].what), (1, Hold::Sound));
    // It is let go, and stays muted: nobody's microphone is switched on by another.
    world.hold("ada", "eve", Hold::Sound, false);
    assert!(world.other("bob", "eve").microphone.unwrap().muted);
    assert!(world.held[&world.id("eve")].is_empty());
    world.set_source("eve", Source::Microphone, SourceState::Live);
    world.pass_secs(1);
    assert!(!world.other("bob", "eve").microphone.unwrap().muted);
    world.agree();
}

#[test]
fn a_client_that_goes_on_is_held_whatever_it_says() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.hold("ada", "eve", Hold::Sound, true);
    let mid = world.person("eve").browser.mid(Source::Microphone).cloned().unwrap();
    let unmute = ClientMessage::SetMuted { mid: mid.clone(), muted: false };
    assert_eq!(world.answered("eve", &unmute), [ErrorCode::NotAllowed]);
    // Taken back and offered anew, also as the sound of a screen.
    world.answered("eve", &ClientMessage::Unpublish { mid: mid.clone() });
    for source in [Source::Microphone, Source::ScreenAudio] {
        let track = PublishTrack { mid: mid.clone(), source, muted: false };
        assert_eq!(world.answered("eve", &ClientMessage::Publish { track }), []);
        assert!(
            !world.routes.values().any(|(_, line)| *line == mid && world.reaching("eve").contains(&source))
        );
        assert_eq!(world.held[&world.id("eve")], std::slice::from_ref(&mid), "{source:?}");
        let told = world.person("bob").heard.iter().rev().find_map(|message| match message {
            ServerMessage::Published { publication, .. } => Some(publication.muted),
            _ => None,
        });
        assert_eq!(told, Some(true), "{source:?}");
        world.answered("eve", &ClientMessage::Unpublish { mid: mid.clone() });
        // Nothing is published there, and what is sent counts for no voice.
        assert_eq!(world.held[&world.id("eve")], std::slice::from_ref(&mid));
    }
    let id = world.id("eve");
    let heard = world.person("bob").heard.len();
    world.speak(&["eve"]);
    let named = |said: &ServerMessage| matches!(said, ServerMessage::Speakers { participants } if participants.contains(&id));
    assert!(!world.person("bob").heard.iter().skip(heard).any(named));
}

#[test]
fn a_camera_and_a_screen_are_held_by_themselves() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    for source in [Source::Screen, Source::ScreenAudio] {
        world.set_source("eve", source, SourceState::Live);
    }
    world.pass_secs(1);
    assert_eq!(world.reaching("eve").len(), 4);
    world.hold("ada", "eve", Hold::Screen, true);
    assert_eq!(world.reaching("eve"), [Source::Microphone, Source::Camera]);
    world.hold("ada", "eve", Hold::Camera, true);
    assert_eq!(world.reaching("eve"), [Source::Microphone]);
    world.hold("ada", "eve", Hold::Screen, false);
    assert_eq!(world.reaching("eve").len(), 3);
}

#[test]
fn what_is_held_is_held_through_a_lost_socket() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.hold("ada", "eve", Hold::Camera, true);
    world.break_socket("eve");
    world.pass_secs(5);
    assert_eq!(world.phase("eve"), Phase::Live);
    assert_eq!(world.reaching("eve"), [Source::Microphone]);
    assert_eq!(world.snapshot("eve").moderation.held.len(), 1);
}

/// Another tab, another token: it is the same to whoever invited it.
#[test]
fn what_is_held_of_an_identity_is_held_when_it_comes_again() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    for who in ["eve", "eve again"] {
        world.admitted(who, invited(false, "eve@example.org"));
    }
    world.inside("tea", &["eve"]);
    world.hold("ada", "eve", Hold::Sound, true);
    world.leave("eve");
    world.pass_secs(1);
    world.inside("tea", &["eve again"]);
    assert_eq!(world.reaching("eve again"), [Source::Camera]);
    assert!(world.other("ada", "eve again").microphone.unwrap().muted);
}

/// Without the invitation, where the room asks for none: by the token of her old place.
#[test]
fn what_is_held_of_an_identity_is_held_when_it_returns_as_nobody() {
    for locked in [false, true] {
        let mut world = World::new();
        world.inside("tea", &["ada"]);
        world.admitted("eve", invited(false, "eve@example.org"));
        world.inside("tea", &["eve"]);
        world.hold("ada", "eve", Hold::Sound, true);
        world.decide("ada", ModerateAct::Lock { on: locked });
        let token = token_of(&mut world, "eve");
        world.leave("eve");
        world.pass_secs(1);
        let connection = room::ConnectionId(1 << 40);
        world.server(Input::Opened { connection, token: ResumeToken::from_random([7; 16]) });
        let (message, admission) = (join("0 send audio\n", Some(token)), Ok(Admission::default()));
        world.server(Input::Join { connection, message, admission });
        world.pass_secs(1);
        assert_eq!(world.in_room("tea"), 2);
        let held = world.snapshot("ada").moderation.held;
        assert_eq!(held.iter().map(|held| held.what).collect::<Vec<_>>(), [Hold::Sound], "locked: {locked}");
    }
}

/// Without leaving: by a second tab, which was there before or comes later; and what is let go is let go of both.
#[test]
fn what_is_held_of_an_identity_is_held_of_all_its_places() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    let tabs = ["eve", "eve again", "eve at last"];
    for who in tabs {
        world.admitted(who, invited(false, "eve@example.org"));
    }
    world.inside("tea", &["eve", "eve again"]);
    world.hold("ada", "eve", Hold::Sound, true);
    world.inside("tea", &["eve at last"]);
    for who in tabs {
        assert_eq!(world.reaching(who), [Source::Camera], "{who}");
        assert!(world.other("ada", who).microphone.unwrap().muted, "{who}");
    }
    // One leaves of whom nothing more is known than of the others.
    world.leave("eve again");
    world.pass_secs(1);
    world.inside("tea", &["eve again"]);
    assert_eq!(world.reaching("eve again"), [Source::Camera]);
    world.hold("ada", "eve at last", Hold::Sound, false);
    assert!(world.snapshot("ada").moderation.held.is_empty());
    world.leave("eve again");
    world.pass_secs(1);
    world.inside("tea", &["eve again"]);
    assert!(world.snapshot("ada").moderation.held.is_empty(), "what was let go is forgotten");
}

/// Both want in at the same moment: one is held while the other's offer is being answered.
#[test]
fn what_is_held_of_an_identity_is_held_of_one_on_the_way_in() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    for who in ["eve", "eve again"] {
        world.admitted(who, invited(false, "eve@example.org"));
    }
    world.inside("tea", &["eve"]);
    world.enter("eve again", "tea");
    let (participant, what) = (world.id("eve"), Hold::Camera);
    while world.rooms.counts().joining == 0 {
        world.pass(Duration::from_millis(1));
    }
    let (connection, act) =
        (world.person("ada").socket.unwrap(), ModerateAct::Hold { participant, what, on: true });
    world.server(Input::Message { connection, message: moderate(act) });
    world.pass_secs(1);
    assert_eq!(world.reaching("eve again"), [Source::Microphone]);
}

#[test]
fn two_who_talk_straight_go_back_to_the_server_while_anything_is_held() {
    let mut world = World::new();
    world.able("tea", Some(RoomMode::Auto), &["ada", "eve"]);
    world.pass_secs(15);
    assert_eq!(world.other("ada", "eve").way, session::Way::Direct);
    world.hold("ada", "eve", Hold::Sound, true);
    world.pass_secs(1);
    for (who, other) in [("ada", "eve"), ("eve", "ada")] {
        assert_ne!(world.other(who, other).way, session::Way::Direct, "{who}");
        assert!(world.person(who).sending.0, "{who} sends to the server");
    }
    // A client that tries all the same is not passed on.
    let (to, signal) = (world.id("ada"), signal::DirectSignal::Back {});
    let heard = world.person("ada").heard.len();
    world.say("eve", &ClientMessage::Direct { to, call: signal::CallNumber(9), signal });
    world.pass_secs(10);
    let passed_on = |said: &ServerMessage| matches!(said, ServerMessage::Direct { .. });
    assert!(!world.person("ada").heard.iter().skip(heard).any(passed_on));
    world.hold("ada", "eve", Hold::Sound, false);
    world.pass_secs(15);
    assert_eq!(world.other("ada", "eve").way, session::Way::Direct);
}

#[test]
fn where_no_media_goes_by_the_server_nothing_is_held() {
    let mut world = World::new();
    world.able("tea", Some(RoomMode::P2p), &["ada", "eve"]);
    let act = ModerateAct::Hold { participant: world.id("eve"), what: Hold::Sound, on: true };
    assert_eq!(world.answered("ada", &moderate(act)), [ErrorCode::ModeNotAllowed]);
}

#[test]
fn who_is_put_out_is_told_so_and_cannot_take_its_place_up_again() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    let (id, token) = (world.id("eve"), token_of(&mut world, "eve"));
    world.put_out("ada", "eve");
    assert_eq!(world.refused("eve"), Some(ErrorCode::Removed));
    world.agree();
    let left = world.person("bob").heard.iter().rev().find_map(|message| match message {
        ServerMessage::ParticipantLeft { participant, reason } => Some((*participant, *reason)),
        _ => None,
    });
    assert_eq!(left, Some((id, signal::LeaveReason::Removed)));
    // A client that will not have it: by its old place, and back into a locked room by it.
    world.decide("ada", ModerateAct::Lock { on: true });
    let resume = ClientMessage::Resume { version: 1, participant: id, token: token.clone() };
    assert_eq!(by_a_new_socket(&mut world, resume, Admission::default()), Some(ErrorCode::CannotResume));
    let join = join("0 send audio\n", Some(token));
    assert_eq!(by_a_new_socket(&mut world, join, Admission::default()), Some(ErrorCode::RoomLocked));
    assert_eq!(world.in_room("tea"), 2);
}

#[test]
fn an_identity_that_was_put_out_is_kept_out_with_all_that_it_has_open() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    for who in ["eve", "eve again"] {
        world.admitted(who, invited(false, "eve@example.org"));
    }
    world.inside("tea", &["eve", "eve again"]);
    world.person("eve again").room = None;
    world.put_out("ada", "eve");
    for who in ["eve", "eve again"] {
        assert_eq!(world.refused(who), Some(ErrorCode::Removed), "{who}");
    }
    let again = |identity| by_a_new_socket_as(identity);
    assert_eq!(again("eve@example.org")(&mut world), Some(ErrorCode::Removed));
    let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse("obs").unwrap());
    let (admission, offer) = (invited(false, "eve@example.org"), Sdp::from("0 send audio\n"));
    let resource = ResourceId(1);
    world.server(Input::Enter { resource, room, name, errand: Errand::Publish, admission, offer });
    assert_eq!(world.answers.last().unwrap().1.as_ref().unwrap_err().code, ErrorCode::Removed);
    assert_eq!(again("bob@example.org")(&mut world), None);
}

/// A moderator's own second screen is put out, and nobody keeps itself out.
#[test]
fn of_ones_own_places_one_puts_out_one() {
    let mut world = World::new();
    for who in ["kim", "kim's phone"] {
        world.admitted(who, invited(true, "kim"));
    }
    world.inside("tea", &["ada", "kim", "kim's phone"]);
    world.put_out("kim", "kim's phone");
    assert_eq!(world.refused("kim's phone"), Some(ErrorCode::Removed));
    assert_eq!(world.phase("kim"), Phase::Live);
    assert_eq!(by_a_new_socket(&mut world, join("0 send audio\n", None), invited(true, "kim")), None);
}

#[test]
fn a_publisher_over_http_is_held_and_put_out_like_anybody() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse("obs").unwrap());
    let (admission, offer) = (Admission::default(), Sdp::from("0 send audio\n1 send video\n"));
    let resource = ResourceId(1);
    world.server(Input::Enter { resource, room, name, errand: Errand::Publish, admission, offer });
    world.pass_secs(1);
    let participant = world.other("ada", "obs").id;
    let fed = |world: &World| world.routes.values().filter(|(sender, _)| *sender == participant).count();
    assert_eq!(fed(&world), 4);
    world.decide("ada", ModerateAct::Hold { participant, what: Hold::Camera, on: true });
    assert_eq!((fed(&world), world.held[&participant].as_slice()), (2, &["1".into()][..]));
    assert!(world.other("ada", "obs").camera.unwrap().muted);
    // Nobody sits there to switch on again what was let go.
    world.decide("ada", ModerateAct::Hold { participant, what: Hold::Camera, on: false });
    assert!(!world.other("ada", "obs").camera.unwrap().muted);
    assert_eq!(fed(&world), 4);
    world.decide("ada", ModerateAct::Remove { participant });
    assert_eq!((fed(&world), world.gone.as_slice()), (0, &[resource][..]));
    assert_eq!(world.snapshot("ada").others.len(), 1);
}

#[test]
fn who_moderates_by_invitation_is_beyond_those_who_do_not() {
    let mut world = World::new();
    world.admitted("kim", invited(true, "kim"));
    world.inside("tea", &["ada", "kim"]);
    assert_eq!(world.moderators("ada"), [world.id("ada"), world.id("kim")]);
    let participant = world.id("kim");
    for act in
        [ModerateAct::Remove { participant }, ModerateAct::Hold { participant, what: Hold::Sound, on: true }]
    {
        assert_eq!(world.answered("ada", &moderate(act)), [ErrorCode::NotAllowed]);
    }
    // Nor by a place of hers whose invitation says less.
    world.admitted("kim's phone", invited(false, "kim"));
    world.inside("tea", &["kim's phone"]);
    let participant = world.id("kim's phone");
    for act in
        [ModerateAct::Remove { participant }, ModerateAct::Hold { participant, what: Hold::Sound, on: true }]
    {
        assert_eq!(world.answered("ada", &moderate(act)), [ErrorCode::NotAllowed]);
    }
    assert_eq!(world.phase("kim"), Phase::Live);
    world.put_out("kim", "ada");
    assert_eq!(world.refused("ada"), Some(ErrorCode::Removed));
}

#[test]
fn moderation_is_handed_over() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.decide("ada", ModerateAct::HandOver { participant: world.id("eve") });
    assert_eq!(world.moderators("bob"), [world.id("eve")]);
    assert_eq!(world.answered("ada", &moderate(ModerateAct::Lock { on: true })), [ErrorCode::NotAllowed]);
    world.hold("eve", "ada", Hold::Camera, true);
    assert_eq!(world.reaching("ada"), [Source::Microphone]);
}

#[test]
fn the_end_is_everybodys() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.inside("mint", &["kim"]);
    world.break_socket("bob");
    world.person("bob").cut = true;
    for who in ["ada", "bob", "eve"] {
        world.person(who).room = None;
    }
    world.decide("ada", ModerateAct::End {});
    for who in ["ada", "eve"] {
        assert_eq!(world.refused(who), Some(ErrorCode::RoomEnded), "{who}");
    }
    assert_eq!((world.in_room("tea"), world.in_room("mint")), (0, 1));
    assert_eq!(world.rooms.counts().participants, 1);
    assert!(matches!(world.record.last().unwrap().kind, room::RoomEventKind::Ended));
    world.pass_secs(60);
    assert_eq!((world.in_room("tea"), world.phase("kim")), (0, Phase::Live));
}

pub fn token_of(world: &mut World, who: &'static str) -> ResumeToken {
    let token = world.person(who).heard.iter().rev().find_map(|message| match message {
        ServerMessage::Joined { token, .. } => Some(token.clone()),
        _ => None,
    });
    token.unwrap()
}

pub fn join(offer: &str, returning: Option<ResumeToken>) -> ClientMessage {
    ClientMessage::Join {
        version: 1,
        room: "tea".to_owned(),
        name: "Eve".to_owned(),
        offer: offer.into(),
        publish: Vec::new(),
        mode: None,
        direct: false,
        token: None,
        password: None,
        returning,
    }
}

/// The error that a hostile client gets who says this first.
pub fn by_a_new_socket(world: &mut World, message: ClientMessage, admission: Admission) -> Option<ErrorCode> {
    let connection = room::ConnectionId(1 << 40);
    let token = ResumeToken::from_random([7; 16]);
    world.server(Input::Opened { connection, token });
    let input = match message {
        ClientMessage::Join { .. } => Input::Join { connection, message, admission: Ok(admission) },
        message => Input::Message { connection, message },
    };
    world.rooms.handle(input, world.now);
    let mut code = None;
    while let Some(output) = world.rooms.poll_output() {
        if let room::Output::Send { connection: to, message: ServerMessage::Error(error) } = output
            && to == connection
        {
            code = Some(error.code);
        }
    }
    world.server(Input::Closed { connection });
    code
}

fn by_a_new_socket_as(identity: &'static str) -> impl FnOnce(&mut World) -> Option<ErrorCode> {
    move |world| by_a_new_socket(world, join("0 send audio\n", None), invited(false, identity))
}
