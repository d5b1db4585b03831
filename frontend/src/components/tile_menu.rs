//! What can be done about one tile: pin it, hear it louder or softer, let it fill the screen; and one's own, put it
//! elsewhere. Over the stage, beside the tile.

use super::arrange::Place;
use super::full_screen::can_fill_screen;
use super::icon::{Shape, icon};
use super::menu::{item, menu};
use super::stage::StageNow;
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, Signal};
use crate::state::layout::OwnPlace;
use crate::words::{self, Word};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

/// Told how loud something is to be, in per cent.
pub type OnVolume = Box<dyn Fn(u8)>;

/// What is in a tile's menu.
pub struct Menu {
    /// Whose tile it is, for screen readers.
    pub name: Signal<String>,
    /// Where that is. The menu closes when it is nowhere.
    pub place: Signal<Option<Place>>,
    /// What opened it.
    pub opener: HtmlElement,
    /// Asked to close it.
    pub on_close: Callback<()>,
    /// Whether it is pinned, and what changes that.
    pub pin: (bool, Callback<()>),
    /// How loud it is, in per cent, and what changes that. Without it nothing is to be heard.
    pub volume: Option<(u8, OnVolume)>,
    /// One's own: where it stands.
    pub own: Option<RwSignal<StageNow>>,
    /// Lets it fill the screen.
    pub on_fill: Callback<()>,
}

/// The menu.
pub fn tile_menu(all: Menu) -> El {
    let Menu { name, place, opener, on_close, pin: (pinned, on_pin), volume, own, on_fill } = all;
    let does = move |act: Callback<()>| {
        move || {
            act.run(());
            on_close.run(());
        }
    };
    let (shape, word) = (Shape::Pin, if pinned { Word::Unpin } else { Word::Pin });
    let mut items = vec![item(shape, word, "menu-pin", does(on_pin))];
    items.extend(volume.map(|(percent, on_volume)| slider(name, percent, on_volume)));
    if let Some(stage) = own {
        let put = |shape, word, testid, own| {
            item(shape, word, testid, move || {
                stage.update(|stage| stage.layout.own = own);
                on_close.run(());
            })
        };
        items.push(put(Shape::Picture, Word::OwnFloat, "own-float", OwnPlace::Floating));
        items.push(put(Shape::Grid, Word::OwnAmong, "own-among", OwnPlace::Among));
        items.push(put(Shape::Close, Word::OwnHide, "own-hide", OwnPlace::Hidden));
    }
    if can_fill_screen() {
        items.push(item(Shape::FullScreen, Word::FullScreen, "menu-full-screen", does(on_fill)));
    }
    let edge = move |edge: fn(Place) -> u32| move || format!("{}px", place.get().map_or(0, edge));
    menu(move || words::of(Word::MoreOf, &name.get()), "tile-menu", opener, on_close, items)
        .style("--right", edge(|place| place.rect.x + place.rect.width))
        .style("--top", edge(|place| place.rect.y))
}

fn slider(name: Signal<String>, percent: u8, on_volume: OnVolume) -> El {
    let range = el("input")
        .set("type", "range")
        .set("min", "0")
        .set("max", "100")
        .set("step", "5")
        .set("value", &percent.to_string())
        .testid("volume")
        .bind("aria-label", move || words::of(Word::VolumeOf, &name.get()))
        .on("input", move |event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(percent) = input.and_then(|input| input.value().parse().ok()) {
                on_volume(percent);
            }
        });
    el("label").class("item").child(icon(Shape::Sound)).child(range)
}
