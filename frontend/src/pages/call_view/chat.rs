//! What was said, and a field to say something. Everything that somebody wrote is a text node; of links only those that
//! [`state::links`](crate::state::links) knows become elements.

use super::Here;
use crate::components::{Shape, icon, measure_inside, press};
use crate::dom::{El, el, listen};
use crate::reactive::{RwSignal, follow, memo};
use crate::state::chat::{Conversation, Draft, Said};
use crate::state::links::{Piece, pieces};
use crate::words::{self, Word};
use ::signal::ChatText;
use leptos::prelude::document;
use session::Phase;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement, KeyboardEvent};

/// The list's key of the line above what is new; messages have smaller ones.
const DIVIDER: u64 = u64::MAX;
/// The keys of what waits to be said begin here.
const WAITING: u64 = 1 << 40;
/// So near to its end, in CSS pixels, the list counts as being there.
const NEAR_END: i32 = 48;
/// What an input method sends for a key that it takes itself; Safari says so even after it is done.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

/// The panel's inside.
pub fn chat(here: Here) -> El {
    let conversation = here.store.conversation();
    // Marked once: what was new when one came to look stays under the line.
    let new_from = RwSignal::new(conversation.read_untracked().first_unread());
    let at_end = RwSignal::new(true);
    let list =
        el("ol").class("said").word("aria-label", Word::ChatLog).testid("chat-log").set("tabindex", "0");
    let place = list.raw().clone();
    let bottom = {
        let place = place.clone();
        move || place.set_scroll_top(place.scroll_height())
    };
    let keys = memo(move || {
        let all = conversation.read();
        let marked = new_from.get();
        let said = all.said.iter().map(|said| said.id);
        let said = said.flat_map(move |id| [(marked == Some(id)).then_some(DIVIDER), Some(id.into())]);
        let waiting = (WAITING..).take(all.unsaid.len()).map(Some);
        said.chain(waiting).flatten().collect::<Vec<u64>>()
    });
    let list = list
        .on("scroll", {
            let place = place.clone();
            move |_| at_end.set(is_at_end(&place))
        })
        .each(move || keys.get(), move |key| row(here, key));
    // What comes is followed by whom is at the end, and read by it while the page is seen.
    let seen = RwSignal::new(!document().hidden());
    listen(&document(), "visibilitychange", move |_| seen.set(!document().hidden()));
    follow({
        let bottom = bottom.clone();
        move || {
            let last_is_own = conversation.read().said.last().is_some_and(|said| said.own);
            if keys.with(Vec::len) > 0 && (at_end.get_untracked() || last_is_own) {
                soon(bottom.clone());
            }
        }
    });
    follow(move || {
        if at_end.get() && seen.get() && conversation.read().is_behind() {
            conversation.update(Conversation::read);
        }
    });
    // The field grows, the keyboard comes: the end stays the end.
    let room = RwSignal::new(0_u32);
    measure_inside(&place, move |_| {
        room.update(|count| *count = count.wrapping_add(1));
    });
    follow({
        let bottom = bottom.clone();
        move || {
            room.track();
            if at_end.get_untracked() {
                bottom();
            }
        }
    });
    let is_empty = move || keys.with(Vec::is_empty);
    let more = move || !at_end.get() && conversation.read().unread() > 0;
    let to_newest = move || {
        let bottom = bottom.clone();
        press("to-newest", "chat-to-newest", bottom)
            .child(icon(Shape::Down))
            .child(el("span").say(Word::ToNewest))
    };
    el("div")
        .class("chat")
        .child(
            el("div")
                .class("log")
                .child(list)
                .when(is_empty, || el("p").class("nothing").say(Word::ChatEmpty))
                .when(more, to_newest),
        )
        .child(writing(here, new_from))
}

fn is_at_end(list: &Element) -> bool {
    list.scroll_height() - list.scroll_top() - list.client_height() < NEAR_END
}

/// After the page has been changed.
fn soon(act: impl FnOnce() + 'static) {
    madang_client::spawn_local(async move { act() });
}

fn row(here: Here, key: u64) -> El {
    let conversation = here.store.conversation();
    if key == DIVIDER {
        return el("li").class("new").testid("chat-new").child(el("span").say(Word::ChatNew));
    }
    let all = conversation.read();
    if let Some(place) = key.checked_sub(WAITING).and_then(|place| usize::try_from(place).ok()) {
        let text = all.unsaid.get(place).map(String::as_str).unwrap_or_default();
        return el("li")
            .class("own waits")
            .child(text_of(text))
            .child(el("p").class("fine").say(Word::ChatWaits));
    }
    let place = all.said.binary_search_by_key(&key, |said| said.id.into()).unwrap_or_default();
    let Some(said) = all.said.get(place).cloned() else { return el("li") };
    let before = place.checked_sub(1).and_then(|place| all.said.get(place));
    let begins = said.begins(before.map(Arc::as_ref));
    el("li")
        .class(if said.own { "own" } else { "others" })
        .testid("chat-message")
        .maybe(begins.then(|| head(&said)))
        .child(text_of(&said.text))
}

/// Who, and when.
fn head(said: &Said) -> El {
    let name = el("span").class("who").set("dir", "auto");
    let name = if said.own { name.say(Word::You) } else { name.text(&said.name) };
    let at = said.at;
    el("p").class("head").child(name).child(el("time").texts(move || words::time_of_day(at)))
}

/// A text, its links to be followed.
fn text_of(text: &str) -> El {
    pieces(text).into_iter().fold(
        el("p").class("text").testid("chat-text").set("dir", "auto"),
        |line, piece| match piece {
            Piece::Text(text) => line.text(text),
            Piece::Link(link) => line.child(
                el("a")
                    .set("href", link)
                    .set("target", "_blank")
                    .set("rel", "noopener noreferrer")
                    .text(link),
            ),
        },
    )
}

/// The field, and what is to be said about it.
fn writing(here: Here, new_from: RwSignal<Option<u32>>) -> El {
    let Here { store, call, .. } = here;
    let writing = store.draft();
    let online = memo(move || *store.phase().read() == Phase::Live);
    let draft = memo(move || writing.read().text.clone());
    let length = memo(move || draft.with(|draft| draft.trim().chars().count()));
    let fits = move || draft.with(|draft| ChatText::parse(draft).is_ok());
    let field = el("textarea");
    let input: HtmlTextAreaElement = field.typed();
    let (shown, written) = (input.clone(), input.clone());
    follow(move || {
        draft.with(|draft| {
            if shown.value() != *draft {
                shown.set_value(draft);
            }
        });
    });
    let send = move || {
        if !online.get_untracked() || !draft.with_untracked(|draft| ChatText::parse(draft).is_ok()) {
            return;
        }
        let text = draft.get_untracked();
        writing.set(Draft::default());
        new_from.set(None);
        call.say(text);
        // The button is of no use now, and loses the focus.
        let _ = written.focus();
    };
    let send_by_key = send.clone();
    let on_key = move |event: web_sys::Event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        // Within a syllable, Enter ends the syllable.
        let composing = event.is_composing() || event.key_code() == TAKEN_BY_INPUT_METHOD;
        if event.key() == "Enter" && !event.shift_key() && !composing {
            event.prevent_default();
            send_by_key();
        }
    };
    let hint = move || {
        let refused = writing.read().refused;
        match (online.get(), refused) {
            (false, _) => Some(words::say(Word::ChatOffline).to_owned()),
            (true, Some(why)) => Some(words::chat_refused(why).to_owned()),
            (true, None) => words::chat_room(length.get()),
        }
    };
    let field = field
        .set("rows", "1")
        .set("dir", "auto")
        .set("enterkeyhint", "send")
        .set("aria-describedby", "chat-hint")
        .testid("chat-field")
        .word("aria-label", Word::Message)
        .word("placeholder", Word::Message)
        .on("input", move |_| writing.set(Draft { text: input.value(), refused: None }))
        .on("keydown", on_key);
    // On a phone the keyboard would cover what was said.
    if !here.narrow.get_untracked() {
        soon({
            let field = field.clone();
            move || soon(move || field.focus())
        });
    }
    let wrong = move || length.get() > ::signal::limits::MAX_CHAT || writing.read().refused.is_some();
    el("form")
        .class("write")
        .on("submit", move |event| {
            event.prevent_default();
            send();
        })
        .child(
            el("p")
                .class("hint")
                .set("id", "chat-hint")
                .set("role", "status")
                .testid("chat-hint")
                .toggle("wrong", wrong)
                .texts(move || hint().unwrap_or_default()),
        )
        .child(
            el("div")
                .class("box")
                // As high as its text: the twin has the same.
                .child(el("div").class("grows").bind("data-text", move || draft.get()).child(field))
                .child(
                    el("button")
                        .set("type", "submit")
                        .class("send")
                        .testid("chat-send")
                        .label(Word::Send)
                        .flag("disabled", move || !online.get() || !fits())
                        .child(icon(Shape::Send)),
                ),
        )
}
