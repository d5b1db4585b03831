//! The preview: how many are inside, how one will look, and what stands in the way, if anything does.

use crate::api::{self, StatusError};
use crate::components::{Avatar, Controls, Field, Icon, Logo, MediaView, Shape};
use crate::rtc::call::Call;
use crate::state::room::{RoomState, RoomStateStoreFields};
use crate::words;
use ::signal::{DisplayName, RoomName, RoomStatus};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use reactive_stores::Store;
use session::SourceState;
use wasm_bindgen_futures::spawn_local;

/// How often the room is looked into again, in milliseconds.
const LOOK_EVERY: u32 = 5_000;

/// What was seen at the room's door.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Door {
    /// Not seen yet.
    Asking,
    Open(RoomStatus),
    Full(RoomStatus),
    Failed(StatusError),
}

#[component]
pub fn Lobby(
    room: RoomName,
    name: RwSignal<String>,
    store: Store<RoomState>,
    call: Call,
    on_join: Callback<DisplayName>,
) -> impl IntoView {
    let door = RwSignal::new(Door::Asking);
    let watched = room.clone();
    let look = Callback::new(move |()| {
        let room = watched.clone();
        spawn_local(async move {
            door.try_set(seen(api::room_status(&room).await));
        });
    });
    look.run(());
    keep_looking(look);
    // The camera is asked for once, and only by a room that has a place left.
    Effect::new(move |asked: Option<bool>| {
        let asked = asked.unwrap_or_default();
        let open = matches!(*door.read(), Door::Open(_));
        if open && !asked {
            call.open_devices();
        }
        asked || open
    });
    let is = move |test: fn(&Door) -> bool| Memo::new(move |_| door.with(test));
    let full = is(|door| matches!(door, Door::Full(_)));
    let failed = is(|door| matches!(door, Door::Failed(_)));
    view! {
        <main class="page lobby" data-testid="lobby">
            <Logo />
            <div class="doorstep">
            <div class="room-title">
                <h1 dir="auto">{room.to_string()}</h1>
                <p class="room-count" data-testid="room-count">
                    <Icon shape=Shape::People />
                    <span>{move || door.with(count)}</span>
                </p>
            </div>
            <Show when=move || full.get()>
                <FullRoom door look />
            </Show>
            <Show when=move || failed.get()>
                <section class="card message">
                    <p data-testid="lobby-notice" role="alert">{move || door.with(failure)}</p>
                    <div class="actions">
                        <button type="button" class="button primary" data-testid="try-again"
                            on:click=move |_| look.run(())>{words::TRY_AGAIN}</button>
                        <a class="button" href="/">{words::HOME}</a>
                    </div>
                </section>
            </Show>
            <Show when=move || !full.get() && !failed.get()>
                <Entrance name store call on_join ready=Signal::derive(move || matches!(*door.read(), Door::Open(_))) />
            </Show>
            </div>
        </main>
    }
}

/// The preview and the form, for a room with a place left.
#[component]
fn Entrance(
    name: RwSignal<String>,
    store: Store<RoomState>,
    call: Call,
    on_join: Callback<DisplayName>,
    /// The room was seen to have a place left.
    ready: Signal<bool>,
) -> impl IntoView {
    let local = store.local();
    let asking = Memo::new(move |_| local.read().asking);
    let devices = Memo::new(move |_| (local.read().microphone, local.read().camera));
    let problem = Memo::new(move |_| local.read().problem.as_ref().map(words::device_problem));
    let empty_handed = move || devices.get() == (SourceState::Absent, SourceState::Absent);
    let tried = RwSignal::new(false);
    let error = Signal::derive(move || {
        let error = name.with(|name| DisplayName::parse(name)).err();
        error.filter(|_| tried.get()).map(words::display_name_error)
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if let Ok(name) = name.with_untracked(|name| DisplayName::parse(name)) {
            on_join.run(name);
        }
    };
    view! {
        <div class="entrance">
            <Preview name store call />
            <form class="card" on:submit=submit novalidate>
                <Field id="name" label=words::YOUR_NAME testid="name-input" placeholder=words::NAME_HINT
                    autocomplete="name" value=name error />
                <Show when=move || problem.with(Option::is_some)>
                    <div class="notice" role="status">
                        <p data-testid="lobby-notice">{problem}</p>
                        <button type="button" class="button small" data-testid="try-again"
                            on:click=move |_| call.open_devices()>{words::TRY_AGAIN}</button>
                    </div>
                </Show>
                <Show
                    when=move || empty_handed() && !asking.get() && problem.with(Option::is_some)
                    fallback=move || view! {
                        <button type="submit" class="button primary wide" data-testid="join"
                            disabled=move || !ready.get()>{words::JOIN}</button>
                    }
                >
                    <button type="submit" class="button primary wide" data-testid="join-without-devices">
                        {words::JOIN_WITHOUT}
                    </button>
                </Show>
            </form>
        </div>
    }
}

#[component]
fn Preview(name: RwSignal<String>, store: Store<RoomState>, call: Call) -> impl IntoView {
    let local = store.local();
    let playing = RwSignal::new(false);
    let camera = Memo::new(move |_| local.read().camera);
    let asking = Memo::new(move |_| local.read().asking);
    let caption = move || match camera.get() {
        SourceState::Live => None,
        SourceState::Muted | SourceState::Absent if asking.get() => Some(words::ASKING),
        SourceState::Muted => Some(words::CAMERA_IS_OFF),
        SourceState::Absent => Some(words::NO_CAMERA),
    };
    view! {
        <section class="preview" class:playing=playing aria-label=words::PREVIEW>
            <Show when=move || !playing.get()>
                <Avatar name />
                <p class="caption" role="status">{caption}</p>
            </Show>
            <MediaView
                track=Signal::derive(move || local.read().preview)
                playing
                mirrored=true
                testid="preview-video"
                label=words::PREVIEW
            />
            <Controls
                microphone=Signal::derive(move || local.read().microphone)
                camera
                asking
                on_microphone=Callback::new(move |()| call.switch_microphone())
                on_camera=Callback::new(move |()| call.switch_camera())
            />
        </section>
    }
}

#[component]
fn FullRoom(door: RwSignal<Door>, look: Callback<()>) -> impl IntoView {
    let detail = move || match &*door.read() {
        Door::Full(status) => words::full(status.participants),
        Door::Asking | Door::Open(_) | Door::Failed(_) => String::new(),
    };
    view! {
        <section class="card message" data-testid="room-full">
            <h2>{words::ROOM_FULL}</h2>
            <p data-testid="lobby-notice" role="alert">{detail}</p>
            <div class="actions">
                <button type="button" class="button primary" data-testid="try-again" on:click=move |_| look.run(())>
                    {words::TRY_AGAIN}
                </button>
                <a class="button" href="/" data-testid="go-home">{words::ANOTHER_ROOM}</a>
            </div>
        </section>
    }
}

fn seen(answer: Result<RoomStatus, StatusError>) -> Door {
    match answer {
        Ok(status) if status.is_full() => Door::Full(status),
        Ok(status) => Door::Open(status),
        Err(error) => Door::Failed(error),
    }
}

fn count(door: &Door) -> String {
    match door {
        Door::Asking => words::LOOKING.to_owned(),
        Door::Open(status) | Door::Full(status) => words::inside(status.participants),
        Door::Failed(_) => String::new(),
    }
}

fn failure(door: &Door) -> String {
    match door {
        Door::Failed(StatusError::Unreachable(_)) => words::UNREACHABLE.to_owned(),
        Door::Failed(StatusError::Refused(info)) => info.message.clone(),
        Door::Asking | Door::Open(_) | Door::Full(_) => String::new(),
    }
}

/// Looks again and again until the owner is gone.
fn keep_looking(look: Callback<()>) {
    let alive = RwSignal::new(());
    spawn_local(async move {
        loop {
            TimeoutFuture::new(LOOK_EVERY).await;
            if alive.is_disposed() {
                return;
            }
            look.run(());
        }
    });
}
