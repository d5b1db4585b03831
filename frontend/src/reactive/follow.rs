//! What runs again when a signal changes.

use super::keep;
use crate::boxed::Act;
use leptos::reactive::effect::RenderEffect;
use leptos::reactive::graph::{Subscriber, ToAnySubscriber};

/// Runs at once, and again whenever a signal that it read has changed, for as long as the owner of now lives.
pub fn follow(mut run: impl FnMut() + 'static) {
    follow_boxed(Box::new(move |()| run()));
}

pub fn follow_boxed(mut run: Box<dyn Act<()>>) {
    keep(Following(RenderEffect::new(move |_: Option<()>| run.act(()))));
}

/// An effect whose signals forget it when it goes. By itself it would be in the list of each until that changes next:
/// some never do.
struct Following(RenderEffect<()>);

impl Drop for Following {
    fn drop(&mut self) {
        forget(&self.0);
    }
}

/// Takes it from the list of each signal that it read.
pub fn forget(follower: &dyn ToAnySubscriber) {
    let follower = follower.to_any_subscriber();
    follower.clear_sources(&follower);
}
