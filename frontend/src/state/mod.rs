//! What the views read: plain values, no browser handles.

pub mod attention;
pub mod chat;
pub mod choices;
pub mod devices;
pub mod floats;
pub mod history;
pub mod key;
pub mod keys;
pub mod layout;
pub mod links;
pub mod quality;
pub mod recent;
pub mod room;
pub mod settings;
pub mod talk;
pub mod toasts;

pub use madang_client::look;
