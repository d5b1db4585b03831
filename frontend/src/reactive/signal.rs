//! Signals as the rest of the client has them: with a type.

use super::there;
use super::untyped::{AnySignal, AnyValue};
use core::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// A value that is followed: a signal's or a memo's. A handle, good for as long as the owner lives under which it was
/// made; to read it later is a mistake, except by what is called `try_`.
pub struct Signal<T> {
    any: AnySignal,
    of: PhantomData<fn() -> T>,
}

/// A value that is followed and can be written. When the owner is gone that does nothing.
pub struct RwSignal<T>(Signal<T>);

/// A value as it was when it was read.
pub struct Read<T>(Arc<T>);

impl<T: Send + Sync + 'static> Signal<T> {
    pub(super) fn of(any: AnySignal) -> Self {
        Self { any, of: PhantomData }
    }

    /// The handle without the type.
    pub(crate) fn any(self) -> AnySignal {
        self.any
    }

    /// The value as it is now. Whoever follows is told of the next.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn read(self) -> Read<T> {
        there(self.any.get().and_then(typed))
    }

    /// The value as it is now, whatever it will be.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn read_untracked(self) -> Read<T> {
        there(self.try_read_untracked())
    }

    /// The same, unless the owner is gone.
    pub fn try_read_untracked(self) -> Option<Read<T>> {
        self.any.get_untracked().and_then(typed)
    }

    /// What this makes of the value. Whoever follows is told of the next.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.read())
    }

    /// What this makes of the value as it is now, whatever it will be.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.read_untracked())
    }

    /// The same, unless the owner is gone.
    pub fn try_with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        self.try_read_untracked().map(|value| look(&value))
    }

    /// Whether the owner is gone.
    pub fn is_disposed(self) -> bool {
        self.any.is_disposed()
    }

    /// Follows the value without a look at it.
    pub fn track(self) {
        self.any.track();
    }
}

impl<T: Clone + Send + Sync + 'static> Signal<T> {
    /// A copy of the value. Whoever follows is told of the next.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn get(self) -> T {
        T::clone(&self.read())
    }

    /// A copy of the value as it is now, whatever it will be.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn get_untracked(self) -> T {
        T::clone(&self.read_untracked())
    }

    /// The same, unless the owner is gone.
    pub fn try_get_untracked(self) -> Option<T> {
        self.try_read_untracked().as_deref().cloned()
    }
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal under the owner of now.
    pub fn new(value: T) -> Self {
        Self(Signal::of(AnySignal::new(Arc::new(value))))
    }

    /// Writes another value.
    pub fn set(self, value: T) {
        self.any.set(Arc::new(value));
    }
}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// Changes the value where it is, or a copy of it while somebody holds what was read.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let mut change = Some(change);
        self.any.update(&mut |value| {
            if let Some((value, change)) = own(value).zip(change.take()) {
                change(value);
            }
        });
    }
}

fn typed<T: Send + Sync + 'static>(value: AnyValue) -> Option<Read<T>> {
    value.downcast().ok().map(Read)
}

fn own<T: Clone + Send + Sync + 'static>(value: &mut AnyValue) -> Option<&mut T> {
    if Arc::get_mut(value).is_none() {
        let copy = value.downcast_ref::<T>()?.clone();
        *value = Arc::new(copy);
    }
    Arc::get_mut(value)?.downcast_mut()
}

impl<T> Deref for Read<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for RwSignal<T> {
    type Target = Signal<T>;

    fn deref(&self) -> &Signal<T> {
        &self.0
    }
}

impl<T> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        signal.0
    }
}

impl<T> Clone for Signal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Signal<T> {}

impl<T> fmt::Debug for Signal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.any.fmt(f)
    }
}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T> fmt::Debug for RwSignal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
