//! The words of every language against each other, and sentences made of them.

use super::*;
use crate::rtc::devices::{Device, DeviceError, DeviceProblem};
use crate::state::quality::{Cause, Level, Verdict};
use session::{Connectivity, Phase};
use std::collections::{BTreeMap, BTreeSet};

type Words = BTreeMap<String, String>;

fn read(language: Language) -> Words {
    let path = format!("{}/words/{}.json", env!("CARGO_MANIFEST_DIR"), language.code());
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// As somebody who speaks every language has them.
fn fetch_all() {
    fetched::keep_korean(read(Language::Korean).into_iter()).unwrap();
}

fn gaps(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(gap, _)| gap)).collect()
}

#[test]
fn every_language_has_every_word_and_no_other() {
    let english = read(Language::English);
    for language in Language::ALL {
        let words = read(language);
        let missing: Vec<_> = english.keys().filter(|key| !words.contains_key(*key)).collect();
        let unknown: Vec<_> = words.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "{language:?}: {missing:?} {unknown:?}");
        assert!(words.values().all(|text| !text.trim().is_empty()), "{language:?} has an empty one");
    }
}

#[test]
fn every_language_has_the_same_gaps() {
    let english = read(Language::English);
    for language in Language::ALL {
        for (key, text) in read(language) {
            assert_eq!(gaps(&text), gaps(&english[&key]), "{language:?} {key}");
        }
    }
}

/// What stays English by oversight is the likeliest mistake.
#[test]
fn another_language_says_it_otherwise() {
    let (english, korean) = (read(Language::English), read(Language::Korean));
    let has_letters = |text: &str| text.chars().any(char::is_alphabetic);
    let same: Vec<_> =
        english.iter().filter(|(key, text)| korean[*key] == **text && has_letters(text)).collect();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn every_word_is_in_its_place() {
    fetch_all();
    for language in Language::ALL {
        for (place, text) in read(language).values().enumerate() {
            assert_eq!(table(language).get(place), text, "{language:?}");
        }
        assert_eq!(table(language).get(WORDS), "");
    }
}

#[test]
fn tables_are_in_the_order_of_the_names() {
    fetch_all();
    assert_eq!(say_in(Language::English, Word::Join), "Join");
    assert_eq!(say_in(Language::Korean, Word::Join), "들어가기");
    assert_eq!(say_in(Language::English, Word::You), "You");
}

#[test]
fn gaps_are_filled_once() {
    assert_eq!(fill_text("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
    assert_eq!(fill_text("none", &[("a", "x")]), "none");
    assert_eq!(fill_text("{unknown}!", &[]), "!");
}

#[test]
fn one_is_not_people() {
    assert_eq!(people(1), "1 person");
    assert_eq!(people(12), "12 people");
    assert_eq!(inside(0), "Nobody is in the room yet");
}

#[test]
fn a_connected_room_says_nothing() {
    assert_eq!(status(&Phase::Live, Some(Connectivity::Connected), false), None);
    assert!(status(&Phase::Joining, None, false).is_some());
    assert!(status(&Phase::Live, Some(Connectivity::Failed), false).is_some());
    assert_eq!(status(&Phase::Live, Some(Connectivity::Failed), true), None, "nothing is missed");
}

#[test]
fn figures_have_units() {
    let check = |text: String, expected: &str| assert_eq!(text.replace('\u{a0}', " "), expected);
    check(bitrate(32_000), "32 kbit/s");
    check(bitrate(400_000), "0.4 Mbit/s");
    check(bitrate(1_000_000), "1 Mbit/s");
    check(bitrate(1_790_000), "1.7 Mbit/s");
    check(bitrate(25_600_000), "25 Mbit/s");
    check(per_mille(0), "0 %");
    check(per_mille(8), "0.8 %");
    check(per_mille(80), "8 %");
    check(per_mille(125), "12 %");
}

#[test]
fn a_verdict_names_whose_and_why() {
    let verdict = Verdict { level: Level::Fair, cause: Cause::OwnUplinkLoss(80) };
    let text = quality(None, verdict).replace('\u{a0}', " ");
    assert_eq!(text, "Your connection: Your uplink: 8 % of packets are lost");
    assert_eq!(quality(Some("Ada"), Verdict::FINE), "Connection of Ada: Good");
}

#[test]
fn every_device_problem_names_the_device() {
    let problem = DeviceProblem { device: Device::Camera, why: DeviceError::NotFound };
    assert!(device_problem(&problem).contains("camera"));
    assert!(!device_problem(&problem).contains("microphone"));
}
