//! What people see and hear of one another in real browsers, through the server as it ships.
//!
//! One behaviour per test; `cargo xtask test -- -E 'package(e2e)'` runs them alone.

mod access;
mod bad_networks;
mod cameras;
mod certificates;
mod chat;
mod choosing;
mod closed;
mod coming_and_going;
mod crowd;
mod data;
mod devices;
mod direct;
mod direct_media;
mod embedding;
mod example;
mod exit;
mod full_room;
mod hard_networks;
mod haste;
mod home;
mod joining;
mod layouts;
mod looking;
mod media;
mod menus;
mod moderation;
mod motion;
mod moving;
mod names;
mod neighbours;
mod operator;
mod pictures;
mod quality;
mod reconnecting;
mod scene;
mod simulcast;
mod speaking;
mod streaming;
mod switches;
mod talk;
mod turning;
mod udp_blocked;
mod weight;
mod windows;
