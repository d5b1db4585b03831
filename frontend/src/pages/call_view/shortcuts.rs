//! Keys for the whole room, and the sheet that lists them. What a key means is in [`state::keys`](crate::state::keys).

use super::Here;
use super::bar::{self, REACTIONS_BUTTON};
use super::side::close_popover;
use crate::components::sheet;
use crate::dom::{El, el, listen};
use crate::state::keys::{Action, KEYS, Press, action};
use crate::state::room::Side;
use crate::words::{self, Word};
use leptos::prelude::*;
use session::SourceState;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// What is written into.
const FIELDS: &str = "input, textarea, select, [contenteditable]";
/// What the space bar presses.
const PRESSABLE: &str = "button, a, summary, [role=button]";

/// Listens to keys as long as the room is there. Gives the sheet, and what opens it.
pub fn shortcuts(here: Here) -> (El, Callback<()>) {
    let shown = RwSignal::new(false);
    let sheet = sheet(Word::Shortcuts, "shortcuts-sheet", shown, list);
    let open = Callback::new(move |()| {
        close_popover();
        shown.set(true);
    });
    // The focus came by a pointer: a button that has it was clicked, and is not waiting for the space bar.
    let clicked = StoredValue::new(false);
    let held = StoredValue::new(false);
    listen(&window(), "pointerdown", move |_| clicked.set_value(true));
    listen(&window(), "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.key() == "Tab" {
            clicked.set_value(false);
        }
        // Not `:modal` alone, which a page that fills the screen is too.
        if matches("dialog:modal") || event.default_prevented() {
            return;
        }
        let Some(what) = what(event, clicked.get_value()) else { return };
        // Closes the popover alone: the browser does.
        if what == Action::Close && matches(":popover-open") {
            return;
        }
        if what != Action::Close {
            event.prevent_default();
        }
        if !event.repeat() {
            act(here, what, held, open);
        }
    });
    // Held no longer, or nobody can tell.
    listen(&window(), "keyup", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.key() == " " && held.get_value() {
            // Else Firefox presses a button that was clicked before.
            event.prevent_default();
            fall_silent(here, held);
        }
    });
    listen(&window(), "blur", move |_| fall_silent(here, held));
    on_cleanup(move || fall_silent(here, held));
    (sheet, open)
}

fn what(event: &KeyboardEvent, clicked: bool) -> Option<Action> {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is =
        |selector| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    action(Press {
        key: &event.key(),
        code: &event.code(),
        modified: event.ctrl_key() || event.alt_key() || event.meta_key(),
        typing: event.is_composing() || is(FIELDS),
        pressing: !clicked && is(PRESSABLE),
    })
}

fn matches(selector: &str) -> bool {
    document().query_selector(selector).ok().flatten().is_some()
}

fn act(here: Here, what: Action, held: StoredValue<bool>, open: Callback<()>) {
    let Here { store, call, sides, .. } = here;
    match what {
        Action::Microphone => call.switch_microphone(),
        Action::Camera => call.switch_camera(),
        Action::Screen if crate::rtc::devices::can_share_screen() => call.switch_screen(),
        Action::Screen => {}
        Action::Hand => bar::switch_hand(here),
        Action::Reactions => {
            let button = document().query_selector(REACTIONS_BUTTON).ok().flatten();
            if let Some(button) = button {
                button.unchecked_ref::<HtmlElement>().click();
            }
        }
        Action::Chat => sides.toggle(Side::Chat),
        Action::People => sides.toggle(Side::People),
        Action::Layout => here.stage.update(|stage| stage.layout.choice = stage.layout.choice.next()),
        Action::FullScreen => bar::switch_full_screen(),
        Action::Shortcuts => open.run(()),
        Action::Close => sides.close(),
        Action::Talk => {
            // One that is on stays on, and what is not there cannot be heard.
            if store.local().read_untracked().microphone == SourceState::Muted {
                held.set_value(true);
                store.talking().set(true);
                call.switch_microphone();
            }
        }
    }
}

/// The microphone is off again, unless it was switched off meanwhile.
fn fall_silent(here: Here, held: StoredValue<bool>) {
    if held.try_update_value(core::mem::take).unwrap_or_default() {
        here.store.talking().try_set(false);
        if here.store.local().read_untracked().microphone == SourceState::Live {
            here.call.switch_microphone();
        }
    }
}

/// All keys, and what they do.
fn list() -> El {
    let rows = KEYS.into_iter().map(|(_, action, word)| {
        let what = el("span").say(word);
        let what = if action == Action::Reactions {
            what.text(" ").child(el("span").class("fine").say(Word::DigitKeys))
        } else {
            what
        };
        el("li").child(what).child(el("kbd").texts(move || words::key_name(action).unwrap_or_default()))
    });
    el("div")
        .class("keys")
        .child(el("p").class("fine").say(Word::ShortcutsDetail))
        .child(el("ul").children(rows))
}
