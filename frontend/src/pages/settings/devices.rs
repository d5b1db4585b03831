//! The choice of a camera, a microphone and a speaker, and what tells whether it is the right one.

use crate::components::{Options, Picker, Shape, icon, level_meter, picker};
use crate::dom::{El, el};
use crate::reactive::{RwSignal, Signal, memo};
use crate::rtc::call::Call;
use crate::rtc::{speaker, tone};
use crate::state::devices::{Kind, choosable, preferred, present};
use crate::state::room::RoomStore;
use crate::state::settings::choices;
use crate::words::{Word, fill, say};
use madang_client::spawn_local;

/// The camera, and on a phone the way to its other one.
pub fn camera(store: RoomStore, call: Call) -> El {
    let picker = device(store, call, Kind::Camera, Word::Camera, "pick-camera");
    el("div").class("device").child(picker).child(flip(store, call))
}

/// The microphone, and how loud it is.
pub fn microphone(store: RoomStore, call: Call) -> El {
    let sound = memo(move || store.local().read().sound);
    el("div")
        .class("device")
        .child(device(store, call, Kind::Microphone, Word::Microphone, "pick-microphone"))
        .child(level_meter(sound))
}

/// The speaker, and a sound to test it; nothing where the browser lets nobody choose.
pub fn speaker(store: RoomStore, call: Call) -> Option<El> {
    speaker::can_choose().then(|| {
        el("div")
            .class("device")
            .child(device(store, call, Kind::Speaker, Word::Speaker, "pick-speaker"))
            .child(test_sound(store))
    })
}

/// Turns to a phone's other camera; nothing where there is but one, or none that tells where it looks.
pub fn flip(store: RoomStore, call: Call) -> El {
    let two = move || {
        let local = store.local();
        let local = local.read();
        local.facing.is_some() && choosable(&local.devices, Kind::Camera).len() > 1
    };
    el("div").class("contents").when(two, move || {
        el("button")
            .set("type", "button")
            .class("round beside flip")
            .testid("flip-camera")
            .label(Word::FlipCamera)
            .on("click", move |_| call.flip_camera())
            .child(icon(Shape::Shuffle))
    })
}

/// Which speaker plays now: the chosen one while it is there.
pub fn playing_on(store: RoomStore) -> Signal<String> {
    memo(move || present(&store.local().read().devices, Kind::Speaker, &choices().speaker).to_owned())
}

fn device(store: RoomStore, call: Call, kind: Kind, label: Word, testid: &'static str) -> El {
    let options = move || {
        let local = store.local();
        let list = &local.read().devices;
        let chosen = present(list, kind, choices().device(kind)).to_owned();
        let found = choosable(list, kind);
        let default = preferred(list, kind).map_or_else(
            || say(Word::SystemDefault).to_owned(),
            |device| fill(Word::SystemDefaultIs, &[("device", device)]),
        );
        // With nothing but the default there is nothing to choose.
        let default = (!found.is_empty()).then(|| (String::new(), default));
        Options { entries: default.into_iter().chain(found).collect(), chosen }
    };
    let choose = move |id: String| call.choose(&|choices| choices.device_mut(kind).clone_from(&id));
    picker(Picker { label, testid, options: Box::new(options), on_choose: Box::new(choose) })
}

fn test_sound(store: RoomStore) -> El {
    let playing = RwSignal::new(false);
    let speaker = playing_on(store);
    let play = move |_| {
        playing.set(true);
        spawn_local(async move {
            let id = speaker.try_get_untracked().unwrap_or_default();
            tone::play(&id).await;
            playing.set(false);
        });
    };
    el("button")
        .set("type", "button")
        .class("round beside")
        .testid("test-sound")
        .label(Word::TestSound)
        .flag("disabled", move || playing.get())
        .on("click", play)
        .child(icon(Shape::Sound))
}
