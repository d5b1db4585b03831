//! `serde_json` is what this is held to.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// One of each kind of type there is in the protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sample {
    word: String,
    small: u8,
    large: u64,
    signed: i64,
    is: bool,
    maybe: Option<u16>,
    #[serde(default)]
    list: Vec<Kind>,
    #[serde(default)]
    inner: Option<Box<Sample>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    One,
    TwoThree,
    #[serde(other)]
    Unknown,
}

fn check<T: DeserializeOwned + PartialEq + fmt::Debug>(text: &str) {
    assert_eq!(read::<T>(text).ok(), serde_json::from_str(text).ok(), "{text}");
}

/// Reads a text as every type.
fn check_all(text: &str) {
    check::<Option<Sample>>(text);
    // Elsewhere `{"one":null}` is a variant too.
    if !text.contains('{') {
        check::<Vec<Kind>>(text);
    }
    check::<Vec<Option<Vec<i64>>>>(text);
    check::<(u8, bool)>(text);
    check::<u64>(text);
    check::<i64>(text);
    check::<bool>(text);
    check::<String>(text);
    check::<()>(text);
    let theirs: Option<Vec<&RawValue>> = serde_json::from_str(text).ok();
    assert_eq!(elements(text).ok(), theirs.map(|all| all.into_iter().map(RawValue::get).collect()), "{text}");
    let theirs: Option<BTreeMap<String, &RawValue>> = serde_json::from_str(text).ok();
    assert_eq!(members(text).is_ok(), theirs.is_some(), "{text}");
}

/// Pieces of JSON, and of what is nearly JSON.
const PIECES: [&str; 52] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "null",
    "true",
    "false",
    "nul",
    "0",
    "-0",
    "-",
    "7",
    "01",
    "255",
    "256",
    "65535",
    "65536",
    "-5",
    "1.5",
    "1.",
    ".5",
    "1e3",
    "1e",
    "1E+2",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "\"\"",
    "\"word\":",
    "\"word\"",
    "\"list\"",
    "\"two_three\"",
    "\"é한🦦\"",
    "\"a\\\"b\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u00e9\"",
    "\"\\ud83e\\udda6\"",
    "\"\\ud83e\"",
    "\"\\udda6\"",
    "\"\\ud83e\\u0041\"",
    "\"\\x\"",
    "\"\\u12g4\"",
    "\"\u{1}\"",
    "\"",
    "\\",
    "\u{0}",
    "\"a\":1",
    "x",
];

/// A value of any shape, and a `Sample` now and then.
fn value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0..300_u16).prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        Just(json!("one")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let sample = (vec(inner.clone(), 8), 0..9_usize).prop_map(|(values, left_out)| {
            let names = ["word", "small", "large", "signed", "is", "maybe", "inner", "more"];
            let pairs = names.iter().zip(values).enumerate().filter(|(place, _)| *place != left_out);
            pairs.map(|(_, (name, value))| ((*name).to_owned(), value)).collect()
        });
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((".{0,3}", inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            sample.prop_map(Value::Object),
        ]
    })
}

fn sample() -> impl Strategy<Value = serde_json::Value> {
    let numbers = (0..400_u16, any::<u64>(), any::<i64>(), prop::option::of(0..70_000_u32));
    let list = vec(prop::sample::select(vec!["one", "two_three", "four"]), 0..4);
    (".*", numbers, any::<bool>(), list, value()).prop_map(|(word, (small, large, signed, maybe), is, list, more)| {
        serde_json::json!({
            "more": more, "word": word, "small": small, "large": large, "signed": signed, "is": is, "maybe": maybe,
            "list": list,
        })
    })
}

proptest! {
    #[test]
    fn any_value_reads_as_it_does_elsewhere(value in value()) {
        check_all(&value.to_string());
    }

    #[test]
    fn a_struct_reads_as_it_does_elsewhere(outer in sample(), inner in sample(), is_pretty in any::<bool>()) {
        let mut outer = outer;
        outer["inner"] = inner;
        check_all(&if is_pretty { format!("{outer:#}") } else { outer.to_string() });
    }

    #[test]
    fn what_is_nearly_json_is_refused_as_it_is_elsewhere(pieces in vec(prop::sample::select(&PIECES[..]), 0..8)) {
        check_all(&pieces.concat());
        check_all(&format!("[{}]", pieces.join(",")));
        check_all(&format!("{{\"word\":{}}}", pieces.join(",\"small\":")));
    }

    #[test]
    fn a_text_with_a_byte_changed_reads_as_it_does_elsewhere(
        sample in sample(),
        place in any::<prop::sample::Index>(),
        piece in prop::sample::select(&PIECES[..]),
    ) {
        let mut text: Vec<char> = sample.to_string().chars().collect();
        let place = place.index(text.len());
        text.splice(place..=place, piece.chars());
        check_all(&text.into_iter().collect::<String>());
    }
}

/// What is only written.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Nothing {},
    Short,
    Several {
        kind: Kind,
        letter: char,
        pairs: Vec<(i8, Option<bool>)>,
        #[serde(skip_serializing_if = "Option::is_none")]
        inner: Option<Box<Told>>,
        unit: (),
    },
}

fn check_write(value: &(impl Serialize + fmt::Debug)) {
    assert_eq!(write(value).ok(), serde_json::to_string(value).ok(), "{value:?}");
}

fn text() -> impl Strategy<Value = String> {
    let letter = prop_oneof![any::<char>(), (0..0x80_u8).prop_map(char::from)];
    vec(letter, 0..12).prop_map(String::from_iter)
}

fn told() -> impl Strategy<Value = Told> {
    let leaf = prop_oneof![Just(()).prop_map(|()| Told::Nothing {}), Just(()).prop_map(|()| Told::Short)];
    leaf.prop_recursive(3, 8, 1, |inner| {
        let several = (any::<bool>(), any::<char>(), vec(any::<(i8, Option<bool>)>(), 0..3));
        (several, prop::option::of(inner)).prop_map(|((one, letter, pairs), inner)| {
            let kind = if one { Kind::One } else { Kind::TwoThree };
            Told::Several { kind, letter, pairs, inner: inner.map(Box::new), unit: () }
        })
    })
}

proptest! {
    #[test]
    fn a_struct_is_written_as_it_is_elsewhere(
        word in text(),
        (small, large, signed, is, maybe) in any::<(u8, u64, i64, bool, Option<u16>)>(),
        list in vec(prop::sample::select(vec![Kind::One, Kind::TwoThree, Kind::Unknown]), 0..4),
    ) {
        let inner = Sample { word, small, large, signed, is, maybe, list: Vec::new(), inner: None };
        check_write(&Sample { list, inner: Some(Box::new(inner.clone())), ..inner });
    }

    #[test]
    fn an_enum_is_written_as_it_is_elsewhere(told in vec(told(), 0..3)) {
        check_write(&told);
    }
}

#[test]
fn edges_are_written_as_they_are_elsewhere() {
    let numbers = [0, 9, 10, i64::MAX, i64::MIN, -1];
    check_write(&numbers);
    check_write(&(u64::MAX, u32::MAX, i32::MIN, u16::MAX, i16::MIN));
    check_write(&(0..=0x80_u8).map(char::from).collect::<String>());
    check_write(&["[", "{", ""]);
}

#[test]
fn what_the_protocol_has_not_is_not_written() {
    assert!(write(&1.5_f64).is_err());
    assert!(write(&BTreeMap::from([("a", 1)])).is_err());
    assert!(write(&Ok::<u8, u8>(1)).is_err());
}

#[test]
fn members_and_elements_are_as_they_stand() {
    let all = members(r#" { "a" : [1, {"b":2}] , "\u0061":"x","a":-1.5e3 } "#).unwrap();
    assert_eq!(all, [("a".into(), r#"[1, {"b":2}]"#), ("a".into(), r#""x""#), ("a".into(), "-1.5e3")]);
    assert_eq!(elements("[ {} ,[] , null ]").unwrap(), ["{}", "[]", "null"]);
}

#[test]
fn a_list_has_as_many_parts_as_are_due() {
    assert_eq!(read::<Vec<(u8, bool)>>("[[1,true],[2,false]]").unwrap(), [(1, true), (2, false)]);
    assert!(read::<Vec<(u8, bool)>>("[[1,true,3]]").is_err());
    assert!(read::<Vec<(u8, bool)>>("[[1]]").is_err());
}

#[test]
fn depth_takes_no_stack() {
    let deep = format!("[{}{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(elements(&deep).unwrap().len(), 1);
    assert!(elements(deep.get(1..).unwrap()).is_err());
}

#[test]
fn what_is_wrong_is_said() {
    let check =
        |text: &str, expected: &str| assert_eq!(read::<Sample>(text).unwrap_err().to_string(), expected);
    check("{", "not JSON");
    check("[]", "a value is of another type");
    check(r#"{"word":"a"}"#, "missing field `small`");
    check(r#"{"word":"a","word":"b"}"#, "duplicate field `word`");
    assert_eq!(read::<Strict>(r#""c""#).unwrap_err().to_string(), "unknown `c`");
}

#[derive(Debug, Deserialize)]
enum Strict {}
