//! How one will look to the others, and the two switches.

use crate::components::{Controls, Media, avatar, controls, media_view};
use crate::dom::{El, el};
use crate::pages::settings::devices::flip;
use crate::reactive::{Callback, RwSignal, memo};
use crate::rtc::call::Call;
use crate::state::room::RoomStore;
use crate::state::settings::choices;
use crate::words::{Word, say};
use session::SourceState;

/// The preview.
pub fn preview(name: RwSignal<String>, store: RoomStore, call: Call) -> El {
    let local = store.local();
    let playing = RwSignal::new(false);
    let camera = memo(move || local.read().camera);
    let asking = memo(move || local.read().asking > 0);
    let caption = move || {
        let local = local.read();
        let word = match camera.get() {
            SourceState::Live => None,
            SourceState::Muted | SourceState::Absent if asking.get() => Some(Word::Asking),
            SourceState::Muted | SourceState::Absent if choices().saver => Some(Word::Saving),
            SourceState::Absent if local.lacks_camera() => Some(Word::NoCamera),
            SourceState::Muted | SourceState::Absent => local.asked.then_some(Word::CameraIsOff),
        };
        word.map(say).unwrap_or_default().to_owned()
    };
    let controls = controls(Controls {
        microphone: memo(move || local.read().microphone),
        camera,
        asking,
        on_microphone: Callback::new(move |()| call.switch_microphone()),
        on_camera: Callback::new(move |()| call.switch_camera()),
    });
    let picture = media_view(Media {
        track: memo(move || local.read().preview),
        playing,
        mirrored: true,
        testid: "preview-video",
        label: Some(Word::Preview),
        size: None,
    });
    el("section")
        .class("preview")
        .toggle("playing", move || playing.get())
        .word("aria-label", Word::Preview)
        .when(move || !playing.get(), move || avatar(move || name.get()))
        .when(move || !playing.get(), move || el("p").class("caption").set("role", "status").texts(caption))
        .child(picture)
        .child(flip(store, call))
        .child(controls)
}
