//! What the room tells, on its way into the store.

use super::choosing::facing;
use crate::state::room::{self, RoomStore};
use crate::state::talk;
use madang_client::{DataEvent, Event, Room, Slots, now, track::Track};
use std::cell::RefCell;
use std::rc::Rc;

/// The application that asked for data channels.
pub type OnData = Rc<RefCell<Option<Rc<dyn Fn(DataEvent)>>>>;

/// Writes to this store, and tells what comes over data channels to who asked for it.
pub fn listener(store: RoomStore, on_data: OnData) -> impl Fn(&Room, Event) {
    let told = RefCell::new(Rc::default());
    move |room, event| match event {
        Event::Room(new) => {
            let old = told.replace(Rc::clone(&new));
            room::apply(store, &old, &new, now());
        }
        Event::Media(slots) => store.slots().set(Slots::clone(&slots)),
        Event::Own => own_changed(store, room),
        Event::Second => room::second_is_over(store, &room.snapshot()),
        Event::Reacted { participant, reaction } => talk::reacted(store, participant, reaction),
        Event::ChatRefused { text, error } => talk::refused(store, &text, error.code),
        Event::GoTo(origin) => go_to(&origin),
        Event::Data(event) => {
            // It may ask for them anew at once, so nothing is borrowed while it is told.
            let listener = on_data.borrow().clone();
            if let Some(listener) = listener {
                listener(event);
            }
        }
        // Sound is played, and asks for a click, in the page itself.
        Event::SoundBlocked => {}
    }
}

/// The same room, of another server. Only the web: nothing that would run here.
fn go_to(origin: &str) {
    let location = leptos::prelude::window().location();
    let is_web = origin.starts_with("https://") || origin.starts_with("http://");
    if let (true, Ok(here), Ok(href)) = (is_web, location.origin(), location.href())
        && here != origin
        && let Some(rest) = href.strip_prefix(&here)
    {
        let _ = location.assign(&format!("{origin}{rest}"));
    }
}

fn own_changed(store: RoomStore, room: &Room) {
    room.with_local(|local| {
        store.local().update(|view| {
            view.microphone = local.microphone.source_state();
            view.camera = local.camera.source_state();
            view.screen = local.screen.source_state();
            view.preview = local.camera.shown();
            view.sound = local.microphone.held().map(Track::id);
            view.facing = facing(&local.camera);
        });
    });
}
