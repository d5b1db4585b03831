//! What changed, on its way to the listener: each thing in its order, none twice.

use super::{Inside, Pump};
use crate::event::Event;
use crate::room::Room;
use crate::slots::Slots;
use ::signal::{MediaKind, Mid};
use session::{Origin, Other, Snapshot};
use std::rc::Rc;

/// Is told what happens.
pub type Listener = Rc<dyn Fn(&Room, Event)>;

/// Looks at the room whenever it, or its tracks, changed; whether it wants to go on.
pub type Follower = Box<dyn Fn(&Room) -> bool>;

impl Pump {
    /// The room as it was told last, and the tracks.
    pub fn now(&self) -> (Rc<Snapshot>, Rc<Slots>) {
        let inside = self.inside.borrow();
        (Rc::clone(&inside.shown), Rc::clone(&inside.slots))
    }

    /// Has it look at the room from now on.
    pub fn follow(&self, follower: Follower) {
        self.followers.borrow_mut().push(follower);
    }

    /// Tells the listener, after what waits.
    pub fn tell(&self, event: Event) {
        self.push(event);
        self.tell_all();
    }

    pub(super) fn push(&self, event: Event) {
        self.telling.borrow_mut().push(event);
    }

    /// Nothing is borrowed while the listener is told, so that it may do what it likes at once.
    fn tell_all(&self) {
        let begun = self.telling.borrow_mut().begin();
        let Some(room) = self.me.upgrade().filter(|_| begun).map(Room::of) else { return };
        loop {
            let Some(event) = self.telling.borrow_mut().next() else { return };
            let changed = matches!(event, Event::Room(_) | Event::Media(_));
            (self.listener)(&room, event);
            if changed {
                self.be_followed(&room);
            }
        }
    }

    fn be_followed(&self, room: &Room) {
        let mut followers = self.followers.take();
        followers.retain(|follower| follower(room));
        // Those that came meanwhile are after them.
        followers.append(&mut self.followers.borrow_mut());
        self.followers.replace(followers);
    }

    /// Tells what of this is news.
    pub(super) fn tell_changes(&self, snapshot: Snapshot) {
        {
            let inside = &mut *self.inside.borrow_mut();
            let slots = tracks(inside, &snapshot.others);
            if *inside.slots != slots {
                inside.slots = Rc::new(slots);
                self.push(Event::Media(Rc::clone(&inside.slots)));
            }
            if *inside.shown != snapshot {
                inside.shown = Rc::new(snapshot);
                self.push(Event::Room(Rc::clone(&inside.shown)));
            }
        }
        self.tell_all();
    }
}

/// Which track each slot carries, and each line of a direct connection; and tells the browser which of them are to
/// be heard.
fn tracks(inside: &Inside, others: &[Other]) -> Slots {
    let mut slots = inside.peer.as_ref().map(|task| task.peer.slots()).unwrap_or_default();
    if inside.saver {
        // The pictures of before would stand still; the sounds still have their owners.
        let Slots { tracks, audio, direct: _ } = &mut slots;
        tracks.retain(|(_, track)| audio.contains(track));
    }
    for (with, line) in inside.directs.incoming() {
        match line.kind {
            MediaKind::Audio => slots.audio.push(line.track),
            MediaKind::Video if inside.saver => continue,
            MediaKind::Video => {}
        }
        slots.direct.push((with, line.mid, line.track));
    }
    inside.directs.hear(others);
    if let Some(task) = &inside.peer {
        task.peer.hear(|slot| others.iter().all(|other| !comes_directly(other, slot)));
    }
    slots
}

/// Whether what feeds a slot comes by a direct connection now.
fn comes_directly(other: &Other, slot: &Mid) -> bool {
    let feeds = [&other.microphone, &other.screen_audio].into_iter().flatten();
    feeds.filter(|feed| feed.origin != Origin::Server).any(|feed| feed.slot.as_ref() == Some(slot))
}
