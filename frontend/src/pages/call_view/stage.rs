//! The stage: who is large on it, who stands beside, on which page, and what one's own tile does; from the store.

use super::tiles::{OnPress, any_tile, name_of};
use crate::components::{
    self, Area, Arrangement, Cast, Menu, Stage, arrange, layout_switch, picture_in_picture, tile_menu,
};
use crate::dom::{El, el, follow, memo};
use crate::rtc::call::Call;
use crate::state::attention::{Attention, Order, Room};
use crate::state::layout::{Layout, LayoutChoice, OwnPlace};
use crate::state::look::{APART, Size};
use crate::state::quality::Verdict;
use crate::state::room::{RoomState, RoomStateStoreFields, Whose, live_slot, pin, preferred};
use crate::state::settings;
use ::signal::ParticipantId;
use core::time::Duration;
use leptos::prelude::*;
use reactive_stores::Store;
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
    pub store: Store<RoomState>,
    /// Who is told what is looked at.
    pub call: Call,
    /// How good one's own connection is.
    pub own_verdict: Memo<Option<Verdict>>,
    /// Asks for the figures of somebody's connection.
    pub on_details: OnPress,
    /// Whose hands are up, the first first.
    pub hands: Signal<Vec<ParticipantId>>,
    /// How it is to be.
    pub stage: StageState,
}

/// How the stage is now. Copies are the same.
#[derive(Clone, Copy)]
pub struct StageState {
    /// What the person chose; remembered.
    pub layout: RwSignal<Layout>,
    /// Who is large while nobody is pinned.
    attention: RwSignal<Option<ParticipantId>>,
    /// Everybody else, in the order in which they stand.
    order: RwSignal<Vec<ParticipantId>>,
    page: RwSignal<u32>,
    area: RwSignal<Area>,
}

impl StageState {
    /// As it was last.
    pub fn remembered() -> Self {
        let layout = RwSignal::new(settings::layout());
        follow(move || settings::remember_layout(layout.get()));
        Self {
            layout,
            attention: RwSignal::new(None),
            order: RwSignal::new(Vec::new()),
            page: RwSignal::new(0),
            area: RwSignal::new(Area::default()),
        }
    }
}

/// A button for the layout, full screen and picture in picture.
pub fn stage_button(stage: StageState, store: Store<RoomState>, call: Call) -> El {
    let open = RwSignal::new(false);
    let slot = memo(move || {
        let id = stage.attention.get()?;
        let others = store.others().read();
        live_slot(others.iter().find(|other| other.id == id)?.camera.as_ref()).cloned()
    });
    let track = memo(move || {
        let slot = slot.get()?;
        store.slots().read().tracks.iter().find(|(mid, _)| *mid == slot).map(|(_, track)| *track)
    });
    Effect::new(move |_| {
        let shown = slot.get().filter(|_| open.get());
        call.look(APART, shown.map(|mid| (mid, SMALL_WINDOW)));
    });
    on_cleanup(move || call.look(APART, None));
    layout_switch(stage.layout, picture_in_picture(track.into(), open))
}

/// The stage with everybody on it.
pub fn stage(scene: Scene) -> El {
    let Scene { store, call, stage, .. } = scene;
    let large = memo(move || large(store, stage));
    let rest = memo(move || rest(store, stage, &large.read()));
    let arrangement = memo(move || {
        let layout = stage.layout.get();
        let large = large.read();
        let floats = layout.own.floats(store.others().read().len() + 1) && !large.contains(&Whose::Own);
        let float = floats.then_some((Whose::Own, layout.corner));
        arrange(Cast { large: &large, rest: &rest.read(), float }, stage.page.get(), stage.area.get())
    });
    follow_the_room(scene, arrangement, rest);
    let preferred = memo(move || {
        let shown: Vec<Whose> = arrangement.with(|all| all.places.iter().map(|place| place.whose).collect());
        preferred(&shown, &store.pinned().read(), &store.others().read())
    });
    follow(move || call.prefer(preferred.get()));
    let asked = RwSignal::new(None);
    let opener = StoredValue::<Option<HtmlElement>, _>::new_local(None);
    let on_menu = Callback::new(move |(whose, button): (Whose, HtmlElement)| {
        opener.set_value(Some(button));
        asked.update(|asked| *asked = if *asked == Some(whose) { None } else { Some(whose) });
    });
    let shown = Stage { area: stage.area, arrangement, page: stage.page };
    components::stage(shown, move |whose, place| any_tile(whose, place, scene, on_menu))
        .toggle("cut-off", move || !super::is_connected(store))
        .child(el("div").class("contents").swap(
            move || {
                // Of a tile that is there.
                let whose = asked.get()?;
                arrangement.with(|all| all.places.iter().any(|place| place.whose == whose)).then_some(whose)
            },
            move |whose| Some(menu_of(whose?, scene, arrangement, asked, opener.get_value()?)),
        ))
}

fn menu_of(
    whose: Whose,
    scene: Scene,
    arrangement: Memo<Arrangement>,
    asked: RwSignal<Option<Whose>>,
    opener: HtmlElement,
) -> El {
    let store = scene.store;
    let place =
        memo(move || arrangement.with(|all| all.places.iter().find(|one| one.whose == whose).copied()));
    let tile = opener.closest("li").ok().flatten();
    let volume = match whose {
        Whose::Own => None,
        Whose::Other(id) | Whose::Screen(id) => {
            let volumes = store.volumes().read_untracked();
            let now = volumes.iter().find(|(known, _)| *known == id).map_or(100, |(_, volume)| *volume);
            let on_volume = Callback::new(move |volume: u8| {
                store.volumes().update(|volumes| {
                    volumes.retain(|(known, _)| *known != id);
                    volumes.push((id, volume));
                });
            });
            Some((now, on_volume))
        }
    };
    let tile = StoredValue::new_local(tile);
    tile_menu(Menu {
        name: name_of(whose, scene),
        place,
        opener,
        on_close: Callback::new(move |()| {
            asked.try_set(None);
        }),
        pin: (
            store.pinned().read_untracked().contains(&whose),
            Callback::new(move |()| store.pinned().update(|pinned| pin(pinned, whose))),
        ),
        volume,
        own: (whose == Whose::Own).then_some(scene.stage.layout),
        on_fill: Callback::new(move |()| {
            if let Some(tile) = tile.get_value() {
                components::fill_screen(&tile);
            }
        }),
    })
}

/// What is large now: who is pinned, else what the layout says.
fn large(store: Store<RoomState>, stage: StageState) -> Vec<Whose> {
    let others = store.others().read();
    let is_here = |whose: &Whose| match *whose {
        Whose::Own => true,
        Whose::Other(id) => others.iter().any(|other| other.id == id),
        Whose::Screen(id) => others.iter().any(|other| other.id == id && other.screen.is_some()),
    };
    let pinned: Vec<Whose> = store.pinned().read().iter().copied().filter(is_here).collect();
    if !pinned.is_empty() {
        return pinned;
    }
    let screen = screens(&others).first().copied();
    let speaker = || stage.attention.get().map(Whose::Other).filter(is_here);
    let one = match stage.layout.get().choice {
        LayoutChoice::Auto => screen,
        LayoutChoice::Grid => None,
        // Two people are one large and one small by themselves.
        LayoutChoice::Speaker => screen.or_else(speaker),
    };
    one.into_iter().collect()
}

/// All else, in order: screens, oneself, everybody else.
fn rest(store: Store<RoomState>, stage: StageState, large: &[Whose]) -> Vec<Whose> {
    let others = store.others().read();
    let people = others.len() + 1;
    let own = stage.layout.get().own;
    let own = (others.is_empty() || own != OwnPlace::Hidden && !own.floats(people)).then_some(Whose::Own);
    let order = stage.order.read();
    // Who came just now stands last until the order knows.
    let ordered = order.iter().copied().filter(|id| others.iter().any(|other| other.id == *id));
    let new = others.iter().map(|other| other.id).filter(|id| !order.contains(id));
    let people = ordered.chain(new).map(Whose::Other);
    screens(&others).into_iter().chain(own).chain(people).filter(|whose| !large.contains(whose)).collect()
}

/// The screens there are to see, the newest first.
fn screens(others: &[Other]) -> Vec<Whose> {
    let mut all: Vec<_> =
        others.iter().filter_map(|other| Some((other.screen.as_ref()?.publication, other.id))).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.into_iter().map(|(_, id)| Whose::Screen(id)).collect()
}

/// Keeps who is large and who is on the first page, by who speaks and whose hands are up.
fn follow_the_room(scene: Scene, arrangement: Memo<Arrangement>, rest: Memo<Vec<Whose>>) {
    let Scene { store, hands, stage, .. } = scene;
    let here = memo(move || store.others().read().iter().map(|other| other.id).collect::<Vec<_>>());
    // Others on the first page, and on further ones.
    let pages = memo(move || {
        let per_page = arrangement.with(|all| if all.pages > 1 { all.per_page as usize } else { usize::MAX });
        let rest = rest.read();
        let of = |part: &[Whose]| -> Vec<ParticipantId> {
            part.iter().filter_map(|whose| whose.other()).collect()
        };
        let (page, away) = rest.split_at(per_page.min(rest.len()));
        [of(page), of(away)]
    });
    let mut attention = Attention::default();
    let mut order = Order::default();
    let again = RwSignal::new(0_u32);
    follow(move || {
        again.track();
        let speakers = store.speakers().get();
        let (here, hands, now) = (here.get(), hands.get(), now());
        let soon = attention.look(&speakers, &here, now);
        let [page, away] = &*pages.read();
        let later = order.look(Room { here: &here, speakers: &speakers, hands: &hands, page, away }, now);
        if stage.attention.get_untracked() != attention.shown() {
            stage.attention.set(attention.shown());
        }
        if stage.order.read_untracked().as_slice() != order.ids() {
            stage.order.set(order.ids().to_vec());
        }
        if let Some(wait) = soon.into_iter().chain(later).min() {
            let look = move || {
                again.try_update(|count| *count = count.wrapping_add(1));
            };
            set_timeout(look, wait);
        }
    });
}

fn now() -> Duration {
    let milliseconds = window().performance().map_or(0.0, |performance| performance.now());
    Duration::from_secs_f64((milliseconds / 1000.0).max(0.0))
}
