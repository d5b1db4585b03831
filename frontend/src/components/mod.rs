//! The parts pages are made of. They take signals and callbacks, and know tracks by number only, so
//! each can be built from made-up values.

mod arrange;
mod audio;
mod avatar;
mod controls;
mod copy_link;
mod field;
mod float;
mod full_screen;
mod graph;
mod grid;
mod icon;
mod languages;
mod layout_switch;
mod logo;
mod measure;
mod media_view;
mod menu;
mod panel;
mod picture;
mod plot;
mod quality_button;
mod stage;
mod tile;
mod tile_menu;

pub use arrange::{Arrangement, Cast, Place, arrange};
pub use audio::remote_audio;
pub use avatar::avatar;
pub use controls::{Controls, controls};
pub use copy_link::copy_link;
pub use field::{Field, field};
pub use float::movable;
pub use full_screen::fill_screen;
pub use graph::{Figure, Values, graph};
pub use icon::{Shape, icon};
pub use languages::languages;
pub use layout_switch::layout_switch;
pub use logo::{logo, mark};
pub use media_view::{Media, media_view};
pub use panel::panel;
pub use picture::picture_in_picture;
pub use quality_button::quality_button;
pub use stage::{StageNow, stage};
pub use tile::{Tile, Tools, quality, state_note, tile, tools};
pub use tile_menu::{Menu, tile_menu};
