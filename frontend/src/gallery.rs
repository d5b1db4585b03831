//! For developers, in a client built with the feature `gallery`, and never in the one that ships: `/gallery/7` shows
//! the room with seven made-up people in it, who have drawn pictures, so that a view can be looked at without a server.
//! What stands after `?`, joined by `&`, changes it: `reconnecting`, `joining`, `speaking`, `hands`, `screen` (somebody
//! shares one), `sharing` (oneself does), `paused`, `silent`, `problem`, `pinned`, `quality` (indicators), `details` and
//! `details-other` (their figures), the other panels `chat`, `people`, `invite` and `settings`, `bare` (nobody has a
//! picture), `layout=grid` or `layout=speaker`; `moderating` (oneself does), `waits` (two are at the door), `held` (one's
//! own microphone, and another's), `locked`; instead of a room its door, `waiting`, and the ends of one: `left`, `full`,
//! `overloaded`, `unreachable`, `locked-out`, `removed`, `over`, `denied`.
//!
//! `galleryChange({ count, speaker })` on the window lets people come and go and speak, for measuring.

mod fakes;

use crate::dom::{El, el};
use crate::pages::{call_view, ended, waiting};
use crate::reactive::{Callback, RwSignal, StoredValue};
use crate::rtc::call::{Call, Wishes};
use crate::rtc::devices::{Device, DeviceError, DeviceProblem};
use crate::rtc::track::{Track, TrackId};
use crate::state::history::History;
use crate::state::layout::Layout;
use crate::state::room::{Local, RoomState, RoomStore, Side, Slots, Whose};
use crate::state::settings;
use ::signal::{ErrorCode, ErrorInfo, ParticipantId, PublicationId};
use core::time::Duration;
use js_sys::Reflect;
use leptos::prelude::window;
use session::{Connectivity, EndReason, Feed, Me, Now, Origin, Other, Phase, SortedSet, SourceState, Way};
use wasm_bindgen::prelude::*;
use web_sys::MediaStreamTrack;

#[wasm_bindgen(module = "/src/gallery/faces.js")]
extern "C" {
    fn face(number: u32) -> MediaStreamTrack;
    fn shared() -> MediaStreamTrack;
}

const NAMES: [&str; 10] = [
    "Ada Lovelace",
    "김민수",
    "Jo",
    "Maximiliane von und zu Hohenstein-Wittelsbach",
    "Tomás Ibarra",
    "이서연",
    "🦦 Otter",
    "Noor Haddad",
    "<b>Bold</b>",
    "박지훈",
];

/// The most people there are.
const MOST: u32 = 130;

/// Whether this page asks for the gallery.
pub fn is_asked_for() -> bool {
    path().starts_with("/gallery/")
}

/// What is asked for after the `?`.
struct Flags(Vec<String>);

impl Flags {
    fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|one| one == flag)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The page.
pub fn gallery() -> El {
    let count: u32 = path().trim_start_matches("/gallery/").parse().unwrap_or(1).min(MOST);
    let query = window().location().search().unwrap_or_default();
    let flags = Flags(query.trim_start_matches('?').split('&').map(str::to_owned).collect());
    let refused = |code| EndReason::Refused(ErrorInfo::new(code));
    let reasons = [
        ("left", EndReason::Left),
        ("full", refused(ErrorCode::RoomFull)),
        ("overloaded", refused(ErrorCode::Overloaded)),
        ("unreachable", EndReason::Unreachable),
        ("locked-out", refused(ErrorCode::RoomLocked)),
        ("removed", refused(ErrorCode::Removed)),
        ("over", refused(ErrorCode::RoomEnded)),
        ("denied", refused(ErrorCode::Denied)),
    ];
    if let Some((_, reason)) = reasons.into_iter().find(|(flag, _)| flags.has(flag)) {
        return ended(reason, Callback::new(|()| ()));
    }
    settings::remember_layout(Layout::of_text(flags.value("layout").unwrap_or_default()));
    let store = RoomStore::new(state(count, &flags));
    let call = Call::new(store, StoredValue::new(Wishes::default()));
    offer_changes(store);
    match crate::link::room_name("quiet-otter-42") {
        Ok(room) if flags.has("waiting") => waiting(&room, call),
        Ok(room) => call_view(&room, RwSignal::new("Sam".to_owned()), store, call),
        Err(error) => el("p").text(&error.to_string()),
    }
}

fn state(count: u32, flags: &Flags) -> RoomState {
    let phase = if flags.has("reconnecting") {
        Phase::Reconnecting { attempt: 1, next_at: Duration::ZERO }
    } else if flags.has("joining") {
        Phase::Joining
    } else {
        Phase::Live
    };
    let problem =
        flags.has("problem").then_some(DeviceProblem { device: Device::Camera, why: DeviceError::Busy });
    let wants_quality =
        ["quality", "paused", "silent", "details", "details-other"].iter().any(|flag| flags.has(flag));
    let bare = flags.has("bare");
    let faces = (1..MOST.min(count + 8)).filter(|number| !bare && number % 7 != 4);
    let mut tracks: Vec<_> = faces.map(|number| (fakes::slot(number), keep(face(number)))).collect();
    let screen = flags.has("screen");
    if screen {
        tracks.push((fakes::slot(2000), keep(shared())));
    }
    RoomState {
        phase,
        connectivity: Some(Connectivity::Connected),
        me: Some(Me { id: ParticipantId(0), name: "Sam".to_owned(), since: Now::ZERO }),
        others: (1..count).map(|number| person(number, screen, bare)).collect(),
        speakers: if flags.has("speaking") { vec![ParticipantId(2), ParticipantId(0)] } else { vec![] },
        hands: if flags.has("hands") { [5, 1].map(ParticipantId).into() } else { vec![] },
        pinned: if flags.has("pinned") { vec![Whose::Other(ParticipantId(3))] } else { vec![] },
        paused: if flags.has("paused") { fakes::paused() } else { SortedSet::new() },
        quality: wants_quality.then(|| fakes::quality(count, fakes::SECONDS)),
        history: if wants_quality { fakes::history(count) } else { History::default() },
        side: side(flags),
        moderation: fakes::moderation(|flag| flags.has(flag)),
        conversation: fakes::conversation(count),
        local: Local {
            microphone: if flags.has("held") { SourceState::Muted } else { SourceState::Live },
            camera: if bare { SourceState::Absent } else { SourceState::Live },
            screen: if flags.has("sharing") { SourceState::Live } else { SourceState::Absent },
            preview: (!bare).then(|| keep(face(0))),
            problem,
            ..Local::default()
        },
        slots: Slots { tracks, ..Slots::default() },
        ..RoomState::default()
    }
}

fn side(flags: &Flags) -> Option<Side> {
    let panels = [
        ("details", Side::Details(Whose::Own)),
        ("details-other", Side::Details(Whose::Other(ParticipantId(1)))),
        ("chat", Side::Chat),
        ("people", Side::People),
        ("invite", Side::Invitation),
        ("settings", Side::Settings),
    ];
    panels.into_iter().find(|(flag, _)| flags.has(flag)).map(|(_, side)| side)
}

/// For as long as the page lives.
fn keep(track: MediaStreamTrack) -> TrackId {
    let track = Track::new(track);
    let id = track.id();
    crate::reactive::keep(track);
    id
}

fn person(number: u32, shares: bool, bare: bool) -> Other {
    let name = NAMES.get(number as usize % NAMES.len()).copied().unwrap_or_default();
    let feed = |publication, muted, slot| {
        Some(Feed { publication: PublicationId(publication), muted, slot, origin: Origin::Server })
    };
    let has_picture = !bare && number % 7 != 4;
    Other {
        id: ParticipantId(number),
        name: name.to_owned(),
        microphone: feed(10_000 + number, number.is_multiple_of(3), None),
        camera: feed(number, !has_picture, Some(fakes::slot(number))),
        screen: if shares && number == 1 { feed(2000, false, Some(fakes::slot(2000))) } else { None },
        screen_audio: None,
        way: Way::Server,
        direct: None,
    }
}

/// `galleryChange` on the window: how many people there are, and who of them speaks.
fn offer_changes(store: RoomStore) {
    let change = Closure::<dyn Fn(JsValue)>::new(move |wanted: JsValue| {
        let number = |name: &str| Reflect::get(&wanted, &name.into()).ok()?.as_f64();
        if let Some(count) = number("count").and_then(whole) {
            store.others().update(|others| {
                others.truncate(count.saturating_sub(1) as usize);
                let have = u32::try_from(others.len()).unwrap_or(MOST);
                others.extend((have + 1..count.min(MOST)).map(|number| person(number, false, false)));
            });
        }
        if let Some(speaker) = number("speaker").and_then(whole) {
            store.speakers().set(vec![ParticipantId(speaker)]);
        }
    });
    // Only a frozen window refuses a property.
    let _ = Reflect::set(&js_sys::global(), &"galleryChange".into(), &change.into_js_value());
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what u32 holds")]
fn whole(number: f64) -> Option<u32> {
    (0.0..1e6).contains(&number).then_some(number as u32)
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}
