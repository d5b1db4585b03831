//! `/r/:room`: one visit after another, each from the preview through the room to the way out.

use super::call_view::CallView;
use super::ended::Ended;
use super::lobby::Lobby;
use super::not_found::DeadEnd;
use crate::rtc::call::{Call, Wishes};
use crate::state::room::{RoomState, RoomStateStoreFields};
use crate::state::settings;
use crate::words;
use ::signal::{DisplayName, RoomMode, RoomName};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use reactive_stores::Store;
use session::{EndReason, Phase};

#[component]
pub fn RoomPage() -> impl IntoView {
    let params = use_params_map();
    let room = Memo::new(move |_| {
        let text = params.with(|params| params.get("room").unwrap_or_default());
        RoomName::parse(&text)
    });
    // Counts visits: joining again starts one from the beginning.
    let visit = RwSignal::new(0_u32);
    let again = Callback::new(move |()| visit.update(|count| *count += 1));
    let wishes = StoredValue::new(Wishes::default());
    move || {
        visit.track();
        match room.get() {
            Ok(room) => view! { <Visit room wishes on_rejoin=again /> }.into_any(),
            Err(error) => {
                view! { <DeadEnd title=words::BAD_LINK detail=words::room_name_error(error) /> }.into_any()
            }
        }
    }
}

/// What is shown of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Lobby,
    Room,
    Ended(EndReason),
}

#[component]
fn Visit(room: RoomName, wishes: StoredValue<Wishes>, on_rejoin: Callback<()>) -> impl IntoView {
    let store = Store::new(RoomState::default());
    let call = Call::new(store, wishes);
    on_cleanup(move || call.leave());
    leave_with_the_page(call);
    document().set_title(&words::title(room.as_str()));
    on_cleanup(|| document().set_title(words::APP));
    let stage = Memo::new(move |_| match &*store.phase().read() {
        Phase::Idle => Stage::Lobby,
        Phase::Joining | Phase::Live | Phase::Reconnecting { .. } => Stage::Room,
        Phase::Ended(reason) => Stage::Ended(reason.clone()),
    });
    let name = RwSignal::new(settings::display_name());
    let query = use_query_map();
    let mode = Memo::new(move |_| query.with(|query| query.get("mode")?.parse::<RoomMode>().ok()));
    let join = Callback::new({
        let room = room.clone();
        move |display_name: DisplayName| {
            settings::remember_display_name(display_name.as_str());
            let mut recent = settings::recent_rooms();
            recent.visit(room.as_str());
            settings::remember_recent_rooms(&recent);
            name.set(display_name.to_string());
            call.join(&room, &display_name, mode.get_untracked());
        }
    });
    move || match stage.get() {
        Stage::Lobby => view! { <Lobby room=room.clone() name store call on_join=join /> }.into_any(),
        Stage::Room => view! { <CallView room=room.clone() name store call /> }.into_any(),
        Stage::Ended(reason) => view! { <Ended reason on_rejoin /> }.into_any(),
    }
}

/// A page that goes away says so, so that the tile goes at once for the others; and one that comes back
/// from the back-forward cache, its call long over, starts afresh.
fn leave_with_the_page(call: Call) {
    let hide = window_event_listener(ev::pagehide, move |_| call.leave());
    let show = window_event_listener(ev::pageshow, |event| {
        if event.persisted() {
            // A page that cannot be reloaded is going away already.
            let _ = window().location().reload();
        }
    });
    on_cleanup(move || {
        hide.remove();
        show.remove();
    });
}
