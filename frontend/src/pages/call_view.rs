//! The room itself: tiles, controls, and what is to be said about the connection.

mod details;
mod stage;
mod tiles;

use self::details::details;
use self::stage::{Scene, remembered, stage, stage_button};
use super::focused_heading;
use crate::components::{Controls, Shape, controls, copy_link, icon, mark, remote_audio};
use crate::dom::{El, el, listen, memo};
use crate::rtc::call::Call;
use crate::state::history::Line;
use crate::state::quality::{self, Others, Verdict};
use crate::state::room::{self, RoomState, RoomStateStoreFields, Whose, live_slot};
use crate::words::{self, Word};
use crate::{link, rtc};
use ::signal::RoomName;
use leptos::prelude::*;
use reactive_stores::Store;
use session::{Connectivity, Feed, Other, Phase, SourceState};
use web_sys::HtmlElement;

/// The room.
pub fn call_view(room: &RoomName, name: RwSignal<String>, store: Store<RoomState>, call: Call) -> El {
    let count = memo(move || store.others().read().len() + 1);
    let heading = focused_heading().set("dir", "auto").text(room.as_str());
    let own_verdict = memo(move || quality::of_oneself(store.quality().read().as_ref(), is_connected(store)));
    // What was pressed for the details gets the focus back when they close.
    let pressed = StoredValue::<Option<HtmlElement>, _>::new_local(None);
    let on_details = Callback::new(move |(whose, button): (Whose, HtmlElement)| {
        let again = *store.details().read_untracked() == Some(whose);
        store.details().set((!again).then_some(whose));
        pressed.set_value(Some(button));
    });
    let room_heading = StoredValue::new_local(heading.clone());
    let on_closed = Callback::new(move |()| {
        let button = pressed.try_update_value(Option::take).flatten();
        // One that is gone cannot have it: then it is the room's.
        match button.filter(|button| button.is_connected()) {
            // Without the focus the page works all the same.
            Some(button) => drop(button.focus()),
            None => drop(room_heading.try_with_value(El::focus)),
        }
    });
    listen(&document(), "visibilitychange", move |_| call.visibility_changed());
    let stage_now = remembered();
    let hands = Signal::derive(move || store.hands().get());
    el("main")
        .class("room")
        .testid("room")
        .child(header(room, heading, store, count).child(stage_button(stage_now, store, call)))
        .child(stage(Scene { name, store, call, own_verdict, on_details, hands, stage: stage_now }))
        .child(details(store, own_verdict, on_closed))
        .when(move || count.get() == 1, || el("p").class("alone").say(Word::Alone))
        .child(el("footer").child(switches(store, call)))
        .child(notices(store))
        .child(
            el("p")
                .class("unseen")
                .set("aria-live", "polite")
                .testid("announcement")
                .texts(move || store.announcement().get()),
        )
}

fn header(room: &RoomName, heading: El, store: Store<RoomState>, count: Memo<usize>) -> El {
    let sharing = move || store.local().read().screen != SourceState::Absent;
    let people = el("p")
        .class("people")
        .testid("people-count")
        .set("aria-live", "off")
        .child(icon(Shape::People))
        .child(el("span").texts(move || words::people(count.get())));
    let shared = el("p").class("sharing").set("role", "status").testid("sharing").when(sharing, || {
        el("span").class("contents").child(icon(Shape::Screen)).child(el("span").say(Word::Sharing))
    });
    el("header")
        .child(mark())
        .child(heading)
        .child(people)
        .child(shared)
        .child(copy_link(link::share_link(room)))
}

fn switches(store: Store<RoomState>, call: Call) -> El {
    let local = store.local();
    let screen = Signal::derive(move || local.read().screen);
    let can_share = rtc::devices::can_share_screen();
    controls(Controls {
        microphone: Signal::derive(move || local.read().microphone),
        camera: Signal::derive(move || local.read().camera),
        asking: Signal::derive(move || local.read().asking > 0),
        on_microphone: Callback::new(move |()| call.switch_microphone()),
        on_camera: Callback::new(move |()| call.switch_camera()),
        screen: can_share.then(|| (screen, Callback::new(move |()| call.switch_screen()))),
        on_leave: Some(Callback::new(move |()| call.leave())),
    })
}

fn notices(store: Store<RoomState>) -> El {
    let status = memo(move || words::status(&store.phase().read(), *store.connectivity().read()));
    let problem = move || store.local().read().problem.is_some();
    el("div")
        .class("notices")
        .child(
            el("p")
                .class("status")
                .toggle("shown", move || status.get().is_some())
                .set("role", "status")
                .testid("status")
                .texts(move || status.get().unwrap_or_default().to_owned()),
        )
        .when(
            move || store.local().read().asking > 0,
            || el("p").class("status shown asking").set("role", "status").say(Word::Asking),
        )
        .when(problem, move || device_notice(store))
        .child(sound(store))
}

fn device_notice(store: Store<RoomState>) -> El {
    let problem = move || {
        let local = store.local();
        let local = local.read();
        local.problem.as_ref().map(words::device_problem).unwrap_or_default()
    };
    let dismiss = el("button")
        .set("type", "button")
        .class("inside")
        .label(Word::Close)
        .on("click", move |_| store.local().update(|local| local.problem = None))
        .child(icon(Shape::Close));
    el("div")
        .class("notice")
        .set("role", "alert")
        .child(el("p").testid("device-notice").texts(problem))
        .child(dismiss)
}

fn sound(store: Store<RoomState>) -> El {
    let blocked = RwSignal::new(false);
    let clicks = RwSignal::new(0_u32);
    let hear = move |_| {
        blocked.set(false);
        clicks.update(|count| *count += 1);
    };
    let tracks = memo(move || store.slots().read().audio.clone());
    let volume = move |track| {
        room::volume(track, &store.slots().read(), &store.others().read(), &store.volumes().read())
    };
    el("div").class("contents").child(remote_audio(move || tracks.get(), volume, blocked, clicks)).when(
        move || blocked.get(),
        move || {
            el("button")
                .set("type", "button")
                .class("button primary")
                .testid("tap-to-hear")
                .on("click", hear)
                .child(icon(Shape::Sound))
                .child(el("span").say(Word::TapToHear))
        },
    )
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
    memo(move || {
        if !is_connected(store) {
            return Some(Verdict::INTERRUPTED);
        }
        let (quality, paused) = (store.quality().read(), store.paused().read());
        let history = store.history().read();
        other.with(|other| {
            let other = other.as_ref()?;
            let picture = (subject.picture)(other);
            let video = live_slot(picture);
            let others = Others {
                video,
                audio: live_slot((subject.sound)(other)),
                paused: video.is_some_and(|mid| paused.contains(mid)),
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
    memo(move || other.with(|other| other.as_ref().map(&pick).unwrap_or_default()))
}
