//! Those who come over HTTP: participants like any other, whose resource stands for them.

use crate::world::{DELAY, World};
use room::{Admission, Config, Counts, Errand, Input, ResourceId};
use signal::{DisplayName, ErrorCode, LeaveReason, RoomName, Sdp, ServerMessage, Source};
use std::time::Duration;

/// A camera and a microphone, two of each, and a seat; in the words of this world's peers.
const SENDS: &str = "0 send audio\n1 send video\n";
const SENDS_TWICE: &str = "0 send audio\n1 send video\n2 send audio\n3 send video\n4 send video\n";
const RECEIVES: &str = "0 recv audio\n1 recv video\n";

const FIRST: ResourceId = ResourceId(1);
const SECOND: ResourceId = ResourceId(2);

impl World {
    fn come(&mut self, resource: ResourceId, name: &str, errand: Errand, offer: &str) {
        let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse(name).unwrap());
        self.server(Input::Enter {
            resource,
            room,
            name,
            errand,
            admission: Admission::default(),
            offer: Sdp::from(offer),
        });
        self.pass(Duration::from_millis(100));
    }

    fn play(&mut self, resource: ResourceId, whom: Option<&str>) {
        let whom = whom.map(|whom| DisplayName::parse(whom).unwrap());
        self.come(resource, "player", Errand::Play { whom }, RECEIVES);
    }

    /// The mids of whoever feeds a player's slots, by its place among all who ever came.
    fn played(&self, player: u32) -> Vec<(u32, String)> {
        let fed = self.routes.iter().filter(|((to, _), _)| to.0 == player);
        fed.map(|(_, (from, mid))| (from.0, mid.0.clone())).collect()
    }

    fn last_answer(&self) -> (ResourceId, Result<(), ErrorCode>) {
        let (resource, result) = self.answers.last().unwrap();
        (*resource, result.as_ref().map(|_| ()).map_err(|error| error.code))
    }
}

fn from(owner: u32) -> Vec<(u32, String)> {
    vec![(owner, "0".to_owned()), (owner, "1".to_owned())]
}

#[test]
fn who_publishes_is_met_with_what_its_lines_carry() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.come(FIRST, "obs", Errand::Publish, SENDS);
    assert_eq!(world.last_answer(), (FIRST, Ok(())));
    let others = world.snapshot("ada").others;
    assert_eq!(others.iter().map(|other| other.name.as_str()).collect::<Vec<_>>(), ["obs"]);
    assert!(others[0].camera.is_some() && others[0].microphone.is_some() && others[0].screen.is_none());
    assert_eq!(world.fed("ada"), 2);
}

#[test]
fn the_second_line_of_a_kind_is_the_screens_and_the_third_is_nobodys() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.come(FIRST, "obs", Errand::Publish, SENDS_TWICE);
    world.pass_secs(1);
    let came = |message: &ServerMessage| match message {
        ServerMessage::ParticipantJoined { participant } => Some(participant.publications.clone()),
        _ => None,
    };
    let heard = &world.person("ada").heard;
    let sources: Vec<_> = heard.iter().find_map(came).unwrap().iter().map(|held| held.source).collect();
    assert_eq!(sources, [Source::Microphone, Source::ScreenAudio, Source::Camera, Source::Screen]);
}

#[test]
fn an_offer_that_does_not_serve_its_errand_is_refused_and_leaves_nothing() {
    let mut world = World::new();
    let play = || Errand::Play { whom: None };
    for (errand, offer) in [(Errand::Publish, RECEIVES), (play(), SENDS), (Errand::Publish, ""), (play(), "")]
    {
        world.come(FIRST, "obs", errand, offer);
        assert_eq!(world.last_answer(), (FIRST, Err(ErrorCode::BadOffer)));
        assert_eq!(world.gone.pop(), Some(FIRST));
    }
    assert_eq!(world.rooms.counts(), Counts::default());
}

#[test]
fn a_deleted_resource_is_a_participant_that_left() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.come(FIRST, "obs", Errand::Publish, SENDS);
    world.server(Input::Delete { resource: FIRST });
    world.pass(DELAY * 2);
    assert_eq!(world.gone, [FIRST]);
    assert!(world.snapshot("ada").others.is_empty());
    let left = |message: &ServerMessage| {
        matches!(message, ServerMessage::ParticipantLeft { reason: LeaveReason::Left, .. })
    };
    assert!(world.person("ada").heard.iter().any(left));
    world.server(Input::Delete { resource: FIRST });
    assert_eq!(world.gone, [FIRST], "said once");
    world.agree();
}

#[test]
fn a_resource_that_is_deleted_while_its_offer_is_answered_is_never_met() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    let (room, name) = (RoomName::parse("tea").unwrap(), DisplayName::parse("obs").unwrap());
    let offer = Sdp::from(SENDS);
    world.server(Input::Enter {
        resource: FIRST,
        room,
        name,
        errand: Errand::Publish,
        admission: Admission::default(),
        offer,
    });
    assert_eq!(world.in_room("tea"), 2, "it has its place");
    world.server(Input::Delete { resource: FIRST });
    world.pass_secs(1);
    assert_eq!((world.gone.as_slice(), world.answers.len()), (&[FIRST][..], 0));
    world.agree();
}

#[test]
fn it_needs_no_socket_to_stay_and_goes_when_its_media_fails() {
    let mut world = World::new();
    world.come(FIRST, "obs", Errand::Publish, SENDS);
    world.pass_secs(3600);
    assert_eq!(world.in_room("tea"), 1);
    let participant = *world.homes.keys().next().unwrap();
    world.server(Input::MediaFailed { participant });
    assert_eq!(world.gone, [FIRST]);
    assert_eq!(world.rooms.counts(), Counts::default());
}

#[test]
fn a_restart_is_answered_to_its_resource_and_keeps_what_is_published() {
    let mut world = World::new();
    world.inside("tea", &["ada"]);
    world.come(FIRST, "obs", Errand::Publish, SENDS);
    for _ in 0..3 {
        world.server(Input::Reoffer { resource: FIRST, offer: Sdp::from(SENDS) });
        world.pass(DELAY * 3);
    }
    assert_eq!(world.answers.len(), 4);
    assert_eq!(world.last_answer(), (FIRST, Ok(())));
    assert_eq!(world.fed("ada"), 2);
    world.refuse_offers = true;
    world.server(Input::Reoffer { resource: FIRST, offer: Sdp::from(SENDS) });
    world.pass(DELAY * 3);
    assert!(world.last_answer().1.is_err());
    assert_eq!((world.fed("ada"), world.gone.len()), (2, 0), "it goes on as it was");
    world.server(Input::Reoffer { resource: SECOND, offer: Sdp::from(SENDS) });
    assert_eq!(world.last_answer(), (SECOND, Err(ErrorCode::NotJoined)));
}

#[test]
fn they_count_toward_the_rooms_limit() {
    let mut world = World::with(Config { max_participants: 2, ..Config::default() });
    world.come(FIRST, "obs", Errand::Publish, SENDS);
    world.play(SECOND, None);
    assert_eq!(world.in_room("tea"), 2);
    world.play(ResourceId(3), None);
    assert_eq!(world.last_answer(), (ResourceId(3), Err(ErrorCode::RoomFull)));
    world.enter("ada", "tea");
    world.pass_secs(1);
    assert_eq!(world.refused("ada"), Some(ErrorCode::RoomFull));
}

#[test]
fn a_player_plays_whoever_speaks() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.play(FIRST, None);
    let player = world.homes.keys().last().unwrap().0;
    for who in ["bob", "ada", "bob"] {
        world.speak(&[who]);
        assert_eq!(world.played(player), from(world.id(who).0), "{who}");
    }
}

#[test]
fn a_player_of_one_plays_the_newest_of_that_name_and_nobody_else() {
    let mut world = World::new();
    world.inside("tea", &["bob"]);
    world.play(FIRST, Some("obs"));
    let player = world.homes.keys().last().unwrap().0;
    world.speak(&["bob"]);
    assert_eq!(world.played(player), [], "obs is not there yet");
    world.come(SECOND, "obs", Errand::Publish, SENDS);
    let old = world.homes.keys().last().unwrap().0;
    assert_eq!(world.played(player), from(old));
    // It lost its connection and came again, before the old one was given up.
    world.come(ResourceId(3), "obs", Errand::Publish, SENDS);
    let new = world.homes.keys().last().unwrap().0;
    assert_eq!(world.played(player), from(new));
    world.server(Input::Delete { resource: ResourceId(3) });
    assert_eq!(world.played(player), from(old), "the newest that is left");
    world.server(Input::Delete { resource: SECOND });
    assert_eq!(world.played(player), []);
}

#[test]
fn a_player_of_an_id_plays_that_one() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let ada = world.id("ada").0;
    world.play(FIRST, Some(&ada.to_string()));
    let player = world.homes.keys().last().unwrap().0;
    world.speak(&["bob"]);
    assert_eq!(world.played(player), from(ada));
}

#[test]
fn when_the_server_stops_every_resource_is_gone_and_nobody_comes_in() {
    let mut world = World::new();
    world.come(FIRST, "obs", Errand::Publish, SENDS);
    world.server(Input::ShutDown);
    assert_eq!(world.gone, [FIRST]);
    world.play(SECOND, None);
    assert_eq!(world.last_answer(), (SECOND, Err(ErrorCode::ShuttingDown)));
    assert_eq!(world.rooms.counts(), Counts::default());
}
