//! What the views read: plain values, no browser handles.

pub mod recent;
pub mod room;
pub mod settings;
