//! The standard library's own are what ours are held to.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Few keys, so that they meet.
const KEYS: u8 = 12;

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u16),
    GetOrInsert(u8, u16),
    Change(u8, u16),
    Remove(u8),
    RemoveEntry(u8),
    Retain(u16),
    Extract(u16, usize),
    Extend(Vec<(u8, u16)>),
    AddToAll(u16),
    AddToValues(u16),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    let (key, value) = (0..KEYS, 0..8_u16);
    prop_oneof![
        4 => (key.clone(), value.clone()).prop_map(|(key, value)| Step::Insert(key, value)),
        2 => (key.clone(), value.clone()).prop_map(|(key, value)| Step::GetOrInsert(key, value)),
        2 => (key.clone(), value.clone()).prop_map(|(key, value)| Step::Change(key, value)),
        2 => key.clone().prop_map(Step::Remove),
        2 => key.clone().prop_map(Step::RemoveEntry),
        1 => value.clone().prop_map(Step::Retain),
        1 => (value.clone(), 0..4_usize).prop_map(|(value, most)| Step::Extract(value, most)),
        1 => vec((key, value.clone()), 0..6).prop_map(Step::Extend),
        1 => value.clone().prop_map(Step::AddToAll),
        1 => value.prop_map(Step::AddToValues),
        1 => Just(Step::Clear),
    ]
}

fn check_map(ours: &SortedMap<u8, u16>, theirs: &BTreeMap<u8, u16>) {
    assert!(ours.iter().eq(theirs.iter()) && ours.into_iter().eq(theirs));
    assert!(ours.keys().eq(theirs.keys()) && ours.values().eq(theirs.values()));
    assert!(ours.clone().into_iter().eq(theirs.clone()));
    assert_eq!((ours.len(), ours.is_empty()), (theirs.len(), theirs.is_empty()));
    for key in 0..KEYS {
        assert_eq!(ours.get(&key), theirs.get(&key));
        assert_eq!(ours.contains_key(&key), theirs.contains_key(&key));
    }
}

proptest! {
    #[test]
    fn a_map_is_as_a_b_tree(steps in vec(step(), 0..40)) {
        let (mut ours, mut theirs) = (SortedMap::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Insert(key, value) => {
                    prop_assert_eq!(ours.insert(key, value), theirs.insert(key, value));
                }
                Step::GetOrInsert(key, value) => {
                    let theirs = theirs.entry(key).or_insert_with(|| value);
                    let ours = ours.get_or_insert_with(key, || value);
                    prop_assert_eq!(&*ours, &*theirs);
                    (*ours, *theirs) = (value + 1, value + 1);
                }
                Step::Change(key, value) => {
                    let (ours, theirs) = (ours.get_mut(&key), theirs.get_mut(&key));
                    prop_assert_eq!(&ours, &theirs);
                    ours.into_iter().chain(theirs).for_each(|known| *known = value);
                }
                Step::Remove(key) => prop_assert_eq!(ours.remove(&key), theirs.remove(&key)),
                Step::RemoveEntry(key) => {
                    prop_assert_eq!(ours.remove_entry(&key), theirs.remove_entry(&key));
                }
                Step::Retain(least) => {
                    ours.retain(|_, value| *value >= least);
                    theirs.retain(|_, value| *value >= least);
                }
                Step::Extract(least, most) => {
                    let ours = ours.extract_if(|_, value| *value >= least).take(most);
                    let theirs = theirs.extract_if(.., |_, value| *value >= least).take(most);
                    prop_assert!(ours.eq(theirs));
                }
                Step::Extend(pairs) => {
                    ours.extend(pairs.clone());
                    theirs.extend(pairs);
                }
                Step::AddToAll(more) => {
                    for (key, value) in &mut ours {
                        *value += more + u16::from(*key);
                    }
                    for (key, value) in &mut theirs {
                        *value += more + u16::from(*key);
                    }
                }
                Step::AddToValues(more) => {
                    for value in ours.values_mut().chain(theirs.values_mut()) {
                        *value += more;
                    }
                }
                Step::Clear => {
                    ours.clear();
                    theirs.clear();
                }
            }
            check_map(&ours, &theirs);
        }
    }

    #[test]
    fn a_set_is_as_a_b_tree(first in vec(0..KEYS, 0..8), steps in vec((0..5_u8, 0..KEYS), 0..40)) {
        let mut ours: SortedSet<u8> = first.iter().copied().collect();
        let mut theirs: BTreeSet<u8> = first.iter().copied().collect();
        for (what, value) in steps {
            match what {
                0 | 1 => prop_assert_eq!(ours.insert(value), theirs.insert(value)),
                2 => prop_assert_eq!(ours.remove(&value), theirs.remove(&value)),
                3 => prop_assert_eq!(ours.take(&value), theirs.take(&value)),
                _ if value == 0 => {
                    ours.clear();
                    theirs.clear();
                }
                _ => {
                    ours.extend(first.clone());
                    theirs.extend(first.clone());
                }
            }
            prop_assert!(ours.iter().eq(&theirs) && ours.clone().into_iter().eq(theirs.clone()));
            prop_assert_eq!(ours.is_empty(), theirs.is_empty());
            (0..KEYS).for_each(|value| assert_eq!(ours.contains(&value), theirs.contains(&value)));
        }
    }
}

#[test]
fn what_is_said_later_of_a_key_counts() {
    let map: SortedMap<&str, u8> = [("b", 1), ("a", 2), ("b", 3)].into_iter().collect();
    assert!(map.into_iter().eq([("a", 2), ("b", 3)]));
    assert!(SortedSet::from(["b", "a", "b"]).into_iter().eq(["a", "b"]));
}
