//! Whose picture is wanted, at which size: followed from slot to slot, by [`Follower`](crate::pump::Follower)s.

use crate::look::Size;
use crate::page::window;
use crate::room::{Room, WeakRoom};
use crate::slots::{feed_of, live_slot};
use crate::track::{self, TrackId};
use ::signal::{ParticipantId, Source};
use js_sys::Array;
use std::cell::Cell;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlVideoElement, ResizeObserver};

/// Somebody's picture is wanted for as long as this lives.
#[derive(Debug)]
#[must_use = "it is wanted for as long as this lives"]
pub struct Subscription(Rc<Wanted>);

#[derive(Debug)]
struct Wanted {
    room: WeakRoom,
    /// Its number among all that is looked at.
    tile: u64,
    participant: ParticipantId,
    source: Source,
    size: Cell<Size>,
}

impl Room {
    /// Wants somebody's camera or screen at this size, for as long as the subscription lives: the server sends no more
    /// than that takes. Of sound there is nothing to choose.
    pub fn subscribe(&self, participant: ParticipantId, source: Source, size: Size) -> Subscription {
        let tile = self.pump().new_tile();
        let wanted =
            Rc::new(Wanted { room: self.downgrade(), tile, participant, source, size: Cell::new(size) });
        wanted.tell();
        let followed = Rc::downgrade(&wanted);
        self.pump().follow(Box::new(move |_| followed.upgrade().is_some_and(|wanted| wanted.tell())));
        Subscription(wanted)
    }

    /// Shows somebody's camera or screen in a video element for as long as what is returned lives: by whichever way it
    /// comes, and wanted at the size that the element has.
    pub fn attach(&self, participant: ParticipantId, source: Source, video: &HtmlVideoElement) -> Attached {
        // What is not muted is not started by itself, and a picture has no sound anyway.
        video.set_muted(true);
        video.set_autoplay(true);
        // Only what is no attribute's name is refused. Phones would fill the screen.
        let _ = video.set_attribute("playsinline", "");
        let shown = Rc::new(Shown {
            subscription: self.subscribe(participant, source, size_of(video)),
            video: video.clone(),
            track: Cell::default(),
        });
        shown.show(self);
        let followed = Rc::downgrade(&shown);
        self.pump().follow(Box::new(move |room| followed.upgrade().is_some_and(|shown| shown.show(room))));
        Attached { _observing: Observing::start(&shown), _shown: shown }
    }
}

impl Subscription {
    /// Wants it at another size.
    pub fn set_size(&self, size: Size) {
        self.0.size.set(size);
        self.0.tell();
    }
}

impl Wanted {
    /// Whether it goes on: not without a room.
    fn tell(&self) -> bool {
        let Some(room) = self.room.upgrade() else { return false };
        let snapshot = room.snapshot();
        let other = snapshot.others.iter().find(|other| other.id == self.participant);
        let slot = other.and_then(|other| live_slot(feed_of(other, self.source)));
        room.view(self.tile, slot.map(|mid| (mid.clone(), self.size.get())));
        true
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        if let Some(room) = self.room.upgrade() {
            room.view(self.tile, None);
        }
    }
}

/// Somebody's picture is in a video element for as long as this lives; then the element shows nothing.
#[derive(Debug)]
#[must_use = "it is shown for as long as this lives"]
pub struct Attached {
    _observing: Option<Observing>,
    _shown: Rc<Shown>,
}

#[derive(Debug)]
struct Shown {
    subscription: Subscription,
    video: HtmlVideoElement,
    track: Cell<Option<TrackId>>,
}

impl Shown {
    fn show(&self, room: &Room) -> bool {
        let (snapshot, slots) = room.pump().now();
        let Wanted { participant, source, .. } = *self.subscription.0;
        let other = snapshot.others.iter().find(|other| other.id == participant);
        let track = other.and_then(|other| slots.track_of(participant, feed_of(other, source)));
        if self.track.replace(track) != track {
            track::attach(&self.video, track);
        }
        true
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        // Else the browser keeps what plays, and with it all of the page that it stood in.
        track::attach(&self.video, None);
    }
}

/// Watches the element's size until it is dropped.
#[derive(Debug)]
struct Observing {
    resizes: ResizeObserver,
    _act: Closure<dyn FnMut(Array)>,
}

impl Observing {
    /// Nothing in a browser without: then it stays as large as it was.
    fn start(shown: &Rc<Shown>) -> Option<Self> {
        let observed: Weak<Shown> = Rc::downgrade(shown);
        let act = Closure::<dyn FnMut(Array)>::new(move |_| {
            if let Some(shown) = observed.upgrade() {
                shown.subscription.set_size(size_of(&shown.video));
            }
        });
        let resizes = ResizeObserver::new(act.as_ref().unchecked_ref()).ok()?;
        resizes.observe(&shown.video);
        Some(Self { resizes, _act: act })
    }
}

impl Drop for Observing {
    fn drop(&mut self) {
        self.resizes.disconnect();
    }
}

fn size_of(element: &Element) -> Size {
    let (width, height) = (element.client_width(), element.client_height());
    Size::on_screen(width.into(), height.into(), window().device_pixel_ratio())
}
