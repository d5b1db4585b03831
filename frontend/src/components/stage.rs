//! The place where tiles stand: measures itself and tells tiles their size by two CSS properties.

use super::grid::{TileSize, tile_size};
use super::measure;
use crate::dom::{El, el, memo};
use crate::words::Word;
use leptos::prelude::*;

/// A stage for so many tiles, which `fill` puts into the list it is given.
pub fn stage(count: impl Fn() -> usize + Send + Sync + 'static, fill: impl FnOnce(El) -> El) -> El {
    let room = RwSignal::new((0.0, 0.0));
    let size = memo(move || {
        let (width, height) = room.get();
        tile_size(count(), width, height)
    });
    let tiles = el("ul").class("tiles").word("aria-label", Word::People);
    let stage = el("div")
        .class("stage")
        .toggle("measured", move || size.get() != TileSize::default())
        .style("--tile-width", move || format!("{}px", size.get().width))
        .style("--tile-height", move || format!("{}px", size.get().height));
    measure::watch_inside(stage.raw(), room);
    stage.child(fill(tiles))
}
