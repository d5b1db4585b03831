//! What is looked at, on its way from the tiles to the session.

use super::Pump;
use crate::look::Size;
use crate::page;
use ::signal::{Mid, PublicationId};
use gloo_timers::callback::Timeout;
use session::{Input, Phase};

/// How long changes of what is looked at are collected, in milliseconds: the tiles of one frame tell one after
/// another. The session paces what it passes on; it gives a new slot 100 ms to be laid out and told of.
const LOOK_DELAY: u32 = 10;

/// From here on pictures are numbered that pages do not number themselves.
const FIRST_TILE: u64 = 1 << 63;

impl Pump {
    /// A tile, by a number of its own, shows a slot at this size, or nothing.
    pub fn look(&self, tile: u64, shown: Option<(Mid, Size)>) {
        let inside = &mut *self.inside.borrow_mut();
        if inside.looks.set(tile, shown) && inside.look_timer.is_none() {
            let me = self.me.clone();
            inside.look_timer = Some(Timeout::new(LOOK_DELAY, move || {
                if let Some(pump) = me.upgrade() {
                    pump.look_now();
                }
            }));
        }
    }

    /// Tells the session what is looked at: nothing while the page is hidden or data is saved. Before joining there is nobody
    /// to tell; and while nobody said what is looked at, all may be.
    pub fn look_now(&self) {
        let hidden = page::is_hidden();
        let all = {
            let inside = &mut *self.inside.borrow_mut();
            inside.look_timer = None;
            let all_may_be = self.options.auto_subscribe && !inside.looks.have_begun() && !inside.saver;
            if all_may_be || inside.shown.phase == Phase::Idle {
                return;
            }
            if inside.saver { vec![] } else { inside.looks.all(hidden) }
        };
        self.input(Input::View(all));
    }

    /// A number for a picture that nobody else has.
    pub fn new_tile(&self) -> u64 {
        let inside = &mut *self.inside.borrow_mut();
        inside.last_tile += 1;
        FIRST_TILE + inside.last_tile
    }

    /// Shows these before all others. Before joining there is nobody to tell.
    pub fn prefer(&self, publications: Vec<PublicationId>) {
        let idle = self.inside.borrow().shown.phase == Phase::Idle;
        if !idle {
            self.input(Input::Prefer(publications));
        }
    }

    /// Data is saved from now on, or no longer.
    pub fn save_data(&self, on: bool) {
        self.inside.borrow_mut().saver = on;
        self.input(Input::KeepToServer(on));
        self.look_now();
    }
}
