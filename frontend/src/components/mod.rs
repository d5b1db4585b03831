//! The parts pages are made of. They take signals and callbacks, and know tracks by number only, so
//! each can be built from made-up values.

mod audio;
mod avatar;
mod controls;
mod copy_link;
mod field;
mod graph;
mod grid;
mod icon;
mod languages;
mod logo;
mod measure;
mod media_view;
mod narrow;
mod panel;
mod plot;
mod press;
mod qr_code;
mod quality_button;
mod stage;
mod tile;

pub use audio::remote_audio;
pub use avatar::avatar;
pub use controls::{Controls, Switchable, controls, switch};
pub use copy_link::copy_link;
pub use field::{Field, field};
pub use graph::{Figure, Values, graph};
pub use icon::{Shape, icon};
pub use languages::languages;
pub use logo::{logo, mark};
pub use measure::watch_inside as measure_inside;
pub use media_view::{Media, media_view};
pub use narrow::is_narrow;
pub use panel::{PANEL_ID, panel};
pub use press::press;
pub use qr_code::qr_code;
pub use quality_button::quality_button;
pub use stage::stage;
pub use tile::{Tile, paused_note, quality, tile};
