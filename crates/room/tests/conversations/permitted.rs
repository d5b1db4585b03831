//! What somebody may not do: refused or passed over, whatever it asks for and however.

use crate::world::World;
use room::{Admission, Errand, Input, ResourceId};
use session::Phase;
use signal::{
    ClientMessage, DisplayName, ErrorCode, ErrorInfo, Permissions, PublishTrack, Reaction, RoomMode,
    RoomName, Sdp, ServerMessage, Source,
};

const ALL: Permissions = Permissions { publish: true, subscribe: true, data: true, moderate: false };

impl World {
    /// In the room, with no more than that.
    fn with_permissions(&mut self, who: &'static str, permissions: Permissions) {
        self.people.entry(who).or_default().admission = Ok(Admission { permissions, ..Admission::default() });
        self.inside("tea", &[who]);
    }

    /// What a hostile client says on the socket of somebody inside, and the error it gets.
    fn says(&mut self, who: &'static str, message: ClientMessage) -> Option<ErrorCode> {
        let connection = self.person(who).socket.unwrap();
        let before = self.person(who).heard.len();
        self.server(Input::Message { connection, message });
        self.pass_secs(1);
        self.person(who).heard.iter().skip(before).find_map(|message| match message {
            ServerMessage::Error(error) => Some(error.code),
            _ => None,
        })
    }

    /// How many slots of anybody somebody feeds.
    fn feeds(&self, who: &'static str) -> usize {
        let id = self.id(who);
        self.routes.values().filter(|(sender, _)| *sender == id).count()
    }
}

#[test]
fn a_join_that_nobody_has_decided_about_is_refused() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    let said = world.person("ada").said.first().cloned().unwrap();
    let connection = room::ConnectionId(1 << 40);
    let token = signal::ResumeToken::from_random([9; 16]);
    world.server(Input::Opened { connection, token });
    world.rooms.handle(Input::Message { connection, message: said }, world.now);
    let Some(room::Output::Send { message: ServerMessage::Error(error), .. }) = world.rooms.poll_output()
    else {
        panic!("no error")
    };
    assert_eq!(error.code, ErrorCode::NotAllowed);
}

#[test]
fn whoever_is_not_let_in_has_no_place_and_may_try_again() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.people.entry("bob").or_default().admission = Err(ErrorInfo::new(ErrorCode::NotAllowed));
    world.enter("bob", "tea");
    world.pass_secs(1);
    assert_eq!(world.refused("bob"), Some(ErrorCode::NotAllowed));
    assert_eq!((world.in_room("tea"), world.rooms.counts().participants), (1, 1));
    world.people.entry("bob").or_default().admission = Ok(Admission::default());
    world.inside("tea", &["bob"]);
    world.agree();
}

#[test]
fn whoever_may_not_publish_comes_in_with_nothing_and_publishes_nothing() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.with_permissions("eve", Permissions { publish: false, ..ALL });
    world.pass_secs(1);
    assert_eq!((world.feeds("eve"), world.fed("eve")), (0, 2));
    let track = PublishTrack { mid: "0".into(), source: Source::Microphone, muted: false };
    assert_eq!(world.says("eve", ClientMessage::Publish { track }), Some(ErrorCode::NotAllowed));
    let offer =
        ClientMessage::Offer { id: signal::OfferId(1), sdp: Sdp::from("0 send audio\n1 recv audio\n") };
    world.says("eve", offer);
    let track = PublishTrack { mid: "0".into(), source: Source::Microphone, muted: false };
    assert_eq!(world.says("eve", ClientMessage::Publish { track }), Some(ErrorCode::NotAllowed));
    assert_eq!((world.feeds("eve"), world.rooms.counts().publications), (0, 2));
    let told = world.person("eve").heard.iter().find_map(|message| match message {
        ServerMessage::Joined { permissions, .. } => Some(*permissions),
        _ => None,
    });
    assert_eq!(told, Some(Permissions { publish: false, ..ALL }));
}

#[test]
fn whoever_may_not_subscribe_is_fed_nothing_whatever_it_prefers() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.with_permissions("eve", Permissions { subscribe: false, ..ALL });
    world.pass_secs(1);
    assert_eq!((world.fed("eve"), world.feeds("eve")), (0, 4));
    let publications = (0..20).map(signal::PublicationId).collect();
    assert_eq!(world.says("eve", ClientMessage::Prefer { publications }), None);
    world.inside("tea", &["kim"]);
    world.pass_secs(1);
    assert_eq!(world.fed("eve"), 0);
    world.person("eve").cut = true;
    world.pass_secs(5);
    world.person("eve").cut = false;
    world.pass_secs(10);
    assert_eq!((world.phase("eve"), world.fed("eve")), (Phase::Live, 0));
}

#[test]
fn whoever_may_say_nothing_is_not_heard_but_hears() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.with_permissions("eve", Permissions { data: false, ..ALL });
    let text = "Buy now".to_owned();
    assert_eq!(world.says("eve", ClientMessage::Chat { text }), Some(ErrorCode::NotAllowed));
    let reaction = Reaction::Clap;
    assert_eq!(world.says("eve", ClientMessage::React { reaction }), Some(ErrorCode::NotAllowed));
    assert!(world.person("ada").reactions.is_empty());
    assert_eq!(world.says("ada", ClientMessage::Chat { text: "Hello".to_owned() }), None);
    let heard = |world: &mut World, who| {
        world.person(who).heard.iter().filter(|said| matches!(said, ServerMessage::Chat { .. })).count()
    };
    assert_eq!((heard(&mut world, "eve"), heard(&mut world, "ada")), (1, 1));
    // A raised hand asks for a word, and is none.
    assert_eq!(world.says("eve", ClientMessage::RaiseHand { raised: true }), None);
}

#[test]
fn nobody_connects_straight_who_may_not_do_all_that_it_would_let_it() {
    for permissions in [
        Permissions { publish: false, ..ALL },
        Permissions { subscribe: false, ..ALL },
        Permissions { data: false, ..ALL },
    ] {
        let mut world = World::new();
        world.able("tea", Some(RoomMode::P2p), &["ada"]);
        world.people.entry("eve").or_default().admission =
            Ok(Admission { permissions, ..Admission::default() });
        world.person("eve").direct = true;
        world.enter("eve", "tea");
        world.pass_secs(1);
        assert_eq!(world.refused("eve"), Some(ErrorCode::ModeNotAllowed), "{permissions:?}");
    }
}

#[test]
fn a_name_that_is_given_stands_above_the_one_that_is_typed() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    let name = Some(DisplayName::parse("Dr. Eve").unwrap());
    world.people.entry("eve").or_default().admission =
        Ok(Admission { permissions: ALL, name, ..Admission::default() });
    world.inside("tea", &["eve"]);
    world.pass_secs(1);
    assert_eq!(world.snapshot("ada").others[0].name, "Dr. Eve");
}

#[test]
fn over_http_nobody_comes_for_what_it_may_not_do() {
    let play = || Errand::Play { whom: None };
    for (errand, offer, permissions, comes) in [
        (Errand::Publish, "0 send audio\n", Permissions { publish: false, ..ALL }, false),
        (Errand::Publish, "0 send audio\n", Permissions { subscribe: false, ..ALL }, true),
        (play(), "0 recv audio\n", Permissions { subscribe: false, ..ALL }, false),
        (play(), "0 recv audio\n", Permissions { publish: false, ..ALL }, true),
    ] {
        let mut world = World::new();
        let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse("obs").unwrap());
        let (resource, offer) = (ResourceId(1), Sdp::from(offer));
        let admission = Admission { permissions, ..Admission::default() };
        world.server(Input::Enter { resource, room, name, errand: errand.clone(), admission, offer });
        world.pass_secs(1);
        let answer = world.answers.last().unwrap().1.as_ref().map(|_| ()).map_err(|error| error.code);
        let expected = if comes { Ok(()) } else { Err(ErrorCode::NotAllowed) };
        assert_eq!(answer, expected, "{errand:?} {permissions:?}");
    }
}

#[test]
fn a_room_may_hold_fewer_than_others() {
    let mut world = World::new();
    for who in ["ada", "bob", "eve"] {
        world.people.entry(who).or_default().admission =
            Ok(Admission { limit: Some(2), ..Admission::default() });
    }
    world.inside("tea", &["ada", "bob"]);
    world.enter("eve", "tea");
    world.pass_secs(1);
    assert_eq!(world.refused("eve"), Some(ErrorCode::RoomFull));
    world.inside("mint", &["kim"]);
}

/// What lets one in is shown again when one comes back to a server that was restarted.
#[test]
fn what_is_shown_at_the_door_is_shown_again() {
    let mut world = World::new();
    let token = Some(signal::AccessToken("e30.e30.c2ln".to_owned()));
    world.people.entry("ada").or_default();
    let credentials = session::Credentials { token: token.clone(), password: None };
    world.input("ada", session::Input::Show(credentials));
    world.inside("tea", &["ada"]);
    world.restart(std::time::Duration::from_secs(2));
    world.pass_secs(30);
    let shown = |said: &ClientMessage| match said {
        ClientMessage::Join { token, password, .. } => Some((token.clone(), password.clone())),
        _ => None,
    };
    let shown: Vec<_> = world.person("ada").said.iter().filter_map(shown).collect();
    assert_eq!(shown, vec![(token, None); 2]);
}
