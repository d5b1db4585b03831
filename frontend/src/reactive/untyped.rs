//! The part of a signal that knows no type: what is stored, who follows it, when it goes.

use leptos::prelude::{ArcMemo, ArcRwSignal, Get, GetUntracked, IsDisposed, Set, Track, Update, on_cleanup};
use leptos::reactive::owner::ArenaItem;
use std::any::Any;
use std::sync::Arc;

/// A value of some type. Another value is another allocation.
pub type AnyValue = Arc<dyn Any + Send + Sync>;

/// What a memo does.
pub trait Reckon: Send + Sync + 'static {
    /// The value of now. What is equal to the one before is that.
    fn reckon(&self, before: Option<&AnyValue>) -> AnyValue;
}

/// A signal or a memo in Leptos's arena; it goes with the owner under which it was made.
#[derive(Clone, Copy, Debug)]
pub struct AnySignal(ArenaItem<Kept>);

#[derive(Clone, Debug)]
enum Kept {
    Signal(ArcRwSignal<AnyValue>),
    Memo(ArcMemo<AnyValue>),
}

impl AnySignal {
    pub fn new(value: AnyValue) -> Self {
        Self(ArenaItem::new(Kept::Signal(ArcRwSignal::new(value))))
    }

    /// One that is reckoned.
    pub fn memo(reckon: Box<dyn Reckon>) -> Self {
        let reckon = move |before: Option<&AnyValue>| reckon.reckon(before);
        let memo = ArcMemo::new_with_compare(reckon, |before, now| !is_same(before, now));
        let kept = memo.clone();
        on_cleanup(move || super::follow::forget(&kept));
        Self(ArenaItem::new(Kept::Memo(memo)))
    }

    /// The value, unless the owner is gone. Whoever follows now is told of the next.
    pub fn get(self) -> Option<AnyValue> {
        match self.0.try_get_value()? {
            Kept::Signal(signal) => signal.try_get(),
            Kept::Memo(memo) => memo.try_get(),
        }
    }

    pub fn get_untracked(self) -> Option<AnyValue> {
        match self.0.try_get_value()? {
            Kept::Signal(signal) => signal.try_get_untracked(),
            Kept::Memo(memo) => memo.try_get_untracked(),
        }
    }

    pub fn is_disposed(self) -> bool {
        self.0.is_disposed()
    }

    pub fn track(self) {
        match self.0.try_get_value() {
            Some(Kept::Signal(signal)) => signal.track(),
            Some(Kept::Memo(memo)) => memo.track(),
            None => {}
        }
    }

    /// Puts another value in its place and tells who follows. Nothing of a memo, and when the owner is gone.
    pub fn set(self, value: AnyValue) {
        if let Some(Kept::Signal(signal)) = self.0.try_get_value() {
            signal.set(value);
        }
    }

    /// Has the value changed and tells who follows. Nothing of a memo, and when the owner is gone.
    pub fn update(self, change: &mut dyn FnMut(&mut AnyValue)) {
        if let Some(Kept::Signal(signal)) = self.0.try_get_value() {
            signal.update(change);
        }
    }
}

/// Whether it is the very same, and not one that is equal.
pub fn is_same(one: Option<&AnyValue>, other: Option<&AnyValue>) -> bool {
    one.zip(other).is_some_and(|(one, other)| Arc::ptr_eq(one, other))
}
