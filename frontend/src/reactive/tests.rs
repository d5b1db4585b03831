//! What the client leans on of its signals.

use super::*;
use leptos::reactive::owner::Owner;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts how often it is run.
fn counted<T>(run: impl Fn() -> T) -> (impl Fn() -> T, Arc<AtomicU32>) {
    let times = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&times);
    let counted = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        run()
    };
    (counted, times)
}

#[test]
fn a_memo_tells_only_what_differs() {
    let owner = Owner::new();
    owner.with(|| {
        let number = RwSignal::new(4_u32);
        let is_even = memo(move || number.get().is_multiple_of(2));
        let (word, times) = counted(move || if is_even.get() { "even" } else { "odd" });
        let word = memo(word);
        assert_eq!(times.load(Ordering::Relaxed), 0, "nobody has asked");
        for (next, said, reckoned) in [(4, "even", 1), (6, "even", 1), (7, "odd", 2), (9, "odd", 2)] {
            number.set(next);
            assert_eq!((word.get(), word.get_untracked()), (said, said));
            assert_eq!(times.load(Ordering::Relaxed), reckoned, "at {next}");
        }
    });
}

#[test]
fn what_was_read_stays_as_it_was() {
    let owner = Owner::new();
    owner.with(|| {
        let names = RwSignal::new(vec!["Ada"]);
        let before = names.read_untracked();
        names.update(|names| names.push("Bo"));
        assert_eq!(*before, ["Ada"]);
        assert_eq!(*names.read_untracked(), ["Ada", "Bo"]);
    });
}

/// Tells its copies, which are not wanted.
#[derive(PartialEq)]
struct Copied(u32);

impl Clone for Copied {
    fn clone(&self) -> Self {
        Self(self.0 + 100)
    }
}

#[test]
fn a_value_that_nobody_holds_is_changed_where_it_is() {
    let owner = Owner::new();
    owner.with(|| {
        let signal = RwSignal::new(Copied(1));
        signal.update(|value| value.0 += 1);
        assert_eq!(signal.with_untracked(|value| value.0), 2);
    });
}

#[test]
fn what_is_gone_is_neither_read_nor_written() {
    let owner = Owner::new();
    let (signal, stored) = owner.with(|| (RwSignal::new(1), StoredValue::new(1)));
    assert_eq!((signal.try_get_untracked(), stored.try_get_value()), (Some(1), Some(1)));
    owner.cleanup();
    signal.set(2);
    signal.update(|value| *value = 3);
    stored.set_value(2);
    assert!(signal.is_disposed());
    assert_eq!((signal.try_get_untracked(), stored.try_get_value()), (None, None));
}

#[test]
fn a_callback_is_run_with_what_it_is_given() {
    let owner = Owner::new();
    owner.with(|| {
        let sum = StoredValue::new(0);
        let add = Callback::new(move |number: u32| {
            sum.try_update_value(|sum| *sum += number);
        });
        add.run(2);
        add.run(3);
        assert_eq!(sum.get_value(), 5);
    });
}
