//! Tracks by number, so that views and state can name one without holding it.

use js_sys::Array;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{HtmlMediaElement, MediaStream, MediaStreamTrack};

/// Names a track while its [`Track`] lives. Never given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(u32);

impl TrackId {
    /// As a key of a list.
    pub fn key(self) -> u64 {
        self.0.into()
    }

    /// The number of a key; one that is none names no track.
    pub fn of_key(key: u64) -> Self {
        Self(u32::try_from(key).unwrap_or_default())
    }
}

/// A track with a number. Dropping it frees the number; it does not stop the track.
#[derive(Debug)]
pub struct Track {
    id: TrackId,
    track: MediaStreamTrack,
}

impl Track {
    /// Gives a track a number.
    pub fn new(track: MediaStreamTrack) -> Self {
        let id = REGISTRY.with_borrow_mut(|registry| {
            registry.last += 1;
            let id = TrackId(registry.last);
            // Rust's clone, another handle on the one track: `track.clone()` would be the browser's, which
            // opens a second track that nobody stops.
            registry.tracks.push((id, Clone::clone(&track)));
            id
        });
        Self { id, track }
    }

    /// Its number.
    pub fn id(&self) -> TrackId {
        self.id
    }

    /// The browser's object.
    pub fn raw(&self) -> &MediaStreamTrack {
        &self.track
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        REGISTRY.with_borrow_mut(|registry| registry.tracks.retain(|(id, _)| *id != self.id));
    }
}

/// Lets an element play a track, or nothing. A number that is gone is nothing.
pub fn attach(element: &HtmlMediaElement, id: Option<TrackId>) {
    let track = id.and_then(track_of);
    let stream = track.and_then(|track| MediaStream::new_with_tracks(&Array::of1(&track)).ok());
    let before = element.src_object();
    element.set_src_object(stream.as_ref());
    // A track keeps every stream that it is in, and a slot's track stays for as long as the call.
    if let Some(before) = before {
        before.get_tracks().iter().for_each(|track| before.remove_track(track.unchecked_ref()));
    }
}

/// The browser's object, while there is one of this number.
pub fn track_of(id: TrackId) -> Option<MediaStreamTrack> {
    REGISTRY.with_borrow(|registry| registry.get(id))
}

#[derive(Default)]
struct Registry {
    last: u32,
    tracks: Vec<(TrackId, MediaStreamTrack)>,
}

impl Registry {
    fn get(&self, id: TrackId) -> Option<MediaStreamTrack> {
        self.tracks.iter().find(|(known, _)| *known == id).map(|(_, track)| Clone::clone(track))
    }
}

thread_local! {
    static REGISTRY: RefCell<Registry> = RefCell::default();
}
