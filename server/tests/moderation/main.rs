//! Moderation on real sockets: clients that will not have it, with everything that they have.

#![cfg(test)]

mod doorstep;
mod held;
#[path = "../house/mod.rs"]
mod house;
mod removed;
