//! Which devices one will use, under the preview.

use crate::dom::{El, el};
use crate::pages::settings::devices::{camera, microphone, speaker};
use crate::rtc::call::Call;
use crate::state::room::RoomStore;
use crate::words::Word;

/// The three, or two where no speaker can be chosen.
pub fn devices(store: RoomStore, call: Call) -> El {
    el("section")
        .class("devices")
        .word("aria-label", Word::Devices)
        .child(microphone(store, call))
        .child(camera(store, call))
        .maybe(speaker(store, call))
}
