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
mod logo;
mod measure;
mod media_view;
mod panel;
mod plot;
mod quality_button;
mod stage;
mod tile;

pub use audio::RemoteAudio;
pub use avatar::Avatar;
pub use controls::Controls;
pub use copy_link::CopyLink;
pub use field::Field;
pub use graph::{Figure, Graph};
pub use icon::{Icon, Shape};
pub use logo::{Logo, Mark};
pub use media_view::MediaView;
pub use panel::Panel;
pub use quality_button::QualityButton;
pub use stage::Stage;
pub use tile::{Paused, Quality, Tile};
