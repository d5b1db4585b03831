//! What stands beside the stage, one at a time; and the focus, which goes into it and back to where it came from.

use super::chat::chat;
use super::details;
use super::invitation::invitation;
use super::people::people;
use super::{Here, Own};
use crate::components::panel;
use crate::dom::{El, el};
use crate::pages::settings::settings;
use crate::reactive::{Callback, StoredValue, follow, memo};
use crate::state::room::{RoomStore, Side, Whose};
use crate::words::{Word, say};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Opens and closes it.
#[derive(Clone, Copy)]
pub struct Sides {
    store: RoomStore,
    /// What had the focus when it was opened.
    opener: StoredValue<Option<HtmlElement>>,
    /// What gets it when that is gone.
    heading: StoredValue<El>,
}

impl Sides {
    /// Nothing is open, or what the store says.
    pub fn new(store: RoomStore, heading: &El) -> Self {
        Self { store, opener: StoredValue::new(None), heading: StoredValue::new(heading.clone()) }
    }

    /// Whether this is open. Follows.
    pub fn is_open(self, side: Side) -> bool {
        *self.store.side().read() == Some(side)
    }

    /// Whether this is open now.
    pub fn is_open_now(self, side: Side) -> bool {
        *self.store.side().read_untracked() == Some(side)
    }

    /// Opens this in place of what is open, or closes it.
    pub fn toggle(self, side: Side) {
        if self.is_open_now(side) {
            return self.close();
        }
        close_popover();
        let focused = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        // One panel after another: the first one's opener stays.
        if !focused.as_ref().is_some_and(|element| element.matches(".panel, .panel *").unwrap_or(false)) {
            self.opener.set_value(focused);
        }
        self.store.side().set(Some(side));
    }

    /// Closes what is open, if anything is, and brings the focus back.
    pub fn close(self) {
        if self.store.side().read_untracked().is_none() {
            return;
        }
        let lost = is_focus_lost();
        self.store.side().set(None);
        if lost {
            self.bring_back();
        }
    }

    /// Brings the focus back to where it came from, once the page is what it was before.
    pub fn bring_back(self) {
        let opener = self.opener.try_update_value(Option::take).flatten();
        let heading = self.heading.try_with_value(El::clone);
        madang_client::spawn_local(async move {
            match opener.filter(|opener| opener.is_connected()) {
                // Without the focus the page works all the same.
                Some(opener) => drop(opener.focus()),
                None => heading.iter().for_each(El::focus),
            }
        });
    }
}

/// Closes the popover that is open, if one is. What was chosen in it may open something: the focus comes back later to
/// the popover's button, not to what is no longer seen.
pub fn close_popover() {
    let open = document().query_selector("[popover]:popover-open").ok().flatten();
    // One that a browser closed already is closed.
    if let Some(open) = open {
        let _ = open.unchecked_ref::<HtmlElement>().hide_popover();
    }
}

/// Whether the focus is where a panel is, or was.
fn is_focus_lost() -> bool {
    document()
        .active_element()
        .is_none_or(|element| element.matches("body, .panel, .panel *").unwrap_or(true))
}

/// The panel that is open. Whom one looks at may leave, and what one looks at goes too.
pub fn side(here: Here, own: Own) -> El {
    let Here { store, sides, narrow, .. } = here;
    let shown = memo(move || {
        let side = *store.side().read();
        let Some(Side::Details(whose)) = side else { return side };
        let others = store.others().read();
        let there = |id| others.iter().find(|other| other.id == id);
        side.filter(|_| match whose {
            Whose::Own => true,
            Whose::Other(id) => there(id).is_some(),
            Whose::Screen(id) => there(id).is_some_and(|other| other.screen.is_some()),
        })
    });
    follow(move || {
        if shown.get().is_none() {
            sides.close();
        }
    });
    let on_close = Callback::new(move |()| sides.close());
    let scrim =
        move || el("div").class("scrim").set("aria-hidden", "true").on("click", move |_| sides.close());
    let titled =
        move |word, testid, body| panel(move || say(word).to_owned(), testid, narrow, on_close, body);
    el("div").class("contents").when(move || shown.get().is_some(), scrim).swap(
        move || shown.get(),
        move |side| {
            Some(match side? {
                Side::Chat => titled(Word::Chat, "chat-panel", chat(here)),
                Side::People => titled(Word::People, "people-panel", people(here, own)),
                Side::Invitation => titled(Word::InviteSomeone, "invite-panel", invitation(here)),
                Side::Settings => {
                    titled(Word::Settings, "settings", settings(here.store, here.call).class("body"))
                }
                Side::Details(whose) => {
                    let title = move || details::title(whose, store);
                    panel(
                        title,
                        "quality-panel",
                        narrow,
                        on_close,
                        details::details(whose, store, own.verdict),
                    )
                }
            })
        },
    )
}
