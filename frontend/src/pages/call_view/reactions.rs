//! Reactions: a row of six to choose from, and those that were chosen, rising over the stage.

use super::Here;
use crate::components::{Shape, icon, press};
use crate::dom::{El, el};
use crate::reactive::StoredValue;
use crate::state::floats::{ALL, Float, STAYS, Throttle, emoji};
use crate::state::keys::Action;
use crate::state::talk::page_time;
use crate::words::{self, Word, say};
use ::signal::{ParticipantId, Reaction};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::document;
use madang_client::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// The id of what the button opens.
const CHOICE: &str = "reactions";
/// Between two of one's own, in milliseconds.
const PAUSE: f64 = 250.0;

/// The button, and what it opens; with the hand, for windows too narrow for a button of its own.
pub fn reactions(here: Here, hand: El) -> El {
    let throttle = StoredValue::new(Throttle::default());
    let react = move |reaction| {
        let allowed = throttle.try_update_value(|throttle| throttle.allows(page_time(), PAUSE));
        if allowed.unwrap_or_default() {
            here.call.react(reaction);
        }
    };
    let button = press("round plain", "reactions", || {})
        .set("popovertarget", CHOICE)
        .word("aria-label", Word::React)
        .bind("title", || words::with_key(say(Word::React), Some(Action::Reactions)))
        .child(icon(Shape::Smile));
    let one = move |(place, reaction): (usize, Reaction)| {
        let choice = press("reaction", "reaction", move || react(reaction))
            .bind("aria-label", move || words::reaction(reaction).to_owned())
            .bind("title", move || format!("{} ({})", words::reaction(reaction), place + 1))
            .text(emoji(reaction).unwrap_or_default());
        if place == 0 { choice.set("autofocus", "") } else { choice }
    };
    let choices = el("div")
        .class("choices")
        .set("role", "group")
        .word("aria-label", Word::Reactions)
        .children(ALL.into_iter().enumerate().map(one));
    let choice =
        el("div").class("pop reactions").set("id", CHOICE).set("popover", "auto").testid("reaction-choice");
    let popover: HtmlElement = choice.typed();
    let keys = move |event: web_sys::Event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let digit = event.key().parse::<usize>().ok().and_then(|digit| digit.checked_sub(1));
        if let Some(reaction) = digit.and_then(|place| ALL.get(place)) {
            react(*reaction);
            // It may be closed by now.
            let _ = popover.hide_popover();
        }
    };
    el("div").class("contents").child(button).child(choice.on("keydown", keys).child(choices).child(hand))
}

/// What rises. For the eye alone: the words are in the live region.
pub fn floats(here: Here) -> El {
    let floats = here.store.floats();
    let keys = move || floats.read().list().iter().map(|float| float.key).collect::<Vec<u64>>();
    el("div").class("floats").set("aria-hidden", "true").testid("floats").each(keys, move |key| {
        spawn_local(async move {
            TimeoutFuture::new(STAYS).await;
            floats.update(|floats| floats.remove(key));
        });
        let all = floats.read();
        match all.list().iter().find(|float| float.key == key) {
            Some(float) => rising(here, float),
            None => el("span"),
        }
    })
}

fn rising(here: Here, float: &Float) -> El {
    let others = here.store.others().read();
    let name = others.iter().find(|other| other.id == float.whose).map(|other| other.name.clone());
    let (across, down) = place(float);
    el("span")
        .class("float")
        .style("--across", move || format!("{across}px"))
        .style("--down", move || format!("{down}px"))
        .style("--sway", {
            let key = float.key;
            move || format!("{}px", sway(key))
        })
        .child(el("span").class("emoji").testid("float").text(float.emoji))
        .child(match name {
            Some(name) => el("span").class("whose").set("dir", "auto").text(&name),
            None => el("span").class("whose").say(Word::You),
        })
}

/// From where it rises, in CSS pixels: the middle of the sender's tile, or below, where one with this key has its place.
fn place(float: &Float) -> (i32, i32) {
    let page = document().document_element();
    let (width, height) = page.map_or((0, 0), |page| (page.client_width(), page.client_height()));
    let tile = tile_of(float.whose).map(|tile| tile.get_bounding_client_rect());
    match tile.filter(|tile| tile.width() > 0.0) {
        Some(tile) => (
            whole(tile.left() + tile.width() / 2.0),
            whole(tile.top() + tile.height() * 0.7).min(height * 4 / 5).max(height / 4),
        ),
        None => (width / 5 + spread(float.key, width * 3 / 5), height * 4 / 5),
    }
}

fn tile_of(id: ParticipantId) -> Option<web_sys::Element> {
    document().query_selector(&format!(".tile[data-participant-id=\"{id}\"]")).ok().flatten()
}

/// Sideways on the way, in CSS pixels, so that several do not cover one another.
fn sway(key: u64) -> i32 {
    spread(key, 64) - 32
}

/// Between 0 and `most`, another one for each key.
fn spread(key: u64, most: i32) -> i32 {
    let scattered = i32::try_from(key.wrapping_mul(2_654_435_761) % 4093).unwrap_or_default();
    scattered % most.max(1)
}

#[expect(clippy::cast_possible_truncation, reason = "bounded to what i32 holds")]
fn whole(length: f64) -> i32 {
    length.clamp(-1e6, 1e6) as i32
}
