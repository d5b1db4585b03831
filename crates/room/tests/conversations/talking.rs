//! What people say and do beside their media: chat, reactions, raised hands.

use crate::world::{DELAY, World};
use room::{Config, Gathering};
use session::{ChatLine, Input, Phase};
use signal::limits::{MAX_CHAT, MAX_CHAT_BURST, MAX_REACTION_BURST};
use signal::{ClientMessage, ErrorCode, IceServer, Reaction, ServerMessage};
use std::time::Duration;

const MOMENT: Duration = Duration::from_millis(100);
/// Longer than a dead socket is waited for, and shorter than [`patient`] places are kept.
const LONG: u64 = 20;

fn patient() -> World {
    World::with(Config { resume_window: Duration::from_mins(2), ..Config::default() })
}

impl World {
    pub fn write(&mut self, who: &'static str, text: &str) {
        self.input(who, Input::Chat(text.to_owned()));
    }

    fn raise(&mut self, who: &'static str, raised: bool) {
        self.input(who, Input::RaiseHand(raised));
    }

    /// What somebody reads in the chat: who said what.
    pub fn read(&self, who: &'static str) -> Vec<(String, String)> {
        let line = |line: &ChatLine| (line.name.clone(), line.text.clone());
        self.snapshot(who).chat.iter().map(|said| line(said)).collect()
    }

    /// Whose hands somebody sees.
    fn hands(&self, who: &'static str) -> Vec<String> {
        let (me, others) = (self.snapshot(who).me.unwrap(), self.snapshot(who).others);
        let name =
            |id| others.iter().find(|other| other.id == id).map_or(me.name.clone(), |o| o.name.clone());
        self.snapshot(who).hands.into_iter().map(name).collect()
    }

    /// The codes of all errors that somebody was told, and what they answer.
    pub fn errors(&mut self, who: &'static str) -> Vec<(ErrorCode, Option<String>)> {
        let error = |message: &ServerMessage| match message {
            ServerMessage::Error(error) => Some((error.code, error.in_reply_to.clone())),
            _ => None,
        };
        self.person(who).heard.iter().filter_map(error).collect()
    }

    /// What the server adds to what the room says.
    pub fn name_ice_servers(&self, message: &mut ServerMessage) {
        if let ServerMessage::Joined { ice_servers, .. } | ServerMessage::Resumed { ice_servers, .. } =
            message
        {
            ice_servers.clone_from(&self.ice_servers);
        }
        if let ServerMessage::Joined { relays, .. }
        | ServerMessage::Resumed { relays, .. }
        | ServerMessage::Answer { relays, .. } = message
        {
            relays.clone_from(&self.relays);
        }
    }

    /// A way through the network both ways.
    pub fn settle(&mut self) {
        self.pass(MOMENT);
        self.agree();
    }
}

fn said(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn what_is_said_is_read_by_everybody_and_by_whoever_comes_later() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.inside("coffee", &["dan"]);
    world.write("ada", "  Hello\nthere \u{7}");
    world.settle();
    let expected = said(&[("ada", "Hello\nthere")]);
    assert_eq!((world.read("ada"), world.read("bob")), (expected.clone(), expected.clone()));
    assert!(world.snapshot("ada").unsaid.is_empty() && world.read("dan").is_empty());
    world.pass(Duration::from_mins(1));
    world.inside("tea", &["eve"]);
    assert_eq!(world.read("eve"), expected);
    let age = |who| world.snapshot(who).chat.last().unwrap().age(world.now);
    assert!(age("eve") >= Duration::from_mins(1), "{:?}", age("eve"));
    assert!(age("eve").abs_diff(age("bob")) <= DELAY, "{:?} {:?}", age("eve"), age("bob"));
}

#[test]
fn who_is_gone_is_still_named_and_an_empty_room_forgets() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.write("bob", "Bye");
    world.settle();
    world.leave("bob");
    world.pass(MOMENT);
    assert!(world.snapshot("bob").chat.is_empty(), "outside there is nothing to read");
    world.inside("tea", &["eve"]);
    assert_eq!(world.read("eve"), said(&[("bob", "Bye")]));
    for who in ["ada", "eve"] {
        world.leave(who);
    }
    world.pass(MOMENT);
    world.inside("tea", &["ada"]);
    assert_eq!(world.read("ada"), []);
}

#[test]
fn what_was_said_during_a_loss_is_read_afterwards_and_nothing_twice() {
    let mut world = patient();
    world.inside("tea", &["ada", "bob"]);
    world.write("bob", "one");
    world.settle();
    world.person("ada").cut = true;
    world.break_socket("ada");
    world.pass_secs(1);
    world.write("bob", "two");
    world.pass_secs(1);
    world.person("ada").cut = false;
    world.pass_secs(LONG);
    world.write("bob", "three");
    world.settle();
    assert_eq!(world.read("ada"), said(&[("bob", "one"), ("bob", "two"), ("bob", "three")]));
    assert_eq!(world.read("ada"), world.read("bob"));
}

/// Into a socket that is dead already, while there is none, and heard by the server but not told back.
#[test]
fn what_is_written_during_a_loss_is_said_once() {
    let mut world = patient();
    world.inside("tea", &["ada", "bob"]);
    world.write("ada", "told");
    world.pass(DELAY);
    world.person("ada").cut = true;
    world.write("ada", "into the void");
    world.pass_secs(1);
    assert_eq!(world.read("bob"), said(&[("ada", "told")]));
    assert_eq!(world.snapshot("ada").unsaid, ["told", "into the void"]);
    world.break_socket("ada");
    world.pass_secs(1);
    world.write("ada", "later");
    world.person("ada").cut = false;
    world.pass_secs(LONG);
    world.settle();
    let expected = said(&[("ada", "told"), ("ada", "into the void"), ("ada", "later")]);
    assert_eq!((world.read("bob"), world.read("ada")), (expected.clone(), expected));
    assert!(world.snapshot("ada").unsaid.is_empty());
}

#[test]
fn a_restarted_server_is_told_what_it_did_not_say() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.write("ada", "before");
    world.raise("ada", true);
    world.settle();
    world.restart(Duration::from_secs(2));
    world.write("ada", "after");
    world.pass_secs(LONG);
    world.settle();
    assert_eq!(world.read("ada"), said(&[("ada", "after")]), "another room, which knows of nothing before");
    assert_eq!(world.hands("ada"), ["ada"]);
    assert_eq!(world.hands("bob"), ["ada"]);
}

/// The place is gone, but not the room: it knows what was said by whoever had the place.
#[test]
fn what_was_said_under_a_lost_place_is_not_said_again() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.write("ada", "told");
    world.pass(DELAY);
    world.person("ada").cut = true;
    world.pass_secs(LONG);
    world.write("ada", "later");
    world.person("ada").cut = false;
    world.pass_secs(LONG);
    world.settle();
    assert_eq!(world.read("bob"), said(&[("ada", "told"), ("ada", "later")]));
    assert_eq!(world.read("ada"), world.read("bob"));
}

#[test]
fn too_much_is_refused_and_given_back() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    for number in 0..MAX_CHAT_BURST {
        world.write("ada", &number.to_string());
    }
    world.write("ada", "too many wait");
    world.settle();
    world.write("ada", "too many were said");
    world.settle();
    let refused = |text: &str| (text.to_owned(), ErrorCode::TooMuchChat);
    assert_eq!(world.person("ada").refused, [refused("too many wait"), refused("too many were said")]);
    assert_eq!(world.errors("ada"), [(ErrorCode::TooMuchChat, Some("chat".to_owned()))]);
    assert_eq!((world.phase("ada"), world.read("bob").len()), (Phase::Live, MAX_CHAT_BURST as usize));
    world.pass_secs(1);
    world.write("ada", "patient");
    world.write("ada", "hasty");
    world.settle();
    assert_eq!(world.read("bob").last(), Some(&("ada".to_owned(), "patient".to_owned())));
    assert_eq!(world.person("ada").refused.last(), Some(&refused("hasty")));
}

/// The limit is the participant's: a new socket has no other.
#[test]
fn too_much_is_too_much_after_a_resume_as_well() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    for number in 0..MAX_CHAT_BURST {
        world.write("ada", &number.to_string());
    }
    world.settle();
    world.break_socket("ada");
    world.pass(DELAY * 4);
    world.write("ada", "again");
    world.settle();
    assert_eq!(world.person("ada").refused, [("again".to_owned(), ErrorCode::TooMuchChat)]);
}

#[test]
fn what_is_no_text_is_refused_on_both_sides() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    let before = world.person("ada").said.len();
    for text in ["", " \n\u{0}", &"x".repeat(MAX_CHAT + 1), &"x".repeat(100_000)] {
        world.say("ada", &ClientMessage::Chat { text: text.to_owned() });
        world.settle();
        assert_eq!(world.errors("ada").last(), Some(&(ErrorCode::BadChat, Some("chat".to_owned()))));
        world.write("ada", text);
        assert_eq!(world.person("ada").refused.last(), Some(&(text.to_owned(), ErrorCode::BadChat)));
    }
    assert_eq!(world.person("ada").said.len(), before, "the page sends none of it");
    assert_eq!(world.read("bob"), []);
}

#[test]
fn what_was_not_said_by_the_end_is_given_back_in_its_order() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.write("ada", "Bye!");
    world.leave("ada");
    world.settle();
    assert_eq!(world.read("bob"), [("ada".to_owned(), "Bye!".to_owned())]);
    assert_eq!(world.person("ada").refused, [], "it was sent before she left");
    world.up = false;
    world.break_socket("bob");
    world.pass(DELAY);
    for text in ["Are you there?", "Bye."] {
        world.write("bob", text);
    }
    world.leave("bob");
    world.settle();
    // Each is put back before what was written after it.
    let refused = |text: &str| (text.to_owned(), ErrorCode::NotJoined);
    assert_eq!(world.person("bob").refused, [refused("Bye."), refused("Are you there?")]);
}

#[test]
fn who_is_outside_says_nothing() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    world.leave("ada");
    world.write("ada", "Hello?");
    world.input("ada", Input::React(Reaction::Heart));
    world.settle();
    assert_eq!(world.person("ada").refused, [("Hello?".to_owned(), ErrorCode::NotJoined)]);
    assert_eq!(world.read("bob"), []);
    assert_eq!(world.person("bob").reactions, []);
}

#[test]
fn a_reaction_is_shown_to_everybody_once() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    world.break_socket("eve");
    world.input("ada", Input::React(Reaction::Clap));
    world.settle();
    world.pass_secs(1);
    world.inside("tea", &["dan"]);
    let expected = [(world.id("ada"), Reaction::Clap)];
    assert_eq!(world.person("ada").reactions, expected);
    assert_eq!(world.person("bob").reactions, expected);
    assert_eq!(world.person("eve").reactions, [], "over before it was back");
    assert_eq!(world.person("dan").reactions, []);
}

#[test]
fn too_many_reactions_are_dropped_without_a_word_and_unknown_ones_refused() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob"]);
    for _ in 0..MAX_REACTION_BURST + 5 {
        world.input("ada", Input::React(Reaction::Laugh));
    }
    world.settle();
    assert_eq!(world.person("bob").reactions.len(), MAX_REACTION_BURST as usize);
    assert_eq!(world.errors("ada"), []);
    world.pass_secs(1);
    world.say("ada", &ClientMessage::React { reaction: Reaction::Unknown });
    world.settle();
    assert_eq!(world.errors("ada"), [(ErrorCode::Malformed, Some("react".to_owned()))]);
    assert_eq!(world.person("bob").reactions.len(), MAX_REACTION_BURST as usize);
}

#[test]
fn hands_stand_in_the_order_they_were_raised() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    for who in ["eve", "ada", "bob"] {
        world.raise(who, true);
        world.settle();
    }
    assert_eq!(world.hands("bob"), ["eve", "ada", "bob"]);
    world.raise("ada", false);
    world.settle();
    world.raise("ada", true);
    world.settle();
    world.inside("tea", &["dan"]);
    for who in ["ada", "dan"] {
        assert_eq!(world.hands(who), ["eve", "bob", "ada"]);
    }
    let heard = world.person("bob").heard.len();
    world.say("ada", &ClientMessage::RaiseHand { raised: true });
    world.settle();
    assert_eq!(world.person("bob").heard.len(), heard, "no news");
}

#[test]
fn whoever_leaves_takes_its_hand_down() {
    let mut world = World::new();
    world.inside("tea", &["ada", "bob", "eve"]);
    for who in ["ada", "bob"] {
        world.raise(who, true);
    }
    world.settle();
    world.leave("ada");
    world.settle();
    assert_eq!(world.hands("eve"), ["bob"]);
    world.inside("tea", &["dan"]);
    assert_eq!(world.hands("dan"), ["bob"]);
    world.enter("ada", "tea");
    world.settle();
    assert_eq!(world.hands("ada"), ["bob"], "another stay, another hand");
}

#[test]
fn a_hand_outlasts_a_loss_and_what_became_of_it_is_told_afterwards() {
    let mut world = patient();
    world.inside("tea", &["ada", "bob"]);
    world.raise("ada", true);
    world.settle();
    world.break_socket("ada");
    world.pass_secs(1);
    world.settle();
    assert_eq!((world.hands("ada"), world.hands("bob")), (vec!["ada".to_owned()], vec!["ada".to_owned()]));
    world.person("ada").cut = true;
    world.raise("ada", false);
    world.raise("bob", true);
    world.pass_secs(1);
    assert_eq!(world.hands("bob"), ["ada", "bob"]);
    world.break_socket("ada");
    world.person("ada").cut = false;
    world.pass_secs(LONG);
    world.settle();
    assert_eq!((world.hands("ada"), world.hands("bob")), (vec!["bob".to_owned()], vec!["bob".to_owned()]));
}

/// News of who came is gathered for a while, and yet nobody hears from whom it does not know.
#[test]
fn whoever_has_just_come_is_introduced_before_it_talks() {
    let moment = Duration::from_millis(300);
    let gathering = Gathering { from: 1, each: moment, most: moment };
    let mut world = World::with(Config { gathering, ..Config::default() });
    world.inside("tea", &["ada"]);
    for (who, does) in [
        ("bob", Input::Chat("Hello".to_owned())),
        ("eve", Input::React(Reaction::Heart)),
        ("dan", Input::RaiseHand(true)),
    ] {
        let heard = world.person("ada").heard.len();
        world.enter_bare(who, "tea");
        world.pass(DELAY * 6);
        assert_eq!(world.phase(who), Phase::Live);
        assert_eq!(world.person("ada").heard.len(), heard, "the news of {who} is being gathered");
        world.input(who, does);
        world.pass(DELAY * 3);
        assert_eq!(world.person("ada").heard.len(), heard + 2, "{who} is introduced, and heard");
        world.agree();
    }
    assert_eq!(world.read("ada"), said(&[("bob", "Hello")]));
    assert_eq!((world.person("ada").reactions.len(), world.hands("ada")), (1, vec!["dan".to_owned()]));
}

#[test]
fn ice_servers_are_known_inside_and_told_afresh() {
    let server = |credential: &str| IceServer {
        urls: vec!["turn:turn.example.org:3478".to_owned()],
        username: Some("7".to_owned()),
        credential: Some(credential.to_owned()),
    };
    let mut world = World::new();
    world.ice_servers = vec![server("first")];
    world.inside("tea", &["ada"]);
    assert_eq!(world.person("ada").session.ice_servers(), [server("first")]);
    world.ice_servers = vec![server("second")];
    world.break_socket("ada");
    world.pass_secs(1);
    assert_eq!(world.person("ada").session.ice_servers(), [server("second")]);
    world.leave("ada");
    assert_eq!(world.person("ada").session.ice_servers(), []);
}
