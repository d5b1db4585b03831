//! Where people are put, and who moves whom.

use super::*;
use forward::{Kind, Mid, SendLine};
use slotmap::SlotMap;

const ROOM: GroupId = GroupId(1);

fn sends() -> PeerConfig {
    let line =
        SendLine { mid: Mid::from("0"), kind: Kind::Audio, codecs: vec![], rids: vec![], ssrcs: vec![] };
    PeerConfig { sends: vec![line], transport_cc: true, ..PeerConfig::default() }
}

fn burdens<const N: usize>(fed: [usize; N]) -> [Burden; N] {
    fed.map(|fed| Burden { fed, ..Burden::default() })
}

/// What was to be told, in short.
fn short(news: &[(usize, News)]) -> Vec<String> {
    let mut lines: Vec<String> = news
        .iter()
        .map(|(to, news)| match news {
            News::Link(other) => format!("{to}: link {other}"),
            News::Command(Command::Span { .. }) => format!("{to}: span"),
            News::Command(Command::Unspan { .. }) => format!("{to}: unspan"),
            News::Command(Command::Guest { home, config, .. }) => {
                assert!(!config.transport_cc, "a guest reports no arrivals");
                format!("{to}: guest of {home}")
            }
            News::Command(Command::Relay { worker, on, .. }) => format!("{to}: relay {worker} {on}"),
            News::Command(Command::Remove { .. }) => format!("{to}: remove"),
            News::Command(Command::Hold { lines, .. }) => format!("{to}: hold {}", lines.len()),
            News::Command(other) => format!("{to}: {other:?}"),
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn groups_go_where_there_is_least_to_do_and_stay() {
    let mut places = Places::new(3, 100);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let mut place =
        |group, fed: [usize; 3]| places.place(GroupId(group), keys.insert(()), &burdens(fed)).unwrap().worker;
    assert_eq!([place(1, [0; 3]), place(2, [0; 3]), place(3, [0; 3])], [0, 1, 2]);
    assert_eq!(place(1, [50, 0, 0]), 0, "together");
    assert_eq!(place(4, [50, 1, 0]), 2);
    assert_eq!(place(4, [0, 0, 90]), 2, "not so much yet");
}

#[test]
fn a_group_spans_another_worker_when_its_own_has_much_to_do() {
    let mut places = Places::new(2, 10);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let [first, second] = [keys.insert(()), keys.insert(())];
    assert_eq!(places.place(ROOM, first, &burdens([0, 0])).unwrap().worker, 0);
    assert!(places.configured(ROOM, first, 0, &sends()).is_empty(), "nobody else to tell");
    let placed = places.place(ROOM, second, &burdens([30, 0])).unwrap();
    assert_eq!(placed.worker, 1);
    assert_eq!(short(&placed.news), ["0: relay 1 true", "1: guest of 0", "1: link 0", "1: span"]);
    let news = places.configured(ROOM, second, 1, &sends());
    assert_eq!(short(&news), ["0: guest of 1", "1: relay 0 true"]);
    let third = keys.insert(());
    assert_eq!(
        places.place(ROOM, third, &burdens([30, 20])).unwrap().worker,
        1,
        "on both already: the one with less"
    );
    assert!(places.configured(ROOM, third, 1, &PeerConfig::default()).is_empty(), "only listens");
}

#[test]
fn what_is_held_is_held_wherever_its_group_is_or_comes_to_be() {
    let mut places = Places::new(2, 10);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let [first, second] = [keys.insert(()), keys.insert(())];
    places.place(ROOM, first, &burdens([0, 0])).unwrap();
    places.configured(ROOM, first, 0, &sends());
    let lines = [Mid::from("0")];
    assert_eq!(short(&places.hold(ROOM, first, &lines)), ["0: hold 1"]);
    let placed = places.place(ROOM, second, &burdens([30, 0])).unwrap();
    assert_eq!(
        short(&placed.news),
        ["0: relay 1 true", "1: guest of 0", "1: hold 1", "1: link 0", "1: span"]
    );
    assert_eq!(short(&places.hold(ROOM, first, &[])), ["0: hold 0", "1: hold 0"]);
    places.hold(ROOM, first, &lines);
    places.leave(ROOM, first, 0);
    assert!(places.hold(ROOM, first, &lines).is_empty(), "gone");
}

#[test]
fn the_last_to_leave_a_worker_ends_the_relays_to_it() {
    let mut places = Places::new(2, 10);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let [first, second] = [keys.insert(()), keys.insert(())];
    places.place(ROOM, first, &burdens([0, 0])).unwrap();
    places.configured(ROOM, first, 0, &sends());
    places.place(ROOM, second, &burdens([30, 0])).unwrap();
    places.configured(ROOM, second, 1, &sends());
    let news = places.leave(ROOM, second, 1);
    assert_eq!(short(&news), ["0: relay 1 false", "0: remove", "1: remove", "1: unspan"]);
    assert!(places.leave(ROOM, first, 0).is_empty());
    assert!(places.groups.is_empty());
    assert_eq!(places.peers, [0, 0]);
}

#[test]
fn what_is_negotiated_with_one_who_left_counts_no_more() {
    let mut places = Places::new(2, 1);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let [first, second] = [keys.insert(()), keys.insert(())];
    places.place(ROOM, first, &burdens([0, 0])).unwrap();
    places.place(ROOM, second, &burdens([30, 0])).unwrap();
    places.configured(ROOM, first, 0, &sends());
    places.leave(ROOM, first, 0);
    assert!(places.configured(ROOM, first, 0, &sends()).is_empty());
}

#[test]
fn a_home_stays_the_home_without_peers_of_its_own() {
    let mut places = Places::new(2, 10);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let [first, second] = [keys.insert(()), keys.insert(())];
    places.place(ROOM, first, &burdens([0, 0])).unwrap();
    places.configured(ROOM, first, 0, &sends());
    places.place(ROOM, second, &burdens([30, 0])).unwrap();
    places.configured(ROOM, second, 1, &sends());
    assert_eq!(short(&places.leave(ROOM, first, 0)), ["1: remove"]);
    let third = keys.insert(());
    assert_eq!(places.place(ROOM, third, &burdens([0, 0])).unwrap().worker, 0);
    assert_eq!(short(&places.configured(ROOM, third, 0, &sends())), ["0: relay 1 true", "1: guest of 0"]);
    places.leave(ROOM, second, 1);
    places.leave(ROOM, third, 0);
    assert!(places.groups.is_empty());
}

#[test]
fn of_a_worker_that_began_anew_nothing_is_left_and_another_is_home() {
    let mut places = Places::new(2, 10);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let [first, second] = [keys.insert(()), keys.insert(())];
    places.place(ROOM, first, &burdens([0, 0])).unwrap();
    places.configured(ROOM, first, 0, &sends());
    places.place(ROOM, second, &burdens([30, 0])).unwrap();
    places.configured(ROOM, second, 1, &sends());
    assert!(places.begun(0, 0).is_empty(), "it did not");
    let news = places.begun(0, 1);
    assert_eq!(short(&news), ["0: remove", "1: relay 0 false", "1: remove", "1: unspan"]);
    assert!(places.begun(0, 1).is_empty(), "once");
    assert!(places.leave(ROOM, first, 0).is_empty(), "lost before");
    assert_eq!(places.peers, [0, 1]);
    // Who comes there again finds the other, by queues that are new.
    let third = keys.insert(());
    let placed = places.place(ROOM, third, &burdens([0, 30])).unwrap();
    assert_eq!(placed.worker, 0);
    assert_eq!(short(&placed.news), ["0: guest of 1", "0: link 1", "0: span", "1: relay 0 true"]);
}

#[test]
fn a_group_that_was_on_one_worker_alone_ends_when_that_begins_anew() {
    let mut places = Places::new(2, 10);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    places.place(ROOM, keys.insert(()), &burdens([0, 0])).unwrap();
    assert!(places.begun(0, 3).is_empty());
    assert!(places.groups.is_empty());
    assert_eq!(places.peers, [0, 0]);
}

#[test]
fn nobody_is_put_on_a_worker_that_stands_still() {
    let mut places = Places::new(2, 100);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let still = |still: [bool; 2]| still.map(|still| Burden { still, ..Burden::default() });
    let mut place = |group, burdens: [Burden; 2]| {
        places.place(GroupId(group), keys.insert(()), &burdens).map(|placed| placed.worker)
    };
    assert_eq!(place(1, still([false, false])), Some(0));
    assert_eq!(place(2, still([true, false])), Some(1));
    assert_eq!(place(1, still([true, false])), Some(1), "nor of a group that is there");
    assert_eq!(place(3, still([true, true])), None);
}

#[test]
fn when_all_have_too_much_to_do_no_group_begins_and_whoever_comes_to_one_is_let_in() {
    let mut places = Places::new(2, 100);
    let mut keys = SlotMap::<PeerKey, ()>::with_key();
    let some = |first, second| [first, second].map(|overloaded| Burden { overloaded, ..Burden::default() });
    let mut place = |group, burdens: [Burden; 2]| {
        places.place(GroupId(group), keys.insert(()), &burdens).map(|placed| placed.worker)
    };
    assert_eq!(place(1, some(true, false)), Some(1), "though the first has as little");
    assert_eq!(place(2, some(true, true)), None);
    assert_eq!(place(1, some(true, true)), Some(1));
    assert_eq!(place(1, some(false, true)), Some(0), "it spans the one that can");
    assert_eq!(place(2, some(false, true)), Some(0));
    assert_eq!((places.groups.len(), places.peers), (2, vec![2, 2]), "nothing is left of who was refused");
}
