//! The room itself: tiles, controls, and what is to be said about the connection.

use super::focused_heading;
use crate::components::{Controls, CopyLink, Icon, Mark, RemoteAudio, Shape, Stage, Tile};
use crate::rtc::call::Call;
use crate::state::room::{RoomState, RoomStateStoreFields};
use crate::{link, words};
use ::signal::{ParticipantId, RoomName};
use leptos::prelude::*;
use reactive_stores::Store;
use session::{Other, SourceState};

#[component]
pub fn CallView(
    room: RoomName,
    name: RwSignal<String>,
    store: Store<RoomState>,
    call: Call,
) -> impl IntoView {
    let count = Memo::new(move |_| store.others().read().len() + 1);
    let share = link::share_link(&room);
    let local = store.local();
    let asking = Memo::new(move |_| local.read().asking > 0);
    let heading = focused_heading();
    let status = Memo::new(move |_| words::status(&store.phase().read(), *store.connectivity().read()));
    view! {
        <main class="room" data-testid="room">
            <header>
                <Mark />
                <h1 dir="auto" tabindex="-1" node_ref=heading>{room.to_string()}</h1>
                <p class="people" data-testid="people-count" aria-live="off">
                    <Icon shape=Shape::People />
                    <span>{move || words::people(count.get())}</span>
                </p>
                <CopyLink link=share />
            </header>
            <Stage count>
                <OwnTile name store />
                <For each=move || ids(store) key=|id| *id let:id>
                    <OtherTile id store />
                </For>
            </Stage>
            <Show when=move || count.get() == 1>
                <p class="alone">{words::ALONE}</p>
            </Show>
            <footer>
                <Controls
                    microphone=Signal::derive(move || local.read().microphone)
                    camera=Signal::derive(move || local.read().camera)
                    asking
                    on_microphone=Callback::new(move |()| call.switch_microphone())
                    on_camera=Callback::new(move |()| call.switch_camera())
                    on_leave=Callback::new(move |()| call.leave())
                />
            </footer>
            <div class="notices">
                <p class="status" class:shown=move || status.with(Option::is_some) role="status" data-testid="status">
                    {status}
                </p>
                <Show when=move || asking.get()>
                    <p class="status shown asking" role="status">{words::ASKING}</p>
                </Show>
                <DeviceNotice store />
                <Sound store />
            </div>
            <p class="unseen" aria-live="polite" data-testid="announcement">{move || store.announcement().get()}</p>
        </main>
    }
}

#[component]
fn OwnTile(name: RwSignal<String>, store: Store<RoomState>) -> impl IntoView {
    let local = store.local();
    let shown_name = move || store.me().read().as_ref().map_or_else(|| name.get(), |me| me.name.clone());
    let id = move || store.me().read().as_ref().map(|me| me.id.to_string()).unwrap_or_default();
    view! {
        <Tile
            id=Signal::derive(id)
            name=Signal::derive(shown_name)
            own=true
            muted=Signal::derive(move || local.read().microphone != SourceState::Live)
            video=Signal::derive(move || local.read().preview)
        />
    }
}

#[component]
fn OtherTile(id: ParticipantId, store: Store<RoomState>) -> impl IntoView {
    // By id, so that a tile stays when others come and go, and asks for nobody who is gone.
    let other = Memo::new(move |_| store.others().read().iter().find(|other| other.id == id).cloned());
    let part =
        move |pick: fn(&Other) -> bool| Memo::new(move |_| other.with(|o| o.as_ref().is_some_and(pick)));
    let name = Memo::new(move |_| other.with(|o| o.as_ref().map(|o| o.name.clone()).unwrap_or_default()));
    let muted = part(|other| other.microphone.as_ref().is_none_or(|feed| feed.muted));
    let video = Memo::new(move |_| {
        let slots = store.slots().read();
        other.with(|o| o.as_ref().and_then(|o| slots.track_of(o.camera.as_ref())))
    });
    view! { <Tile id=id.to_string() name muted video /> }
}

#[component]
fn DeviceNotice(store: Store<RoomState>) -> impl IntoView {
    let problem = Memo::new(move |_| store.local().read().problem.as_ref().map(words::device_problem));
    let dismiss = move |_| store.local().update(|local| local.problem = None);
    view! {
        <Show when=move || problem.with(Option::is_some)>
            <div class="notice" role="alert">
                <p data-testid="device-notice">{problem}</p>
                <button type="button" class="inside" aria-label=words::CLOSE title=words::CLOSE on:click=dismiss>
                    <Icon shape=Shape::Close />
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Sound(store: Store<RoomState>) -> impl IntoView {
    let blocked = RwSignal::new(false);
    let clicks = RwSignal::new(0_u32);
    let hear = move |_| {
        blocked.set(false);
        clicks.update(|count| *count += 1);
    };
    let tracks = Memo::new(move |_| store.slots().read().audio.clone());
    view! {
        <RemoteAudio tracks blocked retry=clicks />
        <Show when=move || blocked.get()>
            <button type="button" class="button primary" data-testid="tap-to-hear" on:click=hear>
                <Icon shape=Shape::Sound />
                {words::TAP_TO_HEAR}
            </button>
        </Show>
    }
}

fn ids(store: Store<RoomState>) -> Vec<ParticipantId> {
    store.others().read().iter().map(|other| other.id).collect()
}
