//! The stage: who stands on it, from the store.

use super::tiles::{OnDetails, other_tile, own_tile, screen_tile};
use crate::components;
use crate::dom::{El, follow, memo};
use crate::rtc::call::Call;
use crate::state::quality::Verdict;
use crate::state::room::{RoomState, RoomStateStoreFields, preferred};
use ::signal::ParticipantId;
use leptos::prelude::*;
use reactive_stores::Store;

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
    pub on_details: OnDetails,
}

/// The stage with everybody on it.
pub fn stage(scene: Scene) -> El {
    let Scene { name, store, call, own_verdict, on_details } = scene;
    let preferred = memo(move || preferred(&store.pinned().read(), &store.others().read()));
    follow(move || call.prefer(preferred.get()));
    let tiles = move || store.others().read().len() + 1 + screens(store).len();
    components::stage(tiles, |list| {
        list.each(move || keys(screens(store)), move |id| screen_tile(id_of(id), store, call, on_details))
            .child(own_tile(name, store, own_verdict, on_details))
            .each(move || keys(ids(store)), move |id| other_tile(id_of(id), store, call, on_details))
    })
}

/// Whose screens there are to see.
fn screens(store: Store<RoomState>) -> Vec<ParticipantId> {
    store.others().read().iter().filter(|other| other.screen.is_some()).map(|other| other.id).collect()
}

fn ids(store: Store<RoomState>) -> Vec<ParticipantId> {
    store.others().read().iter().map(|other| other.id).collect()
}

/// For a list by participants.
pub fn keys(ids: Vec<ParticipantId>) -> Vec<u64> {
    ids.into_iter().map(|id| id.0.into()).collect()
}

/// Whom such a key is of.
pub fn id_of(key: u64) -> ParticipantId {
    ParticipantId(u32::try_from(key).unwrap_or_default())
}
