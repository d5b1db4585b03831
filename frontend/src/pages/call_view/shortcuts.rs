//! Keys for the whole room, and the sheet that lists them. What a key means is in [`state::keys`](crate::state::keys).

use super::Here;
use super::bar::{self, REACTIONS_BUTTON};
use super::side::close_popover;
use crate::components::sheet;
use crate::dom::{El, el, listen};
use crate::reactive::{Callback, RwSignal, StoredValue};
use crate::state::keys::{Action, KEYS, Press, action};
use crate::state::room::Side;
use crate::words::{self, Word};
use leptos::prelude::{document, on_cleanup, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// What is chosen from in the reactions.
const REACTION: &str = "[popover] button";
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
    let came = StoredValue::new(Came::ByKeyboard);
    let held = StoredValue::new(false);
    listen(&window(), "pointerdown", move |_| came.set_value(Came::ByPointer));
    listen(&window(), "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.key() == "Tab" {
            came.set_value(Came::ByKeyboard);
        }
        // Not `:modal` alone, which a page that fills the screen is too.
        if matches("dialog:modal") || event.default_prevented() {
            return;
        }
        let Some(what) = what(event, came.get_value()) else { return };
        // Closes the popover alone: the browser does.
        if what == Action::Close && matches(":popover-open") {
            return;
        }
        if what != Action::Close {
            event.prevent_default();
        }
        if !event.repeat() {
            if what == Action::Reactions && came.get_value() == Came::ByPointer {
                came.set_value(Came::IntoReactions);
            }
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

/// How the focus came to where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// A button that has it waits for the space bar.
    ByKeyboard,
    /// A button that has it was clicked, and does not wait.
    ByPointer,
    /// By a pointer, and then into the reactions by their key: those wait, and what was clicked before does not.
    IntoReactions,
}

fn what(event: &KeyboardEvent, came: Came) -> Option<Action> {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is =
        |selector| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    action(Press {
        key: &event.key(),
        code: &event.code(),
        modified: event.ctrl_key() || event.alt_key() || event.meta_key(),
        typing: event.is_composing() || is(FIELDS),
        pressing: match came {
            Came::ByKeyboard => is(PRESSABLE),
            Came::ByPointer => false,
            Came::IntoReactions => is(REACTION),
        },
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
            if call.talk(true) {
                held.set_value(true);
                store.talking().set(true);
            }
        }
    }
}

/// The microphone is off again, unless it was switched off meanwhile.
fn fall_silent(here: Here, held: StoredValue<bool>) {
    if held.try_update_value(core::mem::take).unwrap_or_default() {
        here.store.talking().set(false);
        here.call.talk(false);
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
