//! A tile that floats over the stage is dragged to a corner of it, or sent there by the arrow keys.

use super::arrange::{Place, Role};
use super::stage::StageNow;
use crate::dom::El;
use crate::reactive::{RwSignal, Signal};
use crate::state::layout::Corner;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

/// How far a pointer moves before it drags, in CSS pixels.
const SLACK: i32 = 4;

/// Lets a tile be moved for as long as it floats.
pub fn movable(tile: El, place: Signal<Option<Place>>, stage: RwSignal<StageNow>) -> El {
    let element: HtmlElement = tile.typed();
    // Where the pointer went down.
    let from: Rc<Cell<Option<(i32, i32)>>> = Rc::default();
    let floating = move || place.get_untracked().filter(|place| place.role == Role::Floating);
    let moved = |event: &PointerEvent, (x, y): (i32, i32)| (event.client_x() - x, event.client_y() - y);
    let shift = {
        let element = element.clone();
        move |across: i32, down: i32| {
            // None of these is refused.
            let _ = element.style().set_property("--dx", &format!("{across}px"));
            let _ = element.style().set_property("--dy", &format!("{down}px"));
            let _ = element.class_list().toggle_with_force("dragged", across != 0 || down != 0);
        }
    };
    let end = {
        let (from, shift) = (from.clone(), shift.clone());
        move |event: Event| {
            let Some((begun, event)) = from.take().zip(event.dyn_into::<PointerEvent>().ok()) else { return };
            let (across, down) = moved(&event, begun);
            shift(0, 0);
            if let Some(place) = floating().filter(|_| across.abs().max(down.abs()) > SLACK) {
                stage.update(|stage| stage.layout.corner = nearest(place, across, down));
            }
        }
    };
    let begin = {
        let from = from.clone();
        move |event: Event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let on_button =
                target.is_some_and(|target| target.closest("button").is_ok_and(|found| found.is_some()));
            let Ok(event) = event.dyn_into::<PointerEvent>() else { return };
            if floating().is_some() && !on_button && event.button() == 0 {
                event.stop_propagation();
                from.set(Some((event.client_x(), event.client_y())));
                // Without it the pointer may get away, and the tile stays.
                let _ = element.set_pointer_capture(event.pointer_id());
            }
        }
    };
    tile.on("pointerdown", begin)
        .on("pointermove", move |event| {
            let Some((begun, event)) = from.get().zip(event.dyn_into::<PointerEvent>().ok()) else { return };
            let (across, down) = moved(&event, begun);
            if across.abs().max(down.abs()) > SLACK {
                shift(across, down);
            }
        })
        .on("pointerup", end.clone())
        .on("pointercancel", end)
        .on("keydown", move |event| {
            let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key).unwrap_or_default();
            let corner = stage.with_untracked(|stage| stage.layout.corner.towards(&key));
            if let Some(corner) = corner.filter(|_| floating().is_some()) {
                event.prevent_default();
                stage.update(|stage| stage.layout.corner = corner);
            }
        })
}

/// The corner that is nearest to where a tile was dragged.
fn nearest(place: Place, across: i32, down: i32) -> Corner {
    let is_before = |at: u32, length: u32, moved: i32, all: u32| {
        let middle = i64::from(at) + i64::from(length / 2) + i64::from(moved);
        middle < i64::from(all / 2)
    };
    let Place { rect, stage, .. } = place;
    Corner {
        left: is_before(rect.x, rect.width, across, stage.width),
        top: is_before(rect.y, rect.height, down, stage.height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::grid::{Area, Rect};
    use crate::state::room::Whose;

    #[test]
    fn a_tile_goes_to_the_corner_it_is_let_go_near() {
        let place = Place {
            whose: Whose::Own,
            rect: Rect { x: 800, y: 500, width: 200, height: 100 },
            role: Role::Floating,
            stage: Area { width: 1000, height: 600 },
        };
        let check = |across, down, left, top| {
            assert_eq!(nearest(place, across, down), Corner { left, top }, "{across}, {down}");
        };
        check(0, 0, false, false);
        check(-399, -249, false, false);
        check(-401, 0, true, false);
        check(-20, -300, false, true);
        check(-5000, -5000, true, true);
    }
}
