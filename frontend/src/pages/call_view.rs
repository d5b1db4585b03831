//! The room itself: tiles, controls, and what is to be said about the connection.

mod bar;
mod chat;
mod details;
mod invitation;
mod moderation;
mod people;
mod reactions;
mod shortcuts;
mod side;
mod stage;
mod tiles;
mod toasts;

use self::bar::bar;
use self::moderation::doorbell;
use self::reactions::floats;
use self::shortcuts::shortcuts;
use self::side::{Sides, side};
use self::stage::{Scene, remembered, stage, stage_button};
use self::tiles::speaks;
use self::toasts::toasts;
use super::focused_heading;
use super::settings::devices::playing_on;
use super::settings::saving;
use super::unheard::unheard;
use crate::components::{Shape, StageNow, copy_link, icon, is_narrow, mark, press, remote_audio};
use crate::dom::{El, el};
use crate::link;
use crate::reactive::{Callback, RwSignal, Signal, StoredValue, memo};
use crate::rtc::call::Call;
use crate::state::history::Line;
use crate::state::quality::{self, Others, Verdict};
use crate::state::room::{self, RoomStore, Side, Whose, line_of};
use crate::state::settings::choices;
use crate::words::{self, Word};
use ::signal::{Hold, RoomName};
use session::{Connectivity, Feed, Origin, Other, Phase, SourceState, Way};
use web_sys::HtmlElement;

/// What every part of the room is given.
#[derive(Clone, Copy)]
struct Here {
    store: RoomStore,
    call: Call,
    sides: Sides,
    /// The window is as narrow as a phone's.
    narrow: Signal<bool>,
    /// The link to this room.
    link: StoredValue<String>,
    /// How the stage is.
    stage: RwSignal<StageNow>,
}

/// Oneself, as views show it.
#[derive(Clone, Copy)]
struct Own {
    name: Signal<String>,
    /// What is said of one's own connection.
    verdict: Signal<Option<Verdict>>,
}

/// The room.
pub fn call_view(room: &RoomName, name: RwSignal<String>, store: RoomStore, call: Call) -> El {
    let count = memo(move || store.others().read().len() + 1);
    let heading = focused_heading().set("dir", "auto").text(room.as_str());
    let sides = Sides::new(store, &heading);
    let here = Here {
        store,
        call,
        sides,
        narrow: is_narrow(),
        link: StoredValue::new(link::share_link(room)),
        stage: remembered(),
    };
    let own = Own {
        name: memo(move || store.me().read().as_ref().map_or_else(|| name.get(), |me| me.name.clone())),
        verdict: memo(move || quality::of_oneself(store.quality().read().as_ref(), is_connected(store))),
    };
    let on_details =
        Callback::new(move |(whose, _): (Whose, HtmlElement)| sides.toggle(Side::Details(whose)));
    let stage_now = here.stage;
    let hands = memo(move || store.hands().get());
    let switch_layout = stage_button(stage_now, store, call);
    let stage =
        stage(Scene { name, store, call, own_verdict: own.verdict, on_details, hands, stage: stage_now });
    let (sheet, on_shortcuts) = shortcuts(here);
    // A sheet from below covers the room: nothing in it can be reached meanwhile.
    let covered = move || here.narrow.get() && store.side().read().is_some();
    el("main")
        .class("room")
        .testid("room")
        .child(header(here, heading, count).child(switch_layout).flag("inert", covered))
        .child(stage.flag("inert", covered))
        .child(side(here, own))
        .when(move || count.get() == 1, move || alone(here).flag("inert", covered))
        .child(el("footer").child(bar(here, on_shortcuts)).flag("inert", covered))
        .child(notices(here))
        .child(floats(here))
        .child(sheet)
        .child(
            el("p")
                .class("unseen")
                .set("aria-live", "polite")
                .testid("announcement")
                .texts(move || store.announcement().get()),
        )
}

fn header(here: Here, heading: El, count: Signal<usize>) -> El {
    let store = here.store;
    let sharing = move || store.local().read().screen != SourceState::Absent;
    let people = press("people", "people-count", move || here.sides.toggle(Side::People))
        .bind("aria-label", move || words::people(count.get()))
        .word("title", Word::People)
        .child(icon(Shape::People))
        .child(el("span").texts(move || count.get().to_string()));
    let shared = el("p").class("sharing").set("role", "status").testid("sharing").when(sharing, || {
        el("span").class("contents").child(icon(Shape::Screen)).child(el("span").say(Word::Sharing))
    });
    el("header")
        .child(mark())
        .child(heading)
        .child(people)
        .child(shared)
        .child(saving(here.call))
        .child(copy_link(here.link.get_value()))
}

/// Nobody else is here: the way to change that.
fn alone(here: Here) -> El {
    let invite = press("button small primary", "alone-invite", move || here.sides.toggle(Side::Invitation))
        .child(el("span").say(Word::InviteSomeone));
    el("div").class("alone").child(el("p").say(Word::Alone)).child(invite)
}

fn notices(here: Here) -> El {
    let store = here.store;
    let status =
        memo(move || words::status(&store.phase().read(), *store.connectivity().read(), all_directly(store)));
    let problem = move || store.local().read().problem.is_some();
    let held = memo(move || {
        let me = store.me().read().as_ref().map(|me| me.id);
        let moderation = store.moderation().read();
        let mine = moderation.held.iter().filter(|held| Some(held.participant) == me);
        mine.map(|held| held.what).collect::<Vec<_>>()
    });
    let notices = el("div")
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
        .child(unheard(store))
        .child(sound(store))
        .when(
            // A moderator may have switched it off meanwhile.
            move || store.talking().get() && store.local().read().microphone == SourceState::Live,
            || el("p").class("status shown").set("role", "status").testid("talking").say(Word::Talking),
        );
    let holds =
        [(Hold::Sound, Word::HeldSound), (Hold::Camera, Word::HeldCamera), (Hold::Screen, Word::HeldScreen)];
    let notices = holds.into_iter().fold(notices, |notices, (what, word)| {
        notices.when(
            move || held.get().contains(&what),
            move || el("p").class("status shown").set("role", "status").testid("held").say(word),
        )
    });
    notices.child(doorbell(here)).child(toasts(here))
}

fn device_notice(store: RoomStore) -> El {
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

fn sound(store: RoomStore) -> El {
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
    el("div")
        .class("contents")
        .child(remote_audio(move || tracks.get(), volume, playing_on(store), blocked, clicks))
        .when(
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

impl Subject {
    /// The picture, while one is sent; else the sound.
    fn main(self, other: &Other) -> Option<&Feed> {
        [(self.picture)(other), (self.sound)(other)].into_iter().flatten().find(|feed| !feed.muted)
    }

    /// From where that comes, while it does.
    fn origin(self, other: &Other) -> Option<&Origin> {
        let feed = self.main(other)?;
        let comes = feed.slot.is_some() || feed.origin != Origin::Server;
        comes.then_some(&feed.origin)
    }
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
fn verdict_of(store: RoomStore, other: Signal<Option<Other>>, subject: Subject) -> Signal<Option<Verdict>> {
    memo(move || {
        let direct =
            other.with(|other| subject.origin(other.as_ref()?).map(|origin| *origin != Origin::Server));
        // What comes directly comes also while the server cannot be reached.
        if direct != Some(true) && !is_connected(store) {
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
                direct: direct == Some(true),
                silent: subject.moves
                    && !choices().saver
                    && picture.is_some_and(|feed| history.is_silent(&Line::Of(feed.publication))),
            };
            quality::of_other(quality.as_ref(), others)
        })
    })
}

/// Whether what was told of media still holds: of what comes directly it does, be the server there or not.
fn is_connected(store: RoomStore) -> bool {
    let media = *store.connectivity().read();
    all_directly(store)
        || !matches!(*store.phase().read(), Phase::Reconnecting { .. })
            && !matches!(media, Some(Connectivity::Disconnected | Connectivity::Failed))
}

/// Whether there are others, and all of their media comes straight from them.
fn all_directly(store: RoomStore) -> bool {
    let others = store.others().read();
    !others.is_empty() && others.iter().all(|other| matches!(other.way, Way::Direct | Way::Returning))
}

/// A part of somebody, changing only when it does; a default for who is gone.
fn part<T: Default + PartialEq + Send + Sync + 'static>(
    other: Signal<Option<Other>>,
    pick: impl Fn(&Other) -> T + Send + Sync + 'static,
) -> Signal<T> {
    memo(move || other.with(|other| other.as_ref().map(&pick).unwrap_or_default()))
}
