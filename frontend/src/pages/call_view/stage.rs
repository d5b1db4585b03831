//! The stage: who is large on it, who stands beside, on which page, and what one's own tile does; from the store.

use super::tiles::{OnPress, any_tile, name_of};
use crate::components::{
    self, Arrangement, Cast, Menu, StageNow, arrange, layout_switch, picture_in_picture, tile_menu,
};
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, Signal, StoredValue, follow, memo};
use crate::rtc;
use crate::rtc::call::Call;
use crate::state::attention::{Attention, Order, Room};
use crate::state::layout::{Layout, LayoutChoice, OwnPlace};
use crate::state::look::{APART, Size};
use crate::state::quality::Verdict;
use crate::state::room::{RoomStore, Whose, live_slot, pin, preferred};
use crate::state::settings;
use ::signal::{ParticipantId, PublicationId};
use leptos::prelude::{on_cleanup, set_timeout};
use session::Other;
use web_sys::HtmlElement;

/// How large the small window over all others is taken to be, in device pixels.
const SMALL_WINDOW: Size = Size { width: 640, height: 360 };

/// What the stage is made of.
#[derive(Clone, Copy)]
pub struct Scene {
    /// One's own name, as typed.
    pub name: RwSignal<String>,
    /// The room.
    pub store: RoomStore,
    /// Who is told what is looked at.
    pub call: Call,
    /// How good one's own connection is.
    pub own_verdict: Signal<Option<Verdict>>,
    /// Asks for the figures of somebody's connection.
    pub on_details: OnPress,
    /// Whose hands are up, the first first.
    pub hands: Signal<Vec<ParticipantId>>,
    /// How it is.
    pub stage: RwSignal<StageNow>,
}

/// A stage as the person left it last, who is remembered to have left it so.
pub fn remembered() -> RwSignal<StageNow> {
    let mut layout = settings::layout();
    let stage = RwSignal::new(StageNow { layout, ..StageNow::default() });
    follow(move || {
        let now = stage.with(|stage| stage.layout);
        if now != layout {
            layout = now;
            settings::remember_layout(now);
        }
    });
    stage
}

/// A button for the layout, full screen and picture in picture.
pub fn stage_button(stage: RwSignal<StageNow>, store: RoomStore, call: Call) -> El {
    let open = RwSignal::new(false);
    let camera = memo(move || {
        let id = stage.with(|stage| stage.attention)?;
        let others = store.others().read();
        let camera = others.iter().find(|other| other.id == id)?.camera.clone();
        Some((id, camera?))
    });
    let track = memo(move || {
        let (id, camera) = camera.get()?;
        store.slots().read().track_of(id, Some(&camera))
    });
    follow(move || {
        let slot = camera.with(|camera| live_slot(camera.as_ref().map(|(_, camera)| camera)).cloned());
        let shown = slot.filter(|_| open.get());
        call.look(APART, shown.map(|mid| (mid, SMALL_WINDOW)));
    });
    on_cleanup(move || call.look(APART, None));
    layout_switch(stage, picture_in_picture(track, open))
}

/// The stage with everybody on it.
pub fn stage(scene: Scene) -> El {
    let Scene { store, call, stage, .. } = scene;
    let arrangement = memo(move || {
        stage.with(|stage| {
            let others = store.others().read();
            let large = large(&store.pinned().read(), &others, stage);
            let rest = rest(&others, stage, &large);
            let Layout { own, corner, .. } = stage.layout;
            let floats = own.floats(others.len() + 1) && !large.contains(&Whose::Own);
            let float = floats.then_some((Whose::Own, corner));
            arrange(Cast { large: &large, rest: &rest, float }, stage.page, stage.area)
        })
    });
    follow_the_room(scene, arrangement);
    let preferred = memo(move || {
        let shown: Vec<Whose> = arrangement.with(|all| all.places.iter().map(|place| place.whose).collect());
        preferred(&shown, &store.pinned().read(), &store.others().read())
    });
    follow(move || call.prefer(preferred.get()));
    let opener = StoredValue::<Option<HtmlElement>>::new(None);
    let on_menu = Callback::new(move |(whose, button): (Whose, HtmlElement)| {
        opener.set_value(Some(button));
        stage.update(|stage| stage.menu = if stage.menu == Some(whose) { None } else { Some(whose) });
    });
    // It goes with its tile, and does not come back with it.
    follow(move || {
        let stands = |whose| arrangement.with(|all| all.places.iter().any(|place| place.whose == whose));
        if stage.with(|stage| stage.menu).is_some_and(|whose| !stands(whose)) {
            stage.update(|stage| stage.menu = None);
        }
    });
    components::stage(stage, arrangement, move |whose, place| any_tile(whose, place, scene, on_menu))
        .toggle("cut-off", move || !super::is_connected(store))
        .child(el("div").class("contents").swap(
            move || stage.with(|stage| stage.menu),
            move |whose| Some(menu_of(whose?, scene, arrangement, opener.get_value()?)),
        ))
}

fn menu_of(whose: Whose, scene: Scene, arrangement: Signal<Arrangement>, opener: HtmlElement) -> El {
    let store = scene.store;
    let place =
        memo(move || arrangement.with(|all| all.places.iter().find(|one| one.whose == whose).copied()));
    let tile = opener.closest("li").ok().flatten();
    let volume = match whose {
        Whose::Own => None,
        Whose::Other(id) | Whose::Screen(id) => {
            let volumes = store.volumes().read_untracked();
            let now = volumes.iter().find(|(known, _)| *known == id).map_or(100, |(_, volume)| *volume);
            let on_volume: Box<dyn Fn(u8)> = Box::new(move |volume| {
                store.volumes().update(|volumes| {
                    volumes.retain(|(known, _)| *known != id);
                    volumes.push((id, volume));
                });
            });
            Some((now, on_volume))
        }
    };
    let tile = StoredValue::new(tile);
    tile_menu(Menu {
        name: name_of(whose, scene),
        place,
        opener,
        on_close: Callback::new(move |()| {
            scene.stage.update(|stage| stage.menu = None);
        }),
        pin: (
            store.pinned().read_untracked().contains(&whose),
            Callback::new(move |()| store.pinned().update(|pinned| pin(pinned, whose))),
        ),
        volume,
        own: (whose == Whose::Own).then_some(scene.stage),
        on_fill: Callback::new(move |()| {
            if let Some(tile) = tile.get_value() {
                components::fill_screen(&tile);
            }
        }),
    })
}

/// What is large now: who is pinned, else what the layout says.
fn large(pinned: &[Whose], others: &[Other], stage: &StageNow) -> Vec<Whose> {
    let is_here = |whose: &Whose| match *whose {
        Whose::Own => true,
        Whose::Other(id) => others.iter().any(|other| other.id == id),
        Whose::Screen(id) => others.iter().any(|other| other.id == id && other.screen.is_some()),
    };
    let pinned: Vec<Whose> = pinned.iter().copied().filter(is_here).collect();
    if !pinned.is_empty() {
        return pinned;
    }
    let screen = screens(others).first().copied();
    let one = match stage.layout.choice {
        LayoutChoice::Auto => screen,
        LayoutChoice::Grid => None,
        LayoutChoice::Speaker => screen.or_else(|| stage.attention.map(Whose::Other).filter(is_here)),
    };
    one.into_iter().collect()
}

/// All else, in order: screens, oneself, everybody else.
fn rest(others: &[Other], stage: &StageNow, large: &[Whose]) -> Vec<Whose> {
    let own = stage.layout.own;
    let own = others.is_empty() || own != OwnPlace::Hidden && !own.floats(others.len() + 1);
    // Who came just now stands last until the order knows.
    let ordered = stage.order.iter().copied().filter(|id| others.iter().any(|other| other.id == *id));
    let new = others.iter().map(|other| other.id).filter(|id| !stage.order.contains(id));
    let people = ordered.chain(new).map(Whose::Other);
    let all = screens(others).into_iter().chain(own.then_some(Whose::Own)).chain(people);
    all.filter(|whose| !large.contains(whose)).collect()
}

/// For a list by participants.
pub fn keys(ids: Vec<ParticipantId>) -> Vec<u64> {
    ids.into_iter().map(|id| id.0.into()).collect()
}

/// Whom such a key is of.
pub fn id_of(key: u64) -> ParticipantId {
    ParticipantId(u32::try_from(key).unwrap_or_default())
}

/// The screens there are to see, the newest first.
fn screens(others: &[Other]) -> Vec<Whose> {
    let mut all: Vec<(PublicationId, Whose)> = Vec::new();
    for other in others {
        if let Some(screen) = &other.screen {
            let at = all.iter().position(|(older, _)| *older < screen.publication).unwrap_or(all.len());
            all.insert(at, (screen.publication, Whose::Screen(other.id)));
        }
    }
    all.into_iter().map(|(_, whose)| whose).collect()
}

/// Keeps who is large and who is on the first page, by who speaks and whose hands are up.
fn follow_the_room(scene: Scene, arrangement: Signal<Arrangement>) {
    let Scene { store, hands, stage, .. } = scene;
    let mut attention = Attention::default();
    let mut order = Order::default();
    let again = RwSignal::new(0_u32);
    follow(move || {
        again.track();
        let speakers = store.speakers().get();
        let here: Vec<ParticipantId> = store.others().read().iter().map(|other| other.id).collect();
        let (hands, now) = (hands.get(), rtc::now());
        let soon = attention.look(&speakers, &here, now);
        let later = arrangement.with(|all| {
            let Arrangement { first, away, .. } = all;
            order.look(Room { here: &here, speakers: &speakers, hands: &hands, page: first, away }, now)
        });
        let differs = |stage: &StageNow| stage.attention != attention.shown() || stage.order != order.ids();
        if stage.with_untracked(differs) {
            stage.update(|stage| {
                stage.attention = attention.shown();
                stage.order = order.ids().to_vec();
            });
        }
        if let Some(wait) = soon.into_iter().chain(later).min() {
            let look = move || {
                again.update(|count| *count = count.wrapping_add(1));
            };
            set_timeout(look, wait);
        }
    });
}
