//! Home: choose a room and a name, or go back to a room visited lately.

use crate::components::{Field, Shape, field, icon, languages, logo};
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, StoredValue, memo};
use crate::state::recent::Recent;
use crate::state::settings;
use crate::words::{self, Word, say};
use crate::{api, link, random_name, route};
use ::signal::{DisplayName, RoomName};
use leptos::prelude::window;
use madang_client::spawn_local;

/// The page.
pub fn home() -> El {
    let heading = el("h1").set("tabindex", "-1").say(Word::Tagline);
    let header = el("header").class("welcome").child(logo()).child(heading.clone());
    el("main")
        .class("page narrow home")
        .child(header)
        .child(form())
        .child(recent_rooms(StoredValue::new(heading)))
        .child(el("footer").child(languages()))
}

fn form() -> El {
    let room = RwSignal::new(fresh_name());
    let closed = RwSignal::new(false);
    spawn_local(learn_whether_closed(room, closed));
    let name = RwSignal::new(settings::display_name());
    // Nobody is told off for a field not yet used.
    let tried = RwSignal::new(false);
    let room_error = memo(move || {
        let error = room.with(|room| RoomName::check(room).err());
        error.filter(|_| tried.get()).map(words::room_name_error)
    });
    let name_error = memo(move || {
        let error = name.with(|name| DisplayName::parse(name)).err();
        error.filter(|_| tried.get()).map(words::display_name_error)
    });
    let go = move |event: web_sys::Event| {
        event.prevent_default();
        tried.set(true);
        if let (Ok(room), Ok(name)) = (
            room.with_untracked(|room| link::room_name(room)),
            name.with_untracked(|name| DisplayName::parse(name)),
        ) {
            settings::remember_display_name(name.as_str());
            route::go(&link::room_path(&room));
        }
    };
    let another = el("button")
        .set("type", "button")
        .class("inside")
        .label(Word::AnotherName)
        .flag("hidden", move || closed.get())
        .on("click", move |_| room.set(fresh_name()))
        .child(icon(Shape::Shuffle));
    let name_field = field(Field {
        id: "name",
        label: Word::YourName,
        placeholder: Some(Word::NameHint),
        autocomplete: "name",
        value: name,
        error: name_error,
        beside: None,
    });
    let room_field = field(Field {
        id: "room",
        label: Word::Room,
        placeholder: None,
        autocomplete: "off",
        value: room,
        error: room_error,
        beside: Some(another),
    });
    let about = move || say(if closed.get() { Word::ClosedHome } else { Word::AboutNobody }).to_owned();
    el("form")
        .class("card")
        .set("novalidate", "")
        .on("submit", go)
        .child(name_field)
        .child(room_field)
        .child(el("button").set("type", "submit").class("button primary wide").testid("go").say(Word::Go))
        .child(el("p").class("fine").testid("about").texts(about))
}

/// Where rooms are closed none is to be had by thinking of a name: then none is proposed.
async fn learn_whether_closed(room: RwSignal<String>, closed: RwSignal<bool>) {
    let Ok(proposed) = link::room_name(&room.get_untracked()) else { return };
    if api::room_status(&proposed).await.is_ok_and(|status| status.closed) && !closed.is_disposed() {
        closed.set(true);
        // What was typed meanwhile stays.
        if room.with_untracked(|room| room == proposed.as_str()) {
            room.set(String::new());
        }
    }
}

fn recent_rooms(heading: StoredValue<El>) -> El {
    let list = RwSignal::new(settings::recent_rooms());
    // What forgets each room, from the top.
    let buttons = StoredValue::<Vec<El>>::new(Vec::new());
    let forget = Callback::new(move |room: String| {
        let at = list.with_untracked(|list| list.names().iter().position(|name| *name == room));
        list.update(|list| list.forget(&room));
        list.with_untracked(settings::remember_recent_rooms);
        // Once the list is made anew: to who took the place of the one that is gone, or to the last, or to the top.
        spawn_local(async move {
            let next = |buttons: &Vec<El>| buttons.get(at?).or(buttons.last()).cloned();
            if let Some(next) = buttons.try_with_value(next) {
                next.unwrap_or_else(|| heading.get_value()).focus();
            }
        });
    });
    el("div").class("contents").swap(
        move || list.get(),
        move |list| {
            let rooms = list.names().iter().filter_map(|name| link::room_name(name).ok());
            let (rows, forgets): (Vec<El>, Vec<El>) = rooms.map(|room| recent_room(&room, forget)).unzip();
            buttons.set_value(forgets);
            let rows = el("ul").children(rows);
            let heading = el("h2").say(Word::Recent);
            let section = el("section").class("recent").word("aria-label", Word::Recent);
            (list != Recent::default()).then(|| section.child(heading).child(rows))
        },
    )
}

/// A row, and the button in it that takes it away.
fn recent_room(room: &RoomName, on_forget: Callback<String>) -> (El, El) {
    let name = room.to_string();
    let label = {
        let name = name.clone();
        move || words::forget(&name)
    };
    let link = el("a").set("href", &link::room_path(room)).testid("recent-room").text(&name);
    let forget = el("button")
        .set("type", "button")
        .class("inside")
        .testid("recent-remove")
        .bind("aria-label", label.clone())
        .bind("title", label)
        .on("click", move |_| on_forget.run(name.clone()))
        .child(icon(Shape::Close));
    (el("li").child(link).child(forget.clone()), forget)
}

fn fresh_name() -> String {
    let mut numbers = [0; 3];
    if let Ok(crypto) = window().crypto() {
        // Without random numbers the name is the first of the list, and still a name.
        let _ = crypto.get_random_values_with_u8_array(&mut numbers);
    }
    random_name::room_name(numbers)
}
