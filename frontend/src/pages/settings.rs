//! All that can be chosen: devices, how sound and pictures are captured, data, and looks. Stands in the lobby's
//! dialog and in the room's panel alike.

pub mod devices;

use crate::components::{Shape, icon, languages, segments, toggle};
use crate::dom::{El, el};
use crate::reactive::RwSignal;
use crate::rtc::call::Call;
use crate::state::choices::{Choices, Lines, Theme};
use crate::state::room::RoomStore;
use crate::state::settings::{self, choices};
use crate::words::Word;
use std::rc::Rc;

/// The settings. What is chosen holds at once, and is remembered.
pub fn settings(store: RoomStore, call: Call) -> El {
    let switch = |label, hint, testid, on, change: fn(&mut Choices, bool)| {
        toggle(label, hint, testid, on, Box::new(move |on| call.choose(&|choices| change(choices, on))))
    };
    let devices = section(Word::Devices)
        .child(devices::camera(store, call))
        .child(devices::microphone(store, call))
        .maybe(devices::speaker(store, call));
    let sound = section(Word::Sound)
        .child(el("p").class("hint").say(Word::SoundHint))
        .child(switch(Word::Echo, None, "set-echo", || choices().echo, |choices, on| choices.echo = on))
        .child(switch(Word::Noise, None, "set-noise", || choices().noise, |choices, on| choices.noise = on))
        .child(switch(Word::Gain, None, "set-gain", || choices().gain, |choices, on| choices.gain = on));
    let mirror: fn(&mut Choices, bool) = |choices, on| choices.mirror = on;
    let saver: fn(&mut Choices, bool) = |choices, on| choices.saver = on;
    let picture = section(Word::Picture)
        .child(resolution(call))
        .child(switch(Word::Mirror, Some(Word::MirrorHint), "set-mirror", || choices().mirror, mirror))
        .child(switch(Word::Saver, Some(Word::SaverHint), "set-saver", || choices().saver, saver));
    let looks = section(Word::Looks)
        .child(theme())
        .child(el("label").class("picker").child(el("span").say(Word::Language)).child(languages()));
    // What it stands in has classes of its own.
    el("div").child(el("div").class("settings").children([devices, sound, picture, looks]))
}

/// Opens the settings.
pub fn open_settings(open: RwSignal<bool>) -> El {
    el("button")
        .set("type", "button")
        .class("quiet settings-button")
        .testid("open-settings")
        .set("aria-haspopup", "dialog")
        .label(Word::Settings)
        .on("click", move |_| open.set(true))
        .child(icon(Shape::Settings))
        .child(el("span").say(Word::Settings))
}

/// Says in the room that data is saved, and ends it when it is pressed.
pub fn saving(call: Call) -> El {
    el("div").class("contents").when(
        || choices().saver,
        move || {
            el("button")
                .set("type", "button")
                .class("quiet saving")
                .testid("saving")
                .word("title", Word::SavingEnd)
                .on("click", move |_| call.choose(&|choices| choices.saver = false))
                .child(icon(Shape::Sound))
                .child(el("span").say(Word::Saving))
        },
    )
}

fn section(title: Word) -> El {
    el("section").child(el("h3").say(title))
}

fn resolution(call: Call) -> El {
    let [small, usual, large] = Lines::ALL.map(Lines::code);
    let options = [(small, Word::Lines360), (usual, Word::Lines720), (large, Word::Lines1080)];
    let choose: Rc<dyn Fn(&str)> =
        Rc::new(move |code| call.choose(&|choices| choices.lines = Lines::of_code(code)));
    segments("lines", Word::Resolution, options, || choices().lines.code(), &choose)
}

/// Light or dark: needs no room.
pub fn theme() -> El {
    let [system, light, dark] = Theme::ALL.map(Theme::code);
    let options = [(system, Word::ThemeSystem), (light, Word::ThemeLight), (dark, Word::ThemeDark)];
    let choose: Rc<dyn Fn(&str)> =
        Rc::new(|code| drop(settings::choose(&|choices| choices.theme = Theme::of_code(code))));
    segments("theme", Word::Theme, options, || choices().theme.code(), &choose)
}
