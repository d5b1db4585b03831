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
