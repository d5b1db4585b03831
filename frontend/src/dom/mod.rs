//! What views are made of: one type of element, [`El`], built in the browser's document at once, with Leptos's
//! signals and effects to keep it true.
//!
//! Leptos's own views have a type for each shape of a page, and the program has their code once for each type.
//! Here the shape is data: a closure is boxed where it comes in, so that an element, an attribute that follows a
//! signal, a condition and a list are each compiled once. That keeps the client small enough to be fetched before it runs.
//! An [`El`] is a Leptos view all the same, and can stand in a `view!`.

mod children;
mod element;
mod view;

pub use element::{El, el, listen, svg};

use leptos::prelude::*;
use leptos::reactive::effect::RenderEffect;
use leptos::reactive::graph::{Subscriber, ToAnySubscriber};

/// Keeps something for as long as the owner of now lives: a listener, an observer, an effect.
pub fn keep<T: 'static>(value: T) {
    let value: Box<dyn core::any::Any> = Box::new(value);
    StoredValue::new_local(value);
}

/// Runs at once, and again whenever a signal that it read has changed.
pub fn follow(run: impl FnMut() + 'static) {
    follow_boxed(Box::new(run));
}

fn follow_boxed(mut run: Box<dyn FnMut()>) {
    keep(Following(RenderEffect::new(move |_: Option<()>| run())));
}

/// An effect whose signals forget it when it goes. By itself it would be in the list of each until that changes next:
/// some never do.
struct Following(RenderEffect<()>);

impl Drop for Following {
    fn drop(&mut self) {
        forget(&self.0);
    }
}

fn forget(follower: &dyn ToAnySubscriber) {
    let follower = follower.to_any_subscriber();
    follower.clear_sources(&follower);
}

/// A value that is reckoned again whenever a signal that it read has changed, and tells only what differs.
pub fn memo<T>(reckon: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    memo_boxed(Box::new(reckon))
}

fn memo_boxed<T>(reckon: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let memo = ArcMemo::new(move |_| reckon());
    let kept = memo.clone();
    on_cleanup(move || forget(&kept));
    memo.into()
}
