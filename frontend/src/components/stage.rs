//! The place where tiles stand: measures itself, puts each tile where the arrangement has it, and turns pages.
//!
//! Tiles stand absolutely, by custom properties, in the order of their keys: so none is ever moved in the document,
//! and a picture plays on wherever it goes. That they glide there is the stylesheet's, and the browser's work alone.

use super::arrange::{Arrangement, Place, Role};
use super::grid::{Area, Rect};
use super::icon::{Shape, icon};
use super::measure;
use crate::dom::{El, el, listen};
use crate::reactive::{RwSignal, Signal, follow, memo};
use crate::state::layout::Layout;
use crate::state::room::Whose;
use crate::words::{self, Word};
use ::signal::ParticipantId;
use leptos::prelude::document;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, PointerEvent};

/// By which whoever shows all of the stage finds it.
pub const STAGE: &str = "stage";
/// A finger that moved so far across, in CSS pixels, turned a page.
const SWIPE: i32 = 48;

/// How the stage is now. One value, since each type in a signal is code of its own.
#[derive(Clone, Debug, Default)]
pub struct StageNow {
    /// What the person chose.
    pub layout: Layout,
    /// Its size.
    pub area: Area,
    /// The page that is wanted, from 0.
    pub page: u32,
    /// Who is large while nobody is pinned.
    pub attention: Option<ParticipantId>,
    /// Everybody else, in the order in which they stand.
    pub order: Vec<ParticipantId>,
    /// Whose menu is open.
    pub menu: Option<Whose>,
}

/// A stage, on which everything stands as arranged. `make` makes the tile of each who is on the page, given where that
/// is for as long as it is on it.
pub fn stage(
    stage: RwSignal<StageNow>,
    arrangement: Signal<Arrangement>,
    make: impl Fn(Whose, Signal<Option<Place>>) -> El + 'static,
) -> El {
    let keys = move || {
        let mut keys: Vec<u64> = Vec::new();
        arrangement.with(|all| {
            for key in all.places.iter().map(|place| place.whose.key()) {
                let at = keys.iter().position(|other| *other > key).unwrap_or(keys.len());
                keys.insert(at, key);
            }
        });
        keys
    };
    let tiles = el("ul").class("tiles").word("aria-label", Word::People).each(keys, move |key| {
        let whose = Whose::of_key(key);
        let place = memo(move || {
            arrangement.with(|all| all.places.iter().find(|place| place.whose == whose).copied())
        });
        put(make(whose, place), place)
    });
    let turn = Turn { stage, arrangement };
    // What moves because the window does, follows it at once.
    let before = Cell::new(Area::default());
    let view = el("div").class("stage").set("id", STAGE).toggle("still", move || {
        let now = arrangement.with(|all| all.stage);
        before.replace(now) != now
    });
    measure::watch_inside(view.raw(), move |area| {
        if stage.try_with_untracked(|stage| stage.area != area) == Some(true) {
            stage.update(|stage| stage.area = area);
        }
    });
    turn_by_keys(turn);
    turn_by_fingers(view, turn)
        .child(tiles)
        .when(move || arrangement.with(|all| all.pager.is_some()), move || pager(turn))
}

/// Keeps a tile where it stands.
fn put(tile: El, place: Signal<Option<Place>>) -> El {
    let element: HtmlElement = tile.typed();
    let mut last: Option<Place> = None;
    let mut other = false;
    follow(move || {
        // One on its way out stays where it was.
        let Some(now) = place.get() else { return };
        let style = element.style();
        // None of these is refused.
        let set = |name: &str, value: String| drop(style.set_property(name, &value));
        let Rect { x, y, width, height } = now.rect;
        for (name, value) in [("--x", x), ("--y", y), ("--w", width), ("--h", height)] {
            set(name, format!("{value}px"));
        }
        if let Some(Place { rect, .. }) = last.filter(|last| last.stage == now.stage)
            && (rect.width, rect.height) != (width, height)
        {
            let from = format!("calc({} / {width}) calc({} / {height})", rect.width, rect.height);
            set("--from", from);
            // An animation begins anew only under another name.
            other = !other;
            let _ = element.set_attribute("data-glide", if other { "a" } else { "b" });
        }
        let role = match now.role {
            Role::Alike => "alike",
            Role::Large => "large",
            Role::Beside => "beside",
            Role::Floating => "floating",
        };
        let _ = element.set_attribute("data-role", role);
        last = Some(now);
    });
    tile
}

fn pager(turn: Turn) -> El {
    let arrangement = turn.arrangement;
    let edge = move |edge: fn(Rect) -> u32| {
        move || format!("{}px", arrangement.with(|all| edge(all.pager.unwrap_or_default())))
    };
    let numbers = move || {
        let (page, pages) = arrangement.with(|all| (all.page + 1, all.pages));
        (page.to_string(), pages.to_string())
    };
    let button = |word, testid, forward, ends: fn(&Arrangement) -> bool| {
        el("button")
            .set("type", "button")
            .class("inside")
            .testid(testid)
            .label(word)
            .flag("disabled", move || arrangement.with(ends))
            .on("click", move |_| turn.page(forward))
            .child(icon(if forward { Shape::Next } else { Shape::Previous }))
    };
    el("nav")
        .class("pager")
        .testid("pager")
        .style("--x", edge(|rect| rect.x))
        .style("--y", edge(|rect| rect.y))
        .style("--w", edge(|rect| rect.width))
        .style("--h", edge(|rect| rect.height))
        .child(button(Word::PagePrevious, "page-previous", false, |all| all.page == 0))
        .child(
            el("p")
                .testid("page")
                .set("aria-live", "polite")
                .bind("aria-label", move || {
                    let (page, pages) = numbers();
                    words::fill(Word::PageOf, &[("page", &page), ("pages", &pages)])
                })
                .texts(move || {
                    let (page, pages) = numbers();
                    format!("{page} / {pages}")
                }),
        )
        .child(button(Word::PageNext, "page-next", true, |all| all.page + 1 >= all.pages))
}

/// Turns pages.
#[derive(Clone, Copy)]
struct Turn {
    stage: RwSignal<StageNow>,
    arrangement: Signal<Arrangement>,
}

impl Turn {
    fn page(self, forward: bool) {
        let (now, pages) = self.arrangement.with_untracked(|all| (all.page, all.pages));
        let next = if forward { now + 1 } else { now.saturating_sub(1) };
        if next != now && next < pages {
            self.stage.update(|stage| stage.page = next);
        }
    }
}

fn turn_by_keys(turn: Turn) {
    listen(&document(), "keydown", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let elsewhere = "input, textarea, select, dialog, [role=dialog]";
        // A selector that is one is not refused.
        if target.is_some_and(|target| target.closest(elsewhere).is_ok_and(|found| found.is_some())) {
            return;
        }
        let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key);
        match key.as_deref() {
            Some("PageDown") => turn.page(true),
            Some("PageUp") => turn.page(false),
            _ => {}
        }
    });
}

fn turn_by_fingers(view: El, turn: Turn) -> El {
    let from: Rc<Cell<Option<(i32, i32)>>> = Rc::default();
    let began = from.clone();
    let touch = |event: web_sys::Event| {
        event.dyn_into::<PointerEvent>().ok().filter(|event| event.pointer_type() == "touch")
    };
    view.on("pointerdown", move |event| {
        began.set(touch(event).map(|event| (event.client_x(), event.client_y())));
    })
    .on("pointerup", move |event| {
        let Some((event, (x, y))) = touch(event).zip(from.take()) else { return };
        let (across, down) = (event.client_x() - x, event.client_y() - y);
        if across.abs() > SWIPE && across.abs() > 2 * down.abs() {
            turn.page(across < 0);
        }
    })
}
