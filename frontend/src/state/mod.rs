//! What the views read: plain values, no browser handles.

pub mod attention;
pub mod history;
pub mod layout;
pub mod look;
pub mod quality;
pub mod recent;
pub mod room;
pub mod settings;
