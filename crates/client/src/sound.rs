//! Plays what others say: one element for each track, all the time, so that a seat whose source changes is heard
//! without a gap.

use crate::event::Event;
use crate::page::spawn_local;
use crate::room::{Room, WeakRoom};
use crate::track::{self, TrackId};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, HtmlAudioElement};

/// What others say is played for as long as this lives.
#[derive(Debug)]
#[must_use = "it is played for as long as this lives"]
pub struct Sound(Rc<Playing>);

#[derive(Debug)]
struct Playing {
    room: WeakRoom,
    players: RefCell<Vec<(TrackId, Player)>>,
}

impl Room {
    /// Plays what all others say, and the sound of their screens, for as long as what is returned lives.
    /// [`Event::SoundBlocked`] tells when the browser wants a click or a key first.
    pub fn play_sound(&self) -> Sound {
        let playing = Rc::new(Playing { room: self.downgrade(), players: RefCell::default() });
        playing.follow(self);
        let followed: Weak<Playing> = Rc::downgrade(&playing);
        self.pump().follow(Box::new(move |room| {
            followed.upgrade().is_some_and(|playing| {
                playing.follow(room);
                true
            })
        }));
        Sound(playing)
    }
}

impl Sound {
    /// Tries again, from within a click or a key, what the browser did not play.
    pub fn resume(&self) {
        for (_, player) in self.0.players.borrow().iter() {
            player.play(&self.0.room);
        }
    }
}

impl Playing {
    fn follow(&self, room: &Room) {
        let slots = room.slots();
        let mut players = self.players.borrow_mut();
        players.retain(|(track, _)| slots.audio.contains(track));
        for track in &slots.audio {
            if !players.iter().any(|(known, _)| known == track)
                && let Ok(element) = HtmlAudioElement::new()
            {
                track::attach(&element, Some(*track));
                let player = Player(element);
                player.play(&self.room);
                players.push((*track, player));
            }
        }
    }
}

/// Plays nothing more once it is dropped.
#[derive(Debug)]
struct Player(HtmlAudioElement);

impl Player {
    fn play(&self, room: &WeakRoom) {
        let Ok(promise) = self.0.play() else { return };
        let room = room.clone();
        spawn_local(async move {
            if let Err(error) = JsFuture::from(promise).await
                && error.dyn_ref::<DomException>().is_some_and(|error| error.name() == "NotAllowedError")
                && let Some(room) = room.upgrade()
            {
                room.pump().tell(Event::SoundBlocked);
            }
        });
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        track::attach(&self.0, None);
    }
}
