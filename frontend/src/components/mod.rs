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
mod level_meter;
mod logo;
mod measure;
mod media_view;
mod panel;
mod picker;
mod plot;
mod quality_button;
mod sheet;
mod stage;
mod tile;
mod toggle;

pub use audio::remote_audio;
pub use avatar::avatar;
pub use controls::{Controls, controls};
pub use copy_link::copy_link;
pub use field::{Field, field};
pub use graph::{Figure, Values, graph};
pub use icon::{Shape, icon};
pub use languages::languages;
pub use level_meter::level_meter;
pub use logo::{logo, mark};
pub use media_view::{Media, media_view};
pub use panel::panel;
pub use picker::{Options, Picker, picker};
pub use quality_button::quality_button;
pub use sheet::sheet;
pub use stage::stage;
pub use tile::{Tile, paused_note, quality, tile};
pub use toggle::{segments, toggle};
