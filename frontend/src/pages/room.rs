//! `/r/:room`: one visit after another, each from the preview through the room to the way out.

use super::call_view::call_view;
use super::ended::ended;
use super::focused_heading;
use super::lobby::lobby;
use super::not_found::dead_end;
use crate::app::show;
use crate::components::{logo, press};
use crate::dom::{El, el, listen};
use crate::embed::{self, Order, Parent};
use crate::link;
use crate::reactive::{Callback, RwSignal, StoredValue, follow, memo};
use crate::rtc::call::{Call, Wishes};
use crate::rtc::data_hook;
use crate::state::choices::Facing;
use crate::state::key::Key;
use crate::state::room::{RoomState, RoomStore};
use crate::state::settings;
use crate::words::{self, Word, say};
use ::signal::{DisplayName, ErrorCode, RoomName};
use leptos::prelude::{document, on_cleanup, window};
use madang_client::spawn_local;
use session::{EndReason, Phase};
use wasm_bindgen::JsCast;

/// The page of a room, by the name in the link.
pub fn room(name: &str) -> El {
    let room = match link::room_name(name) {
        Ok(room) => room,
        Err(error) => return dead_end(Word::BadLink, move || words::room_name_error(error)),
    };
    // Counts visits: joining again starts one from the beginning.
    let visits = RwSignal::new(0_u32);
    let again = Callback::new(move |()| visits.update(|count| *count += 1));
    let wishes = StoredValue::new(Wishes::default());
    let key = StoredValue::new(Key::of_link(&room));
    let parent = Parent::of_now(&room);
    // Under which name to join as soon as there is a visit.
    let wanted = StoredValue::new(parent.and_then(|_| embed::asked_name()));
    let title = room.clone();
    follow(move || document().set_title(&words::title(title.as_str())));
    on_cleanup(|| document().set_title(say(Word::App)));
    el("div").class("contents").swap(
        move || visits.get(),
        move |_| {
            let asked = Asked { parent, wanted, key };
            Some(visit(room.clone(), wishes, again, asked))
        },
    )
}

/// What is shown of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Lobby,
    Waiting,
    Room,
    Ended(EndReason),
}

/// What the page around a frame has to do with a visit.
#[derive(Clone, Copy)]
struct Asked {
    parent: Option<Parent>,
    wanted: StoredValue<Option<DisplayName>>,
    /// What opens the door.
    key: StoredValue<Key>,
}

fn visit(room: RoomName, wishes: StoredValue<Wishes>, on_rejoin: Callback<()>, asked: Asked) -> El {
    let store = RoomStore::new(RoomState::default());
    let call = Call::new(store, wishes);
    data_hook::offer_to_window(call);
    on_cleanup(move || call.leave());
    leave_with_the_page(call);
    // A picture of what is before a phone's back is not that of oneself.
    let mirrored = move || settings::choices().mirror && store.local().read().facing != Some(Facing::Back);
    let mirrored = memo(mirrored);
    follow(move || show("data-mirror", if mirrored.get() { "on" } else { "off" }));
    let stage = move || match &*store.phase().read() {
        Phase::Idle => Stage::Lobby,
        Phase::Joining | Phase::Reconnecting { .. } if store.waiting().get() => Stage::Waiting,
        Phase::Joining | Phase::Live | Phase::Reconnecting { .. } => Stage::Room,
        Phase::Ended(reason) => Stage::Ended(reason.clone()),
    };
    let name = RwSignal::new(settings::display_name());
    let entered = room.clone();
    let join = Callback::new(move |display_name: DisplayName| {
        settings::remember_display_name(display_name.as_str());
        let mut recent = settings::recent_rooms();
        recent.visit(entered.as_str());
        settings::remember_recent_rooms(&recent);
        name.set(display_name.to_string());
        call.show(asked.key.get_value().credentials());
        call.join(&entered, &display_name, link::asked_mode());
    });
    let closed = room.clone();
    follow(move || {
        if store.phase().with(not_let_in) {
            let _ = asked.key.try_update_value(|key| key.fail(&closed));
            // Later: the visit that this belongs to is over then.
            spawn_local(async move { on_rejoin.run(()) });
        }
    });
    if let Some(parent) = asked.parent {
        parent.follow(store);
        parent.listen(move |order| obey(order, store, call, join, (on_rejoin, asked.wanted)));
    }
    if let Some(name) = asked.wanted.try_update_value(Option::take).flatten() {
        call.open_devices();
        join.run(name);
    }
    el("div").class("contents").swap(stage, move |stage| {
        Some(match stage {
            Stage::Lobby => lobby(&room, name, asked.key, (store, call), join),
            Stage::Waiting => waiting(&room, call),
            Stage::Room => call_view(&room, name, store, call),
            Stage::Ended(reason) => ended(reason, on_rejoin),
        })
    })
}

/// Outside, until somebody says who may come in.
pub fn waiting(room: &RoomName, call: Call) -> El {
    let leave = press("button", "leave-waiting", move || call.leave()).child(el("span").say(Word::Leave));
    el("main").class("page narrow").child(logo()).child(
        el("section")
            .class("card message")
            .testid("waiting")
            .child(focused_heading().set("dir", "auto").text(room.as_str()))
            .child(el("p").set("role", "status").say(Word::WaitingIn))
            .child(el("div").class("actions").child(leave)),
    )
}

/// Whether the door stayed shut: something else has to be shown there.
fn not_let_in(phase: &Phase) -> bool {
    matches!(phase, Phase::Ended(EndReason::Refused(error)) if error.code == ErrorCode::NotAllowed)
}

/// Does what the page around a frame wants. Who wants in after a visit begins another one.
fn obey(
    order: Order,
    store: RoomStore,
    call: Call,
    join: Callback<DisplayName>,
    (on_rejoin, wanted): (Callback<()>, StoredValue<Option<DisplayName>>),
) {
    match order {
        // A copy: joining writes it.
        Order::Join(name) => match store.phase().get_untracked() {
            Phase::Idle => {
                call.open_devices();
                join.run(name);
            }
            Phase::Joining | Phase::Live | Phase::Reconnecting { .. } => {}
            Phase::Ended(_) => {
                wanted.set_value(Some(name));
                on_rejoin.run(());
            }
        },
        Order::Leave => call.leave(),
        Order::Switch(source, on) => call.set(source, on),
        Order::Say(text) => call.say(text),
    }
}

/// A page that goes away says so, so that the tile goes at once for the others; and one that comes back
/// from the back-forward cache, its call long over, starts afresh.
fn leave_with_the_page(call: Call) {
    listen(&window(), "pagehide", move |_| call.leave());
    listen(&window(), "pageshow", |event| {
        if event
            .dyn_ref::<web_sys::PageTransitionEvent>()
            .is_some_and(web_sys::PageTransitionEvent::persisted)
        {
            // A page that cannot be reloaded is going away already.
            let _ = window().location().reload();
        }
    });
}
