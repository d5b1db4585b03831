//! What the room tells, on its way into the store.

use super::choosing::facing;
use crate::state::room::{self, RoomStore, is_held};
use crate::state::talk;
use ::signal::Hold;
use madang_client::{DataEvent, Event, Room, Slots, now, track::Track};
use session::Snapshot;
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
            let_go(room, &old, &new);
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

/// What a moderator holds, or an invitation takes away, is switched off here as well: nobody gets it.
fn let_go(room: &Room, old: &Snapshot, new: &Snapshot) {
    let me = new.me.as_ref().map(|me| me.id);
    let newly = |what| is_held(&new.moderation, me, what) && !is_held(&old.moderation, me, what);
    let [sound, camera, screen] = [Hold::Sound, Hold::Camera, Hold::Screen]
        .map(|what| newly(what) || (me.is_some() && old.me.is_none() && !new.permissions.publish));
    if sound || camera || screen {
        room.change_local(|local| {
            if sound {
                local.microphone.silence();
            }
            if camera {
                local.camera.release();
            }
            if screen {
                local.stop_sharing();
            }
        });
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
