//! What is kept without being followed.

use super::there;
use crate::boxed::Ask;
use core::fmt;
use leptos::prelude::LocalStorage;
use leptos::reactive::owner::ArenaItem;
use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

/// Keeps something for as long as the owner of now lives: a listener, an observer, an effect.
pub fn keep(value: impl Any) {
    kept(Rc::new(value));
}

fn kept(value: Rc<dyn Any>) -> ArenaItem<Rc<dyn Any>, LocalStorage> {
    ArenaItem::new_local(value)
}

/// A value that nobody follows. A handle, good for as long as the owner lives under which it was made; to read it later
/// is a mistake, except by what is called `try_`.
pub struct StoredValue<T> {
    any: ArenaItem<Rc<dyn Any>, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

impl<T: 'static> StoredValue<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self { any: kept(Rc::new(RefCell::new(value))), of: PhantomData }
    }

    /// Puts another value in its place. When the owner is gone that does nothing.
    pub fn set_value(self, value: T) {
        self.try_update_value(|kept| *kept = value);
    }

    /// Changes the value, unless the owner is gone. What `change` says is given back.
    pub fn try_update_value<U>(self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        Some(change(&mut *self.typed()?.try_borrow_mut().ok()?))
    }

    /// What this makes of the value, unless the owner is gone.
    pub fn try_with_value<U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        Some(look(&*self.typed()?.try_borrow().ok()?))
    }

    fn typed(self) -> Option<Rc<RefCell<T>>> {
        self.any.try_get_value()?.downcast().ok()
    }
}

impl<T: Clone + 'static> StoredValue<T> {
    /// A copy of the value.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn get_value(self) -> T {
        there(self.try_get_value())
    }

    /// The same, unless the owner is gone.
    pub fn try_get_value(self) -> Option<T> {
        self.try_with_value(T::clone)
    }
}

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T> fmt::Debug for StoredValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.any.fmt(f)
    }
}

/// What is to be done, as a handle that views may copy. Good for as long as the owner lives under which it was made.
pub struct Callback<T>(StoredValue<Rc<dyn Ask<T, ()>>>);

impl<T: 'static> Callback<T> {
    /// A handle on this.
    pub fn new(act: impl Fn(T) + 'static) -> Self {
        Self(StoredValue::new(Rc::new(act)))
    }

    /// Does it.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn run(self, with: T) {
        self.0.get_value().ask(with);
    }
}

impl<T> Clone for Callback<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Callback<T> {}

impl<T> fmt::Debug for Callback<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
