//! Before the room: how many are inside, how one will look, one's name, and what stands in the way, if
//! anything does. The camera is asked for only by a room that has a place left.

mod door;
mod preview;

use crate::components::{Field, Icon, Logo, Shape};
use crate::rtc::call::Call;
use crate::state::room::{RoomState, RoomStateStoreFields};
use crate::words;
use ::signal::{DisplayName, RoomName};
use door::Door;
use leptos::prelude::*;
use preview::Preview;
use reactive_stores::Store;
use session::SourceState;

#[component]
pub fn Lobby(
    room: RoomName,
    name: RwSignal<String>,
    store: Store<RoomState>,
    call: Call,
    on_join: Callback<DisplayName>,
) -> impl IntoView {
    let door = RwSignal::new(Door::Asking);
    door::keep_looking(room.clone(), door);
    let title = room.to_string();
    let look = Callback::new(move |()| door::look(room.clone(), door));
    Effect::new(move |asked: Option<bool>| match (&*door.read(), asked.unwrap_or_default()) {
        (Door::Open(_), false) => {
            call.open_devices();
            true
        }
        // The last place was taken: no camera stays on for nothing, nor comes on after all. Asked again
        // when there is a place; what was switched off stays off.
        (Door::Full(_), _) => {
            call.leave();
            false
        }
        (Door::Asking | Door::Open(_) | Door::Failed(_), asked) => asked,
    });
    let is = move |test: fn(&Door) -> bool| Memo::new(move |_| door.with(test));
    let full = is(|door| matches!(door, Door::Full(_)));
    let blocked = is(|door| matches!(door, Door::Full(_) | Door::Failed(_)));
    let ready = is(|door| matches!(door, Door::Open(_)));
    view! {
        <main class="page lobby" class:narrow=blocked data-testid="lobby">
            <Logo />
            <div class="doorstep">
                <div class="room-title">
                    <h1 dir="auto">{title}</h1>
                    <p class="room-count" data-testid="room-count">
                        <Icon shape=Shape::People />
                        <span>{move || door.with(Door::count)}</span>
                    </p>
                </div>
                <Show
                    when=move || blocked.get()
                    fallback=move || view! { <Entrance name store call on_join ready /> }
                >
                    <Obstacle full words=Signal::derive(move || door.with(Door::obstacle)) on_retry=look />
                </Show>
            </div>
        </main>
    }
}

/// No way in now, and the ways on.
#[component]
fn Obstacle(
    #[prop(into)] full: Signal<bool>,
    words: Signal<String>,
    on_retry: Callback<()>,
) -> impl IntoView {
    let way_out = move || if full.get() { words::ANOTHER_ROOM } else { words::HOME };
    view! {
        <section class="card message" data-testid=move || full.get().then_some("room-full")>
            <h2>{move || if full.get() { words::ROOM_FULL } else { words::NO_ANSWER }}</h2>
            <p data-testid="lobby-notice" role="alert">{words}</p>
            <div class="actions">
                <button
                    type="button"
                    class="button primary"
                    data-testid="try-again"
                    on:click=move |_| on_retry.run(())
                >
                    {words::TRY_AGAIN}
                </button>
                <a class="button" href="/" data-testid="go-home">{way_out}</a>
            </div>
        </section>
    }
}

/// The preview and the form.
#[component]
fn Entrance(
    name: RwSignal<String>,
    store: Store<RoomState>,
    call: Call,
    on_join: Callback<DisplayName>,
    /// The room was seen to have a place left.
    #[prop(into)]
    ready: Signal<bool>,
) -> impl IntoView {
    let local = store.local();
    let problem = Memo::new(move |_| local.read().problem.as_ref().map(words::device_problem));
    let empty_handed = Memo::new(move |_| {
        let local = local.read();
        let none = (SourceState::Absent, SourceState::Absent);
        (local.microphone, local.camera) == none && local.problem.is_some() && local.asking == 0
    });
    // Nobody is told off for a field not yet used.
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
    let testid = move || if empty_handed.get() { "join-without-devices" } else { "join" };
    let label = move || if empty_handed.get() { words::JOIN_WITHOUT } else { words::JOIN };
    view! {
        <div class="entrance">
            <Preview name store call />
            <form class="card" on:submit=submit novalidate>
                <Field
                    id="name"
                    label=words::YOUR_NAME
                    testid="name-input"
                    placeholder=words::NAME_HINT
                    autocomplete="name"
                    value=name
                    error
                />
                <Show when=move || problem.with(Option::is_some)>
                    <div class="notice" role="status">
                        <p data-testid="lobby-notice">{problem}</p>
                        <button
                            type="button"
                            class="button small"
                            data-testid="try-again"
                            on:click=move |_| call.open_devices()
                        >
                            {words::TRY_AGAIN}
                        </button>
                    </div>
                </Show>
                <button
                    type="submit"
                    class="button primary wide"
                    data-testid=testid
                    disabled=move || !ready.get()
                >
                    {label}
                </button>
            </form>
        </div>
    }
}
