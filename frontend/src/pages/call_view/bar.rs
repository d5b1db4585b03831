//! The bar below the stage: what one does in a call. One row; what a narrow window has no room for is in "More".

use super::Here;
use super::reactions::reactions;
use super::side::close_popover;
use crate::components::{PANEL_ID, Shape, Switchable, copy_link, icon, press, switch};
use crate::dom::{El, el, listen};
use crate::reactive::{Callback, RwSignal, memo};
use crate::rtc;
use crate::state::keys::Action;
use crate::state::room::{Side, Whose};
use crate::words::{self, Word, say};
use leptos::prelude::document;
use session::SourceState;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Finds the button that opens the reactions.
pub const REACTIONS_BUTTON: &str = "[popovertarget=reactions]";
/// The id of what "More" opens.
const MORE: &str = "more";

/// The bar; `on_shortcuts` opens the list of keys.
pub fn bar(here: Here, on_shortcuts: Callback<()>) -> El {
    let Here { store, call, .. } = here;
    let local = store.local();
    let asking = memo(move || local.read().asking > 0);
    let microphone = switch(
        Switchable::Microphone,
        memo(move || local.read().microphone),
        asking,
        Callback::new(move |()| call.switch_microphone()),
        Some(Action::Microphone),
    );
    let camera = switch(
        Switchable::Camera,
        memo(move || local.read().camera),
        asking,
        Callback::new(move |()| call.switch_camera()),
        Some(Action::Camera),
    );
    let hand = |class| hand(here, class);
    let leave = press("leave", "leave", move || call.leave())
        .label(Word::Leave)
        .child(icon(Shape::Leave))
        .child(el("span").say(Word::Leave));
    el("div")
        .class("call-bar")
        .set("role", "group")
        .word("aria-label", Word::Controls)
        .child(with_choice(here, microphone, Word::ChooseMicrophone, "pick-microphone"))
        .child(with_choice(here, camera, Word::ChooseCamera, "pick-camera"))
        .maybe(can_share().then(|| share(here, "round plain wide-only")))
        .child(hand("round plain hand-button wide-only"))
        .child(reactions(here, hand("row hand-button narrow-only")))
        .child(el("span").class("gap"))
        .child(chat_button(here))
        .child(people_button(here))
        .child(more(here, on_shortcuts))
        .child(el("span").class("gap"))
        .child(leave)
}

/// A switch, and beside it what leads to the choice of its device.
fn with_choice(here: Here, switch: El, word: Word, picker: &'static str) -> El {
    let choose = move || {
        if !here.sides.is_open_now(Side::Settings) {
            here.sides.toggle(Side::Settings);
        }
        // Once the panel is there, and has taken the focus.
        gloo_timers::callback::Timeout::new(0, move || {
            let picker = document().query_selector(&format!(".panel [data-testid={picker}]")).ok().flatten();
            if let Some(picker) = picker {
                // Without the focus the panel works all the same.
                let _ = picker.unchecked_ref::<HtmlElement>().focus();
            }
        })
        .forget();
    };
    let caret = press("caret wide-only", &format!("{picker}-open"), choose)
        .label(word)
        .set("aria-controls", PANEL_ID)
        .truth("aria-expanded", move || here.sides.is_open(Side::Settings))
        .child(icon(Shape::Caret));
    el("div").class("pair").child(switch).child(caret)
}

fn can_share() -> bool {
    rtc::devices::can_share_screen()
}

fn share(here: Here, class: &str) -> El {
    let local = here.store.local();
    let on = move || local.read().screen != SourceState::Absent;
    let action = move || say(if on() { Word::StopSharing } else { Word::ShareScreen });
    press(class, "toggle-screen", move || here.call.switch_screen())
        .truth("aria-pressed", on)
        .word("aria-label", Word::Screen)
        .bind("title", move || words::with_key(action(), Some(Action::Screen)))
        .child(icon(Shape::Screen))
        .child(el("span").class("words").texts(move || action().to_owned()))
}

/// Raises one's hand, or takes it down.
pub fn switch_hand(here: Here) {
    here.call.raise_hand(!is_raised(here, here.store.hands().read_untracked().as_slice()));
}

fn is_raised(here: Here, hands: &[::signal::ParticipantId]) -> bool {
    here.store.me().read_untracked().as_ref().is_some_and(|me| hands.contains(&me.id))
}

fn hand(here: Here, class: &str) -> El {
    let up = memo(move || is_raised(here, &here.store.hands().read()));
    let action = move || say(if up.get() { Word::LowerHand } else { Word::RaiseHand });
    press(class, "raise-hand", move || switch_hand(here))
        .truth("aria-pressed", move || up.get())
        .word("aria-label", Word::RaiseHand)
        .bind("title", move || words::with_key(action(), Some(Action::Hand)))
        .child(icon(Shape::Hand))
        .child(el("span").class("words").texts(move || action().to_owned()))
}

/// A button that opens a panel.
fn opens(here: Here, side: Side, class: &str, testid: &str) -> El {
    press(class, testid, move || here.sides.toggle(side))
        .truth("aria-expanded", move || here.sides.is_open(side))
        .set("aria-controls", PANEL_ID)
}

fn chat_button(here: Here) -> El {
    let unread = memo(move || here.store.conversation().read().unread());
    let badge = move || if unread.get() > 99 { "99+".to_owned() } else { unread.get().to_string() };
    opens(here, Side::Chat, "round plain", "open-chat")
        .bind("aria-label", move || words::chat(unread.get()))
        .bind("title", || words::with_key(say(Word::Chat), Some(Action::Chat)))
        .child(icon(Shape::Chat))
        .when(move || unread.get() > 0, move || el("span").class("count alert").testid("unread").texts(badge))
}

fn people_button(here: Here) -> El {
    let count = memo(move || here.store.others().read().len() + 1);
    opens(here, Side::People, "round plain wide-only", "open-people")
        .bind("aria-label", move || format!("{}: {}", say(Word::People), words::people(count.get())))
        .bind("title", || words::with_key(say(Word::People), Some(Action::People)))
        .child(icon(Shape::People))
        .child(el("span").class("count").texts(move || count.get().to_string()))
}

fn more(here: Here, on_shortcuts: Callback<()>) -> El {
    let button = press("round plain", "more", || {})
        .set("popovertarget", MORE)
        .label(Word::More)
        .child(icon(Shape::More));
    let full = RwSignal::new(is_full_screen());
    listen(&document(), "fullscreenchange", move |_| full.set(is_full_screen()));
    let row = |class: &str, testid: &str, shape, act: Callback<()>| {
        let act = move || {
            close_popover();
            act.run(());
        };
        press(class, testid, act).child(icon(shape))
    };
    let side = |side, testid, shape, word, class| {
        let act = Callback::new(move |()| here.sides.toggle(side));
        row(class, testid, shape, act).child(el("span").say(word))
    };
    let can_fill = document().fullscreen_enabled();
    let full_screen = can_fill.then(|| {
        let word = move || say(if full.get() { Word::EndFullScreen } else { Word::FullScreen });
        row("row", "full-screen", Shape::FullScreen, Callback::new(|()| switch_full_screen()))
            .child(el("span").texts(move || word().to_owned()))
    });
    let shortcuts = row("row keys", "open-shortcuts", Shape::Keyboard, on_shortcuts)
        .child(el("span").say(Word::Shortcuts));
    let menu = el("div")
        .class("pop more")
        .set("id", MORE)
        .set("popover", "auto")
        .testid("more-menu")
        .child(side(Side::People, "more-people", Shape::People, Word::People, "row narrow-only"))
        .maybe(can_share().then(|| share(here, "row narrow-only")))
        .child(side(Side::Invitation, "more-invite", Shape::Invite, Word::InviteSomeone, "row"))
        .child(copy_link(here.link.get_value()))
        .maybe(full_screen)
        .child(side(Side::Details(Whose::Own), "more-details", Shape::Signal, Word::YourConnection, "row"))
        .child(side(Side::Settings, "open-settings", Shape::Settings, Word::Settings, "row"))
        .child(shortcuts);
    el("div").class("contents").child(button).child(menu)
}

fn is_full_screen() -> bool {
    document().fullscreen_element().is_some()
}

/// Fills the screen with the page, or no longer does.
pub fn switch_full_screen() {
    if is_full_screen() {
        document().exit_fullscreen();
    } else if let Some(page) = document().document_element() {
        // A browser that refuses leaves all as it is.
        let _ = page.request_fullscreen();
    }
}
