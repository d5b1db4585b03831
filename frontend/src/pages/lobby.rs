//! Before the room: how many are inside, how one will look, one's name, and what stands in the way, if
//! anything does. The camera is asked for only by a room that has a place left.

mod devices;
mod door;
mod preview;

use super::link_button;
use super::settings::{open_settings, settings};
use crate::components::{Field, Shape, field, icon, logo, sheet};
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, StoredValue, follow, memo};
use crate::rtc::call::Call;
use crate::state::key::Key;
use crate::state::room::RoomStore;
use crate::words::{self, Word, say};
use ::signal::{DisplayName, RoomName};
use devices::devices;
use door::Door;
use preview::preview;
use session::SourceState;

/// The page. `on_join` is told under which name.
pub fn lobby(
    room: &RoomName,
    name: RwSignal<String>,
    key: StoredValue<Key>,
    (store, call): (RoomStore, Call),
    on_join: Callback<DisplayName>,
) -> El {
    let door = RwSignal::new(Door::Asking);
    door::keep_looking(room.clone(), door);
    let title = el("h1").set("dir", "auto").text(room.as_str());
    let room = room.clone();
    let look = Callback::new(move |()| door::look(room.clone(), door));
    let mut asked = false;
    follow(move || match (&*door.read(), asked) {
        (Door::Open(_), false) => {
            asked = true;
            call.open_devices();
        }
        // The last place was taken, or the server became busy: no camera stays on for nothing, nor comes on after
        // all. Asked again when there is a place; what was switched off stays off.
        (Door::Full(_) | Door::Busy, _) => {
            asked = false;
            call.leave();
        }
        (Door::Asking | Door::Open(_) | Door::Failed(_), _) => {}
    });
    let blocked =
        memo(move || door.with(|door| matches!(door, Door::Full(_) | Door::Busy | Door::Failed(_))));
    let count = el("p")
        .class("room-count")
        .testid("room-count")
        .child(icon(Shape::People))
        .child(el("span").texts(move || door.with(Door::count)));
    let doorstep =
        el("div").class("doorstep").child(el("div").class("room-title").child(title).child(count)).swap(
            move || blocked.get(),
            move |blocked| {
                Some(if blocked {
                    obstacle(door, look)
                } else {
                    entrance((name, key), store, call, on_join, door)
                })
            },
        );
    let open = RwSignal::new(false);
    el("main")
        .class("page lobby")
        .toggle("narrow", move || blocked.get())
        .testid("lobby")
        .child(el("header").class("bar").child(logo()).child(open_settings(open)))
        .child(doorstep)
        .child(sheet(Word::Settings, "settings", open, move || settings(store, call)))
}

/// No way in now, and the ways on.
fn obstacle(door: RwSignal<Door>, on_retry: Callback<()>) -> El {
    let full = move || door.with(|door| matches!(door, Door::Full(_)));
    let one_of = move |if_full, otherwise| move || say(if full() { if_full } else { otherwise }).to_owned();
    let retry = el("button")
        .set("type", "button")
        .class("button primary")
        .testid("try-again")
        .on("click", move |_| on_retry.run(()))
        .say(Word::TryAgain);
    let way_out = link_button("button", "/", "go-home").texts(one_of(Word::AnotherRoom, Word::Home));
    el("section")
        .class("card message")
        .bind_some("data-testid", move || full().then(|| "room-full".to_owned()))
        .child(el("h2").texts(move || say(door.with(Door::title)).to_owned()))
        .child(el("p").testid("lobby-notice").set("role", "alert").texts(move || door.with(Door::obstacle)))
        .child(el("div").class("actions").child(retry).child(way_out))
}

/// The preview and the form.
fn entrance(
    (name, key): (RwSignal<String>, StoredValue<Key>),
    store: RoomStore,
    call: Call,
    on_join: Callback<DisplayName>,
    door: RwSignal<Door>,
) -> El {
    let local = store.local();
    let (refused, password) = (key.get_value().refused, RwSignal::new(String::new()));
    // Nobody is told off for a field not yet used.
    let tried = RwSignal::new(false);
    let error = memo(move || {
        let error = name.with(|name| DisplayName::parse(name)).err();
        error.filter(|_| tried.get()).map(words::display_name_error)
    });
    let submit = move |event: web_sys::Event| {
        event.prevent_default();
        tried.set(true);
        if let Ok(name) = name.with_untracked(|name| DisplayName::parse(name)) {
            if refused {
                let _ = key.try_update_value(|key| key.type_password(password.get_untracked()));
            }
            on_join.run(name);
        }
    };
    let empty_handed = memo(move || {
        let local = local.read();
        let none = (SourceState::Absent, SourceState::Absent);
        (local.microphone, local.camera) == none && local.problem.is_some() && local.asking == 0
    });
    let name_field = field(Field {
        id: "name",
        label: Word::YourName,
        placeholder: Some(Word::NameHint),
        autocomplete: "name",
        value: name,
        error,
        beside: None,
    });
    let testid = move || if empty_handed.get() { "join-without-devices" } else { "join" }.to_owned();
    let label = move || say(if empty_handed.get() { Word::JoinWithout } else { Word::Join }).to_owned();
    let join = el("button")
        .set("type", "submit")
        .class("button primary wide")
        .bind("data-testid", testid)
        // Until the room was seen to have a place left.
        .flag("disabled", move || door.with(|door| !matches!(door, Door::Open(_))))
        .texts(label);
    let form = el("form")
        .class("card")
        .set("novalidate", "")
        .on("submit", submit)
        .child(name_field)
        .maybe(refused.then(|| password_field(password)))
        .when(move || local.read().problem.is_some(), move || device_notice(store, call))
        .child(join);
    el("div").class("entrance").child(preview(name, store, call)).child(form).child(devices(store, call))
}

/// What the door that stayed shut asks for.
fn password_field(password: RwSignal<String>) -> El {
    let notice = el("p").testid("closed-notice").set("role", "alert").say(Word::NeedsKey);
    let field = field(Field {
        id: "password",
        label: Word::Password,
        placeholder: None,
        autocomplete: "current-password",
        value: password,
        error: memo(|| None),
        beside: None,
    });
    el("div").class("contents").child(el("div").class("notice").child(notice)).child(field)
}

/// Which device is missing, and the way to it.
fn device_notice(store: RoomStore, call: Call) -> El {
    let problem = move || {
        let local = store.local();
        let local = local.read();
        local.problem.as_ref().map(words::device_problem).unwrap_or_default()
    };
    let retry = el("button")
        .set("type", "button")
        .class("button small")
        .testid("try-again")
        .on("click", move |_| call.open_devices())
        .say(Word::TryAgain);
    el("div")
        .class("notice")
        .set("role", "status")
        .child(el("p").testid("lobby-notice").texts(problem))
        .child(retry)
}
