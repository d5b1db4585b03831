//! The room itself: tiles, controls, and what is to be said about the connection.

mod details;
mod tiles;

use self::details::Details;
use self::tiles::{OtherTile, OwnTile, ScreenTile};
use super::focused_heading;
use crate::components::{Controls, CopyLink, Icon, Mark, RemoteAudio, Shape, Stage};
use crate::rtc::call::Call;
use crate::state::history::Line;
use crate::state::quality::{self, Others, Verdict};
use crate::state::room::{RoomState, RoomStateStoreFields, Whose, line_of, preferred};
use crate::{link, words};
use ::signal::{ParticipantId, RoomName};
use leptos::prelude::*;
use reactive_stores::Store;
use session::{Connectivity, Feed, Other, Phase, SourceState};
use web_sys::HtmlElement;

#[component]
pub fn CallView(
    room: RoomName,
    name: RwSignal<String>,
    store: Store<RoomState>,
    call: Call,
) -> impl IntoView {
    let count = Memo::new(move |_| store.others().read().len() + 1);
    let tiles = Memo::new(move |_| count.get() + screens(store).len());
    let can_share = crate::rtc::devices::can_share_screen();
    let sharing = Memo::new(move |_| store.local().read().screen != SourceState::Absent);
    let share = link::share_link(&room);
    let local = store.local();
    let asking = Memo::new(move |_| local.read().asking > 0);
    let heading = focused_heading();
    let status = Memo::new(move |_| words::status(&store.phase().read(), *store.connectivity().read()));
    let own_verdict =
        Memo::new(move |_| quality::of_oneself(store.quality().read().as_ref(), is_connected(store)));
    // What was pressed for the details gets the focus back when they close.
    let pressed = StoredValue::<Option<HtmlElement>, _>::new_local(None);
    let on_details = Callback::new(move |(whose, button): (Whose, HtmlElement)| {
        let again = *store.details().read_untracked() == Some(whose);
        store.details().set((!again).then_some(whose));
        pressed.set_value(Some(button));
    });
    let on_closed = Callback::new(move |()| {
        let button = pressed.try_update_value(Option::take).flatten();
        // One that is gone cannot have it: then it is the room's.
        let there = button.filter(|button| button.is_connected());
        if let Some(element) = there.or_else(|| heading.get_untracked().map(Into::into)) {
            // Without the focus the page works all the same.
            let _ = element.focus();
        }
    });
    let preferred = Memo::new(move |_| preferred(&store.pinned().read(), &store.others().read()));
    Effect::new(move |_| call.prefer(preferred.get()));
    let seen = window_event_listener_untyped("visibilitychange", move |_| call.visibility_changed());
    on_cleanup(move || seen.remove());
    view! {
        <main class="room" data-testid="room">
            <header>
                <Mark />
                <h1 dir="auto" tabindex="-1" node_ref=heading>{room.to_string()}</h1>
                <p class="people" data-testid="people-count" aria-live="off">
                    <Icon shape=Shape::People />
                    <span>{move || words::people(count.get())}</span>
                </p>
                <p class="sharing" role="status" data-testid="sharing">
                    <Show when=move || sharing.get()>
                        <Icon shape=Shape::Screen />
                        <span>{words::SHARING}</span>
                    </Show>
                </p>
                <CopyLink link=share />
            </header>
            <Stage count=tiles>
                <For each=move || screens(store) key=|id| *id let:id>
                    <ScreenTile id store call on_details />
                </For>
                <OwnTile name store verdict=own_verdict on_details />
                <For each=move || ids(store) key=|id| *id let:id>
                    <OtherTile id store call on_details />
                </For>
            </Stage>
            <Details store own_verdict on_closed />
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
                    screen=Signal::derive(move || local.read().screen)
                    on_screen=can_share.then(|| Callback::new(move |()| call.switch_screen()))
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

/// What is to be known of another one's connection: that of their own picture and sound, or of their screen's.
#[derive(Clone, Copy)]
struct Subject {
    name: fn(&Other) -> String,
    picture: fn(&Other) -> Option<&Feed>,
    sound: fn(&Other) -> Option<&Feed>,
    /// The picture is never still: when nothing of it arrives something is wrong.
    moves: bool,
}

const PERSON: Subject = Subject {
    name: |other| other.name.clone(),
    picture: |other| other.camera.as_ref(),
    sound: |other| other.microphone.as_ref(),
    moves: true,
};

const SHARED: Subject = Subject {
    name: |other| words::screen_of(&other.name),
    picture: |other| other.screen.as_ref(),
    sound: |other| other.screen_audio.as_ref(),
    moves: false,
};

/// What is said of another one's connection.
fn verdict_of(
    store: Store<RoomState>,
    other: Memo<Option<Other>>,
    subject: Subject,
) -> Memo<Option<Verdict>> {
    Memo::new(move |_| {
        if !is_connected(store) {
            return Some(Verdict::INTERRUPTED);
        }
        let (quality, paused) = (store.quality().read(), store.paused().read());
        let history = store.history().read();
        other.with(|other| {
            let other = other.as_ref()?;
            let picture = (subject.picture)(other);
            let (video, audio) = (picture.and_then(line_of), (subject.sound)(other).and_then(line_of));
            let others = Others {
                video: video.as_ref(),
                audio: audio.as_ref(),
                paused: video.as_ref().is_some_and(|mid| paused.contains(mid)),
                silent: subject.moves
                    && picture.is_some_and(|feed| history.is_silent(&Line::Of(feed.publication))),
            };
            quality::of_other(quality.as_ref(), others)
        })
    })
}

/// Whether what the server told of media still holds.
fn is_connected(store: Store<RoomState>) -> bool {
    let media = *store.connectivity().read();
    !matches!(*store.phase().read(), Phase::Reconnecting { .. })
        && !matches!(media, Some(Connectivity::Disconnected | Connectivity::Failed))
}

/// A part of somebody, changing only when it does; a default for who is gone.
fn part<T: Default + PartialEq + Send + Sync + 'static>(
    other: Memo<Option<Other>>,
    pick: impl Fn(&Other) -> T + Send + Sync + 'static,
) -> Memo<T> {
    Memo::new(move |_| other.with(|other| other.as_ref().map(&pick).unwrap_or_default()))
}

/// Whose screens there are to see.
fn screens(store: Store<RoomState>) -> Vec<ParticipantId> {
    store.others().read().iter().filter(|other| other.screen.is_some()).map(|other| other.id).collect()
}

fn ids(store: Store<RoomState>) -> Vec<ParticipantId> {
    store.others().read().iter().map(|other| other.id).collect()
}
