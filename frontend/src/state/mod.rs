//! What the views read: plain values, no browser handles.

pub mod choices;
pub mod devices;
pub mod history;
pub mod look;
pub mod quality;
pub mod recent;
pub mod room;
pub mod settings;
