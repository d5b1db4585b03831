//! Values reckoned from signals.

use super::Signal;
use super::untyped::{AnySignal, AnyValue, Reckon};
use std::sync::Arc;

/// A value that is reckoned again when it is read, if a signal that it read has changed, and tells only what differs.
pub fn memo<T>(reckon: impl Fn() -> T + Send + Sync + 'static) -> Signal<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    Signal::of(AnySignal::memo(Box::new(reckon)))
}

impl<T, F> Reckon for F
where
    F: Fn() -> T + Send + Sync + 'static,
    T: PartialEq + Send + Sync + 'static,
{
    fn reckon(&self, before: Option<&AnyValue>) -> AnyValue {
        kept_or(before, self())
    }
}

/// What was, if the new one is equal to it.
fn kept_or<T: PartialEq + Send + Sync + 'static>(before: Option<&AnyValue>, now: T) -> AnyValue {
    let kept = before.filter(|before| before.downcast_ref() == Some(&now));
    kept.map_or_else(|| Arc::new(now) as AnyValue, Arc::clone)
}
