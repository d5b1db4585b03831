//! Tells a person who speaks that nobody hears it.

use crate::components::{Shape, icon};
use crate::dom::{El, el};
use crate::reactive::{RwSignal, follow, memo};
use crate::rtc::level::{self, Speech};
use crate::state::room::RoomStore;
use crate::words::Word;
use session::SourceState;
use std::cell::Cell;

/// A notice while somebody speaks whose microphone is off. It listens to the microphone only then, and what it
/// hears stays here.
pub fn unheard(store: RoomStore) -> El {
    let local = store.local();
    let silenced = memo(move || {
        let local = local.read();
        local.sound.filter(|_| local.microphone == SourceState::Muted)
    });
    let speaks = RwSignal::new(false);
    follow(move || {
        speaks.set(false);
        if let Some(track) = silenced.get() {
            let speech = Cell::new(Speech::default());
            let told = move |level| {
                let (next, now) = speech.get().look(level);
                speech.set(next);
                if speaks.get_untracked() != now {
                    speaks.set(now);
                }
            };
            level::watch(track, true, Box::new(told));
        }
    });
    el("div").class("contents").set("aria-live", "polite").when(
        move || speaks.get(),
        || {
            el("p")
                .class("status shown unheard")
                .testid("unheard")
                .child(icon(Shape::MicrophoneOff))
                .child(el("span").say(Word::Unheard))
        },
    )
}
